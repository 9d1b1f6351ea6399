#include "io/data/hdf5_columns.h"

#include "io/data/hdf5_axes.h"
#include "io/data/hdf5_text.h"
#include "io/data/hdf5_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16, NONE = -1, NAME_BYTES = 3 * TSR_HDF5_TEXT_BYTES };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the columns of a dataset"); }

static void clear_column(tsr_hdf5_column *column) {
    free(column->name);
    free(column->unit);
    free(column->long_name);
}

void tsr_hdf5_columns_clear(tsr_hdf5_columns *columns) {
    for (int i = 0; i < columns->count; i++) clear_column(&columns->column[i]);
    free(columns->column);
    *columns = (tsr_hdf5_columns){0};
}

/* Takes a copy of the texts; the rest as it is. */
static tsr_status append(tsr_hdf5_columns *columns, const tsr_hdf5_column *column) {
    if (columns->count == columns->room) {
        const int room = columns->room == 0 ? FIRST_ROOM : 2 * columns->room;
        tsr_hdf5_column *larger = realloc(columns->column, (size_t)room * sizeof(*larger));
        if (larger == NULL) return no_memory();
        columns->column = larger;
        columns->room = room;
    }
    tsr_hdf5_column *added = &columns->column[columns->count];
    *added = *column;
    added->name = strdup(column->name);
    added->unit = strdup(*column->unit != '\0' ? column->unit : "1");
    added->long_name = strdup(column->long_name);
    columns->count++;
    return added->name != NULL && added->unit != NULL && added->long_name != NULL ? TSR_OK : no_memory();
}

/* Texts of a column are copied before they change. */
#define TEXT(text) ((char *)(uintptr_t)(text))

tsr_status tsr_hdf5_columns_add_axis(tsr_hdf5_opening *opening, int axis, const char *name, const char *unit,
                                     const char *long_name) {
    const tsr_hdf5_column column = {TEXT(name), TEXT(unit), TEXT(long_name), .axis = axis, .variable = NONE};
    return append(&opening->columns, &column);
}

/* ---- names ---- */

/* What the names of a dataset's columns are made of. */
typedef struct {
    char base[TSR_HDF5_TEXT_BYTES]; /* of the dataset; "" where it is clear without */
    char **label;                   /* [elements], or NULL */
    const tsr_hdf5_part *part;
    int64_t elements; /* of a row */
} naming;

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* The name of a dataset, or its whole path where two have one name. */
static void name_base(const tsr_hdf5_table *table, int variable, char out[TSR_HDF5_TEXT_BYTES]) {
    const char *path = table->variable[variable].name, *name = last_part(path);
    for (int v = 0; v < table->variables; v++)
        if (v != variable && strcmp(last_part(table->variable[v].name), name) == 0) name = path + (*path == '/');
    tsr_hdf5_printable(name, strlen(name), out);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '/') *c = '_';
}

static int digits_of(int64_t number) { return snprintf(NULL, 0, "%lld", (long long)number); }

/* The place of an element in its row: "c7" of a matrix, "p03_14" of an image. */
static void name_element(const naming *names, int64_t element, char out[NAME_BYTES]) {
    const tsr_hdf5_part *part = names->part;
    *out = '\0';
    if (names->elements == 1) return;
    if (names->label != NULL) {
        snprintf(out, NAME_BYTES, "%s", names->label[element]);
        return;
    }
    if (part->rank == 2) {
        snprintf(out, NAME_BYTES, "c%lld", (long long)element + 1);
        return;
    }
    int64_t rest = names->elements;
    size_t used = (size_t)snprintf(out, NAME_BYTES, "p");
    for (int i = 1; i < part->rank && used < NAME_BYTES; i++) {
        rest /= part->extent[i];
        used += (size_t)snprintf(out + used, NAME_BYTES - used, "%s%0*lld", i > 1 ? "_" : "",
                                 digits_of(part->extent[i] - 1), (long long)(element / rest % part->extent[i]));
    }
}

static void join(const char *part, char out[NAME_BYTES]) {
    const size_t used = strlen(out);
    if (*part != '\0') snprintf(out + used, NAME_BYTES - used, "%s%s", used > 0 ? "_" : "", part);
}

