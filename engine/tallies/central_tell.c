#include "engine/tallies/central_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a member of tsr_central becomes a result. */
typedef struct {
    const char *name;
    const char *long_name;
    const char *weighted_name; /* the same with weights; NULL: no different */
    size_t value;
    size_t error;
    int order; /* from which on it is told */
    int unit_power;
    bool headline;
} statistic;

static const statistic statistics[] = {
    {"mean", "arithmetic mean", "weighted mean", offsetof(tsr_central, mean), offsetof(tsr_central, mean_error), 1, 1,
     true},
    {"variance", "sample variance, divided by n - 1", "variance of the weighted items, n of n - 1 effective items",
     offsetof(tsr_central, variance), offsetof(tsr_central, variance_error), 2, 2, false},
    {"sd", "standard deviation, root of the sample variance", NULL, offsetof(tsr_central, sd),
     offsetof(tsr_central, sd_error), 2, 1, true},
    {"skewness", "skewness g1 = m3 / m2^(3/2)", NULL, offsetof(tsr_central, skewness),
     offsetof(tsr_central, skewness_error), 3, 0, false},
    {"kurtosis", "excess kurtosis g2 = m4 / m2^2 - 3, 0 for a normal law", NULL, offsetof(tsr_central, kurtosis),
     offsetof(tsr_central, kurtosis_error), 4, 0, false},
};

static double member(const tsr_central *central, size_t offset) {
    double value;
    memcpy(&value, (const char *)central + offset, sizeof(value));
    return value;
}

enum { TEXT_BYTES = 200 };
static const double DOMINANT = 0.3;

/* True if the error of the k-th moment of a column rests on one item for more than three tenths. */
static bool is_dominated(const tsr_columns *columns, const tsr_central *central, int k) {
    for (int c = 0; c < columns->count; c++)
        if (central[c].dominance[k - 1] > DOMINANT) return true;
    return false;
}

/* value: [2, columns], room for values and errors */
static tsr_status tell(const tsr_columns *columns, const tsr_central *central, const statistic *row, bool weighted,
                       double *value, tsr_results *results) {
    double *error = value + columns->count;
    for (int c = 0; c < columns->count; c++) {
        value[c] = member(&central[c], row->value);
        error[c] = member(&central[c], row->error);
    }
    const bool other = weighted && row->weighted_name != NULL;
    char text[TEXT_BYTES];
    snprintf(text, sizeof(text), "%s%s", other ? row->weighted_name : row->long_name,
             is_dominated(columns, central, row->order)
                 ? "; WARNING: three tenths of an error rest on one item, it is rough and mostly too small"
                 : "");
    const tsr_result form = {
        .name = row->name, .long_name = text, .value = value, .error = error, .headline = row->headline};
    return tsr_columns_add(columns, row->unit_power, form, results);
}

tsr_status tsr_central_tell(const tsr_columns *columns, const tsr_central *central, int order, bool weighted,
                            tsr_results *results) {
    tsr_status status = TSR_OK;
    double *value = calloc(2 * (size_t)columns->count + 1, sizeof(*value));
    TSR_REQUIRE(value != NULL, TSR_ERUNTIME, "no memory for the results of %d columns", columns->count);
    for (size_t s = 0; s < sizeof(statistics) / sizeof(statistics[0]); s++)
        if (statistics[s].order <= order) TSR_TRY_OUT(tell(columns, central, &statistics[s], weighted, value, results));
out:
    free(value);
    return status;
}
