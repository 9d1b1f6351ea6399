/* Where the file of a sink stands: under FILE.part until all rows are there, then under its own name. Plain POSIX; not
 * collective. */
#ifndef TSR_IO_ROWS_PLACE_H
#define TSR_IO_ROWS_PLACE_H

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *path;
    char *part;
    char *fresh;  /* what becomes the part, or the file, once it is whole */
    char *packed; /* compressed chunks */
    char *folder;
    int file; /* the part, open for writing, or -1 */
} tsr_rows_place;

/* Cleared memory is a place that was never made. TSR_ERUNTIME: no memory. */
tsr_status tsr_rows_place_make(const char *path, tsr_rows_place *out);
void tsr_rows_place_clear(tsr_rows_place *place);

/* Whether a file of so many bytes may be made. TSR_EIO: a limit on the size of files. */
tsr_status tsr_rows_place_check(const tsr_rows_place *place, int64_t bytes);

/* fresh, which was just written, becomes the part: durable. TSR_EIO. */
tsr_status tsr_rows_place_begin(const tsr_rows_place *place);

/* Opens the part. TSR_EIO. And sets room aside on the disk for all of it, where the file system can. TSR_EIO: there is
 * not enough. */
tsr_status tsr_rows_place_open(tsr_rows_place *place);
tsr_status tsr_rows_place_reserve(const tsr_rows_place *place);

/* Thread-safe. TSR_EIO. */
tsr_status tsr_rows_place_write(const tsr_rows_place *place, const void *data, size_t bytes, int64_t at);

/* What was written is on the disk. TSR_EIO. And closes the part. TSR_EIO. */
tsr_status tsr_rows_place_sync(const tsr_rows_place *place);
tsr_status tsr_rows_place_close(tsr_rows_place *place);

/* fresh is on the disk. TSR_EIO. */
tsr_status tsr_rows_place_sync_fresh(const tsr_rows_place *place);

/* The part, or fresh, gets the name of the file: durable. replaces: also if there is one. TSR_EIO. */
tsr_status tsr_rows_place_publish(const tsr_rows_place *place, const char *from, bool replaces);

/* Removes fresh and packed, and the part if it is not needed any more. */
void tsr_rows_place_tidy(const tsr_rows_place *place, bool keeps_part);

#endif
