#include "io/data/raw_source.h"

#include "io/data/raw_table.h"

void tsr_raw_source_destroy(void *model) { tsr_raw_table_destroy(model); }

const tsr_field *tsr_raw_source_fields(const void *model) { return ((const tsr_raw_table *)model)->fields; }

int64_t tsr_raw_source_items(const void *model) {
    const tsr_files *files = &((const tsr_raw_table *)model)->files;
    return files->begin[files->count];
}

size_t tsr_raw_source_workspace(const void *model, int64_t items) {
    (void)items;
    return tsr_raw_table_workspace(model);
}

tsr_status tsr_raw_source_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    return tsr_raw_table_fill(model, tsr_workspace(draws), out);
}

const tsr_input *tsr_raw_source_inputs(const void *model, int *count) {
    const tsr_files *files = &((const tsr_raw_table *)model)->files;
    *count = files->count;
    return files->input;
}
