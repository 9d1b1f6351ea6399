#include "io/csv/csv_source.h"

#include "engine/number.h"
#include "io/csv/csv_dataset.h"
#include "io/csv/csv_date.h"
#include "io/csv/csv_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param csv_params[] = {
    {.name = "file",
     .type = TSR_FILE_LIST,
     .unit = "1",
     .help = "CSV files, relative to the job file; * ? [a-z] in names"},
    {.name = "columns",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns to read (default: those of numbers)"},
    {.name = "text",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "columns of words that look like numbers"},
    {.name = "delimiter",
     .type = TSR_TEXT,
     .unit = "1",
     .preset = ",",
     .help = "one character, or the word tab (default of *.tsv)"},
    {.name = "header", .type = TSR_BOOLEAN, .unit = "1", .preset = "yes", .help = "whether the first row holds names"},
    {.name = "missing",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "",
     .help = "words for missing values, or refuse (default: empty, NA, N/A, nan, null, None ...)"},
    {.name = NULL},
};

static tsr_status no_memory(const tsr_params *params) {
    return TSR_FAIL(TSR_ERUNTIME, "no memory for '%s'", tsr_params_written(params, 0));
}

/* ---- how the files are to be read ---- */

static bool is_tab_separated(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".tsv") == 0 || strcmp(dot, ".tab") == 0);
}

static tsr_status read_delimiter(const tsr_params *params, const char *path, char *out) {
    const char *text = tsr_params_text(params, "delimiter");
    const bool is_tab = tsr_params_is_default(params, "delimiter") && is_tab_separated(path);
    if (is_tab || strcmp(text, "tab") == 0) text = "\t";
    bool fits = strlen(text) == 1 && strpbrk(text, "\"\r\n+-.0123456789eE") == NULL;
    if (!fits)
        return tsr_params_fail(params, "delimiter",
                               "'%.80s' cannot separate numbers; take one character such as , or ;", text);
    *out = *text;
    return TSR_OK;
}

/* The words are copied: parameters do not live as long as the dataset. */
static tsr_status read_missing(const tsr_params *params, tsr_csv_dataset *made) {
    int64_t count = 0;
    double value;
    const char *const *word = tsr_params_texts(params, "missing", &count);
    made->manner.missing = tsr_csv_missing_default;
    if (count == 0) return TSR_OK;
    if (count == 1 && strcmp(word[0], "refuse") == 0) count = 0;
    made->missing = calloc((size_t)count + 1, sizeof(*made->missing));
    if (made->missing == NULL) return no_memory(params);
    for (int64_t i = 0; i < count; i++) {
        made->missing[i] = strdup(word[i]);
        if (made->missing[i] == NULL) return no_memory(params);
        made->manner.has_markers |= tsr_number_read_real(word[i], &value) == TSR_NUMBER_OK;
    }
    made->manner.missing = (tsr_csv_missing){.word = (const char *const *)made->missing, .count = count};
    return TSR_OK;
}

static tsr_status read_manner(const tsr_params *params, tsr_csv_dataset *made) {
    char delimiter = ',';
    TSR_TRY(read_delimiter(params, made->files.input[0].path, &delimiter));
    tsr_csv_grammar_init(delimiter, &made->manner.grammar);
    made->manner.has_header = tsr_params_boolean(params, "header");
    return read_missing(params, made);
}

/* ---- which columns ---- */

static tsr_status find_column(const tsr_params *params, const char *key, const char *name, const tsr_csv_dataset *made,
                              int *index) {
    const tsr_csv_heading *heading = &made->heading;
    *index = tsr_csv_heading_find(heading, name);
    if (*index >= 0) return TSR_OK;
    char hint[TSR_HINT_BYTES] = "";
    const char **names = calloc((size_t)heading->columns + 1, sizeof(*names));
    for (int i = 0; names != NULL && i < heading->columns; i++) names[i] = heading->column[i].name;
    if (names != NULL) tsr_nearest_hint(name, names, hint);
    free(names);
    return tsr_params_fail(params, key, "'%s' has no column '%.80s'%s", made->files.input[0].path, name, hint);
}

static tsr_status mark_text(const tsr_params *params, tsr_csv_dataset *made) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(params, "text", &names);
    for (int64_t i = 0; i < names; i++) {
        int index;
        TSR_TRY(find_column(params, "text", name[i], made, &index));
        made->heading.column[index].type = TSR_CSV_WORDS;
        made->target[index] = 0; /* chosen, if no columns are named */
    }
    return TSR_OK;
}

