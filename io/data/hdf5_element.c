#include "io/data/hdf5_element.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, FIRST_ROOM = 4 };

/* Where a walk through a type is. */
typedef struct {
    tsr_hdf5_element *element;
    int depth;
    const char *name;
    size_t offset;
} place;

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the columns of a dataset"); }

void tsr_hdf5_element_clear(tsr_hdf5_element *element) {
    for (int i = 0; i < element->count; i++) free(element->cell[i].name);
    free(element->cell);
    *element = (tsr_hdf5_element){0};
}

/* False: HDF5 knows how to convert it, and we do not. */
static bool find_number(hid_t type, tsr_stored_number *out) {
    const hid_t little[TSR_NUMBER_TYPES] = {H5T_STD_U8LE,   H5T_STD_I8LE,  H5T_STD_U16LE, H5T_STD_I16LE,
                                            H5T_STD_U32LE,  H5T_STD_I32LE, H5T_STD_U64LE, H5T_STD_I64LE,
                                            H5T_IEEE_F32LE, H5T_IEEE_F64LE};
    const hid_t big[TSR_NUMBER_TYPES] = {H5T_STD_U8BE,  H5T_STD_I8BE,  H5T_STD_U16BE, H5T_STD_I16BE,  H5T_STD_U32BE,
                                         H5T_STD_I32BE, H5T_STD_U64BE, H5T_STD_I64BE, H5T_IEEE_F32BE, H5T_IEEE_F64BE};
    const bool is_little = H5Tget_order(H5T_NATIVE_INT) == H5T_ORDER_LE;
    for (int i = 0; i < TSR_NUMBER_TYPES; i++) {
        const bool has_little = H5Tequal(type, little[i]) > 0, has_big = H5Tequal(type, big[i]) > 0;
        const bool is_byte = tsr_number_bytes((tsr_number_type)i) == 1;
        *out = (tsr_stored_number){(tsr_number_type)i, !is_byte && (is_little ? has_big : has_little)};
        if (has_little || has_big) return true;
    }
    return false;
}

static tsr_status append(const place *at, const tsr_hdf5_cell *made) {
    tsr_hdf5_element *element = at->element;
    TSR_REQUIRE(element->count < TSR_HDF5_CELLS_MAX, TSR_EDATA, "has a type of more than %d members",
                TSR_HDF5_CELLS_MAX);
    const int room = element->count;
    if (room == 0 || (room >= FIRST_ROOM && (room & (room - 1)) == 0)) {
        const size_t larger = room == 0 ? FIRST_ROOM : 2 * (size_t)room;
        tsr_hdf5_cell *cell = realloc(element->cell, larger * sizeof(*cell));
        if (cell == NULL) return no_memory();
        element->cell = cell;
    }
    tsr_hdf5_cell *cell = &element->cell[element->count];
    *cell = *made;
    cell->name = strdup(at->name);
    cell->offset = at->offset;
    if (cell->name == NULL) return no_memory();
    element->count++;
    element->numbers += made->word_bytes == 0;
    return TSR_OK;
}

/* Of members only what we can convert is taken. */
static tsr_status append_number(const place *at, hid_t type) {
    tsr_hdf5_cell cell = {0};
    const bool is_known = find_number(type, &cell.number);
    if (is_known || at->depth == 0) {
        at->element->is_foreign = !is_known;
        return append(at, &cell);
    }
    at->element->why = "numbers of an unusual kind";
    return TSR_OK;
}

static tsr_status append_word(const place *at, hid_t type) {
    const tsr_hdf5_cell cell = {.word_bytes = H5Tget_size(type)};
    if (H5Tis_variable_str(type) == 0 && cell.word_bytes > 0) return append(at, &cell);
    at->element->why = "text of varying length";
    return TSR_OK;
}

static tsr_status walk(const place *at, hid_t type);

/* Steps into a part of a type, whose name is "outer_part". */
static tsr_status step(const place *at, const char *part, size_t offset, hid_t type) {
    char *name = NULL;
    if (asprintf(&name, "%s%s%s", at->name, *at->name != '\0' ? "_" : "", part) < 0) return no_memory();
    const place inside = {at->element, at->depth + 1, name, at->offset + offset};
    const tsr_status status = walk(&inside, type);
    free(name);
    return status;
}

