#include "io/result/contents_file.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the entries of contents are in an open file. */
typedef struct {
    const tsr_contents *contents;
    hid_t *id;          /* [count] handles of groups, dimensions and variables */
    hid_t dataset_list; /* how variables are made */
    hid_t group_list;   /* how groups are made */
    int32_t dimensions; /* numbered so far, as netCDF does */
    int32_t *number;    /* [count] of dimensions */
} file_writer;

/* ---- cells ---- */

/* In files: little-endian. */
static hid_t file_type(tsr_cell cell) {
    const hid_t type[] = {H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_U64LE, H5T_C_S1};
    return type[cell];
}

static hid_t memory_type(tsr_cell cell) {
    const hid_t type[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_INT64, H5T_NATIVE_UINT64, H5T_C_S1};
    return type[cell];
}

/* The extent of a variable; negative when HDF5 fails. */
static hid_t open_space(const tsr_contents *contents, const tsr_entry *variable) {
    hsize_t extent[TSR_CONTENTS_RANK_MAX];
    for (int i = 0; i < variable->rank; i++) extent[i] = (hsize_t)contents->entry[variable->dimension[i]].length;
    return variable->rank ? H5Screate_simple(variable->rank, extent, NULL) : H5Screate(H5S_SCALAR);
}

/* ---- attributes ---- */

/* Text is one string as long as it is; numbers are arrays of one. */
static tsr_status write_attribute(const file_writer *writer, const tsr_entry *entry) {
    tsr_status status = TSR_OK;
    const char *name = writer->contents->heap + entry->name;
    const bool is_text = entry->cell == TSR_CELL_CHARACTER;
    const hsize_t length = (hsize_t)entry->length;
    hid_t type = H5I_INVALID_HID, space = H5I_INVALID_HID, attribute = H5I_INVALID_HID;
    TSR_H5_TRY_OUT(type = H5Tcopy(file_type(entry->cell)), "cannot describe attribute %s", name);
    if (is_text) {
        TSR_H5_TRY_OUT(H5Tset_size(type, length), "cannot describe attribute %s", name);
        TSR_H5_TRY_OUT(H5Tset_cset(type, H5T_CSET_UTF8), "cannot describe attribute %s", name);
    }
    space = is_text ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &length, NULL);
    TSR_H5_TRY_OUT(space, "cannot describe attribute %s", name);
    attribute = H5Acreate2(writer->id[entry->owner], name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    TSR_H5_TRY_OUT(attribute, "cannot create attribute %s", name);
    const hid_t memory = is_text ? type : memory_type(entry->cell);
    TSR_H5_TRY_OUT(H5Awrite(attribute, memory, writer->contents->heap + entry->value), "cannot write attribute %s",
                   name);
out:
    tsr_h5_drop(&attribute);
    tsr_h5_drop(&space);
    tsr_h5_drop(&type);
    return status;
}

/* The attributes by which netCDF numbers dimensions. */
static tsr_status write_numbers(hid_t dataset, const char *name, const int32_t *numbers, int count) {
    tsr_status status = TSR_OK;
    const hsize_t length = (hsize_t)count;
    hid_t attribute = H5I_INVALID_HID;
    hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &length, NULL);
    TSR_H5_TRY_OUT(space, "cannot describe attribute %s", name);
    attribute = H5Acreate2(dataset, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    TSR_H5_TRY_OUT(attribute, "cannot create attribute %s", name);
    TSR_H5_TRY_OUT(H5Awrite(attribute, H5T_NATIVE_INT32, numbers), "cannot write attribute %s", name);
out:
    tsr_h5_drop(&attribute);
    tsr_h5_drop(&space);
    return status;
}

/* ---- datasets ---- */

/* A small one goes into its own header, which HDF5 guards with a checksum; a header holds at most 64 KB. */
static tsr_status choose_layout(const file_writer *writer, int64_t bytes) {
    enum { SMALL_BYTES = 32000 };
    const bool is_small = bytes > 0 && bytes <= SMALL_BYTES;
    TSR_H5_TRY(H5Pset_layout(writer->dataset_list, is_small ? H5D_COMPACT : H5D_CONTIGUOUS),
               "cannot prepare variables");
    TSR_H5_TRY(H5Pset_alloc_time(writer->dataset_list, H5D_ALLOC_TIME_EARLY), "cannot prepare variables");
    return TSR_OK;
}

