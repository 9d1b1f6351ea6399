/* What sources over raw tables have in common: the functions of tsr_source that are the same in every format. The model
 * is a tsr_raw_table. */
#ifndef TSR_IO_RAW_SOURCE_H
#define TSR_IO_RAW_SOURCE_H

#include "engine/source.h"

void tsr_raw_source_destroy(void *model);
const tsr_field *tsr_raw_source_fields(const void *model);
int64_t tsr_raw_source_items(const void *model);
size_t tsr_raw_source_workspace(const void *model, int64_t items);
tsr_status tsr_raw_source_fill(const void *model, tsr_draws *draws, tsr_block *out);
const tsr_input *tsr_raw_source_inputs(const void *model, int *count);

#endif
