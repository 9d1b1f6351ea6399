#include "io/sink/rows_layout.h"

#include <math.h>
#include <string.h>

enum { CHUNK_ROWS = 65536, CHUNK_BYTES = 1 << 20 };

/* ---- columns ---- */

static tsr_status find_field(const tsr_params *given, const tsr_field *fields, const char *name, int *out) {
    const char *known[TSR_ROWS_COLUMNS_MAX + 1] = {NULL};
    for (*out = 0; fields[*out].name != NULL; ++*out) {
        if (*out < TSR_ROWS_COLUMNS_MAX) known[*out] = fields[*out].name;
        if (strcmp(fields[*out].name, name) == 0) return TSR_OK;
    }
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, known, hint);
    return tsr_params_fail(given, "columns", "there is no column '%.80s'%s", name, hint);
}

static tsr_status choose_columns(const tsr_params *given, const tsr_field *fields, tsr_rows_layout *out) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(given, "columns", &names);
    while (names == 0 && fields[out->columns].name != NULL && out->columns < TSR_ROWS_COLUMNS_MAX) {
        out->index[out->columns] = out->columns;
        out->columns++;
    }
    if (names > TSR_ROWS_COLUMNS_MAX || (names == 0 && fields[out->columns].name != NULL))
        return tsr_params_fail(given, "columns", "at most %d columns can be kept", TSR_ROWS_COLUMNS_MAX);
    for (; out->columns < names; out->columns++)
        TSR_TRY(find_field(given, fields, name[out->columns], &out->index[out->columns]));
    for (int c = 0; c < out->columns; c++) out->field[c] = &fields[out->index[c]];
    return TSR_OK;
}

/* The name of a dataset, which must be the only one of its name. */
static tsr_status check_name(const tsr_params *given, const tsr_rows_layout *layout, int c) {
    const char *name = layout->field[c]->name;
    for (int other = 0; other < c; other++)
        if (layout->index[other] == layout->index[c])
            return tsr_params_fail(given, "columns", "'%.80s' is given twice", name);
    if (layout->is_table) return TSR_OK;
    if (strchr(name, '/') != NULL || strcmp(name, ".") == 0)
        return tsr_params_fail(given, "columns", "'%.80s' cannot be the name of a dataset; rename it with derive",
                               name);
    if (strcmp(name, layout->rows_name) == 0)
        return tsr_params_fail(given, layout->has_items ? "item" : "columns",
                               "there is a column that is called '%s', as the rows are%s", name,
                               layout->has_items ? "; say item: no" : "; rename it with derive");
    return TSR_OK;
}

/* ---- what a row is made of ---- */

static size_t label_bytes(const tsr_field *field) {
    size_t most = 1;
    const char *const *label = field != NULL ? field->categories : NULL;
    for (; label != NULL && *label != NULL; label++)
        if (strlen(*label) > most) most = strlen(*label);
    return most;
}

static size_t bytes_of(tsr_rows_type type, const tsr_field *field) {
    static const size_t bytes[] = {8, 4, 8, 4, 2, 1, 4, 2, 1, 0, 8};
    return type == TSR_ROWS_WORD ? label_bytes(field) : bytes[type];
}

/* Chunks of at most 1 MiB unless their rows are given. */
static int64_t chunk_rows(const tsr_params *given, int64_t row_bytes) {
    int64_t rows = tsr_params_integer(given, "chunk");
    if (rows > 0) return rows;
    for (rows = CHUNK_ROWS; rows > 1 && rows * row_bytes > CHUNK_BYTES;) rows /= 2;
    return rows;
}

static void add_set(const tsr_params *given, tsr_rows_set set, const tsr_field *field, tsr_rows_layout *out) {
    set.cell_bytes = bytes_of(set.type, field);
    set.row_bytes = (int64_t)set.cell_bytes * set.columns;
    set.chunk_rows = chunk_rows(given, set.row_bytes);
    out->set[out->sets++] = set;
}

static tsr_status add_table(const tsr_params *given, tsr_rows_layout *out) {
    const char *name = tsr_params_text(given, "name");
    for (int c = 0; c < out->columns; c++)
        if (out->field[c]->categories != NULL)
            return tsr_params_fail(given, "as", "column '%.80s' holds words, which cannot stand in a table of numbers",
                                   out->field[c]->name);
    if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, out->rows_name) == 0 ||
        strcmp(name, "column") == 0)
        return tsr_params_fail(given, "name", "'%.80s' cannot be the name of a dataset here", name);
    const tsr_rows_set set = {
        .name = name, .columns = out->columns, .type = (tsr_rows_type)tsr_params_choice(given, "type")};
    add_set(given, set, out->field[0], out);
    return TSR_OK;
}

static void add_columns(const tsr_params *given, tsr_rows_layout *out) {
    for (int c = 0; c < out->columns; c++) {
        const bool is_word = out->field[c]->categories != NULL;
        const tsr_rows_type numbers = (tsr_rows_type)tsr_params_choice(given, "type");
        const tsr_rows_set set = {
            .name = out->field[c]->name, .first = c, .columns = 1, .type = is_word ? TSR_ROWS_WORD : numbers};
        add_set(given, set, out->field[c], out);
    }
}

static tsr_status take_shape(const tsr_params *given, tsr_rows_layout *out) {
    int64_t axes = 0, cells = 1;
    const double *extent = tsr_params_reals(given, "shape", &axes);
    out->axes = axes == 0 ? 1 : (int)axes;
    out->extent[0] = out->columns;
    if (axes == 0) return TSR_OK;
    if (!out->is_table) return tsr_params_fail(given, "shape", "it is the shape of a row of a table; say as: table");
    if (axes > TSR_ROWS_AXES_MAX) return tsr_params_fail(given, "shape", "at most %d lengths", TSR_ROWS_AXES_MAX);
    for (int64_t a = 0; a < axes; a++) {
        const bool is_good = extent[a] >= 1 && extent[a] <= TSR_ROWS_COLUMNS_MAX && extent[a] == floor(extent[a]);
        if (!is_good) return tsr_params_fail(given, "shape", "%g is no length", extent[a]);
        out->extent[a] = (int64_t)extent[a];
        cells *= out->extent[a];
    }
    if (cells != out->columns)
        return tsr_params_fail(given, "shape", "it has %lld cells, and there are %d columns", (long long)cells,
                               out->columns);
    return TSR_OK;
}

tsr_status tsr_rows_layout_make(const tsr_params *given, const tsr_field *fields, tsr_rows_layout *out) {
    *out = (tsr_rows_layout){.is_table = tsr_params_choice(given, "as") == 1,
                             .has_items = tsr_params_boolean(given, "item")};
    out->rows_name = out->has_items ? "item" : "row";
    TSR_TRY(choose_columns(given, fields, out));
    for (int c = 0; c < out->columns; c++) TSR_TRY(check_name(given, out, c));
    TSR_TRY(take_shape(given, out));
    if (out->has_items) add_set(given, (tsr_rows_set){.name = "item", .columns = 1, .type = TSR_ROWS_ITEM}, NULL, out);
    if (out->is_table) return add_table(given, out);
    add_columns(given, out);
    for (int s = 0; s < out->sets; s++)
        if (out->set[s].row_bytes > TSR_ROWS_BYTES_MAX)
            return tsr_params_fail(given, "columns", "the labels of '%.80s' are too long", out->set[s].name);
    return TSR_OK;
}
