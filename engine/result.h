/* Results: named arrays with error bars, units and labelled dimensions: what a stage says in the end.
 * Layer 1. Tallies make them, kernels of later stages read them, io writes them, cli prints them. */
#ifndef TSR_ENGINE_RESULT_H
#define TSR_ENGINE_RESULT_H

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_DIMENSIONS_MAX = 3 };

/* A labelled axis: either labels (words) or coordinates (numbers with unit), never both. Copied on add. */
typedef struct {
    const char *name; /* "column", "probability", "bin" */
    int64_t length;
    const char *const *labels; /* [length] or NULL */
    const double *coordinates; /* [length] or NULL */
    const char *unit;          /* of the coordinates; "1" if none */
} tsr_dimension;

/* One statistic. Row-major over its dimensions; a scalar has none. */
typedef struct {
    const char *name;         /* "mean", "quantile", "VaR" */
    const char *long_name;    /* one line of meaning */
    const char *unit;         /* of all values; "" when each column has its own: see units */
    const char *const *units; /* [length of dimension 0] or NULL */
    int dimensions;
    tsr_dimension dimension[TSR_DIMENSIONS_MAX];
    const double *value; /* [product of lengths] */
    const double *error; /* standard errors, or NULL where none exists */
    bool integer;        /* values are whole numbers */
    bool total;          /* values grow with the items: counts of them, sums over them */
    int end;             /* -1, 1: the values are lower, upper ends of the 95 % intervals of the result before "_low" or
                            "_high" in this one's name; 0: they are not */
    bool headline;       /* belongs in the short table people see first */
} tsr_result;

typedef struct tsr_results tsr_results;

tsr_status tsr_results_create(tsr_results **out);
void tsr_results_destroy(tsr_results **results);

/* Copies everything in `result` into the list. A NULL long_name becomes "", a NULL unit "1".
 * TSR_EUSAGE: a result of this name is already there; TSR_ERUNTIME: no memory. */
tsr_status tsr_results_add(tsr_results *results, const tsr_result *result);

/* Replaces the error bars of a result that has any: error [length]. Replaces its values: value [length]. */
void tsr_results_set_error(tsr_results *results, int index, const double *error);
void tsr_results_set_value(tsr_results *results, int index, const double *value);

int tsr_results_count(const tsr_results *results);
const tsr_result *tsr_results_at(const tsr_results *results, int index);          /* borrowed until destroy */
const tsr_result *tsr_results_find(const tsr_results *results, const char *name); /* NULL: none */

/* Number of values: product of the lengths. */
int64_t tsr_result_length(const tsr_result *result);

/* The flat name of one value: the result's name, then its label or coordinate (%.6g) in each dimension:
 * "mean.loss", "VaR.loss.0.99", "covariance.DAX.SMI"; a scalar is just its name. Cut off at `bytes` (> 0).
 * Thread-safe, allocates nothing. */
void tsr_result_label(const tsr_result *result, int64_t index, char *out, size_t bytes);

/* Standard error of one value, NaN when there is none; its unit, borrowed. 0 <= index < length. */
double tsr_result_error_at(const tsr_result *result, int64_t index);
const char *tsr_result_unit_at(const tsr_result *result, int64_t index);

#endif