static void name_column(const naming *names, int64_t element, int cell, char out[TSR_HDF5_TEXT_BYTES]) {
    char name[NAME_BYTES] = "", place[NAME_BYTES];
    name_element(names, element, place);
    join(names->base, name);
    join(place, name);
    join(names->part->element.cell[cell].name, name);
    tsr_hdf5_printable(name, strlen(name), out);
}

/* ---- columns of a dataset ---- */

static tsr_status add_all(tsr_hdf5_opening *opening, int variable, const naming *names) {
    const tsr_hdf5_part *part = names->part;
    const bool is_plain = part->element.count == 1;
    char name[TSR_HDF5_TEXT_BYTES], unit[TSR_HDF5_TEXT_BYTES] = "", about[TSR_HDF5_TEXT_BYTES] = "";
    if (is_plain) tsr_hdf5_attribute_text(opening->dataset, "units", unit);
    if (is_plain) tsr_hdf5_attribute_text(opening->dataset, "long_name", about);
    if (*about == '\0') snprintf(about, sizeof(about), "from %.150s", opening->name);
    for (int64_t e = 0; e < names->elements; e++)
        for (int c = 0; c < part->element.count; c++) {
            name_column(names, e, c, name);
            const bool is_word = part->element.cell[c].word_bytes > 0;
            const tsr_hdf5_column column = {.name = name,
                                            .unit = unit,
                                            .long_name = about,
                                            .axis = NONE,
                                            .variable = variable,
                                            .element = e,
                                            .cell = c,
                                            .is_word = is_word,
                                            .is_left_out = is_word && part->element.numbers > 0};
            TSR_TRY(append(&opening->columns, &column));
        }
    return TSR_OK;
}

tsr_status tsr_hdf5_columns_add(tsr_hdf5_opening *opening, int variable) {
    const tsr_hdf5_table *table = opening->table;
    naming names = {.part = &table->part[variable], .elements = tsr_hdf5_row_elements(table, variable)};
    if (table->by_rows && tsr_hdf5_words_are_rows(names.part)) names.elements = 1;
    const int64_t cells = names.part->element.count;
    if (names.elements > (TSR_HDF5_COLUMNS_MAX - opening->columns.count) / cells)
        return tsr_hdf5_opening_refuse(opening,
                                       "has %lld values in a row, and %d columns are allowed; 'items: cells' makes "
                                       "each of its cells a row",
                                       (long long)(names.elements * cells), TSR_HDF5_COLUMNS_MAX);
    const bool is_clear = table->variables == 1 && (names.elements > 1 || *names.part->element.cell[0].name != '\0');
    if (!is_clear) name_base(table, variable, names.base);
    char **label = NULL;
    if (table->by_rows && names.part->rank == 2 && names.elements > 1) {
        label = calloc((size_t)names.elements, sizeof(*label));
        if (label == NULL) return no_memory();
        if (tsr_hdf5_axes_labels(opening->dataset, names.elements, label)) names.label = label;
    }
    const tsr_status status = add_all(opening, variable, &names);
    for (int64_t i = 0; names.label != NULL && i < names.elements; i++) free(label[i]);
    free(label);
    return status;
}

/* ---- the choice ---- */

static int find_column(const tsr_hdf5_columns *columns, const char *name) {
    for (int i = 0; i < columns->count; i++)
        if (strcmp(columns->column[i].name, name) == 0) return i;
    return NONE;
}

static tsr_status refuse_column(const tsr_hdf5_opening *opening, const char *name) {
    char hint[TSR_HINT_BYTES];
    const tsr_hdf5_columns *columns = &opening->columns;
    const char **known = calloc((size_t)columns->count + 1, sizeof(*known));
    if (known == NULL) return no_memory();
    for (int i = 0; i < columns->count; i++) known[i] = columns->column[i].name;
    tsr_nearest_hint(name, known, hint);
    free(known);
    return tsr_params_fail(opening->params, "columns", "'%s' has no column '%.80s'%s",
                           opening->table->files.input[0].path, name, hint);
}

