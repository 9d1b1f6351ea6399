#include "io/result/h5_read.h"

#include <stdlib.h>

/* The type of an attribute of one element of a class, or a negative number. */
static hid_t open_scalar(hid_t object, const char *name, H5T_class_t class, hid_t *attribute) {
    if (H5Aexists(object, name) <= 0) return H5I_INVALID_HID;
    *attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(*attribute);
    hid_t space = H5Aget_space(*attribute);
    const bool fits =
        H5Tget_class(type) == class && H5Sget_simple_extent_npoints(space) == 1 && H5Tis_variable_str(type) <= 0;
    tsr_h5_drop(&space);
    if (!fits) tsr_h5_drop(&type);
    return type;
}

tsr_status tsr_h5_read_text(hid_t object, const char *name, char **out) {
    tsr_status status = TSR_OK;
    hid_t attribute = H5I_INVALID_HID;
    hid_t type = open_scalar(object, name, H5T_STRING, &attribute);
    char *text = NULL;
    if (type < 0) {
        status = TSR_FAIL(TSR_EDATA, "there is no text attribute %s", name);
        goto out;
    }
    text = calloc(H5Tget_size(type) + 1, 1);
    if (!text) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for attribute %s", name);
        goto out;
    }
    TSR_H5_TRY_OUT(H5Aread(attribute, type, text), "cannot read attribute %s", name);
    *out = text;
    text = NULL;
out:
    free(text);
    tsr_h5_drop(&type);
    tsr_h5_drop(&attribute);
    return status;
}

tsr_status tsr_h5_read_integer(hid_t object, const char *name, int64_t *out) {
    tsr_status status = TSR_OK;
    hid_t attribute = H5I_INVALID_HID;
    hid_t type = open_scalar(object, name, H5T_INTEGER, &attribute);
    if (type < 0) {
        status = TSR_FAIL(TSR_EDATA, "there is no integer attribute %s", name);
        goto out;
    }
    TSR_H5_TRY_OUT(H5Aread(attribute, H5T_NATIVE_INT64, out), "cannot read attribute %s", name);
out:
    tsr_h5_drop(&type);
    tsr_h5_drop(&attribute);
    return status;
}

tsr_status tsr_h5_open_integers(hid_t group, const char *name, hid_t *out, int64_t *length) {
    hid_t dataset = H5Lexists(group, name, H5P_DEFAULT) > 0 ? H5Dopen2(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    hid_t space = dataset < 0 ? H5I_INVALID_HID : H5Dget_space(dataset);
    const bool is_row = space >= 0 && H5Sget_simple_extent_ndims(space) == 1;
    *length = is_row ? H5Sget_simple_extent_npoints(space) : 0;
    tsr_h5_drop(&space);
    if (!is_row) {
        tsr_h5_drop(&dataset);
        return TSR_FAIL(TSR_EDATA, "there is no row of integers called %s", name);
    }
    *out = dataset;
    return TSR_OK;
}

tsr_status tsr_h5_read_integers(hid_t dataset, int64_t begin, int64_t count, int64_t *out) {
    if (count == 0) return TSR_OK;
    tsr_status status = TSR_OK;
    const hsize_t start = (hsize_t)begin, length = (hsize_t)count;
    hid_t file = H5I_INVALID_HID, memory = H5I_INVALID_HID;
    TSR_H5_TRY_OUT(file = H5Dget_space(dataset), "cannot read a row of integers");
    TSR_H5_TRY_OUT(memory = H5Screate_simple(1, &length, NULL), "cannot read a row of integers");
    TSR_H5_TRY_OUT(H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &length, NULL),
                   "cannot read a row of integers");
    TSR_H5_TRY_OUT(H5Dread(dataset, H5T_NATIVE_INT64, memory, file, H5P_DEFAULT, out), "cannot read a row of integers");
out:
    tsr_h5_drop(&memory);
    tsr_h5_drop(&file);
    return status;
}

tsr_status tsr_h5_members(hid_t group, int64_t *out) {
    H5G_info_t info;
    TSR_H5_TRY(H5Gget_info(group, &info), "cannot list a group");
    *out = (int64_t)info.nlinks;
    return TSR_OK;
}

tsr_status tsr_h5_open_member(hid_t group, int64_t index, hid_t *out) {
    TSR_H5_TRY(*out = H5Oopen_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, (hsize_t)index, H5P_DEFAULT),
               "cannot open a member of a group");
    return TSR_OK;
}
