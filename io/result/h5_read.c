#include "io/result/h5_read.h"

#include <stdlib.h>

/* ---- what a file may hold ---- */

/* Nothing that is stored once can be larger than the file: so no size is believed before memory is taken for it. */
static uint64_t file_bytes(hid_t object) {
    hsize_t bytes = 0;
    hid_t file = H5Iget_file_id(object);
    if (file < 0 || H5Fget_filesize(file, &bytes) < 0) bytes = 0;
    tsr_h5_drop(&file);
    return bytes;
}

/* Links to other names and to other files are not followed. */
static bool is_link(hid_t group, const char *name) {
    H5L_info_t info;
    return H5Lexists(group, name, H5P_DEFAULT) > 0 && H5Lget_info(group, name, &info, H5P_DEFAULT) >= 0 &&
           info.type == H5L_TYPE_HARD;
}

static bool is_integers(hid_t type) { return H5Tequal(type, H5T_STD_I64LE) > 0 || H5Tequal(type, H5T_STD_I64BE) > 0; }

static bool is_reals(hid_t type) { return H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0; }

static bool is_text(hid_t type) { return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0; }

/* Cells of a space, or -1 where there are more than `most`. */
static int64_t count_cells(hid_t space, uint64_t most) {
    hsize_t extent[H5S_MAX_RANK];
    if (space < 0 || H5Sis_simple(space) <= 0) return -1;
    const int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    uint64_t cells = 1;
    for (int i = 0; i < rank; i++) {
        if (extent[i] > most || (extent[i] > 0 && cells > most / extent[i])) return -1;
        cells *= extent[i];
    }
    return rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL ? -1 : (int64_t)cells;
}

tsr_status tsr_h5_take(int64_t bytes, int64_t *room) {
    *room -= bytes;
    TSR_REQUIRE(*room >= 0, TSR_EDATA, "there is more in it than a file of its size can hold");
    return TSR_OK;
}

/* ---- attributes ---- */

/* An attribute of one element of some type; a negative number: there is none. */
static hid_t open_attribute(hid_t object, const char *name, bool (*is_wanted)(hid_t type), hid_t *type) {
    *type = H5I_INVALID_HID;
    if (H5Aexists(object, name) <= 0) return H5I_INVALID_HID;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t space = H5Aget_space(attribute);
    *type = H5Aget_type(attribute);
    if (*type < 0 || !is_wanted(*type) || count_cells(space, 1) != 1 || H5Tget_size(*type) > file_bytes(object)) {
        tsr_h5_drop(type);
        tsr_h5_drop(&attribute);
    }
    tsr_h5_drop(&space);
    return attribute;
}

