/* An input file: what it was when it was read, so that another one in its place is noticed.
 * Layer 0. Only a type. */
#ifndef TSR_ENGINE_INPUT_H
#define TSR_ENGINE_INPUT_H

#include <stdbool.h>
#include <stdint.h>

enum { TSR_SHA256_CHARS = 65 }; /* 64 hexadecimal digits and a NUL */

/* Files of more bytes are told apart by a sample of them: nobody reads terabytes twice. */
enum { TSR_INPUT_WHOLE_BYTES = 64 << 20 };

typedef struct {
    char *path; /* as it was opened; owned by whoever has the row */
    int64_t bytes;
    int64_t modified_ns;           /* since 1970, by the clock of the file system */
    char sha256[TSR_SHA256_CHARS]; /* of the bytes that were really read, or of the size and a sample of them */
} tsr_input;

static inline bool tsr_input_is_sample(const tsr_input *input) { return input->bytes > TSR_INPUT_WHOLE_BYTES; }

#endif