/* target of each named column: its place in the list. */
static tsr_status choose_named(const tsr_params *params, tsr_csv_dataset *made) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(params, "columns", &names);
    for (int i = 0; i < made->heading.columns; i++) made->target[i] = -1;
    for (int i = 0; i < names; i++) {
        int index;
        TSR_TRY(find_column(params, "columns", name[i], made, &index));
        if (made->target[index] >= 0) return tsr_params_fail(params, "columns", "'%.80s' is given twice", name[i]);
        made->target[index] = i;
    }
    made->columns = (int)names;
    return TSR_OK;
}

static tsr_status choose_numbers(tsr_csv_dataset *made) {
    const tsr_csv_heading *heading = &made->heading;
    const tsr_csv_file *file = &made->table[0].file;
    bool are_numbers = true;
    for (int i = 0; i < heading->columns; i++) are_numbers &= heading->column[i].name_is_number;
    if (are_numbers)
        return tsr_csv_refuse(file, heading->column[0].place,
                              "numbers stand where the names of columns should be; say 'header: no' if the file has "
                              "none, or name the columns");
    for (int i = 0; i < heading->columns; i++)
        if (heading->column[i].type == TSR_CSV_NUMBERS || made->target[i] >= 0) made->target[i] = made->columns++;
    if (made->columns == 0)
        return tsr_csv_refuse(file, heading->column[0].place,
                              "no column begins with a number; is the delimiter right?");
    return TSR_OK;
}

/* Names become those of results, in text, JSON and HDF5; two columns of one name could not be told apart there. */
static tsr_status check_names(const tsr_csv_dataset *made) {
    const tsr_csv_column *column = made->heading.column;
    const tsr_csv_file *file = &made->table[0].file;
    for (int i = 0; i < made->heading.columns; i++)
        if (made->target[i] >= 0 && !tsr_csv_word_is_printable(column[i].name, strlen(column[i].name)))
            return tsr_csv_refuse(file, column[i].place,
                                  "the name of a column must be printable UTF-8 of at most %d bytes",
                                  TSR_CSV_LABEL_BYTES_MAX);
    for (int i = 0; i < made->heading.columns; i++)
        for (int j = 0; j < i; j++)
            if ((made->target[i] >= 0 || made->target[j] >= 0) && strcmp(column[i].name, column[j].name) == 0)
                return tsr_csv_refuse(file, column[i].place, "a second column is called '%.80s'", column[i].name);
    return TSR_OK;
}

static tsr_status choose(const tsr_params *params, tsr_csv_dataset *made) {
    const size_t columns = (size_t)made->heading.columns;
    int64_t names = 0;
    tsr_params_texts(params, "columns", &names);
    made->target = calloc(columns, sizeof(*made->target));
    made->labels = calloc(columns, sizeof(tsr_csv_labels *));
    if (made->target == NULL || made->labels == NULL) return no_memory(params);
    for (size_t i = 0; i < columns; i++) made->target[i] = -1;
    TSR_TRY(mark_text(params, made));
    TSR_TRY(names > 0 ? choose_named(params, made) : choose_numbers(made));
    for (int i = 0; i < made->heading.columns; i++)
        if (made->target[i] >= 0) made->last = i;
    return check_names(made);
}

/* ---- the files ---- */

static tsr_status open_table(const tsr_params *params, tsr_csv_dataset *made, int i) {
    tsr_csv_table *table = &made->table[i];
    TSR_TRY(tsr_files_open(&made->files, params, "file", i, &table->file.descriptor));
    table->file.input = &made->files.input[i];
    return tsr_csv_file_begin(&table->file);
}

static tsr_status compare_names(const tsr_csv_dataset *made, const tsr_csv_heading *heading, int i) {
    const char *path = made->files.input[i].path, *first = made->files.input[0].path;
    TSR_REQUIRE(heading->columns == made->heading.columns, TSR_EDATA, "'%s' has %d columns, but '%s' has %d", path,
                heading->columns, first, made->heading.columns);
    for (int c = 0; c < heading->columns; c++)
        if (strcmp(heading->column[c].name, made->heading.column[c].name) != 0)
            return tsr_csv_refuse(&made->table[i].file, heading->column[c].place,
                                  "column %d is called '%.80s', but '%.80s' in '%s'", c + 1, heading->column[c].name,
                                  made->heading.column[c].name, first);
    return TSR_OK;
}

static tsr_status index_table(tsr_csv_dataset *made, const tsr_csv_heading *heading, int i) {
    const tsr_csv_search search = {
        .manner = &made->manner, .heading = heading, .labels = made->labels, .chunk_bytes = TSR_CSV_CHUNK_BYTES};
    tsr_csv_table *table = &made->table[i];
    if (i > 0) TSR_TRY(compare_names(made, heading, i));
    TSR_TRY(tsr_csv_index_create(&table->file, &search, &table->index));
    return tsr_files_add_rows(&made->files, i, table->index.rows);
}

