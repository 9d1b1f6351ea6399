#include "engine/tallies/columns.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static tsr_status describe(const tsr_field *fields, tsr_columns *columns) {
    const size_t count = (size_t)columns->count + 1;
    columns->label = calloc(count, sizeof(*columns->label));
    columns->unit = calloc(count, sizeof(*columns->unit));
    columns->square = calloc(count, sizeof(*columns->square));
    columns->inverse = calloc(count, sizeof(*columns->inverse));
    columns->text = calloc(2 * count, sizeof(*columns->text));
    const bool complete = columns->label && columns->unit && columns->square && columns->inverse && columns->text;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for %d columns", columns->count);
    for (int c = 0; c < columns->count; c++) {
        const tsr_field *field = &fields[columns->index[c]];
        tsr_unit_product(field->unit, field->unit, columns->text[2 * c]);
        tsr_unit_inverse(field->unit, columns->text[2 * c + 1]);
        columns->label[c] = field->name;
        columns->unit[c] = field->unit;
        columns->square[c] = columns->text[2 * c];
        columns->inverse[c] = columns->text[2 * c + 1];
    }
    return TSR_OK;
}

tsr_status tsr_columns_create(const tsr_params *params, const tsr_field *fields, tsr_columns **out) {
    tsr_columns *columns = calloc(1, sizeof(*columns));
    TSR_REQUIRE(columns != NULL, TSR_ERUNTIME, "no memory for columns");
    tsr_status status;
    TSR_TRY_OUT(tsr_tally_columns(params, fields, &columns->index, &columns->count));
    TSR_TRY_OUT(tsr_tally_weight(params, fields, &columns->weight));
    columns->weight_label = columns->weight >= 0 ? fields[columns->weight].name : NULL;
    TSR_TRY_OUT(describe(fields, columns));
    *out = columns;
    columns = NULL;
out:
    tsr_columns_destroy(&columns);
    return status;
}

void tsr_columns_destroy(tsr_columns **columns) {
    tsr_columns *old = *columns;
    if (old == NULL) return;
    free(old->index);
    free(old->label);
    free(old->unit);
    free(old->square);
    free(old->inverse);
    free(old->text);
    free(old);
    *columns = NULL;
}

static bool is_weight(double value) { return value >= 0.0 && value <= DBL_MAX; }

tsr_status tsr_columns_weights(const tsr_columns *columns, const tsr_block *block, const double **out) {
    *out = columns->weight >= 0 ? tsr_column(block, columns->weight) : NULL;
    if (*out == NULL) return TSR_OK;
    int bad = 0;
    for (int64_t i = 0; i < block->items; i++) bad |= !is_weight((*out)[i]);
    if (!bad) return TSR_OK;
    int64_t i = 0;
    while (is_weight((*out)[i])) i++;
    return TSR_FAIL(TSR_ENUMERIC, "item %lld has the weight %g in column '%s'; weights must be finite and not negative",
                    (long long)tsr_block_item(block, i), isnan((*out)[i]) ? NAN : (*out)[i], columns->weight_label);
}

tsr_status tsr_columns_add(const tsr_columns *columns, int unit_power, tsr_result result, tsr_results *results) {
    const char *const *const units[] = {columns->inverse, NULL, columns->unit, columns->square};
    result.dimensions++;
    result.dimension[0] =
        (tsr_dimension){.name = "column", .length = columns->count, .labels = columns->label, .unit = "1"};
    result.unit = unit_power == 0 ? "1" : "";
    result.units = units[unit_power + 1];
    return tsr_results_add(results, &result);
}
