/* The seal: a line of text behind everything else in a file, by which it can be told that no byte has changed since:
 *   <newline>tessera-seal sha256 <64 hexadecimal digits> of the first <15 decimal digits> bytes tessera-seal<newline>
 * HDF5 ignores what stands behind its end, and drops it when another program changes the file.
 * Pure functions of memory: not collective, thread-safe, allocate nothing, cannot fail. */
#ifndef TSR_IO_SEAL_H
#define TSR_IO_SEAL_H

#include <stdint.h>

enum { TSR_SEAL_BYTES = 134 };

typedef enum {
    TSR_SEAL_WHOLE,  /* every byte is as it was written */
    TSR_SEAL_BROKEN, /* there is a seal or a part of one, and it is not the seal of these bytes */
    TSR_SEAL_NONE    /* none: changed by another program, cut off before the seal, or written without one */
} tsr_seal;

/* The seal of bytes [count], without a NUL; count below 10^15. */
void tsr_seal_make(const unsigned char *bytes, int64_t count, char seal[TSR_SEAL_BYTES]);

/* What bytes [count] with their seal at the end, if they have one, are worth. */
tsr_seal tsr_seal_check(const unsigned char *bytes, int64_t count);

#endif
