/* The files of a dataset as threads read them: at most a few are open at a time, and each is still the one that was
 * noted when the dataset was opened. Hides descriptors. */
#ifndef TSR_IO_OPEN_FILES_H
#define TSR_IO_OPEN_FILES_H

#include "io/data/files.h"

typedef struct tsr_open_files tsr_open_files;

/* files: kept. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_open_files_create(const tsr_files *files, tsr_open_files **out);
void tsr_open_files_destroy(tsr_open_files **files);

/* Reads bytes of file i from `place` on, all of them. Thread-safe; allocates nothing. TSR_EDATA: the file has changed
 * since it was opened first, is gone, ends too early, or cannot be read. */
tsr_status tsr_open_files_read(tsr_open_files *files, int i, int64_t place, size_t bytes, void *out);

#endif