tsr_status tsr_h5_read_text(hid_t object, const char *name, char **out) {
    tsr_status status = TSR_OK;
    char *text = NULL;
    hid_t type, attribute = open_attribute(object, name, is_text, &type);
    if (attribute < 0) {
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

static tsr_status read_number(hid_t attribute, hid_t type, const char *name, void *out) {
    TSR_REQUIRE(attribute >= 0, TSR_EDATA, "there is no number called %s", name);
    TSR_H5_TRY(H5Aread(attribute, type, out), "cannot read attribute %s", name);
    return TSR_OK;
}

tsr_status tsr_h5_read_integer(hid_t object, const char *name, int64_t *out) {
    hid_t type, attribute = open_attribute(object, name, is_integers, &type);
    const tsr_status status = read_number(attribute, H5T_NATIVE_INT64, name, out);
    tsr_h5_drop(&type);
    tsr_h5_drop(&attribute);
    return status;
}

tsr_status tsr_h5_read_real(hid_t object, const char *name, double *out) {
    hid_t type, attribute = open_attribute(object, name, is_reals, &type);
    const tsr_status status = read_number(attribute, H5T_NATIVE_DOUBLE, name, out);
    tsr_h5_drop(&type);
    tsr_h5_drop(&attribute);
    return status;
}

/* ---- variables ---- */

/* As they were written: in one piece, in this file, through no filter. */
static bool is_plain(hid_t dataset) {
    hid_t list = H5Dget_create_plist(dataset);
    const H5D_layout_t layout = list < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(list);
    const bool is_whole = layout == H5D_CONTIGUOUS || layout == H5D_COMPACT;
    const bool is_here = is_whole && H5Pget_external_count(list) == 0 && H5Pget_nfilters(list) == 0;
    tsr_h5_drop(&list);
    return is_here;
}

/* What cells of 8 bytes are called, how they are told, and as what they are read. */
typedef struct {
    const char *name;
    bool (*is_one)(hid_t type);
    hid_t memory;
} cell_kind;

static tsr_status check_cells(hid_t dataset, const cell_kind *kind, const char *name, int64_t count) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const uint64_t most = file_bytes(dataset) / sizeof(int64_t);
    const bool is_fitting = type >= 0 && kind->is_one(type) && count_cells(space, most) == count;
    tsr_h5_drop(&space);
    tsr_h5_drop(&type);
    TSR_REQUIRE(is_fitting, TSR_EDATA, "there are no %lld %s of 64 bits called %s", (long long)count, kind->name, name);
    TSR_REQUIRE(is_plain(dataset), TSR_EDATA,
                "%s is compressed, in pieces or in another file; undo that, for example with h5repack -f NONE -l CONTI",
                name);
    return TSR_OK;
}

static tsr_status read_cells(hid_t group, const cell_kind *kind, const char *name, int64_t count, void **out) {
    tsr_status status = TSR_OK;
    void *values = NULL;
    hid_t dataset = is_link(group, name) ? H5Dopen2(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (dataset < 0) {
        status = TSR_FAIL(TSR_EDATA, "there is no variable %s", name);
        goto out;
    }
    TSR_TRY_OUT(check_cells(dataset, kind, name, count));
    values = malloc((size_t)count * sizeof(int64_t) + 1);
    if (!values) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld %s called %s", (long long)count, kind->name, name);
        goto out;
    }
    TSR_H5_TRY_OUT(H5Dread(dataset, kind->memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "cannot read %s", name);
    *out = values;
    values = NULL;
out:
    free(values);
    tsr_h5_drop(&dataset);
    return status;
}

tsr_status tsr_h5_read_integers(hid_t group, const char *name, int64_t count, int64_t **out) {
    const cell_kind kind = {"integers", is_integers, H5T_NATIVE_INT64};
    void *values = NULL;
    const tsr_status status = read_cells(group, &kind, name, count, &values);
    if (status == TSR_OK) *out = values;
    return status;
}

tsr_status tsr_h5_read_reals(hid_t group, const char *name, int64_t count, double **out) {
    const cell_kind kind = {"reals", is_reals, H5T_NATIVE_DOUBLE};
    void *values = NULL;
    const tsr_status status = read_cells(group, &kind, name, count, &values);
    if (status == TSR_OK) *out = values;
    return status;
}

/* ---- groups ---- */

tsr_status tsr_h5_open_group(hid_t object, const char *name, hid_t *out) {
    *out = is_link(object, name) ? H5Gopen2(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
    H5Eclear2(H5E_DEFAULT);
    return *out >= 0 ? TSR_OK : TSR_FAIL(TSR_EDATA, "there is no group %s", name);
}

tsr_status tsr_h5_members(hid_t group, int64_t *out) {
    enum { LINK_BYTES = 16 }; /* no link takes less */
    H5G_info_t info;
    TSR_H5_TRY(H5Gget_info(group, &info), "cannot list a group");
    TSR_REQUIRE(info.nlinks <= file_bytes(group) / LINK_BYTES, TSR_EDATA, "a group says that it has %llu members",
                (unsigned long long)info.nlinks);
    *out = (int64_t)info.nlinks;
    return TSR_OK;
}

tsr_status tsr_h5_open_member(hid_t group, int64_t index, hid_t *out) {
    const hsize_t place = (hsize_t)index;
    H5L_info_t info;
    TSR_H5_TRY(H5Lget_info_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, place, &info, H5P_DEFAULT),
               "cannot list a group");
    TSR_REQUIRE(info.type == H5L_TYPE_HARD, TSR_EDATA, "a member of a group is a link to somewhere else");
    TSR_H5_TRY(*out = H5Oopen_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, place, H5P_DEFAULT),
               "cannot open a member of a group");
    if (H5Iget_type(*out) == H5I_GROUP) return TSR_OK;
    tsr_h5_drop(out);
    return TSR_FAIL(TSR_EDATA, "a member of a group is no group itself");
}
