#include "engine/tallies/ends.h"

#include <math.h>
#include <stdlib.h>

/* Finds who it is only when a record is at stake. value: [items], in which x occurs; weight: likewise, or NULL */
static void offer(tsr_record *record, uint64_t key, double x, const double *value, const double *weight,
                  const tsr_block *block) {
    const bool at_stake = key > record->key || (key == record->key && block->item < record->item);
    if (!at_stake) return;
    int64_t i = 0;
    while (value[i] != x || (weight != NULL && weight[i] == 0)) i++;
    tsr_record_offer(record, key, tsr_block_item(block, i));
}

void tsr_ends_offer(const tsr_powers *found, const double *value, const double *weight, const tsr_block *block,
                    tsr_record *record) {
    if (found->least > found->greatest) return; /* nothing but NaN */
    offer(&record[TSR_LEAST], tsr_key_from_double(-found->least), found->least, value, weight, block);
    offer(&record[TSR_GREATEST], tsr_key_from_double(found->greatest), found->greatest, value, weight, block);
}

double tsr_ends_value(const tsr_record *record, int end) {
    if (record[end].key == 0) return NAN;
    const double value = tsr_key_to_double(record[end].key);
    return end == TSR_LEAST ? 0 - value : value; /* no -0 */
}

static tsr_status tell_end(const tsr_columns *columns, const tsr_record *record, int end, double *value,
                           tsr_results *results) {
    static const tsr_result extreme[TSR_ENDS] = {
        {.name = "minimum", .long_name = "least value that is not NaN"},
        {.name = "maximum", .long_name = "greatest value that is not NaN"},
    };
    static const tsr_result item[TSR_ENDS] = {
        {.name = "minimum_item", .long_name = "first item with the least value, -1 if none", .integer = true},
        {.name = "maximum_item", .long_name = "first item with the greatest value, -1 if none", .integer = true},
    };
    tsr_result form = extreme[end];
    form.value = value;
    for (int c = 0; c < columns->count; c++) value[c] = tsr_ends_value(&record[TSR_ENDS * c], end);
    TSR_TRY(tsr_columns_add(columns, 1, form, results));
    form = item[end];
    form.value = value;
    for (int c = 0; c < columns->count; c++) {
        const tsr_record *found = &record[TSR_ENDS * c + end];
        value[c] = found->key == 0 ? -1 : (double)found->item;
    }
    return tsr_columns_add(columns, 0, form, results);
}

tsr_status tsr_ends_tell(const tsr_columns *columns, const tsr_record *record, tsr_results *results) {
    tsr_status status;
    double *value = calloc((size_t)columns->count + 1, sizeof(*value));
    TSR_REQUIRE(value != NULL, TSR_ERUNTIME, "no memory for the results of %d columns", columns->count);
    TSR_TRY_OUT(tell_end(columns, record, TSR_LEAST, value, results));
    TSR_TRY_OUT(tell_end(columns, record, TSR_GREATEST, value, results));
out:
    free(value);
    return status;
}
