#include "io/data/npy_source.h"

#include "io/data/column_name.h"
#include "io/data/npy_header.h"
#include "io/data/raw_choice.h"
#include "io/data/raw_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 2 * TSR_NPY_NAME_BYTES, BY_ROWS = 0 };

static const tsr_param npy_params[] = {
    {.name = "file",
     .type = TSR_FILE_LIST,
     .unit = "1",
     .help = "NumPy files: a path, a pattern such as day-*.npy, or a list; relative to the job file"},
    {.name = "columns", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns to read (default: all)"},
    {.name = "items",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "rows",
     .choices = "rows|cells",
     .help = "an item is an index of the first axis, or every single cell with its indices"},
    {.name = "missing",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "numbers that stand for missing values, besides NaN"},
    {.name = NULL},
};

/* What is known while the files are opened. */
typedef struct {
    const tsr_params *params;
    tsr_raw_table *table;
    bool by_rows;
    tsr_decoding decoding;
    tsr_npy_header first; /* of the first file, which all others are like */
    tsr_raw_columns columns;
} opening;

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for a NumPy dataset"); }

/* ---- headers ---- */

static tsr_status check_length(const tsr_npy_header *header, int64_t bytes) {
    const int64_t wanted = header->elements * header->bytes;
    TSR_REQUIRE(bytes - header->begin >= wanted, TSR_EDATA, "it was cut short: %lld bytes of data are missing of %lld",
                (long long)(wanted - (bytes - header->begin)), (long long)wanted);
    return TSR_OK;
}

/* Files may differ in their length, where their data begin and in how they are stored. */
static tsr_status check_alike(const opening *o, const tsr_npy_header *header, int i) {
    const tsr_npy_header *first = &o->first;
    bool alike = header->rank == first->rank && header->bytes == first->bytes && header->cells == first->cells &&
                 header->is_fortran == first->is_fortran;
    for (int a = 1; alike && a < header->rank; a++) alike = header->shape[a] == first->shape[a];
    for (int c = 0; alike && c < header->cells; c++) {
        const tsr_npy_cell *one = &header->cell[c], *other = &first->cell[c];
        alike = strcmp(one->name, other->name) == 0 && one->offset == other->offset &&
                one->number.type == other->number.type && one->number.is_swapped == other->number.is_swapped;
    }
    TSR_REQUIRE(alike, TSR_EDATA, "'%s' has another type or shape than '%s'", o->table->files.input[i].path,
                o->table->files.input[0].path);
    return TSR_OK;
}

/* ---- where values are ---- */

static int64_t row_elements(const tsr_npy_header *header) {
    int64_t count = 1;
    for (int a = 1; a < header->rank; a++) count *= header->shape[a];
    return count;
}

static int64_t row_count(const tsr_npy_header *header) { return header->rank == 0 ? 1 : header->shape[0]; }

/* A lane of whole rows, or of cells; in Fortran order each place within a row has a lane of its own. */
static int lane_count(const opening *o, const tsr_npy_header *header) {
    return header->is_fortran && o->by_rows ? (int)row_elements(header) : 1;
}

/* In Fortran order: elements before a place within a row. */
static int64_t fortran_place(const tsr_npy_header *header, int64_t element) {
    int64_t place = 0, below = header->elements;
    for (int a = header->rank - 1; a > 0; a--) {
        below /= header->shape[a]; /* elements from one index of this axis to the next */
        place += element % header->shape[a] * below;
        element /= header->shape[a];
    }
    return place;
}

static void place_lanes(const opening *o, const tsr_npy_header *header, tsr_raw_lane *lane) {
    const int lanes = o->table->lanes;
    for (int l = 0; l < lanes; l++) {
        const bool is_matrix = o->by_rows && !header->is_fortran;
        lane[l] = (tsr_raw_lane){.begin = header->begin, .run = INT64_MAX, .step = header->bytes};
        if (is_matrix) lane[l].step *= row_elements(header);
        if (lanes > 1) lane[l].begin += fortran_place(header, l) * header->bytes;
    }
}

static tsr_status add_columns(opening *o) {
    const tsr_npy_header *header = &o->first;
    const int64_t elements = o->by_rows ? row_elements(header) : 1;
    for (int a = 0; !o->by_rows && a < header->rank; a++) {
        char name[32], long_name[64];
        snprintf(name, sizeof(name), "i%d", a);
        snprintf(long_name, sizeof(long_name), "index along axis %d", a);
        TSR_TRY(tsr_raw_columns_add(&o->columns, &(tsr_raw_column){name, "1", long_name, .axis = a}));
    }
    for (int64_t e = 0; e < elements; e++)
        for (int c = 0; c < header->cells; c++) {
            const tsr_npy_cell *cell = &header->cell[c];
            char name[NAME_BYTES] = "";
            if (o->by_rows) tsr_column_name_place(header->rank, header->shape, e, sizeof(name), name);
            tsr_column_name_join(cell->name, sizeof(name), name);
            if (*name == '\0') snprintf(name, sizeof(name), "%s", o->by_rows ? "c1" : "value");
            tsr_raw_column column = {.name = name, .unit = "1", .long_name = "from a NumPy file", .axis = -1};
            column.value.lane = o->table->lanes > 1 ? (int)e : 0;
            column.value.offset = (size_t)((o->table->lanes > 1 ? 0 : e * header->bytes) + cell->offset);
            column.value.number = cell->number;
            column.value.decoding = o->decoding;
            TSR_TRY(tsr_raw_columns_add(&o->columns, &column));
        }
    return TSR_OK;
}

/* ---- opening ---- */

static tsr_status check_kind(const opening *o, const tsr_npy_header *header) {
    TSR_REQUIRE(header->elements > 0, TSR_EDATA, "it is empty: an axis has length 0");
    if (!o->by_rows && header->is_fortran && header->rank > 1)
        return tsr_params_fail(o->params, "items",
                               "cells are read in C order, and '%s' is in Fortran order; save it with "
                               "numpy.ascontiguousarray, or leave out 'items: cells'",
                               o->table->files.input[0].path);
    TSR_REQUIRE(!o->by_rows || row_elements(header) * header->cells <= TSR_RAW_COLUMNS_MAX, TSR_EDATA,
                "a row has %lld values, and %d columns are allowed; 'items: cells' makes each of them a row",
                (long long)(row_elements(header) * header->cells), TSR_RAW_COLUMNS_MAX);
    return TSR_OK;
}

static tsr_status begin_first(opening *o) {
    tsr_raw_table *table = o->table;
    TSR_TRY(check_kind(o, &o->first));
    table->lanes = lane_count(o, &o->first);
    table->lane = calloc((size_t)table->files.count * (size_t)table->lanes, sizeof(*table->lane));
    table->width = calloc((size_t)table->lanes, sizeof(*table->width));
    table->shape = calloc((size_t)table->files.count, sizeof(*table->shape));
    if (table->lane == NULL || table->width == NULL || table->shape == NULL) return no_memory();
    const bool is_matrix = o->by_rows && table->lanes == 1 && !o->first.is_fortran;
    const int64_t width = o->first.bytes * (is_matrix ? row_elements(&o->first) : 1);
    for (int l = 0; l < table->lanes; l++) table->width[l] = (size_t)width;
    TSR_TRY(add_columns(o));
    return tsr_raw_columns_choose(&o->columns, o->params, table->files.input[0].path, table);
}

static tsr_status take_header(opening *o, const tsr_npy_header *header, int i) {
    tsr_raw_table *table = o->table;
    tsr_raw_shape *shape = &table->shape[i];
    TSR_TRY(check_length(header, table->files.input[i].bytes));
    place_lanes(o, header, &table->lane[(int64_t)i * table->lanes]);
    shape->rank = header->rank;
    memcpy(shape->extent, header->shape, sizeof(header->shape));
    return tsr_files_add_rows(&table->files, i, o->by_rows ? row_count(header) : header->elements);
}

static tsr_status open_file(opening *o, int i) {
    tsr_npy_header header = {0};
    int file = -1;
    TSR_TRY(tsr_files_open(&o->table->files, o->params, "file", i, &file));
    const char *path = o->table->files.input[i].path;
    tsr_status status = tsr_npy_file_read(file, path, i == 0 ? &o->first : &header);
    close(file);
    if (status == TSR_OK && i == 0) status = tsr_npy_about(path, begin_first(o));
    if (status == TSR_OK && i > 0) status = check_alike(o, &header, i);
    if (status == TSR_OK) status = tsr_npy_about(path, take_header(o, i == 0 ? &o->first : &header, i));
    tsr_npy_header_clear(&header);
    return status;
}

static tsr_status read_missing(opening *o) {
    int64_t count = 0;
    const double *missing = tsr_params_reals(o->params, "missing", &count);
    o->decoding = tsr_decoding_none();
    for (int64_t i = 0; i < count; i++)
        if (!tsr_decoding_add_missing(&o->decoding, missing[i]))
            return tsr_params_fail(o->params, "missing", "more than %d numbers", TSR_MISSING_MAX);
    return TSR_OK;
}

static tsr_status open_all(opening *o) {
    TSR_TRY(read_missing(o));
    TSR_TRY(tsr_files_find(o->params, "file", &o->table->files));
    for (int i = 0; i < o->table->files.count; i++) TSR_TRY(open_file(o, i));
    return tsr_open_files_create(&o->table->files, &o->table->open);
}

/* ---- the table of functions ---- */

static tsr_status npy_create(const tsr_params *params, void **model) {
    opening o = {.params = params, .by_rows = tsr_params_choice(params, "items") == BY_ROWS};
    o.table = calloc(1, sizeof(*o.table));
    if (o.table == NULL) return no_memory();
    const tsr_status status = open_all(&o);
    tsr_npy_header_clear(&o.first);
    tsr_raw_columns_clear(&o.columns);
    if (status == TSR_OK)
        *model = o.table;
    else
        tsr_raw_table_destroy(o.table);
    return status;
}

const tsr_source tsr_source_npy = {
    .name = "npy",
    .summary = "rows or cells of arrays in NumPy files",
    .reference = "NumPy, NPY format 3.0",
    .params = npy_params,
    .create = npy_create,
    .destroy = tsr_raw_source_destroy,
    .fields_of = tsr_raw_source_fields,
    .items = tsr_raw_source_items,
    .workspace = tsr_raw_source_workspace,
    .fill = tsr_raw_source_fill,
    .inputs = tsr_raw_source_inputs,
    .tile_items = TSR_DATASET_TILE_ITEMS,
};
