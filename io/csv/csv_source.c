#include "io/csv/csv_source.h"

#include "engine/number.h"
#include "io/csv/csv_heading.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 41, /* of a cell, in a message */ NAME_BYTES_MAX = 200 };

static const tsr_param csv_params[] = {
    {.name = "file", .type = TSR_FILE, .unit = "1", .help = "CSV file, relative to the job file"},
    {.name = "columns",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns to read (default: all but those that begin with a word)"},
    {.name = "delimiter", .type = TSR_TEXT, .unit = "1", .preset = ",", .help = "one character, or the word tab"},
    {.name = "header", .type = TSR_BOOLEAN, .unit = "1", .preset = "yes", .help = "whether the first row holds names"},
    {.name = NULL},
};

/* The model. */
typedef struct {
    int columns;
    int64_t rows;
    int64_t stride;
    double *data;            /* [columns, stride] of which [columns, rows] are in use */
    tsr_field *fields;       /* [columns + 1] */
    tsr_csv_heading heading; /* owns the names of the fields */
    char *long_name;         /* of all fields */
    tsr_input input;
} dataset;

/* What is known while the numbers are read. */
typedef struct {
    const tsr_csv *csv;
    const int *target; /* [columns of the file]: column of the dataset, or -1 */
    dataset *out;
    bool is_header; /* the current row */
    int cell;       /* cells of the current row */
    int64_t begin;  /* number of its first cell */
    tsr_status status;
} loading;

static void dataset_destroy(void *model) {
    dataset *old = model;
    if (old == NULL) return;
    tsr_csv_heading_clear(&old->heading);
    free(old->fields);
    free(old->long_name);
    free(old->input.path);
    free(old->data);
    free(old);
}

/* ---- which columns ---- */

/* target of each named column: its place in the list. */
static tsr_status choose_named(const tsr_params *params, const tsr_csv_heading *heading, int *target, int *count) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(params, "columns", &names);
    const char *file = tsr_params_written(params, 0);
    for (int i = 0; i < names; i++) {
        int index = tsr_csv_heading_find(heading, name[i]);
        if (index < 0) {
            char hint[TSR_HINT_BYTES];
            tsr_nearest_hint(name[i], (const char *const *)heading->name, hint);
            return tsr_params_fail(params, "columns", "'%s' has no column '%.80s'%s", file, name[i], hint);
        }
        if (target[index] >= 0) return tsr_params_fail(params, "columns", "'%.80s' is given twice", name[i]);
        target[index] = i;
    }
    *count = (int)names;
    return TSR_OK;
}

static tsr_status choose_numeric(const tsr_csv *csv, const tsr_csv_heading *heading, int *target, int *count) {
    if (heading->names_are_numbers)
        return tsr_csv_refuse(csv, 0,
                              "numbers stand where the names of columns should be; say 'header: no' if the file "
                              "has none, or name the columns");
    for (int i = 0; i < heading->columns; i++)
        if (heading->is_number[i]) target[i] = (*count)++;
    if (*count == 0) return tsr_csv_refuse(csv, 0, "no column begins with a number; is the delimiter right?");
    return TSR_OK;
}

static bool is_printable_utf8(char *name) {
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) return false;
    iconv_t check = iconv_open("UTF-32", "UTF-8");
    if (check == (iconv_t)-1) return true; /* a libc without tables */
    char wide[4 * NAME_BYTES_MAX + 8], *to = wide;
    size_t left = strlen(name), room = sizeof(wide);
    bool fits = left <= NAME_BYTES_MAX && iconv(check, &name, &left, &to, &room) != (size_t)-1;
    iconv_close(check);
    return fits;
}

/* Names become those of results, in text, JSON and HDF5. */
static tsr_status check_names(const tsr_csv *csv, const tsr_csv_heading *heading, const int *target) {
    for (int i = 0; i < heading->columns; i++)
        if (target[i] >= 0 && !is_printable_utf8(heading->name[i]))
            return tsr_csv_refuse(csv, i, "the name of a column must be printable UTF-8 of at most %d bytes",
                                  NAME_BYTES_MAX);
    return TSR_OK;
}

/* Two columns of one name could not be told apart in the results. */
static tsr_status check_unique(const tsr_csv *csv, const tsr_csv_heading *heading, const int *target) {
    for (int i = 0; i < heading->columns; i++)
        for (int j = 0; j < i; j++)
            if ((target[i] >= 0 || target[j] >= 0) && strcmp(heading->name[i], heading->name[j]) == 0)
                return tsr_csv_refuse(csv, i, "a second column is called '%.80s'", heading->name[i]);
    return TSR_OK;
}

static tsr_status choose(const tsr_params *params, const tsr_csv *csv, const tsr_csv_heading *heading, int *target,
                         int *count) {
    int64_t names = 0;
    tsr_params_texts(params, "columns", &names);
    for (int i = 0; i < heading->columns; i++) target[i] = -1;
    *count = 0;
    if (names > 0)
        TSR_TRY(choose_named(params, heading, target, count));
    else
        TSR_TRY(choose_numeric(csv, heading, target, count));
    TSR_TRY(check_names(csv, heading, target));
    return check_unique(csv, heading, target);
}

/* ---- their numbers ---- */

/* The beginning of a cell on one line. */
static void show(const tsr_csv_cell *cell, char out[SHOWN_BYTES]) {
    size_t bytes = cell->bytes < SHOWN_BYTES - 1 ? cell->bytes : SHOWN_BYTES - 1;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)cell->text[i];
        out[i] = c < 0x20 || c == 0x7f ? '?' : cell->text[i];
    }
    out[bytes] = '\0';
}

