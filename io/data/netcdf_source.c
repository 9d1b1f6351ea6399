#include "io/data/netcdf_source.h"

#include "io/data/netcdf_table.h"
#include "io/data/raw_source.h"

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

static tsr_status netcdf_create(const tsr_params *params, void **model) {
    tsr_raw_table *table = NULL;
    TSR_TRY(tsr_netcdf_table_open(params, &table));
    *model = table;
    return TSR_OK;
}

const tsr_source tsr_source_netcdf = {
    .name = "netcdf",
    .summary = "rows or cells of variables in netCDF files of the classic formats",
    .reference = "NetCDF Users' Guide, appendices A and B",
    .params = netcdf_params,
    .create = netcdf_create,
    .destroy = tsr_raw_source_destroy,
    .fields_of = tsr_raw_source_fields,
    .items = tsr_raw_source_items,
    .workspace = tsr_raw_source_workspace,
    .fill = tsr_raw_source_fill,
    .inputs = tsr_raw_source_inputs,
    .tile_items = TSR_DATASET_TILE_ITEMS,
};
