#include "io/data/lookup.h"

#include "engine/draws.h"
#include "io/csv/csv_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double key;
    int64_t row;
} entry;

struct tsr_lookup {
    void *model; /* of the source csv: fields, labels, inputs */
    const tsr_field *fields;
    int64_t rows;
    int columns;
    double *value; /* [columns, rows] */
    entry *sorted; /* [rows] by key */
};

void tsr_lookup_destroy(tsr_lookup **lookup) {
    tsr_lookup *old = *lookup;
    if (old == NULL) return;
    tsr_source_csv.destroy(old->model);
    free(old->value);
    free(old->sorted);
    free(old);
    *lookup = NULL;
}

/* ---- the settings of a source csv ---- */

/* A child of `parent`, or a tree of its own; NULL: no memory. */
static tsr_setting *add_setting(tsr_setting *parent, tsr_setting_kind kind, const char *key, const char *text,
                                const char *where) {
    tsr_setting *made = calloc(1, sizeof(*made));
    if (made == NULL) return NULL;
    made->kind = kind;
    made->key = key != NULL ? strdup(key) : NULL;
    made->text = text != NULL ? strdup(text) : NULL;
    made->where = strdup(where);
    bool whole = made->where != NULL && (made->key != NULL) == (key != NULL) && (made->text != NULL) == (text != NULL);
    tsr_setting **grown = NULL;
    if (whole && parent != NULL) {
        grown = realloc(parent->child, (parent->count + 1) * sizeof(tsr_setting *));
        whole = grown != NULL;
    }
    if (!whole) tsr_setting_destroy(&made);
    if (grown == NULL) return made;
    parent->child = grown;
    parent->child[parent->count++] = made;
    return made;
}

/* {file: TABLE, columns: [KEY, COLUMNS...], text: KEY}: what is wrong is told where it stands in the job. */
static tsr_setting *describe(const tsr_params *params, const char *key, bool words) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(params, "columns", &names);
    const char *table = tsr_params_where(params, "table"), *where = tsr_params_where(params, "columns");
    tsr_setting *made = add_setting(NULL, TSR_MAP, NULL, NULL, table);
    if (made == NULL) return NULL;
    bool whole = add_setting(made, TSR_SCALAR, "file", tsr_params_text(params, "table"), table) != NULL;
    if (words) whole = whole && add_setting(made, TSR_SCALAR, "text", key, where) != NULL;
    tsr_setting *columns = whole ? add_setting(made, TSR_LIST, "columns", NULL, where) : NULL;
    whole = columns != NULL && add_setting(columns, TSR_SCALAR, NULL, key, where) != NULL;
    for (int64_t i = 0; i < names && whole; i++) whole = add_setting(columns, TSR_SCALAR, NULL, name[i], where) != NULL;
    if (!whole) tsr_setting_destroy(&made);
    return made;
}

static tsr_status open_table(const tsr_params *params, const char *key, bool words, tsr_lookup *made) {
    tsr_params *bound = NULL;
    tsr_setting *settings = describe(params, key, words);
    TSR_REQUIRE(settings != NULL, TSR_ERUNTIME, "no memory for the table of a join");
    tsr_status status = tsr_params_bind(tsr_source_csv.params, settings, "map join", NULL, &bound);
    if (status == TSR_OK) status = tsr_source_csv.create(bound, &made->model);
    tsr_params_destroy(&bound);
    tsr_setting_destroy(&settings);
    if (status != TSR_OK) return status;
    made->fields = tsr_source_csv.fields_of(made->model);
    made->rows = tsr_source_csv.items(made->model);
    while (made->fields[made->columns].name != NULL) made->columns++;
    return TSR_OK;
}

/* ---- its rows ---- */

