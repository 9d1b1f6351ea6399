#include "engine/tally.h"

#include <stdlib.h>
#include <string.h>

static int count_fields(const tsr_field *fields) {
    int count = 0;
    while (fields[count].name != NULL) count++;
    return count;
}

static int find_field(const tsr_field *fields, const char *name) {
    for (int i = 0; fields[i].name != NULL; i++)
        if (strcmp(fields[i].name, name) == 0) return i;
    return -1;
}

static tsr_status refuse_unknown(const tsr_params *params, const char *row, const tsr_field *fields, const char *name) {
    const int known = count_fields(fields);
    const char **names = calloc((size_t)known + 1, sizeof(*names));
    TSR_REQUIRE(names != NULL, TSR_ERUNTIME, "no memory for %d column names", known);
    for (int i = 0; i < known; i++) names[i] = fields[i].name;
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, names, hint);
    free(names);
    return tsr_params_fail(params, row, "there is no column '%.80s'%s", name, hint);
}

/* column: [count] */
static tsr_status resolve(const tsr_params *params, const tsr_field *fields, const char *const *names, int count,
                          int *column) {
    for (int i = 0; i < count; i++) {
        column[i] = find_field(fields, names[i]);
        if (column[i] < 0) return refuse_unknown(params, "of", fields, names[i]);
        for (int j = 0; j < i; j++)
            if (column[j] == column[i]) return tsr_params_fail(params, "of", "column '%s' is given twice", names[i]);
    }
    return TSR_OK;
}

static bool has_row(const tsr_params *params, const char *name) {
    for (const tsr_param *row = tsr_params_table(params); row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return true;
    return false;
}

tsr_status tsr_tally_weight(const tsr_params *params, const tsr_field *fields, int *out) {
    const char *name = has_row(params, "weight") ? tsr_params_text(params, "weight") : "";
    *out = *name == '\0' ? -1 : find_field(fields, name);
    return *name != '\0' && *out < 0 ? refuse_unknown(params, "weight", fields, name) : TSR_OK;
}

tsr_status tsr_tally_columns(const tsr_params *params, const tsr_field *fields, int **out, int *count) {
    int64_t given;
    const char *const *names = tsr_params_texts(params, "of", &given);
    int weight;
    TSR_TRY(tsr_tally_weight(params, fields, &weight));
    const int columns = given > 0 ? (int)given : count_fields(fields) - (weight >= 0);
    int *column = calloc((size_t)columns + 1, sizeof(*column));
    TSR_REQUIRE(column != NULL, TSR_ERUNTIME, "no memory for %d columns", columns);
    for (int i = 0; i < columns; i++) column[i] = i + (weight >= 0 && i >= weight);
    const tsr_status status = given > 0 ? resolve(params, fields, names, columns, column) : TSR_OK;
    if (status != TSR_OK) {
        free(column);
        return status;
    }
    *out = column;
    *count = columns;
    return TSR_OK;
}