static tsr_status refuse_cell(const loading *load, const tsr_csv_cell *cell, const char *column) {
    char shown[SHOWN_BYTES];
    double value;
    if (cell->bytes == 0)
        return tsr_csv_refuse(load->csv, cell->number, "column '%.80s' is empty; it must hold a number", column);
    show(cell, shown);
    bool large = tsr_number_read_real(cell->text, &value) == TSR_NUMBER_TOO_LARGE;
    return tsr_csv_refuse(load->csv, cell->number, "column '%.80s' holds '%s', which is %s", column, shown,
                          large ? "too large for a double" : "not a number");
}

static bool take_cell(void *data, const tsr_csv_cell *cell) {
    loading *load = data;
    dataset *out = load->out;
    if (load->cell == 0) load->begin = cell->number;
    int index = load->cell++;
    if (load->is_header || index >= out->heading.columns || load->target[index] < 0) return true;
    if (tsr_csv_cell_number(cell, &out->data[load->target[index] * out->stride + out->rows])) return true;
    load->status = refuse_cell(load, cell, out->heading.name[index]);
    return false;
}

static bool take_row(void *data) {
    loading *load = data;
    int columns = load->out->heading.columns;
    if (load->cell != columns) {
        load->status = tsr_csv_refuse(load->csv, load->begin, "this row has %d cells, but the first row has %d",
                                      load->cell, columns);
        return false;
    }
    if (!load->is_header) load->out->rows++;
    load->is_header = false;
    load->cell = 0;
    return true;
}

static tsr_status load_numbers(const tsr_csv *csv, const int *target, dataset *out) {
    loading load = {.csv = csv, .target = target, .out = out, .is_header = out->heading.header};
    tsr_csv_reader reader = {.cell = take_cell, .row = take_row, .data = &load};
    TSR_TRY(tsr_csv_read(csv, &reader));
    return load.status;
}

/* Room for the chosen columns, and their names. */
static tsr_status make_room(const tsr_csv *csv, const char *file, const int *target, dataset *out) {
    TSR_ASSERT(out->columns > 0);
    out->stride = tsr_csv_rows_max(csv);
    out->data = calloc((size_t)out->columns * (size_t)out->stride, sizeof(*out->data));
    out->fields = calloc((size_t)out->columns + 1, sizeof(*out->fields));
    if (asprintf(&out->long_name, "column of %s", file) < 0) out->long_name = NULL;
    bool complete = out->data != NULL && out->fields != NULL && out->long_name != NULL;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for '%s'", file);
    for (int i = 0; i < out->heading.columns; i++)
        if (target[i] >= 0)
            out->fields[target[i]] =
                (tsr_field){.name = out->heading.name[i], .unit = "1", .long_name = out->long_name};
    return TSR_OK;
}

/* ---- the table of functions ---- */

static tsr_status read_delimiter(const tsr_params *params, char *out) {
    const char *text = tsr_params_text(params, "delimiter");
    if (strcmp(text, "tab") == 0) text = "\t";
    bool fits = strlen(text) == 1 && strpbrk(text, "\"\r\n+-.0123456789eE") == NULL;
    if (!fits)
        return tsr_params_fail(params, "delimiter",
                               "'%.80s' cannot separate numbers; take one character such as , or ;", text);
    *out = *text;
    return TSR_OK;
}

static tsr_status csv_create(const tsr_params *params, void **model) {
    tsr_csv_origin origin = {.path = tsr_params_text(params, "file"),
                             .name = tsr_params_written(params, 0),
                             .where = tsr_params_where(params, "file")};
    tsr_csv *csv = NULL;
    int *target = NULL;
    tsr_status status = TSR_OK;
    dataset *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for '%s'", origin.name);
    TSR_TRY_OUT(read_delimiter(params, &origin.delimiter));
    TSR_TRY_OUT(tsr_csv_open(&origin, &csv));
    TSR_TRY_OUT(tsr_csv_heading_read(csv, tsr_params_boolean(params, "header"), &made->heading));
    target = calloc((size_t)made->heading.columns + 1, sizeof(*target));
    TSR_TRY_OUT(target == NULL ? TSR_FAIL(TSR_ERUNTIME, "no memory for '%s'", origin.name) : TSR_OK);
    TSR_TRY_OUT(choose(params, csv, &made->heading, target, &made->columns));
    TSR_TRY_OUT(make_room(csv, origin.name, target, made));
    TSR_TRY_OUT(load_numbers(csv, target, made));
    made->input = tsr_csv_take_input(csv);
    *model = made;
    made = NULL;
out:
    dataset_destroy(made);
    free(target);
    tsr_csv_close(&csv);
    return status;
}

static const tsr_field *csv_fields(const void *model) { return ((const dataset *)model)->fields; }

static int64_t csv_items(const void *model) { return ((const dataset *)model)->rows; }

static const tsr_input *csv_inputs(const void *model, int *count) {
    *count = 1;
    return &((const dataset *)model)->input;
}

static tsr_status csv_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    (void)draws;
    const dataset *data = model;
    TSR_ASSERT(out->item >= 0 && out->item + out->items <= data->rows && out->columns == data->columns);
    for (int i = 0; i < data->columns; i++)
        memcpy(tsr_column(out, i), data->data + i * data->stride + out->item, (size_t)out->items * sizeof(double));
    return TSR_OK;
}

const tsr_source tsr_source_csv = {
    .name = "csv",
    .summary = "rows of numbers in a CSV file",
    .reference = "RFC 4180",
    .params = csv_params,
    .create = csv_create,
    .destroy = dataset_destroy,
    .fields_of = csv_fields,
    .items = csv_items,
    .fill = csv_fill,
    .inputs = csv_inputs,
};
