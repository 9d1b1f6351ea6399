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

tsr_status tsr_h5_read_real(hid_t object, const char *name, double *out) {
    tsr_status status = TSR_OK;
    hid_t attribute = H5I_INVALID_HID;
    hid_t type = open_scalar(object, name, H5T_FLOAT, &attribute);
    if (type < 0) {
        status = TSR_FAIL(TSR_EDATA, "there is no real attribute %s", name);
        goto out;
    }
    TSR_H5_TRY_OUT(H5Aread(attribute, H5T_NATIVE_DOUBLE, out), "cannot read attribute %s", name);
out:
    tsr_h5_drop(&type);
    tsr_h5_drop(&attribute);
    return status;
}

static int64_t length_of(hid_t dataset) {
    hid_t space = H5Dget_space(dataset);
    const int64_t length = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    tsr_h5_drop(&space);
    return length;
}

tsr_status tsr_h5_read_integers(hid_t group, const char *name, int64_t count, int64_t **out) {
    tsr_status status = TSR_OK;
    int64_t *values = NULL;
    const bool is_there = H5Lexists(group, name, H5P_DEFAULT) > 0;
    hid_t dataset = is_there ? H5Dopen2(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (dataset < 0 || length_of(dataset) != count) {
        status = TSR_FAIL(TSR_EDATA, "there are no %lld integers called %s", (long long)count, name);
        goto out;
    }
    values = malloc((size_t)count * sizeof(*values) + 1);
    if (!values) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld integers called %s", (long long)count, name);
        goto out;
    }
    TSR_H5_TRY_OUT(H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "cannot read %s", name);
    *out = values;
    values = NULL;
out:
    free(values);
    tsr_h5_drop(&dataset);
    return status;
}

tsr_status tsr_h5_open_group(hid_t object, const char *name, hid_t *out) {
    const bool is_there = H5Lexists(object, name, H5P_DEFAULT) > 0;
    *out = is_there ? H5Gopen2(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
    return *out >= 0 ? TSR_OK : TSR_FAIL(TSR_EDATA, "there is no group %s", name);
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
