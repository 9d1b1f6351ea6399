#include "io/data/hdf5_driver.h"
#include "io/data/hdf5_element.h"
#include "io/data/hdf5_lock.h"
#include "io/data/hdf5_names.h"
#include "io/data/hdf5_shelf.h"
#include "io/data/hdf5_text.h"
#include "io/inspect/inventory.h"
#include "io/result/h5.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE_ROW = 64 };

/* ---- what a dataset is ---- */

static void describe_type(hid_t type, char out[TSR_INVENTORY_BYTES]) {
    const int bits = (int)(8 * H5Tget_size(type));
    const char *order = bits > 8 && H5Tget_order(type) == H5T_ORDER_BE ? ", big-endian" : "";
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        snprintf(out, TSR_INVENTORY_BYTES, "%sint%d%s", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits, order);
        break;
    case H5T_FLOAT: snprintf(out, TSR_INVENTORY_BYTES, "float%d%s", bits, order); break;
    case H5T_STRING: snprintf(out, TSR_INVENTORY_BYTES, "text"); break;
    case H5T_COMPOUND: snprintf(out, TSR_INVENTORY_BYTES, "%d members", H5Tget_nmembers(type)); break;
    case H5T_ENUM: snprintf(out, TSR_INVENTORY_BYTES, "enumeration"); break;
    default: snprintf(out, TSR_INVENTORY_BYTES, "other"); break;
    }
}

static void join(char *out, const char *word) {
    const size_t used = strlen(out);
    snprintf(out + used, TSR_INVENTORY_BYTES - used, "%s%s", used > 0 ? ", " : "", word);
}

static void describe_filters(hid_t list, char out[TSR_INVENTORY_BYTES]) {
    for (int i = 0; i < H5Pget_nfilters(list); i++) {
        unsigned flags, config, value[16];
        size_t values = sizeof(value) / sizeof(*value);
        char name[TSR_INVENTORY_BYTES] = "", shown[TSR_HDF5_TEXT_BYTES];
        if (H5Pget_filter2(list, (unsigned)i, &flags, &values, value, sizeof(name), name, &config) < 0) continue;
        tsr_hdf5_printable(name, strnlen(name, sizeof(name)), shown);
        join(out, shown);
    }
}

static void describe_shape(int rank, const hsize_t *extent, char out[TSR_INVENTORY_BYTES]) {
    size_t used = 0;
    *out = '\0';
    for (int a = 0; a < rank && used < TSR_INVENTORY_BYTES; a++)
        used += (size_t)snprintf(out + used, TSR_INVENTORY_BYTES - used, "%s%llu", a > 0 ? " x " : "",
                                 (unsigned long long)extent[a]);
}

static void describe_storage(hid_t dataset, int rank, char out[TSR_INVENTORY_BYTES]) {
    hsize_t chunk[H5S_MAX_RANK];
    const hid_t list = H5Dget_create_plist(dataset);
    if (list < 0) return;
    const H5D_layout_t layout = H5Pget_layout(list);
    if (layout == H5D_CHUNKED && H5Pget_chunk(list, H5S_MAX_RANK, chunk) == rank) {
        char shape[TSR_INVENTORY_BYTES];
        describe_shape(rank, chunk, shape);
        snprintf(out, TSR_INVENTORY_BYTES, "chunks of %.80s", shape);
    } else
        snprintf(out, TSR_INVENTORY_BYTES, "%s",
                 layout == H5D_CONTIGUOUS ? "contiguous"
                 : layout == H5D_COMPACT  ? "compact"
                                          : "virtual");
    describe_filters(list, out);
    H5Pclose(list);
}

/* ---- how a job reads it ---- */

static char *make_source(const char *path, const char *name, bool by_cells) {
    char *file = tsr_inventory_quote(path), *dataset = tsr_inventory_quote(name), *source = NULL;
    if (file == NULL || dataset == NULL ||
        asprintf(&source, "hdf5: {file: %s, dataset: %s%s}", file, dataset, by_cells ? ", items: cells" : "") < 0)
        source = NULL;
    free(file);
    free(dataset);
    return source;
}

static bool holds_numbers(hid_t type) {
    tsr_hdf5_element element = {0};
    const bool holds = tsr_hdf5_element_read(type, &element) == TSR_OK && element.count > 0;
    tsr_error_clear(); /* it can be shown all the same */
    tsr_hdf5_element_clear(&element);
    return holds;
}

static tsr_status add_dataset(const char *path, const char *name, hid_t dataset, hid_t type, hid_t space,
                              tsr_inventory *out) {
    tsr_inventory_row row = {0};
    hsize_t extent[H5S_MAX_RANK] = {0};
    const int rank = H5Sget_simple_extent_ndims(space);
    char unit[TSR_HDF5_TEXT_BYTES] = "", shown[TSR_HDF5_TEXT_BYTES];
    if (rank > 0) H5Sget_simple_extent_dims(space, extent, NULL);
    double width = 1;
    for (int a = 1; a < rank; a++) width *= (double)extent[a];
    describe_type(type, row.type);
    describe_shape(rank, extent, row.shape);
    describe_storage(dataset, rank, row.storage);
    if (tsr_hdf5_attribute_text(dataset, "units", unit)) snprintf(row.unit, sizeof(row.unit), "%.120s", unit);
    const bool is_scale = H5DSis_scale(dataset) > 0;
    const bool has_rows = rank > 0 && extent[0] > 0 && holds_numbers(type);
    if (is_scale) join(row.storage, "a coordinate");
    row.is_first = has_rows && !is_scale;
    if (has_rows) row.source = row.job = make_source(path, name, width > WIDE_ROW);
    tsr_hdf5_printable(name, strlen(name), shown);
    row.name = shown;
    const tsr_status status = tsr_inventory_add(out, &row);
    free(row.source);
    return status;
}

static tsr_status read_dataset(const char *path, hid_t file, const char *name, tsr_inventory *out) {
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t type = dataset >= 0 ? H5Dget_type(dataset) : -1, space = dataset >= 0 ? H5Dget_space(dataset) : -1;
    tsr_status status = TSR_OK;
    if (type >= 0 && space >= 0)
        status = add_dataset(path, name, dataset, type, space, out);
    else {
        char shown[TSR_HDF5_TEXT_BYTES];
        tsr_hdf5_printable(name, strlen(name), shown);
        status = tsr_inventory_add(out, &(tsr_inventory_row){.name = shown, .type = "damaged"});
    }
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (dataset >= 0) H5Dclose(dataset);
    H5Eclear2(H5E_DEFAULT);
    return status;
}

static tsr_status read_file(const char *path, hid_t file, tsr_inventory *out) {
    tsr_hdf5_names names;
    const bool is_netcdf = H5Aexists(file, "_NCProperties") > 0;
    snprintf(out->format, sizeof(out->format), "HDF5%s", is_netcdf ? " (netCDF-4)" : "");
    tsr_status status = tsr_hdf5_names_read(file, path, &names);
    for (int i = 0; i < names.count && status == TSR_OK; i++) status = read_dataset(path, file, names.name[i], out);
    tsr_hdf5_names_clear(&names);
    return status;
}

tsr_status tsr_inventory_read_hdf5(const char *path, tsr_inventory *out) {
    tsr_hdf5_lock();
    tsr_h5_begin();
    hid_t file = tsr_hdf5_driver_open(path);
    tsr_status status = TSR_OK;
    if (file < 0)
        status = tsr_hdf5_refuse(path, NULL, "is a damaged HDF5 file");
    else
        status = read_file(path, file, out);
    tsr_h5_drop(&file);
    tsr_hdf5_unlock();
    return status;
}
