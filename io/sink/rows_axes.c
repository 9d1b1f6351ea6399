#include "io/sink/rows_axes.h"

#include "io/result/h5.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 96 };

tsr_status tsr_rows_list_tame(hid_t list) {
    TSR_H5_TRY(H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
               "no order of attributes");
    TSR_H5_TRY(H5Pset_obj_track_times(list, false), "times cannot be left out");
    return TSR_OK;
}

static tsr_status add_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *extent, hid_t *out) {
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, extent, NULL);
    tsr_status status = tsr_rows_list_tame(list);
    *out = status == TSR_OK ? H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT) : -1;
    if (status == TSR_OK && *out < 0) status = tsr_h5_fail(__FILE__, __LINE__, "axis '%.80s' cannot be made", name);
    tsr_h5_drop(&space);
    tsr_h5_drop(&list);
    return status;
}

/* An axis without coordinates, as netCDF writes it: a dataset without data. */
static tsr_status add_length(hid_t file, const char *name, int64_t length) {
    char says[NAME_BYTES];
    const hsize_t extent = (hsize_t)length;
    hid_t dataset = -1;
    snprintf(says, sizeof(says), "This is a netCDF dimension but not a netCDF variable.%10lld", (long long)length);
    TSR_TRY(add_dataset(file, name, H5T_IEEE_F32BE, 1, &extent, &dataset));
    tsr_status status = TSR_OK;
    if (H5DSset_scale(dataset, says) < 0) status = tsr_h5_fail(__FILE__, __LINE__, "axis '%s' cannot be named", name);
    tsr_h5_drop(&dataset);
    return status;
}

/* The names of a table's columns: characters [columns, longest], which all tools read. */
static tsr_status write_labels(const tsr_rows_layout *layout, size_t bytes, hid_t dataset) {
    char *text = calloc((size_t)layout->columns, bytes);
    TSR_REQUIRE(text != NULL, TSR_ERUNTIME, "no memory for the names of columns");
    for (int c = 0; c < layout->columns; c++)
        memcpy(text + (size_t)c * bytes, layout->field[c]->name, strlen(layout->field[c]->name));
    const bool is_written = H5Dwrite(dataset, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0 &&
                            H5LTset_attribute_string(dataset, ".", "_Encoding", "utf-8") >= 0 &&
                            H5DSset_scale(dataset, "column") >= 0;
    free(text);
    return is_written ? TSR_OK : tsr_h5_fail(__FILE__, __LINE__, "the names of columns cannot be written");
}

/* A coordinate of two axes cannot have scales itself: netCDF numbers axes, and it lists its own. */
static tsr_status number_axes(const tsr_rows_layout *layout, hid_t file) {
    const char *const name[] = {layout->rows_name, "column", "column_characters"};
    const int own[] = {1, 2};
    herr_t done = H5LTset_attribute_int(file, "column", "_Netcdf4Coordinates", own, 2);
    for (int i = 0; i < 3 && done >= 0; i++) {
        hid_t axis = H5Dopen2(file, name[i], H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
        hid_t number = H5Acreate2(axis, "_Netcdf4Dimid", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
        done = number >= 0 ? H5Awrite(number, H5T_NATIVE_INT, &i) : -1;
        if (number >= 0) H5Aclose(number);
        tsr_h5_drop(&space);
        tsr_h5_drop(&axis);
    }
    return done >= 0 ? TSR_OK : tsr_h5_fail(__FILE__, __LINE__, "axes cannot be numbered");
}

static tsr_status add_labels(const tsr_rows_layout *layout, hid_t file) {
    hsize_t extent[2] = {(hsize_t)layout->columns, 1};
    for (int c = 0; c < layout->columns; c++)
        if (strlen(layout->field[c]->name) > extent[1]) extent[1] = strlen(layout->field[c]->name);
    hid_t dataset = -1;
    TSR_TRY(add_dataset(file, "column", H5T_C_S1, 2, extent, &dataset));
    tsr_status status = write_labels(layout, extent[1], dataset);
    if (status == TSR_OK) status = add_length(file, "column_characters", (int64_t)extent[1]);
    tsr_h5_drop(&dataset);
    return status == TSR_OK ? number_axes(layout, file) : status;
}

/* ---- from datasets to axes ---- */

static void name_axis(const tsr_rows_layout *layout, int axis, char out[NAME_BYTES]) {
    if (layout->axes == 1)
        snprintf(out, NAME_BYTES, "column");
    else if (layout->axes == 2)
        snprintf(out, NAME_BYTES, "%s", axis == 0 ? "y" : "x");
    else
        snprintf(out, NAME_BYTES, "axis_%d", axis + 1);
}

static tsr_status attach(hid_t file, const char *name, const char *scale, unsigned axis) {
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), along = H5Dopen2(file, scale, H5P_DEFAULT);
    tsr_status status = TSR_OK;
    if (dataset < 0 || along < 0 || H5DSattach_scale(dataset, along, axis) < 0)
        status = tsr_h5_fail(__FILE__, __LINE__, "dataset '%.80s' gets no axis '%s'", name, scale);
    tsr_h5_drop(&along);
    tsr_h5_drop(&dataset);
    return status;
}

/* The characters of a column of words. */
static tsr_status add_characters(hid_t file, const tsr_rows_set *set) {
    char name[NAME_BYTES];
    snprintf(name, sizeof(name), "%.70s_characters", set->name);
    TSR_TRY(add_length(file, name, (int64_t)set->cell_bytes));
    return attach(file, set->name, name, 1);
}

static tsr_status name_items(hid_t file) {
    hid_t dataset = H5Dopen2(file, "item", H5P_DEFAULT);
    tsr_status status = TSR_OK;
    if (dataset < 0 || H5DSset_scale(dataset, "item") < 0)
        status = tsr_h5_fail(__FILE__, __LINE__, "the rows cannot be named");
    tsr_h5_drop(&dataset);
    return status;
}

static tsr_status add_table_axes(const tsr_rows_layout *layout, hid_t file) {
    const tsr_rows_set *table = &layout->set[layout->sets - 1];
    char name[NAME_BYTES];
    if (layout->axes == 1) TSR_TRY(add_labels(layout, file));
    for (int a = 0; a < layout->axes; a++) {
        name_axis(layout, a, name);
        if (layout->axes > 1) TSR_TRY(add_length(file, name, layout->extent[a]));
        TSR_TRY(attach(file, table->name, name, (unsigned)a + 1));
    }
    return TSR_OK;
}

tsr_status tsr_rows_axes_add(const tsr_rows_layout *layout, int64_t rows, hid_t file) {
    TSR_TRY(layout->has_items ? name_items(file) : add_length(file, layout->rows_name, rows));
    for (int s = 0; s < layout->sets; s++) {
        if (layout->set[s].type == TSR_ROWS_ITEM) continue;
        TSR_TRY(attach(file, layout->set[s].name, layout->rows_name, 0));
        if (layout->set[s].type == TSR_ROWS_WORD) TSR_TRY(add_characters(file, &layout->set[s]));
    }
    return layout->is_table ? add_table_axes(layout, file) : TSR_OK;
}