static tsr_status read_first(const tsr_params *params, tsr_csv_dataset *made) {
    TSR_TRY(open_table(params, made, 0));
    TSR_TRY(tsr_csv_heading_read(&made->table[0].file, &made->manner, &made->heading));
    TSR_TRY(choose(params, made));
    for (int i = 0; i < made->heading.columns; i++)
        if (made->target[i] >= 0 && made->heading.column[i].type == TSR_CSV_WORDS)
            TSR_TRY(tsr_csv_labels_create(&made->labels[i]));
    return index_table(made, &made->heading, 0);
}

static tsr_status read_other(const tsr_params *params, tsr_csv_dataset *made, int i) {
    tsr_csv_heading heading = {0};
    tsr_status status = open_table(params, made, i);
    if (status == TSR_OK) status = tsr_csv_heading_read(&made->table[i].file, &made->manner, &heading);
    if (status == TSR_OK) status = index_table(made, &heading, i);
    tsr_csv_heading_clear(&heading);
    return status;
}

static tsr_status read_files(const tsr_params *params, tsr_csv_dataset *made) {
    made->table = calloc((size_t)made->files.count, sizeof(*made->table));
    if (made->table == NULL) return no_memory(params);
    for (int i = 0; i < made->files.count; i++) made->table[i].file.descriptor = -1;
    TSR_TRY(read_manner(params, made));
    TSR_TRY(read_first(params, made));
    for (int i = 1; i < made->files.count; i++) TSR_TRY(read_other(params, made, i));
    for (int i = 0; i < made->heading.columns; i++)
        if (made->labels[i] != NULL) TSR_TRY(tsr_csv_labels_sort(made->labels[i]));
    return TSR_OK;
}

/* ---- the table of functions ---- */

static tsr_status describe(const tsr_params *params, tsr_csv_dataset *made) {
    made->fields = calloc((size_t)made->columns + 1, sizeof(*made->fields));
    if (asprintf(&made->long_name, "column of %s", tsr_params_written(params, 0)) < 0) made->long_name = NULL;
    if (made->fields == NULL || made->long_name == NULL) return no_memory(params);
    for (int i = 0; i < made->heading.columns; i++) {
        const tsr_csv_column *column = &made->heading.column[i];
        if (made->target[i] < 0) continue;
        made->fields[made->target[i]] =
            (tsr_field){.name = column->name,
                        .unit = column->type == TSR_CSV_DATES ? TSR_CSV_DATE_UNIT : "1",
                        .long_name = made->long_name,
                        .categories = made->labels[i] != NULL ? tsr_csv_labels_sorted(made->labels[i]) : NULL};
    }
    return TSR_OK;
}

static void csv_destroy(void *model) {
    tsr_csv_dataset *old = model;
    tsr_csv_dataset_destroy(&old);
}

static tsr_status csv_create(const tsr_params *params, void **model) {
    tsr_csv_dataset *made = calloc(1, sizeof(*made));
    if (made == NULL) return no_memory(params);
    tsr_status status = tsr_files_find(params, "file", &made->files);
    if (status == TSR_OK) status = read_files(params, made);
    if (status == TSR_OK) status = describe(params, made);
    if (status == TSR_OK)
        *model = made;
    else
        tsr_csv_dataset_destroy(&made);
    return status;
}

static const tsr_field *csv_fields(const void *model) { return ((const tsr_csv_dataset *)model)->fields; }

static int64_t csv_items(const void *model) {
    const tsr_files *files = &((const tsr_csv_dataset *)model)->files;
    return files->begin[files->count];
}

static size_t csv_workspace(const void *model, int64_t items) {
    (void)items;
    return tsr_csv_dataset_workspace(model);
}

static tsr_status csv_fill(const void *model, tsr_draws *draws, tsr_block *out) {
    return tsr_csv_dataset_read(model, tsr_workspace(draws), out);
}

static void csv_place(const void *model, int64_t item, char *out, size_t bytes) {
    tsr_csv_dataset_place(model, item, out, bytes);
}

static const tsr_input *csv_inputs(const void *model, int *count) {
    const tsr_files *files = &((const tsr_csv_dataset *)model)->files;
    *count = files->count;
    return files->input;
}

const tsr_source tsr_source_csv = {
    .name = "csv",
    .summary = "rows of tables in CSV files",
    .reference = "RFC 4180",
    .params = csv_params,
    .create = csv_create,
    .destroy = csv_destroy,
    .fields_of = csv_fields,
    .items = csv_items,
    .workspace = csv_workspace,
    .fill = csv_fill,
    .place = csv_place,
    .inputs = csv_inputs,
    .tile_items = TSR_DATASET_TILE_ITEMS,
};
