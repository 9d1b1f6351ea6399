#include "io/data/netcdf_header.h"
#include "io/inspect/inventory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDE_ROW = 64 };

static const char *type_name(const tsr_netcdf_variable *variable) {
    static const char *const names[] = {"uint8", "int8",   "uint16", "int16",   "uint32",
                                        "int32", "uint64", "int64",  "float32", "float64"};
    return variable->is_text ? "text" : names[variable->number.type];
}

static void describe(const tsr_netcdf_header *header, const tsr_netcdf_variable *variable, tsr_inventory_row *row) {
    size_t used = 0;
    for (int a = 0; a < variable->rank && used < sizeof(row->shape); a++)
        used += (size_t)snprintf(row->shape + used, sizeof(row->shape) - used, "%s%lld", a > 0 ? " x " : "",
                                 (long long)variable->extent[a]);
    snprintf(row->type, sizeof(row->type), "%s", type_name(variable));
    snprintf(row->unit, sizeof(row->unit), "%.120s", variable->unit);
    used = 0;
    for (int a = 0; a < variable->rank && used < sizeof(row->storage); a++)
        used += (size_t)snprintf(row->storage + used, sizeof(row->storage) - used, "%s%.40s%s", a > 0 ? ", " : "along ",
                                 header->dimension[variable->dimension[a]].name,
                                 header->dimension[variable->dimension[a]].is_record ? " (records)" : "");
}

static tsr_status add_row(const char *path, const tsr_netcdf_header *header, const tsr_netcdf_variable *variable,
                          tsr_inventory *out) {
    tsr_inventory_row row = {0};
    char name[TSR_NETCDF_TEXT_BYTES];
    memcpy(name, variable->name, sizeof(name));
    row.name = name;
    describe(header, variable, &row);
    const bool has_rows = !variable->is_text && variable->rank > 0 && tsr_netcdf_elements(variable) > 0;
    char *file = tsr_inventory_quote(path), *dataset = tsr_inventory_quote(variable->name), *source = NULL;
    const bool made = file != NULL && dataset != NULL &&
                      asprintf(&source, "netcdf: {file: %s, dataset: %s%s}", file, dataset,
                               variable->row_elements > WIDE_ROW ? ", items: cells" : "") >= 0;
    if (made && has_rows) row.source = row.job = source;
    row.is_first = has_rows && !tsr_netcdf_is_coordinate(header, variable);
    tsr_status status = TSR_OK;
    if (made)
        status = tsr_inventory_add(out, &row);
    else
        status = TSR_FAIL(TSR_ERUNTIME, "no memory to look into a file");
    if (made) free(source);
    free(file);
    free(dataset);
    return status;
}

tsr_status tsr_inventory_read_netcdf(const char *path, tsr_inventory *out) {
    tsr_netcdf_header header = {0};
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    TSR_REQUIRE(file >= 0, TSR_EDATA, "'%s' cannot be opened", path);
    tsr_status status = tsr_netcdf_header_read(file, path, out->bytes, &header);
    close(file);
    snprintf(out->format, sizeof(out->format), "netCDF (CDF-%d)", header.version);
    for (int v = 0; v < header.variables && status == TSR_OK; v++)
        status = add_row(path, &header, &header.variable[v], out);
    tsr_netcdf_header_clear(&header);
    return status;
}
