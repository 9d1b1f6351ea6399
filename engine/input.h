/* An input file: what it was when it was read, so that another one in its place is noticed.
 * Layer 0. Only a type. */
#ifndef TSR_ENGINE_INPUT_H
#define TSR_ENGINE_INPUT_H

#include <stdint.h>

enum { TSR_SHA256_CHARS = 65 }; /* 64 hexadecimal digits and a NUL */

typedef struct {
    char *path; /* as it was opened; owned by whoever has the row */
    int64_t bytes;
    int64_t modified_ns;           /* since 1970, by the clock of the file system */
    char sha256[TSR_SHA256_CHARS]; /* of the bytes that were really read */
} tsr_input;

#endif
