/* Input files as readers of datasets note them: size, time and SHA-256. Hides the hash, and which bytes of a large file
 * it is of: up to TSR_INPUT_WHOLE_BYTES all, then a sample: the size as 8 bytes, lowest first, and 64 pieces of 64 KiB,
 * number k at k (size - 65536) / 63, rounded down: beginning, end, and 62 places between.
 * Thread-safe, not collective. */
#ifndef TSR_IO_INPUT_NOTE_H
#define TSR_IO_INPUT_NOTE_H

#include "engine/input.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* What identifies a file all of whose bytes have been read: data [bytes]. about: of fstat when it was opened. path:
 * kept as it is. */
tsr_input tsr_input_note(char *path, const struct stat *about, const void *data, size_t bytes);

/* The same of an open file, whose bytes are read for that. TSR_EDATA: it cannot be read, or has become shorter than it
 * was when `about` was taken. */
tsr_status tsr_input_read(int file, char *path, const struct stat *about, tsr_input *out);

/* Whether an open file still has the size and time that it had. */
bool tsr_input_is_unchanged(int file, const struct stat *about);

#endif
