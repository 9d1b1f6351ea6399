/* Rows of a block as the bytes that a file holds. Pure functions: thread-safe, allocate nothing. */
#ifndef TSR_IO_ROWS_CELLS_H
#define TSR_IO_ROWS_CELLS_H

#include "io/sink/rows_layout.h"

/* Some rows of the block; out: [rows, set->row_bytes]. Every NaN becomes the same one. TSR_EDATA: a value that the
 * set's type cannot hold; names its item. */
tsr_status tsr_rows_pack(const tsr_rows_layout *layout, const tsr_rows_set *set, const tsr_block *block, tsr_range rows,
                         unsigned char *out);

#endif