static tsr_status create_dataset(const file_writer *writer, int variable, hid_t *out) {
    *out = H5I_INVALID_HID;
    const tsr_entry *entry = &writer->contents->entry[variable];
    const char *name = writer->contents->heap + entry->name;
    TSR_TRY(choose_layout(writer, tsr_contents_cells(writer->contents, variable) * tsr_cell_bytes(entry->cell)));
    hid_t space = open_space(writer->contents, entry);
    TSR_H5_TRY(space, "cannot describe variable %s", name);
    *out = H5Dcreate2(writer->id[entry->owner], name, file_type(entry->cell), space, H5P_DEFAULT, writer->dataset_list,
                      H5P_DEFAULT);
    tsr_status status = *out < 0 ? tsr_h5_fail(__FILE__, __LINE__, "cannot create variable %s", name) : TSR_OK;
    tsr_h5_drop(&space);
    return status;
}

/* Nobody reads the numbers of a bare dimension, but what is never written may be anything. */
static tsr_status write_zeros(const file_writer *writer, const tsr_entry *entry, hid_t dataset) {
    const char *name = writer->contents->heap + entry->name;
    float *zeros = calloc((size_t)entry->length + 1, sizeof(*zeros));
    TSR_REQUIRE(zeros, TSR_ERUNTIME, "no memory for dimension %s", name);
    const herr_t written = H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
    free(zeros);
    TSR_H5_TRY(written, "cannot write dimension %s", name);
    return TSR_OK;
}

/* A dimension without a coordinate is a dataset whose scale name tells netCDF that it is not a variable. */
static tsr_status create_bare_dimension(const file_writer *writer, const tsr_entry *entry, hid_t *out) {
    *out = H5I_INVALID_HID;
    const char *name = writer->contents->heap + entry->name;
    const hsize_t length = (hsize_t)entry->length;
    char mark[96];
    snprintf(mark, sizeof(mark), "This is a netCDF dimension but not a netCDF variable.%10lld",
             (long long)entry->length);
    TSR_TRY(choose_layout(writer, entry->length * (int64_t)sizeof(float)));
    hid_t space = H5Screate_simple(1, &length, NULL);
    TSR_H5_TRY(space, "cannot describe dimension %s", name);
    *out = H5Dcreate2(writer->id[entry->owner], name, H5T_IEEE_F32BE, space, H5P_DEFAULT, writer->dataset_list,
                      H5P_DEFAULT);
    tsr_status status = *out < 0 ? tsr_h5_fail(__FILE__, __LINE__, "cannot create dimension %s", name) : TSR_OK;
    tsr_h5_drop(&space);
    TSR_TRY(status);
    TSR_H5_TRY(H5DSset_scale(*out, mark), "cannot make %s a dimension", name);
    return write_zeros(writer, entry, *out);
}

static tsr_status create_coordinate(const file_writer *writer, int variable, hid_t *out) {
    const char *name = writer->contents->heap + writer->contents->entry[variable].name;
    TSR_TRY(create_dataset(writer, variable, out));
    TSR_H5_TRY(H5DSset_scale(*out, name), "cannot make %s a dimension", name);
    return TSR_OK;
}

/* A coordinate of several dimensions (words) cannot have scales itself: it lists the numbers of its dimensions. */
static tsr_status list_dimensions(const file_writer *writer, int variable) {
    const tsr_entry *entry = &writer->contents->entry[variable];
    int32_t numbers[TSR_CONTENTS_RANK_MAX];
    for (int i = 0; i < entry->rank; i++) numbers[i] = writer->number[entry->dimension[i]];
    return write_numbers(writer->id[variable], "_Netcdf4Coordinates", numbers, entry->rank);
}

static tsr_status create_dimension(file_writer *writer, int dimension) {
    const tsr_contents *contents = writer->contents;
    const int coordinate = tsr_contents_coordinate(contents, dimension);
    hid_t *id = &writer->id[dimension];
    if (coordinate < 0)
        TSR_TRY(create_bare_dimension(writer, &contents->entry[dimension], id));
    else
        TSR_TRY(create_coordinate(writer, coordinate, id));
    writer->number[dimension] = writer->dimensions++;
    return write_numbers(*id, "_Netcdf4Dimid", &writer->number[dimension], 1);
}

static tsr_status attach_dimensions(const file_writer *writer, int variable) {
    const tsr_entry *entry = &writer->contents->entry[variable];
    for (int i = 0; i < entry->rank; i++)
        TSR_H5_TRY(H5DSattach_scale(writer->id[variable], writer->id[entry->dimension[i]], (unsigned)i),
                   "cannot give variable %s its dimensions", writer->contents->heap + entry->name);
    return TSR_OK;
}

