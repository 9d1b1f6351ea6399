#include "kernels/finance/return_law.h"

#include "engine/number.h"
#include "kernels/finance/cholesky.h"
#include "kernels/finance/student_t.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Entries that differ by no more than this, relative to the largest, were meant to be equal. */
#define ASYMMETRY_MAX 1e-12

static const char *stage_name(const tsr_params *params) { return tsr_params_text(params, "returns"); }

static tsr_status make_room(int64_t assets, tsr_return_law *law) {
    const size_t size = (size_t)assets;
    law->assets = assets;
    law->mean = calloc(size, sizeof(double));
    law->factor = calloc(size * size, sizeof(double));
    TSR_REQUIRE(law->mean && law->factor, TSR_ERUNTIME, "no memory for the covariance of %zu assets", size);
    return TSR_OK;
}

/* Position of a word among the labels of a dimension, or -1. */
static int64_t label_find(const tsr_dimension *dimension, const char *label) {
    for (int64_t i = 0; i < dimension->length; i++)
        if (strcmp(dimension->labels[i], label) == 0) return i;
    return -1;
}

/* Position of a number among the coordinates of a dimension, or -1. */
static int64_t coordinate_find(const tsr_dimension *dimension, double coordinate) {
    for (int64_t i = 0; dimension->coordinates && i < dimension->length; i++)
        if (fabs(dimension->coordinates[i] - coordinate) < 1e-9) return i;
    return -1;
}

static tsr_status column_missing(const tsr_params *params, const char *result, const char *column) {
    return tsr_params_fail(params, "returns",
                           "stage '%s' has the covariance of column '%s' but not its %s: let "
                           "all its tallies read the same columns",
                           stage_name(params), column, result);
}

/* --- mean and covariance --- */

/* The first of so many dimensions is the columns. */
static bool is_by_column(const tsr_result *result, int dimensions) {
    return result && result->dimensions == dimensions && result->dimension[0].labels;
}

static tsr_status result_missing(const tsr_params *params, const char *result, const char *tally) {
    return tsr_params_fail(params, "returns", "stage '%s' has no result '%s' by column: add tallies: - %s",
                           stage_name(params), result, tally);
}

static tsr_status read_stage(const tsr_params *params, tsr_return_law *law) {
    const tsr_results *results = tsr_params_stage(params, "returns");
    if (!results) return tsr_params_fail(params, "returns", "stage '%s' has no results yet", stage_name(params));
    const tsr_result *mean = tsr_results_find(results, "mean");
    const tsr_result *covariance = tsr_results_find(results, "covariance");
    if (!is_by_column(mean, 1)) return result_missing(params, "mean", "moments");
    if (!is_by_column(covariance, 2)) return result_missing(params, "covariance", "covariance");
    const tsr_dimension *assets = &covariance->dimension[0];
    TSR_TRY(make_room(assets->length, law));
    memcpy(law->factor, covariance->value, (size_t)tsr_result_length(covariance) * sizeof(double));
    for (int64_t i = 0; i < assets->length; i++) {
        const int64_t column = label_find(&mean->dimension[0], assets->labels[i]);
        if (column < 0) return column_missing(params, "mean", assets->labels[i]);
        law->mean[i] = mean->value[column];
    }
    return TSR_OK;
}

static tsr_status read_numbers(const tsr_params *params, tsr_return_law *law) {
    int64_t assets = 0;
    int64_t entries = 0;
    const double *mean = tsr_params_reals(params, "mean", &assets);
    const double *covariance = tsr_params_reals(params, "covariance", &entries);
    if (assets == 0) return tsr_params_fail(params, "mean", "missing beside covariance: one daily mean for each asset");
    if (entries != assets * assets)
        return tsr_params_fail(params, "covariance", "%lld means need a matrix of %lld x %lld, these are %lld numbers",
                               (long long)assets, (long long)assets, (long long)assets, (long long)entries);
    TSR_TRY(make_room(assets, law));
    memcpy(law->mean, mean, (size_t)assets * sizeof(double));
    memcpy(law->factor, covariance, (size_t)entries * sizeof(double));
    return TSR_OK;
}

/* One way of the two to tell the moments. */
static tsr_status check_way(const tsr_params *params) {
    int64_t means = 0;
    int64_t entries = 0;
    tsr_params_reals(params, "mean", &means);
    tsr_params_reals(params, "covariance", &entries);
    const bool has_numbers = means + entries > 0;
    const bool has_stage = stage_name(params)[0] != '\0';
    if (has_stage && has_numbers)
        return tsr_params_fail(params, "returns", "give either a stage, or mean and covariance, but not both");
    if (!has_stage && !has_numbers)
        return tsr_params_fail(params, "returns", "name an earlier stage, or give mean and covariance instead");
    return TSR_OK;
}

/* Leaves the covariance where its factor will be. */
static tsr_status read_moments(const tsr_params *params, tsr_return_law *law) {
    return stage_name(params)[0] != '\0' ? read_stage(params, law) : read_numbers(params, law);
}

