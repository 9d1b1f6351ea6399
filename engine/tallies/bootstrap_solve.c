#include "engine/normal.h"
#include "engine/tallies/bootstrap_model.h"
#include "engine/tallies/central.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is told of a statistic: arrays [columns], of which a function uses the first place. */
enum { ESTIMATE, ERROR, BIAS, BIAS_ERROR, LOW, HIGH, TOLD };

typedef struct {
    const tsr_bootstrap_model *model;
    const tsr_state *state;
    const tsr_bootstrap_statistic *statistic; /* the one at hand */
    double *told[TOLD];                       /* in one piece of memory */
    double *replicate;                        /* [replicates] */
} solution;

/* ---- one replicate ---- */

static double mean_of(const solution *solved, const int64_t *page, int v, int64_t replicate) {
    tsr_exact sum;
    tsr_bank_get(solved->state, tsr_bootstrap_bank(solved->model, v, 1), replicate, &sum);
    return tsr_exact_round(&sum) / (double)page[replicate];
}

static double variance_of(const solution *solved, const int64_t *page, int v, int64_t replicate) {
    tsr_exact first, second;
    if (page[replicate] < 2) return NAN;
    tsr_bank_get(solved->state, tsr_bootstrap_bank(solved->model, v, 1), replicate, &first);
    tsr_bank_get(solved->state, tsr_bootstrap_bank(solved->model, v, 2), replicate, &second);
    mpz_t cross;
    mpz_init(cross);
    tsr_central_cross(page[replicate], &second, &first, &first, cross);
    const double variance = tsr_central_covariance(page[replicate], cross);
    mpz_clear(cross);
    return variance;
}

/* Of a column, or of no column in particular. NaN where it cannot be told. */
static double statistic_of(const solution *solved, const int64_t *page, int c, int64_t replicate) {
    const tsr_bootstrap_model *model = solved->model;
    double mean[TSR_TERMS_MAX];
    if (page[replicate] < 1) return NAN;
    switch (solved->statistic->kind) {
    case TSR_BOOTSTRAP_MEAN: return mean_of(solved, page, c, replicate);
    case TSR_BOOTSTRAP_VARIANCE: return variance_of(solved, page, c, replicate);
    case TSR_BOOTSTRAP_SD: return sqrt(variance_of(solved, page, c, replicate));
    case TSR_BOOTSTRAP_FUNCTION: break;
    }
    for (int t = 0; t < model->terms.count; t++) mean[t] = mean_of(solved, page, model->plain + t, replicate);
    return tsr_expression_value(&solved->statistic->function, mean);
}

static bool is_spoilt(const solution *solved, const int64_t *page, int c) {
    const tsr_bootstrap_model *model = solved->model;
    const int64_t *spoilt = page + tsr_bootstrap_spoilt_at(model);
    if (solved->statistic->kind != TSR_BOOTSTRAP_FUNCTION) return spoilt[c] > 0;
    for (int t = 0; t < model->terms.count; t++)
        if (spoilt[model->plain + t] > 0 && tsr_expression_uses(&solved->statistic->function, t)) return true;
    return false;
}

/* ---- all replicates of a statistic ---- */

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear between order statistics at (n + 1) p, as intervals of n replicates want it: Davison and Hinkley, eq. 5.6. */
static double quantile_of(const double *ascending, int64_t count, double probability) {
    const double place = (double)(count + 1) * probability;
    const double below = floor(place);
    if (below < 1) return ascending[0];
    if (below >= (double)count) return ascending[count - 1];
    const double low = ascending[(int64_t)below - 1], high = ascending[(int64_t)below];
    return low + (place - below) * (high - low);
}

static void find_interval(const solution *solved, const double *ascending, int64_t count, int s) {
    const tsr_bootstrap_model *model = solved->model;
    const double tail = (1 - model->interval) / 2, estimate = solved->told[ESTIMATE][s];
    const double low = quantile_of(ascending, count, tail), high = quantile_of(ascending, count, 1 - tail);
    switch (model->interval_kind) {
    case TSR_INTERVAL_PERCENTILE:
        solved->told[LOW][s] = low;
        solved->told[HIGH][s] = high;
        break;
    case TSR_INTERVAL_BASIC:
        solved->told[LOW][s] = 2 * estimate - high;
        solved->told[HIGH][s] = 2 * estimate - low;
        break;
    case TSR_INTERVAL_NORMAL: {
        const double width = -tsr_normal_quantile(tail) * solved->told[ERROR][s];
        solved->told[LOW][s] = estimate - solved->told[BIAS][s] - width;
        solved->told[HIGH][s] = estimate - solved->told[BIAS][s] + width;
    }
    }
}

/* Replicates that cannot be told, such as the variance of an empty one, are left out. */
static int64_t keep_numbers(double *value, int64_t count) {
    int64_t left = 0;
    for (int64_t i = 0; i < count; i++) {
        value[left] = value[i];
        left += isfinite(value[i]) != 0;
    }
    return left;
}