static tsr_status write_cells(const file_writer *writer, int variable) {
    const tsr_entry *entry = &writer->contents->entry[variable];
    if (tsr_contents_cells(writer->contents, variable) == 0) return TSR_OK;
    TSR_H5_TRY(H5Dwrite(writer->id[variable], memory_type(entry->cell), H5S_ALL, H5S_ALL, H5P_DEFAULT, entry->data),
               "cannot write variable %s", tsr_contents_name(writer->contents, variable));
    return TSR_OK;
}

/* A coordinate was created with its dimension, the handle is shared. */
static tsr_status write_variable(const file_writer *writer, int variable) {
    const tsr_contents *contents = writer->contents;
    const tsr_entry *entry = &contents->entry[variable];
    const bool is_coordinate = entry->rank > 0 && tsr_contents_coordinate(contents, entry->dimension[0]) == variable;
    if (is_coordinate) {
        writer->id[variable] = writer->id[entry->dimension[0]];
        H5Iinc_ref(writer->id[variable]);
        if (entry->rank > 1) TSR_TRY(list_dimensions(writer, variable));
    } else {
        TSR_TRY(create_dataset(writer, variable, &writer->id[variable]));
        TSR_TRY(attach_dimensions(writer, variable));
    }
    return write_cells(writer, variable);
}

/* ---- the whole ---- */

static tsr_status write_entry(file_writer *writer, int index) {
    const tsr_entry *entry = &writer->contents->entry[index];
    const char *name = writer->contents->heap + entry->name;
    switch (entry->kind) {
    case TSR_ENTRY_GROUP:
        writer->id[index] = H5Gcreate2(writer->id[entry->owner], name, H5P_DEFAULT, writer->group_list, H5P_DEFAULT);
        TSR_H5_TRY(writer->id[index], "cannot create group %s", name);
        return TSR_OK;
    case TSR_ENTRY_DIMENSION: return create_dimension(writer, index);
    case TSR_ENTRY_VARIABLE: return write_variable(writer, index);
    case TSR_ENTRY_ATTRIBUTE: return write_attribute(writer, entry);
    }
    return TSR_OK;
}

/* Times of creation are not tracked: they would differ from run to run. */
static tsr_status prepare(file_writer *writer, hid_t file) {
    const unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    const size_t count = (size_t)writer->contents->count;
    writer->id = malloc(count * sizeof(*writer->id));
    writer->number = calloc(count, sizeof(*writer->number));
    TSR_REQUIRE(writer->id && writer->number, TSR_ERUNTIME, "no memory for the handles of %zu parts of a file", count);
    for (size_t i = 0; i < count; i++) writer->id[i] = H5I_INVALID_HID;
    TSR_H5_TRY(writer->id[TSR_CONTENTS_ROOT] = H5Gopen2(file, "/", H5P_DEFAULT), "cannot open the root group");
    TSR_H5_TRY(writer->group_list = H5Pcreate(H5P_GROUP_CREATE), "cannot prepare groups");
    TSR_H5_TRY(H5Pset_link_creation_order(writer->group_list, tracked), "cannot prepare groups");
    TSR_H5_TRY(H5Pset_attr_creation_order(writer->group_list, tracked), "cannot prepare groups");
    TSR_H5_TRY(H5Pset_obj_track_times(writer->group_list, false), "cannot prepare groups");
    TSR_H5_TRY(writer->dataset_list = H5Pcreate(H5P_DATASET_CREATE), "cannot prepare variables");
    TSR_H5_TRY(H5Pset_attr_creation_order(writer->dataset_list, tracked), "cannot prepare variables");
    TSR_H5_TRY(H5Pset_obj_track_times(writer->dataset_list, false), "cannot prepare variables");
    TSR_H5_TRY(H5Pset_fill_time(writer->dataset_list, H5D_FILL_TIME_NEVER), "cannot prepare variables");
    return TSR_OK;
}

static tsr_status close_all(file_writer *writer) {
    tsr_status status = TSR_OK;
    for (int i = writer->contents->count - 1; writer->id && i >= 0; i--) {
        const tsr_status closed = tsr_h5_close(&writer->id[i]);
        if (status == TSR_OK) status = closed;
    }
    tsr_h5_drop(&writer->dataset_list);
    tsr_h5_drop(&writer->group_list);
    free(writer->number);
    free(writer->id);
    return status;
}

tsr_status tsr_contents_write(const tsr_contents *contents, hid_t file) {
    file_writer writer = {.contents = contents, .dataset_list = H5I_INVALID_HID, .group_list = H5I_INVALID_HID};
    tsr_status status = prepare(&writer, file);
    for (int i = TSR_CONTENTS_ROOT + 1; i < contents->count && status == TSR_OK; i++) status = write_entry(&writer, i);
    const tsr_status closed = close_all(&writer);
    return status == TSR_OK ? closed : status;
}