static tsr_status factorise(const tsr_params *params, tsr_return_law *law) {
    const char *given = stage_name(params)[0] != '\0' ? "returns" : "covariance";
    for (int64_t i = 0; i < law->assets * law->assets; i++)
        if (!isfinite(law->factor[i]))
            return tsr_params_fail(params, given, "the covariance matrix holds a value that is not finite");
    const double asymmetry = tsr_matrix_asymmetry(law->factor, law->assets);
    if (!(asymmetry <= ASYMMETRY_MAX))
        return tsr_params_fail(params, given,
                               "the covariance matrix is not symmetric: entries across the diagonal "
                               "differ by %.3g of the largest",
                               asymmetry);
    double smallest = 0.0;
    if (tsr_cholesky_factor(law->factor, law->assets, &smallest)) return TSR_OK;
    TSR_REQUIRE(!isnan(smallest), TSR_ERUNTIME, "no memory for a covariance of %lld assets", (long long)law->assets);
    return tsr_params_fail(params, given,
                           "the covariance matrix is not positive definite: its smallest eigenvalue is "
                           "%.6g; leave out assets that the others determine, or correct the entries",
                           smallest);
}

/* --- degrees of freedom --- */

enum { FIT_QUANTILES = 4 };
static const double fit_probability[FIT_QUANTILES] = {0.01, 0.25, 0.75, 0.99};

/* Where the probabilities of the fit stand among the stage's. False: not all are there. */
static bool find_quantiles(const tsr_result *quantile, int64_t at[FIT_QUANTILES]) {
    if (!is_by_column(quantile, 2)) return false;
    for (int i = 0; i < FIT_QUANTILES; i++) {
        at[i] = coordinate_find(&quantile->dimension[1], fit_probability[i]);
        if (at[i] < 0) return false;
    }
    return true;
}

/* How far the 1 % and 99 % quantiles of an asset lie apart, in units of its interquartile range. */
static tsr_status tail_ratio(const tsr_params *params, const tsr_result *quantile, const int64_t at[FIT_QUANTILES],
                             const char *asset, double *out) {
    const int64_t column = label_find(&quantile->dimension[0], asset);
    if (column < 0) return column_missing(params, "quantile", asset);
    const double *q = quantile->value + column * quantile->dimension[1].length;
    if (!(q[at[2]] > q[at[1]]))
        return tsr_params_fail(params, "dof", "column '%s' cannot be fitted: its quartiles are equal", asset);
    *out = (q[at[3]] - q[at[0]]) / (q[at[2]] - q[at[1]]);
    return TSR_OK;
}

static tsr_status fit_dof(const tsr_params *params, double *out) {
    const tsr_results *results = tsr_params_stage(params, "returns");
    const tsr_result *quantile = tsr_results_find(results, "quantile");
    const tsr_result *covariance = tsr_results_find(results, "covariance");
    int64_t at[FIT_QUANTILES] = {0};
    if (!find_quantiles(quantile, at))
        return tsr_params_fail(params, "dof",
                               "stage '%s' lacks the quantiles for a fit: add tallies: - quantile: [0.01, 0.25, 0.75, "
                               "0.99], or give a number",
                               stage_name(params));
    const tsr_dimension *assets = &covariance->dimension[0];
    double sum = 0.0;
    for (int64_t i = 0; i < assets->length; i++) {
        double ratio = 0.0;
        TSR_TRY(tail_ratio(params, quantile, at, assets->labels[i], &ratio));
        sum += ratio;
    }
    *out = tsr_student_t_fit(sum / (double)assets->length);
    TSR_REQUIRE(!isnan(*out), TSR_ERUNTIME, "no memory to fit the degrees of freedom");
    return TSR_OK;
}

/* 0 is "to be fitted". */
static tsr_status read_dof(const tsr_params *params, double *out) {
    const char *text = tsr_params_text(params, "dof");
    const bool fitted = strcmp(text, "fit") == 0;
    *out = 0.0;
    if (fitted && stage_name(params)[0] == '\0')
        return tsr_params_fail(params, "dof", "give a number above 2: without returns of a stage there is no fit");
    if (fitted) return TSR_OK;
    if (tsr_number_read_real(text, out) != TSR_NUMBER_OK)
        return tsr_params_fail(params, "dof", "'%s' is neither a number nor the word fit", text);
    if (*out <= 2.0)
        return tsr_params_fail(params, "dof", "%s is not above 2: such a Student t has no covariance", text);
    return TSR_OK;
}

tsr_status tsr_return_law_check(const tsr_params *params) {
    double dof;
    TSR_TRY(check_way(params));
    return read_dof(params, &dof);
}

/* --- */

tsr_status tsr_return_law_create(const tsr_params *params, tsr_return_law **out) {
    /* By default GSL ends the process when it finds no memory or no root. The switch is global and has no owner, but
     * every caller sets it the same way, and nobody here wants it otherwise. */
    gsl_set_error_handler_off();
    tsr_status status = TSR_OK;
    tsr_return_law *law = calloc(1, sizeof(*law));
    TSR_REQUIRE(law, TSR_ERUNTIME, "no memory for the law of the returns");
    TSR_TRY_OUT(tsr_return_law_check(params));
    TSR_TRY_OUT(read_moments(params, law));
    TSR_TRY_OUT(factorise(params, law));
    TSR_TRY_OUT(read_dof(params, &law->dof));
    law->fitted = law->dof == 0.0;
    if (law->fitted) TSR_TRY_OUT(fit_dof(params, &law->dof));
    *out = law;
    law = NULL;
out:
    tsr_return_law_destroy(&law);
    return status;
}

void tsr_return_law_destroy(tsr_return_law **law) {
    if (!*law) return;
    free((*law)->mean);
    free((*law)->factor);
    free(*law);
    *law = NULL;
}
