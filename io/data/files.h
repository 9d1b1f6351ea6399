/* The files of a dataset, in order, as one: what a job names with patterns filled in, what identifies each of them, and
 * at which row of the whole each begins.
 * Not collective. */
#ifndef TSR_IO_FILES_H
#define TSR_IO_FILES_H

#include "engine/input.h"
#include "engine/param.h"

typedef struct {
    int count;
    tsr_input *input; /* [count] in order; owned with their paths: what tsr_source.inputs gives */
    int64_t *begin;   /* [count + 1] rows of the files before it; the last is the number of all rows */
} tsr_files;

/* Finds the files of a row of type TSR_FILE_LIST: entries in their order, what a pattern (* ? [a-z]) matches sorted by
 * name, byte by byte. A name that is a file's is no pattern. Sizes, times and hashes are not looked at yet (zero), rows
 * are none. Allocates; clear *out in any case. TSR_EDATA: a pattern that nothing matches, with its place; a file that
 * is named twice; TSR_EUSAGE: no file is named; TSR_ERUNTIME: no memory. */
tsr_status tsr_files_find(const tsr_params *params, const char *name, tsr_files *out);
void tsr_files_clear(tsr_files *files);

/* Opens file i for reading and keeps what identifies it (tsr_input_read). file: the caller closes it. TSR_EDATA, with
 * the place in the job: missing, unreadable, a directory or a device; it has changed while it was read. */
tsr_status tsr_files_open(tsr_files *files, const tsr_params *params, const char *name, int i, int *file);

/* Looks at the size and time of file i once more. Thread-safe. TSR_EDATA: it has changed since it was opened, or is
 * gone.
 */
tsr_status tsr_files_look(const tsr_files *files, int i);

/* Says how many rows file i has; called for i = 0, 1, ... in order. TSR_EDATA: more than 2^62 in all. */
tsr_status tsr_files_add_rows(tsr_files *files, int i, int64_t rows);

/* The file in which a row of the whole lies: 0 <= row < begin[count]. Thread-safe. */
int tsr_files_at(const tsr_files *files, int64_t row);

#endif