/* chosen: [count of the job, or all] places of columns in their list. */
static tsr_status choose(const tsr_hdf5_opening *opening, int *chosen, int *count) {
    int64_t wanted = 0;
    const char *const *name = tsr_params_texts(opening->params, "columns", &wanted);
    for (int i = 0; wanted == 0 && i < opening->columns.count; i++)
        if (!opening->columns.column[i].is_left_out) chosen[(*count)++] = i;
    for (int64_t i = 0; i < wanted; i++) {
        const int found = find_column(&opening->columns, name[i]);
        if (found == NONE) return refuse_column(opening, name[i]);
        for (int j = 0; j < *count; j++)
            if (chosen[j] == found)
                return tsr_params_fail(opening->params, "columns", "'%.80s' is given twice", name[i]);
        chosen[(*count)++] = found;
    }
    return TSR_OK;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Two columns of one name could not be told apart in the results. */
static tsr_status check_unique(const tsr_hdf5_opening *opening, const int *chosen, int count) {
    char **name = calloc((size_t)count + 1, sizeof(*name));
    tsr_status status = name != NULL ? TSR_OK : no_memory();
    for (int i = 0; status == TSR_OK && i < count; i++) name[i] = opening->columns.column[chosen[i]].name;
    if (status == TSR_OK) qsort(name, (size_t)count, sizeof(*name), compare_names);
    for (int i = 1; status == TSR_OK && i < count; i++)
        if (strcmp(name[i - 1], name[i]) == 0)
            status = TSR_FAIL(TSR_EDATA, "'%s' has two columns that are called '%.80s'; choose others with 'columns:'",
                              opening->table->files.input[0].path, name[i]);
    free(name);
    return status;
}

/* Side by side in the file and in the table? Then one strip takes both. */
static bool continues(const tsr_hdf5_table *table, const tsr_hdf5_strip *strip, const tsr_hdf5_column *column, int at) {
    return table->part[column->variable].element.count == 1 && !column->is_word &&
           column->element == strip->element + strip->count && at == strip->column + strip->count;
}

static tsr_status add_strip(tsr_hdf5_table *table, const tsr_hdf5_column *column, int at) {
    tsr_hdf5_variable *variable = &table->variable[column->variable];
    tsr_hdf5_strip *last = variable->strips > 0 ? &variable->strip[variable->strips - 1] : NULL;
    if (last != NULL && continues(table, last, column, at)) {
        last->count++;
        return TSR_OK;
    }
    tsr_hdf5_strip *larger = realloc(variable->strip, ((size_t)variable->strips + 1) * sizeof(*larger));
    if (larger == NULL) return no_memory();
    variable->strip = larger;
    larger[variable->strips++] = (tsr_hdf5_strip){column->element, column->cell, 1, at, NULL};
    return column->is_word ? tsr_csv_labels_create(&larger[variable->strips - 1].labels) : TSR_OK;
}

/* The texts of a chosen column go to its field. */
static tsr_status take_column(tsr_hdf5_table *table, tsr_hdf5_column *column) {
    const int at = table->columns++;
    table->fields[at] = (tsr_field){.name = column->name, .unit = column->unit, .long_name = column->long_name};
    column->name = column->unit = column->long_name = NULL;
    if (column->axis == NONE) return add_strip(table, column, at);
    table->coordinate[table->coordinates++] = (tsr_hdf5_coordinate){column->axis, at};
    return TSR_OK;
}

tsr_status tsr_hdf5_columns_choose(tsr_hdf5_opening *opening) {
    tsr_hdf5_table *table = opening->table;
    const size_t room = (size_t)opening->columns.count + 1;
    int count = 0, *chosen = calloc(room, sizeof(*chosen));
    tsr_status status = TSR_OK;
    table->fields = calloc(room, sizeof(*table->fields));
    table->coordinate = calloc(room, sizeof(*table->coordinate));
    if (chosen == NULL || table->fields == NULL || table->coordinate == NULL) {
        status = no_memory();
        goto out;
    }
    TSR_TRY_OUT(choose(opening, chosen, &count));
    TSR_TRY_OUT(check_unique(opening, chosen, count));
    for (int i = 0; i < count; i++) TSR_TRY_OUT(take_column(table, &opening->columns.column[chosen[i]]));
out:
    free(chosen);
    return status;
}
