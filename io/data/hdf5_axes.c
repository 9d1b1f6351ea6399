#include "io/data/hdf5_axes.h"

#include "io/data/hdf5_columns.h"
#include "io/data/hdf5_text.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_MAX = 1 << 24, NAME_BYTES = 256 };

/* What netCDF calls the scale of an axis that has no coordinates. */
static const char no_variable[] = "This is a netCDF dimension but not a netCDF variable";

static herr_t take_first(hid_t dataset, unsigned axis, hid_t scale, void *data) {
    (void)dataset;
    (void)axis;
    *(hid_t *)data = scale;
    return H5Iinc_ref(scale) < 0 ? -1 : 1;
}

/* The first scale of an axis, to be closed with H5Dclose; a negative number: there is none. */
static hid_t scale_of(hid_t dataset, int axis) {
    hid_t scale = H5I_INVALID_HID;
    if (H5DSget_num_scales(dataset, (unsigned)axis) > 0)
        H5DSiterate_scales(dataset, (unsigned)axis, NULL, take_first, &scale);
    H5Eclear2(H5E_DEFAULT);
    return scale;
}

/* The last part of the path under which an object was opened. */
static void name_of(hid_t object, char out[TSR_HDF5_TEXT_BYTES]) {
    char path[4 * NAME_BYTES] = "";
    *out = '\0';
    if (H5Iget_name(object, path, sizeof(path)) <= 0) return;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    tsr_hdf5_printable(name, strlen(name), out);
}

static bool holds_numbers(hid_t scale) {
    char name[TSR_HDF5_TEXT_BYTES];
    const hid_t type = H5Dget_type(scale);
    const H5T_class_t kind = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (type >= 0) H5Tclose(type);
    const bool is_none =
        tsr_hdf5_attribute_text(scale, "NAME", name) && strncmp(name, no_variable, sizeof(no_variable) - 1) == 0;
    return !is_none && (kind == H5T_INTEGER || kind == H5T_FLOAT);
}

static int64_t length_of(hid_t scale) {
    hsize_t extent[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(scale);
    const int rank = space >= 0 ? H5Sget_simple_extent_dims(space, extent, NULL) : -1;
    if (space >= 0) H5Sclose(space);
    return rank == 1 && extent[0] <= LENGTH_MAX ? (int64_t)extent[0] : -1;
}

static tsr_status read_values(const tsr_hdf5_opening *opening, hid_t scale, int axis, int64_t length, double **out) {
    tsr_decoding decoding = tsr_decoding_none();
    if (length > LENGTH_MAX)
        return tsr_hdf5_opening_refuse(opening,
                                       "is %lld long along axis %d; %d coordinates can be held: leave out 'items: "
                                       "cells'",
                                       (long long)length, axis, LENGTH_MAX);
    if (length_of(scale) != length)
        return tsr_hdf5_opening_refuse(opening, "has a scale along axis %d that is not as long as the axis", axis);
    *out = calloc((size_t)length + 1, sizeof(**out));
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for the coordinates of a dataset");
    if (H5Dread(scale, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out) < 0)
        return tsr_hdf5_refuse(opening->path, opening->name, "has a scale that cannot be read");
    tsr_hdf5_attribute_numbers(scale, "scale_factor", 1, &decoding.scale);
    tsr_hdf5_attribute_numbers(scale, "add_offset", 1, &decoding.offset);
    decoding.is_scaled = decoding.scale != 1 || decoding.offset != 0;
    tsr_decoding_apply(&decoding, length, *out);
    return TSR_OK;
}

static tsr_status add_column(tsr_hdf5_opening *opening, hid_t scale, int axis, bool has_numbers) {
    char name[TSR_HDF5_TEXT_BYTES] = "", unit[TSR_HDF5_TEXT_BYTES] = "", long_name[TSR_HDF5_TEXT_BYTES] = "";
    if (scale >= 0) name_of(scale, name);
    if (has_numbers) tsr_hdf5_attribute_text(scale, "units", unit);
    if (has_numbers) tsr_hdf5_attribute_text(scale, "long_name", long_name);
    if (*name == '\0') snprintf(name, sizeof(name), "i%d", axis);
    if (*long_name == '\0')
        snprintf(long_name, sizeof(long_name), "%s along axis %d", has_numbers ? "place" : "index", axis);
    return tsr_hdf5_columns_add_axis(opening, axis, name, unit, long_name);
}

static tsr_status read_axis(tsr_hdf5_opening *opening, int i, int axis) {
    tsr_hdf5_table *table = opening->table;
    double **out = &table->along[(int64_t)i * H5S_MAX_RANK + axis];
    const int64_t length = table->part[(int64_t)i * table->variables].extent[axis];
    const hid_t scale = scale_of(opening->dataset, axis);
    const bool has_numbers = scale >= 0 && holds_numbers(scale);
    tsr_status status = TSR_OK;
    if (has_numbers) status = read_values(opening, scale, axis, length, out);
    if (status == TSR_OK && i == 0) status = add_column(opening, scale, axis, has_numbers);
    if (scale >= 0) H5Dclose(scale);
    return status;
}

/* Most files of a dataset have the same places: they are kept once. */
static void share(tsr_hdf5_table *table, int i, int axis) {
    double **own = &table->along[(int64_t)i * H5S_MAX_RANK + axis], **before = own - H5S_MAX_RANK;
    const int64_t length = table->part[(int64_t)i * table->variables].extent[axis];
    if (*own == NULL || *before == NULL || table->part[(int64_t)(i - 1) * table->variables].extent[axis] != length)
        return;
    if (memcmp(*own, *before, (size_t)length * sizeof(**own)) != 0) return;
    free(*own);
    *own = *before;
}

tsr_status tsr_hdf5_axes_read(tsr_hdf5_opening *opening, int i) {
    const int rank = opening->table->part[(int64_t)i * opening->table->variables].rank;
    for (int axis = 0; axis < rank; axis++) {
        TSR_TRY(read_axis(opening, i, axis));
        if (i > 0) share(opening->table, i, axis);
    }
    return TSR_OK;
}

bool tsr_hdf5_axes_labels(hid_t dataset, int64_t count, char **out) {
    if (tsr_hdf5_attribute_words(dataset, "columns", count, out)) return true;
    if (tsr_hdf5_attribute_words(dataset, "column_names", count, out)) return true;
    const hid_t scale = scale_of(dataset, 1);
    const bool has_labels = scale >= 0 && tsr_hdf5_dataset_words(scale, count, out);
    if (scale >= 0) H5Dclose(scale);
    return has_labels;
}
