#include "io/data/hdf5_source.h"

#include "io/data/hdf5_open.h"

#include <stdlib.h>

static const tsr_param hdf5_params[] = {
    {.name = "file",
     .type = TSR_FILE_LIST,
     .unit = "1",
     .help = "HDF5 or netCDF-4 files: a path, a pattern such as day-*.h5, or a list; relative to the job file"},
    {.name = "dataset",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "dataset, or several of as many rows (default: the only one)"},
    {.name = "columns", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns to read (default: all)"},
    {.name = "items",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "rows",
     .choices = "rows|cells",
     .help = "an item is an index of the first axis, or every single cell with its coordinates"},
    {.name = "missing",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "numbers that stand for missing values, as they are stored"},
    {.name = "decode",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "yes",
     .help = "whether _FillValue, missing_value, valid_range, scale_factor and add_offset are applied"},
    {.name = NULL},
};

static void hdf5_destroy(void *model) { tsr_hdf5_table_destroy(model); }

static tsr_status hdf5_create(const tsr_params *params, void **model) {
    tsr_hdf5_table *table = calloc(1, sizeof(*table));
    TSR_REQUIRE(table != NULL, TSR_ERUNTIME, "no memory for a dataset");
    const tsr_status status = tsr_hdf5_table_open(params, table);
    if (status == TSR_OK)
        *model = table;
    else
        tsr_hdf5_table_destroy(table);
    return status;
}

static const tsr_field *hdf5_fields(const void *model) { return ((const tsr_hdf5_table *)model)->fields; }

static int64_t hdf5_items(const void *model) {
    const tsr_files *files = &((const tsr_hdf5_table *)model)->files;
    return files->begin[files->count];
}

static int64_t hdf5_grain(const void *model) { return ((const tsr_hdf5_table *)model)->grain; }

static size_t hdf5_workspace(const void *model, int64_t items) {
    (void)items;
    return tsr_hdf5_table_workspace(model);
}

static tsr_status hdf5_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    return tsr_hdf5_table_fill(model, tsr_workspace(draws), out);
}

static const tsr_input *hdf5_inputs(const void *model, int *count) {
    const tsr_files *files = &((const tsr_hdf5_table *)model)->files;
    *count = files->count;
    return files->input;
}

const tsr_source tsr_source_hdf5 = {
    .name = "hdf5",
    .summary = "rows or cells of datasets in HDF5 and netCDF-4 files",
    .reference = "HDF5 file format 3.0; CF conventions 1.10, 8.1",
    .params = hdf5_params,
    .create = hdf5_create,
    .destroy = hdf5_destroy,
    .fields_of = hdf5_fields,
    .items = hdf5_items,
    .grain = hdf5_grain,
    .workspace = hdf5_workspace,
    .fill = hdf5_fill,
    .tile_items = TSR_DATASET_TILE_ITEMS,
    .inputs = hdf5_inputs,
};