static void solve_statistic(const solution *solved, const int64_t *page, int s) {
    double *value = solved->replicate, mean = 0, square = 0;
    for (int t = 0; t < TOLD; t++) solved->told[t][s] = NAN;
    if (page == NULL || is_spoilt(solved, page, s)) return;
    const double estimate = solved->told[ESTIMATE][s] = statistic_of(solved, page, s, 0);
    for (int64_t b = 0; b < solved->model->replicates; b++) value[b] = statistic_of(solved, page, s, b + 1);
    const int64_t count = keep_numbers(value, solved->model->replicates);
    if (count < 2 || !isfinite(estimate)) return;
    for (int64_t b = 0; b < count; b++) mean += (value[b] - estimate) / (double)count;
    for (int64_t b = 0; b < count; b++) square += (value[b] - estimate - mean) * (value[b] - estimate - mean);
    solved->told[ERROR][s] = sqrt(square / (double)(count - 1));
    solved->told[BIAS][s] = mean;
    solved->told[BIAS_ERROR][s] = solved->told[ERROR][s] / sqrt((double)count);
    qsort(value, (size_t)count, sizeof(*value), compare_doubles);
    find_interval(solved, value, count, s);
}

/* ---- results ---- */

static void solution_clear(solution *old) {
    free(old->told[0]);
    free(old->replicate);
}

static tsr_status solution_init(const tsr_bootstrap_model *model, const tsr_state *state, solution *out) {
    const size_t columns = (size_t)model->columns->count + 1;
    *out = (solution){.model = model, .state = state};
    out->told[0] = calloc(columns * TOLD, sizeof(double));
    out->replicate = calloc((size_t)model->replicates, sizeof(double));
    TSR_REQUIRE(out->told[0] != NULL && out->replicate != NULL, TSR_ERUNTIME, "no memory for %lld replicates",
                (long long)model->replicates);
    for (int t = 1; t < TOLD; t++) out->told[t] = out->told[t - 1] + columns;
    return TSR_OK;
}

static tsr_status add(const solution *solved, tsr_result form, tsr_results *results) {
    const tsr_bootstrap_statistic *statistic = solved->statistic;
    if (statistic->kind != TSR_BOOTSTRAP_FUNCTION)
        return tsr_columns_add(solved->model->columns, statistic->kind == TSR_BOOTSTRAP_VARIANCE ? 2 : 1, form,
                               results);
    form.unit = statistic->definition.unit;
    return tsr_results_add(results, &form);
}

static tsr_status add_all(const solution *solved, tsr_results *results) {
    static const struct {
        const char *suffix;
        const char *long_name; /* NULL: an end of the interval */
        int value;
        int error; /* -1: none */
        int end;
    } rows[] = {{"", "estimate, with its error from resampled items", ESTIMATE, ERROR, 0},
                {"_bias", "mean of the replicates less the estimate", BIAS, BIAS_ERROR, 0},
                {"_low", NULL, LOW, -1, -1},
                {"_high", NULL, HIGH, -1, 1}};
    const tsr_bootstrap_model *model = solved->model;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        char name[2 * TSR_DEFINITION_BYTES], text[TSR_DEFINITION_BYTES];
        snprintf(name, sizeof(name), "bootstrap_%s%s", solved->statistic->definition.name, rows[r].suffix);
        if (rows[r].end == 0) {
            snprintf(text, sizeof(text), "%s", rows[r].long_name);
        } else {
            snprintf(text, sizeof(text), "%s end of the %g %% interval", rows[r].end < 0 ? "lower" : "upper",
                     100 * model->interval);
        }
        const tsr_result form = {.name = name,
                                 .long_name = text,
                                 .value = solved->told[rows[r].value],
                                 .error = rows[r].error < 0 ? NULL : solved->told[rows[r].error],
                                 .end = model->interval == 0.95 ? rows[r].end : 0,
                                 .headline = r == 0};
        TSR_TRY(add(solved, form, results));
    }
    return TSR_OK;
}

tsr_status tsr_bootstrap_solve(const void *data, const tsr_state *state, tsr_results *results) {
    const tsr_bootstrap_model *model = data;
    const int64_t *page = tsr_state_find(state, 0);
    solution solved;
    tsr_status status = solution_init(model, state, &solved);
    if (status != TSR_OK) goto out;
    for (int s = 0; s < model->count; s++) {
        solved.statistic = &model->statistic[s];
        const bool is_function = solved.statistic->kind == TSR_BOOTSTRAP_FUNCTION;
        for (int c = 0; c < (is_function ? 1 : model->columns->count); c++) solve_statistic(&solved, page, c);
        TSR_TRY_OUT(add_all(&solved, results));
    }
out:
    solution_clear(&solved);
    return status;
}
