/* The HDF5 file of a sink while it is empty: datasets of known length whose chunks have their places, so that rows can
 * be written to them without HDF5. Hides HDF5. Not collective, not thread-safe. */
#ifndef TSR_IO_ROWS_FILE_H
#define TSR_IO_ROWS_FILE_H

#include "engine/block.h"
#include "engine/status.h"

#include <stdint.h>

typedef struct {
    const char *path;
    int64_t rows;
    int64_t chunk_rows;
    int columns;
    const tsr_field *const *field; /* [columns] */
} tsr_rows_plan;

/* Makes the file, with doubles of no particular value. offset [columns]: where row 0 of each column stands, the others
 * behind it; -1 if there are no rows. TSR_EIO. */
tsr_status tsr_rows_file_create(const tsr_rows_plan *plan, int64_t *offset);

/* The offsets in a file that was made so. TSR_ECHECKPOINT: it is not such a file. */
tsr_status tsr_rows_file_find(const tsr_rows_plan *plan, int64_t *offset);

#endif
