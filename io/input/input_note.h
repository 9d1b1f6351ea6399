/* Input files as readers of datasets note them: size, time and SHA-256. Hides the hash.
 * Thread-safe, not collective. */
#ifndef TSR_IO_INPUT_NOTE_H
#define TSR_IO_INPUT_NOTE_H

#include "engine/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* What identifies a file all of whose bytes have been read: data [bytes]. about: of fstat when it was opened. path:
 * kept as it is. */
tsr_input tsr_input_note(char *path, const struct stat *about, const void *data, size_t bytes);

/* Whether an open file still has the size and time that it had. */
bool tsr_input_is_unchanged(int file, const struct stat *about);

#endif
