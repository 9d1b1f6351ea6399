#include "io/result/contents_data.h"

#include <stdlib.h>
#include <string.h>

/* Calls stay below 2^28 bytes: MPI counts are int, and MPI-IO has failed at 2^31 more than once. */
enum { PART_BYTES = 1 << 28 };

hid_t tsr_cell_file_type(tsr_cell cell) {
    const hid_t type[] = {H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_U64LE, H5T_C_S1};
    return type[cell];
}

hid_t tsr_cell_memory_type(tsr_cell cell) {
    const hid_t type[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_INT64, H5T_NATIVE_UINT64, H5T_C_S1};
    return type[cell];
}

hid_t tsr_contents_space(const tsr_contents *contents, const tsr_entry *variable) {
    hsize_t extent[TSR_CONTENTS_RANK_MAX];
    for (int i = 0; i < variable->rank; i++) extent[i] = (hsize_t)contents->entry[variable->dimension[i]].length;
    return variable->rank ? H5Screate_simple(variable->rank, extent, NULL) : H5Screate(H5S_SCALAR);
}

/* Some rows of the first dimension; a scalar is one row. */
typedef struct {
    int64_t begin;
    int64_t rows;
    int64_t bytes;
    const char *data; /* NULL on a rank without data */
} row_part;

/* The part that begins at a row; no rows: all is done. */
static row_part part_at(const tsr_data_place *place, int64_t begin) {
    const tsr_entry *entry = &place->contents->entry[place->variable];
    const int64_t bytes = tsr_contents_cells(place->contents, place->variable) * tsr_cell_bytes(entry->cell);
    const int64_t rows = entry->rank ? place->contents->entry[entry->dimension[0]].length : 1;
    if (bytes == 0 || begin == rows) return (row_part){.begin = begin};
    const int64_t row_bytes = bytes / rows;
    int64_t part_rows = row_bytes < PART_BYTES ? PART_BYTES / row_bytes : 1;
    if (part_rows > rows - begin) part_rows = rows - begin;
    const char *data = entry->data;
    return (row_part){begin, part_rows, part_rows * row_bytes, data ? data + begin * row_bytes : NULL};
}

/* A part of a dataset and the memory it meets. */
typedef struct {
    hid_t file;
    hid_t memory;
} row_selection;

static tsr_status select_part(const tsr_data_place *place, const row_part *part, row_selection *out) {
    const tsr_entry *entry = &place->contents->entry[place->variable];
    TSR_H5_TRY(out->file = tsr_contents_space(place->contents, entry), "cannot describe a part of a variable");
    TSR_H5_TRY(out->memory = H5Scopy(out->file), "cannot describe a part of a variable");
    if (entry->rank) {
        hsize_t start[TSR_CONTENTS_RANK_MAX] = {(hsize_t)part->begin}, extent[TSR_CONTENTS_RANK_MAX];
        TSR_H5_TRY(H5Sget_simple_extent_dims(out->file, extent, NULL), "cannot describe a part of a variable");
        extent[0] = (hsize_t)part->rows;
        TSR_H5_TRY(H5Sset_extent_simple(out->memory, entry->rank, extent, NULL), "cannot describe a part of memory");
        TSR_H5_TRY(H5Sselect_hyperslab(out->file, H5S_SELECT_SET, start, NULL, extent, NULL),
                   "cannot select a part of a variable");
    }
    if (!part->data) {
        TSR_H5_TRY(H5Sselect_none(out->file), "cannot select nothing");
        TSR_H5_TRY(H5Sselect_none(out->memory), "cannot select nothing");
    }
    return TSR_OK;
}

static void drop_selection(row_selection *selection) {
    tsr_h5_drop(&selection->memory);
    tsr_h5_drop(&selection->file);
}

static tsr_status write_part(const tsr_data_place *place, const row_part *part) {
    const tsr_cell cell = place->contents->entry[place->variable].cell;
    tsr_status status = TSR_OK;
    row_selection selection = {H5I_INVALID_HID, H5I_INVALID_HID};
    TSR_TRY_OUT(select_part(place, part, &selection));
    TSR_H5_TRY_OUT(H5Dwrite(place->dataset, tsr_cell_memory_type(cell), selection.memory, selection.file,
                            place->transfer_list, part->data),
                   "cannot write variable %s", tsr_contents_name(place->contents, place->variable));
out:
    drop_selection(&selection);
    return status;
}

tsr_status tsr_contents_data_write(const tsr_data_place *place) {
    for (row_part part = part_at(place, 0); part.rows > 0; part = part_at(place, part.begin + part.rows))
        TSR_TRY(write_part(place, &part));
    return TSR_OK;
}

static tsr_status compare_part(const tsr_data_place *place, const row_part *part, void *buffer) {
    const tsr_cell cell = place->contents->entry[place->variable].cell;
    const char *name = tsr_contents_name(place->contents, place->variable);
    tsr_status status = TSR_OK;
    row_selection selection = {H5I_INVALID_HID, H5I_INVALID_HID};
    TSR_TRY_OUT(select_part(place, part, &selection));
    TSR_H5_TRY_OUT(H5Dread(place->dataset, tsr_cell_memory_type(cell), selection.memory, selection.file,
                           place->transfer_list, buffer),
                   "cannot read variable %s back", name);
    if (!part->data || memcmp(buffer, part->data, (size_t)part->bytes) != 0)
        status = TSR_FAIL(TSR_EIO, "variable %s does not read back as it was written", name);
out:
    drop_selection(&selection);
    return status;
}

tsr_status tsr_contents_data_compare(const tsr_data_place *place) {
    row_part part = part_at(place, 0);
    char *buffer = malloc((size_t)part.bytes + 1); /* the first part is the largest */
    TSR_REQUIRE(buffer, TSR_ERUNTIME, "no memory to read a variable back");
    tsr_status status = TSR_OK;
    for (; part.rows > 0 && status == TSR_OK; part = part_at(place, part.begin + part.rows))
        status = compare_part(place, &part, buffer);
    free(buffer);
    return status;
}
