#include "kernels/learn/named.h"

#include "kernels/data/fields.h"

#include <stdlib.h>
#include <string.h>

static tsr_status find(const tsr_params *params, const char *row, const tsr_field *fields, const char *name, int *out) {
    const int columns = tsr_fields_count(fields);
    for (*out = 0; *out < columns; ++*out)
        if (strcmp(fields[*out].name, name) == 0) return TSR_OK;
    const char **names = calloc((size_t)columns + 1, sizeof(*names));
    TSR_REQUIRE(names != NULL, TSR_ERUNTIME, "no memory for the names of %d columns", columns);
    for (int c = 0; c < columns; c++) names[c] = fields[c].name;
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, names, hint);
    free(names);
    return tsr_params_fail(params, row, "there is no column '%.80s'%s", name, hint);
}

tsr_status tsr_named_column(const tsr_params *params, const char *row, const tsr_field *fields, int *out) {
    return find(params, row, fields, tsr_params_text(params, row), out);
}

static tsr_status find_all(const tsr_params *params, const char *row, const tsr_field *fields, int count, int *column) {
    int64_t named;
    const char *const *names = tsr_params_texts(params, row, &named);
    for (int i = 0; i < count; i++) {
        TSR_TRY(find(params, row, fields, names[i], &column[i]));
        for (int j = 0; j < i; j++)
            if (column[j] == column[i]) return tsr_params_fail(params, row, "column '%s' is given twice", names[i]);
    }
    return TSR_OK;
}

tsr_status tsr_named_columns(const tsr_params *params, const char *row, const tsr_field *fields, int **out,
                             int *count) {
    int64_t named;
    tsr_params_texts(params, row, &named);
    *out = NULL;
    *count = (int)named;
    if (named == 0) return TSR_OK;
    int *column = calloc((size_t)named, sizeof(*column));
    TSR_REQUIRE(column != NULL, TSR_ERUNTIME, "no memory for %lld columns", (long long)named);
    const tsr_status status = find_all(params, row, fields, *count, column);
    if (status == TSR_OK)
        *out = column;
    else
        free(column);
    return status;
}
