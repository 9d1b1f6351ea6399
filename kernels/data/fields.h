/* The columns of a map's output, owned by its model: the input's are borrowed while it is made. */
#ifndef TSR_KERNELS_DATA_FIELDS_H
#define TSR_KERNELS_DATA_FIELDS_H

#include "engine/block.h"
#include "engine/status.h"

/* Columns before the NULL name. */
int tsr_fields_count(const tsr_field *fields);

/* Copies all of `fields`, and then `last` unless it is NULL, with their texts; ends with a NULL name. One allocation:
 * freed by free(). TSR_ERUNTIME: no memory. */
tsr_status tsr_fields_copy(const tsr_field *fields, const tsr_field *last, tsr_field **out);

#endif
