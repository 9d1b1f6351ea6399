/* Columns that a tally is told by name, other than its `of`.
 * Layer 2. */
#ifndef TSR_KERNELS_NAMED_H
#define TSR_KERNELS_NAMED_H

#include "engine/tally.h"

/* The place of the column that a text row names. TSR_EUSAGE: no such column (names the nearest); TSR_ERUNTIME: no
 * memory. */
tsr_status tsr_named_column(const tsr_params *params, const char *row, const tsr_field *fields, int *out);

/* The places of those that a list names: [count], to be freed by the caller; none: NULL and 0. TSR_EUSAGE: likewise, or
 * a column twice. */
tsr_status tsr_named_columns(const tsr_params *params, const char *row, const tsr_field *fields, int **out, int *count);

#endif