static tsr_status read_rows(const tsr_params *params, tsr_lookup *made) {
    tsr_draws *draws = NULL;
    if (made->rows > TSR_LOOKUP_ROWS_MAX)
        return tsr_params_fail(params, "table", "%lld rows are more than the %d that are kept in memory",
                               (long long)made->rows, TSR_LOOKUP_ROWS_MAX);
    made->value = malloc((size_t)(made->rows * made->columns + 1) * sizeof(double));
    made->sorted = malloc((size_t)(made->rows + 1) * sizeof(*made->sorted));
    TSR_REQUIRE(made->value != NULL && made->sorted != NULL, TSR_ERUNTIME, "no memory for a table of %lld rows",
                (long long)made->rows);
    tsr_status status = tsr_draws_create(tsr_source_csv.workspace(made->model, TSR_BLOCK_ITEMS_MAX), &draws);
    for (int64_t row = 0; row < made->rows && status == TSR_OK; row += TSR_BLOCK_ITEMS_MAX) {
        const int64_t left = made->rows - row;
        tsr_block block = {.item = row,
                           .items = left < TSR_BLOCK_ITEMS_MAX ? left : TSR_BLOCK_ITEMS_MAX,
                           .stride = made->rows,
                           .columns = made->columns,
                           .data = made->value + row};
        status = tsr_source_csv.fill(made->model, draws, &block);
    }
    tsr_draws_destroy(&draws);
    return status;
}

static int by_key(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* How a key is called in messages. */
static void show_key(const tsr_lookup *lookup, double key, char out[256]) {
    const char *const *labels = lookup->fields[0].categories;
    if (labels != NULL)
        snprintf(out, 256, "'%.200s'", labels[(int)key]);
    else
        snprintf(out, 256, "%.17g", key);
}

static tsr_status sort_rows(const tsr_params *params, tsr_lookup *made) {
    const char *name = made->fields[0].name;
    char key[256];
    for (int64_t row = 0; row < made->rows; row++) {
        made->sorted[row] = (entry){made->value[row], row};
        if (isnan(made->value[row]))
            return tsr_params_fail(params, "table", "row %lld (counted from 1, without the header) has no %.80s",
                                   (long long)row + 1, name);
    }
    qsort(made->sorted, (size_t)made->rows, sizeof(*made->sorted), by_key);
    for (int64_t i = 1; i < made->rows; i++) {
        if (made->sorted[i].key != made->sorted[i - 1].key) continue;
        show_key(made, made->sorted[i].key, key);
        return tsr_params_fail(params, "table", "%.80s %s stands in rows %lld and %lld: which of them is meant?", name,
                               key, (long long)made->sorted[i - 1].row + 1, (long long)made->sorted[i].row + 1);
    }
    return TSR_OK;
}

tsr_status tsr_lookup_create(const tsr_params *params, const char *key, bool words, tsr_lookup **out) {
    tsr_status status = TSR_OK;
    tsr_lookup *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the table of a join");
    TSR_TRY_OUT(open_table(params, key, words, made));
    if (!words && made->fields[0].categories != NULL) {
        status = tsr_params_fail(params, "on", "column %.80s of the table holds words, and that of the dataset numbers",
                                 key);
        goto out;
    }
    TSR_TRY_OUT(read_rows(params, made));
    TSR_TRY_OUT(sort_rows(params, made));
    *out = made;
    made = NULL;
out:
    tsr_lookup_destroy(&made);
    return status;
}

const tsr_field *tsr_lookup_fields(const tsr_lookup *lookup) { return lookup->fields; }

/* NaN is no key. */
int64_t tsr_lookup_find(const tsr_lookup *lookup, double key) {
    int64_t low = 0, high = lookup->rows;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (lookup->sorted[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < lookup->rows && lookup->sorted[low].key == key ? lookup->sorted[low].row : -1;
}

int64_t tsr_lookup_find_word(const tsr_lookup *lookup, const char *key) {
    const char *const *labels = lookup->fields[0].categories;
    int low = 0, high = 0;
    while (labels[high] != NULL) high++;
    const int count = high;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (strcmp(labels[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && strcmp(labels[low], key) == 0 ? tsr_lookup_find(lookup, low) : -1;
}

const double *tsr_lookup_column(const tsr_lookup *lookup, int column) {
    return lookup->value + (column + 1) * lookup->rows;
}

const tsr_input *tsr_lookup_inputs(const tsr_lookup *lookup, int *count) {
    return tsr_source_csv.inputs(lookup->model, count);
}
