#include "io/data/netcdf_source.h"

#include "io/data/netcdf_table.h"

static const tsr_param netcdf_params[] = {
    {.name = "file",
     .type = TSR_FILE_LIST,
     .unit = "1",
     .help = "netCDF files (CDF-1, CDF-2, CDF-5): a path, a pattern such as day-*.nc, or a list"},
    {.name = "dataset",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "variable, or several of one shape (default: the only one)"},
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

static void netcdf_destroy(void *model) { tsr_raw_table_destroy(model); }

static tsr_status netcdf_create(const tsr_params *params, void **model) {
    tsr_raw_table *table = NULL;
    TSR_TRY(tsr_netcdf_table_open(params, &table));
    *model = table;
    return TSR_OK;
}

static const tsr_field *netcdf_fields(const void *model) { return ((const tsr_raw_table *)model)->fields; }

static int64_t netcdf_items(const void *model) {
    const tsr_files *files = &((const tsr_raw_table *)model)->files;
    return files->begin[files->count];
}

static size_t netcdf_workspace(const void *model, int64_t items) {
    (void)items;
    return tsr_raw_table_workspace(model);
}

static tsr_status netcdf_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    return tsr_raw_table_fill(model, tsr_workspace(draws), out);
}

static const tsr_input *netcdf_inputs(const void *model, int *count) {
    const tsr_files *files = &((const tsr_raw_table *)model)->files;
    *count = files->count;
    return files->input;
}

const tsr_source tsr_source_netcdf = {
    .name = "netcdf",
    .summary = "rows or cells of variables in netCDF files of the classic formats",
    .reference = "NetCDF Users' Guide, appendices A and B",
    .params = netcdf_params,
    .create = netcdf_create,
    .destroy = netcdf_destroy,
    .fields_of = netcdf_fields,
    .items = netcdf_items,
    .workspace = netcdf_workspace,
    .fill = netcdf_fill,
    .inputs = netcdf_inputs,
    .tile_items = TSR_DATASET_TILE_ITEMS,
};
