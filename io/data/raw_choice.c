#include "io/data/raw_choice.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16, NONE = -1 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the columns of a dataset"); }

tsr_status tsr_raw_columns_add(tsr_raw_columns *columns, const tsr_raw_column *column) {
    TSR_REQUIRE(columns->count < TSR_RAW_COLUMNS_MAX, TSR_EDATA,
                "a row has more than %d values; 'items: cells' makes each of them a row", TSR_RAW_COLUMNS_MAX);
    if (columns->count == columns->room) {
        const int room = columns->room == 0 ? FIRST_ROOM : 2 * columns->room;
        tsr_raw_column *larger = realloc(columns->column, (size_t)room * sizeof(*larger));
        if (larger == NULL) return no_memory();
        columns->column = larger;
        columns->room = room;
    }
    tsr_raw_column *added = &columns->column[columns->count++];
    *added = *column;
    added->name = strdup(column->name);
    added->unit = strdup(column->unit[0] != '\0' ? column->unit : "1");
    added->long_name = strdup(column->long_name);
    return added->name != NULL && added->unit != NULL && added->long_name != NULL ? TSR_OK : no_memory();
}

void tsr_raw_columns_clear(tsr_raw_columns *columns) {
    for (int i = 0; i < columns->count; i++) {
        const tsr_raw_column *column = &columns->column[i];
        free((void *)(uintptr_t)column->name);
        free((void *)(uintptr_t)column->unit);
        free((void *)(uintptr_t)column->long_name);
    }
    free(columns->column);
    *columns = (tsr_raw_columns){0};
}

/* ---- by name ---- */

/* Columns in the order of their names. */
static int compare(const void *a, const void *b) {
    return strcmp((*(const tsr_raw_column *const *)a)->name, (*(const tsr_raw_column *const *)b)->name);
}

static tsr_status sort(const tsr_raw_columns *columns, const tsr_raw_column ***out) {
    const tsr_raw_column **sorted = calloc((size_t)columns->count + 1, sizeof(*sorted));
    if (sorted == NULL) return no_memory();
    for (int i = 0; i < columns->count; i++) sorted[i] = &columns->column[i];
    qsort(sorted, (size_t)columns->count, sizeof(*sorted), compare);
    *out = sorted;
    return TSR_OK;
}

static const tsr_raw_column *find(const tsr_raw_columns *columns, const tsr_raw_column *const *sorted,
                                  const char *name) {
    int low = 0, high = columns->count;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (strcmp(sorted[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < columns->count && strcmp(sorted[low]->name, name) == 0 ? sorted[low] : NULL;
}

static tsr_status refuse(const tsr_raw_columns *columns, const tsr_params *params, const char *file, const char *name) {
    char hint[TSR_HINT_BYTES];
    const char **known = calloc((size_t)columns->count + 1, sizeof(*known));
    if (known == NULL) return no_memory();
    for (int i = 0; i < columns->count; i++) known[i] = columns->column[i].name;
    tsr_nearest_hint(name, known, hint);
    free(known);
    return tsr_params_fail(params, "columns", "'%s' has no column '%.80s'%s", file, name, hint);
}

static tsr_status check_unique(const tsr_raw_columns *columns, const tsr_raw_column *const *sorted) {
    for (int i = 1; i < columns->count; i++)
        TSR_REQUIRE(strcmp(sorted[i - 1]->name, sorted[i]->name) != 0, TSR_EDATA, "two columns are called '%.80s'",
                    sorted[i]->name);
    return TSR_OK;
}

/* ---- the choice ---- */

static tsr_status take(const tsr_raw_column *column, tsr_raw_table *table) {
    tsr_raw_strip value = column->value;
    value.column = table->columns;
    value.count = 1;
    TSR_TRY(tsr_raw_table_add_field(table, column->name, column->unit, column->long_name));
    if (column->axis < 0) return tsr_raw_table_add_value(table, &value);
    table->coordinate[table->coordinates++] = (tsr_raw_coordinate){value.column, column->axis};
    return TSR_OK;
}

static tsr_status take_named(const tsr_raw_columns *columns, const tsr_raw_column *const *sorted,
                             const tsr_params *params, const char *file, tsr_raw_table *table) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(params, "columns", &names);
    for (int64_t i = 0; i < names; i++) {
        const tsr_raw_column *column = find(columns, sorted, name[i]);
        if (column == NULL) return refuse(columns, params, file, name[i]);
        for (int64_t j = 0; j < i; j++)
            if (strcmp(name[i], name[j]) == 0)
                return tsr_params_fail(params, "columns", "'%.80s' is given twice", name[i]);
        TSR_TRY(take(column, table));
    }
    for (int i = 0; names == 0 && i < columns->count; i++) TSR_TRY(take(&columns->column[i], table));
    return TSR_OK;
}

tsr_status tsr_raw_columns_choose(const tsr_raw_columns *columns, const tsr_params *params, const char *name,
                                  tsr_raw_table *table) {
    const tsr_raw_column **sorted = NULL;
    table->coordinate = calloc(TSR_RAW_RANK_MAX, sizeof(*table->coordinate));
    if (table->coordinate == NULL) return no_memory();
    TSR_TRY(sort(columns, &sorted));
    tsr_status status = check_unique(columns, sorted);
    if (status == TSR_OK) status = take_named(columns, sorted, params, name, table);
    free(sorted);
    return status == TSR_OK ? tsr_raw_table_arrange(table) : status;
}