static tsr_status walk_members(const place *at, hid_t type) {
    const int members = H5Tget_nmembers(type);
    tsr_status status = TSR_OK;
    for (int i = 0; i < members && status == TSR_OK; i++) {
        char *name = H5Tget_member_name(type, (unsigned)i);
        const hid_t member = H5Tget_member_type(type, (unsigned)i);
        const size_t offset = H5Tget_member_offset(type, (unsigned)i);
        if (name == NULL || member < 0)
            status = TSR_FAIL(TSR_EDATA, "has a type whose member %d cannot be read", i);
        else
            status = step(at, name, offset, member);
        if (member >= 0) H5Tclose(member);
        H5free_memory(name);
    }
    return status;
}

static tsr_status walk_array(const place *at, hid_t type) {
    hsize_t extent[H5S_MAX_RANK];
    const int rank = H5Tget_array_dims2(type, extent);
    uint64_t elements = 1;
    for (int i = 0; i < rank; i++) elements = extent[i] > TSR_HDF5_CELLS_MAX ? UINT32_MAX : elements * extent[i];
    TSR_REQUIRE(rank > 0 && elements <= TSR_HDF5_CELLS_MAX, TSR_EDATA, "has a type of more than %d members",
                TSR_HDF5_CELLS_MAX);
    const hid_t base = H5Tget_super(type);
    tsr_status status = base >= 0 ? TSR_OK : TSR_FAIL(TSR_EDATA, "has a type with a member that cannot be read");
    const size_t bytes = base >= 0 ? H5Tget_size(base) : 0;
    for (uint64_t i = 0; i < elements && status == TSR_OK; i++) {
        char number[24];
        snprintf(number, sizeof(number), "%llu", (unsigned long long)i);
        status = step(at, number, i * bytes, base);
    }
    if (base >= 0) H5Tclose(base);
    return status;
}

/* An enumeration is read as its numbers. */
static tsr_status walk_enumeration(const place *at, hid_t type) {
    const hid_t base = H5Tget_super(type);
    TSR_REQUIRE(base >= 0, TSR_EDATA, "has a type that cannot be read");
    const tsr_status status = append_number(at, base);
    H5Tclose(base);
    return status;
}

static tsr_status walk(const place *at, hid_t type) {
    TSR_REQUIRE(at->depth <= DEPTH_MAX, TSR_EDATA, "has a type that is nested more than %d times", DEPTH_MAX);
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
    case H5T_FLOAT: return append_number(at, type);
    case H5T_ENUM: return walk_enumeration(at, type);
    case H5T_COMPOUND: return walk_members(at, type);
    case H5T_ARRAY: return walk_array(at, type);
    case H5T_STRING: return append_word(at, type);
    case H5T_REFERENCE: at->element->why = "references"; break;
    case H5T_VLEN: at->element->why = "lists of varying length"; break;
    case H5T_BITFIELD: at->element->why = "bit fields"; break;
    default: at->element->why = "opaque bytes"; break;
    }
    return TSR_OK;
}

/* A damaged type can have members that lie outside of it. */
static tsr_status check_places(const tsr_hdf5_element *element) {
    for (int i = 0; i < element->count && !element->is_foreign; i++) {
        const tsr_hdf5_cell *cell = &element->cell[i];
        const size_t bytes = cell->word_bytes > 0 ? cell->word_bytes : tsr_number_bytes(cell->number.type);
        TSR_REQUIRE(cell->offset <= element->bytes && bytes <= element->bytes - cell->offset, TSR_EDATA,
                    "has a member %.80s beyond the %zu bytes of its type: the file is damaged", cell->name,
                    element->bytes);
    }
    return TSR_OK;
}

tsr_status tsr_hdf5_element_read(hid_t type, tsr_hdf5_element *out) {
    *out = (tsr_hdf5_element){.bytes = H5Tget_size(type), .why = "nothing"};
    const place at = {.element = out, .name = ""};
    TSR_TRY(walk(&at, type));
    TSR_REQUIRE(out->bytes > 0, TSR_EDATA, "has a type without a size");
    TSR_TRY(check_places(out));
    if (out->is_foreign) {
        out->bytes = sizeof(double);
        out->cell[0].number = (tsr_stored_number){TSR_NUMBER_F64, false};
    }
    return TSR_OK;
}

hid_t tsr_hdf5_element_memory(const tsr_hdf5_element *element, hid_t type) {
    return H5Tcopy(element->is_foreign ? H5T_NATIVE_DOUBLE : type);
}
