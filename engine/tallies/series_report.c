#include "engine/tallies/series_report.h"

#include "engine/tallies/autocorrelation.h"
#include "engine/tallies/binning.h"
#include "engine/tallies/central.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chains that have mixed stay below: Vehtari et al. 2021. */
static const double R_HAT_MAX = 1.01;

tsr_status tsr_series_report_init(const tsr_columns *columns, tsr_chain_plan plan, tsr_chain_shape shape,
                                  tsr_series_report *out) {
    const size_t count = (size_t)columns->count + 1;
    const size_t lags = count * (size_t)(plan.lags + 1), levels = count * (size_t)plan.levels;
    *out = (tsr_series_report){
        .columns = columns,
        .plan = plan,
        .shape = shape,
        .numbers = calloc(count, sizeof(*out->numbers)),
        .correlation = calloc(lags, sizeof(double)),
        .correlation_error = calloc(lags, sizeof(double)),
        .level_error = calloc(levels, sizeof(double)),
        .level_error_error = calloc(levels, sizeof(double)),
    };
    const bool complete =
        out->numbers && out->correlation && out->correlation_error && out->level_error && out->level_error_error;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for the series of %d columns", columns->count);
    return TSR_OK;
}

void tsr_series_report_clear(tsr_series_report *old) {
    free(old->numbers);
    free(old->correlation);
    free(old->correlation_error);
    free(old->level_error);
    free(old->level_error_error);
    *old = (tsr_series_report){0};
}

/* ---- solve ---- */

static int64_t total_rows(const tsr_series_report *report) { return report->shape.chains * report->shape.rows; }

/* Nothing is known but perhaps the mean. */
static void leave_blank(tsr_series_report *report, int column, double mean) {
    const int64_t lags = report->plan.lags + 1, levels = report->plan.levels;
    report->numbers[column] =
        (tsr_series_numbers){mean, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, TSR_BINNING_CHAINS, -1, NAN};
    for (int64_t i = column * lags; i < (column + 1) * lags; i++)
        report->correlation[i] = report->correlation_error[i] = NAN;
    for (int64_t i = column * levels; i < (column + 1) * levels; i++)
        report->level_error[i] = report->level_error_error[i] = NAN;
}

/* Equal values count as independent ones. */
static void fill_constant(tsr_series_report *report, int column, double mean) {
    report->numbers[column] =
        (tsr_series_numbers){.mean = mean, .tau = 0.5, .effective_rows = (double)total_rows(report), .split_r_hat = 1};
    double *correlation = report->correlation + column * (report->plan.lags + 1);
    double *error = report->correlation_error + column * (report->plan.lags + 1);
    for (int64_t lag = 0; lag <= report->plan.lags && lag < report->shape.rows; lag++) {
        correlation[lag] = lag == 0;
        error[lag] = 0;
    }
}

static void take_correlations(const tsr_correlation_time *found, double rows, tsr_series_numbers *out) {
    out->tau = found->tau;
    out->tau_error = found->tau_error;
    out->mean_error = found->mean_error;
    out->mean_error_error = found->mean_error * sqrt(((double)found->window + 0.5) / rows);
}

/* Bins as long as a chain's memory make errors (2 tau)^(1/2) as large as single rows. */
static void take_bins(const tsr_plateau *found, double naive_error, tsr_series_numbers *out) {
    const double growth = found->error / naive_error;
    out->tau = 0.5 * growth * growth;
    out->tau_error = 2 * out->tau * (found->error_error / found->error);
    out->mean_error = found->error;
    out->mean_error_error = found->error_error;
}

static void solve_varying(tsr_series_report *report, int column, const tsr_chain_numbers *found) {
    const int64_t lags = report->plan.lags, most = report->shape.rows - 1;
    tsr_series_numbers *out = &report->numbers[column];
    double *correlation = report->correlation + column * (lags + 1);
    const tsr_autocovariance series = {found->covariance, lags < most ? lags : most, total_rows(report)};
    const tsr_correlation_time time = tsr_correlation_time_find(&series);
    tsr_autocorrelation_solve(&series, time.window, correlation, report->correlation_error + column * (lags + 1));
    const tsr_binning bins = {report->plan.levels,  found->level_error,   found->level_bins,
                              found->between_error, report->shape.chains, total_rows(report)};
    const tsr_plateau plateau = tsr_binning_plateau(&bins);
    if (time.closed)
        take_correlations(&time, (double)total_rows(report), out);
    else
        take_bins(&plateau, found->level_error[0], out);
    out->window = time.closed ? (double)time.window : -1;
    out->effective_rows = 0.5 * (double)total_rows(report) / out->tau;
    out->effective_rows_error = out->effective_rows * (out->tau_error / out->tau);
    out->binning = plateau.error;
    out->binning_error = plateau.error_error;
    out->level = plateau.level;
    out->split_r_hat = found->split_r_hat;
}

tsr_status tsr_series_report_solve(tsr_series_report *report, int column, tsr_series_kind kind,
                                   const tsr_chain_sums *sums, const tsr_state *state) {
    leave_blank(report, column, NAN);
    if (kind == TSR_SERIES_SPOILT || total_rows(report) < 1) return TSR_OK;
    tsr_chain_numbers found = {
        .covariance = calloc((size_t)report->plan.lags + 1, sizeof(double)),
        .level_error = report->level_error + (int64_t)column * report->plan.levels,
        .level_bins = calloc((size_t)report->plan.levels, sizeof(*found.level_bins)),
    };
    tsr_status status = TSR_OK;
    if (found.covariance == NULL || found.level_bins == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld lags", (long long)report->plan.lags);
        goto out;
    }
    tsr_chain_sums_solve(sums, column, state, report->shape, &found);
    for (int l = 0; l < report->plan.levels; l++)
        report->level_error_error[(int64_t)column * report->plan.levels + l] =
            tsr_binning_error_error(found.level_error[l], found.level_bins[l]);
    if (kind == TSR_SERIES_CONSTANT)
        fill_constant(report, column, found.mean);
    else if (found.covariance[0] >= TSR_VARIANCE_MIN)
        solve_varying(report, column, &found);
    else
        leave_blank(report, column, found.mean);
    report->numbers[column].mean = found.mean;
out:
    free(found.covariance);
    free(found.level_bins);
    return status;
}

/* ---- results ---- */

enum { TEXT_BYTES = 256 };

/* How a member of tsr_series_numbers becomes a result. */
typedef struct {
    const char *name;
    const char *long_name;
    size_t value;
    size_t error;
    bool has_error;
    bool integer;
    bool headline;
    int unit_power;
} statistic;

#define MEMBER(name) offsetof(tsr_series_numbers, name)

static const statistic statistics[] = {
    {"chain_mean", "mean of all rows of all chains, with an error that knows autocorrelation", MEMBER(mean),
     MEMBER(mean_error), true, false, true, 1},
    {"error_of_mean", "standard error of that mean, and how well it is known", MEMBER(mean_error),
     MEMBER(mean_error_error), true, false, false, 1},
    {"tau", "integrated autocorrelation time in rows: 1/2 for independent rows", MEMBER(tau), MEMBER(tau_error), true,
     false, true, 0},
    {"effective_rows", "independent rows that would give the same error: rows / (2 tau)", MEMBER(effective_rows),
     MEMBER(effective_rows_error), true, false, false, 0},
    {"window", "lags that tau sums up, -1: more than there are", MEMBER(window), 0, false, true, false, 0},
    {"error_by_binning", "standard error of the mean from the bins of the plateau", MEMBER(binning),
     MEMBER(binning_error), true, false, false, 1},
    {"binning_level", "bins of the plateau have 2^level rows, -1: whole chains", MEMBER(level), 0, false, true, false,
     0},
    {"R_hat", "split R-hat of Gelman and others: how much wider all chains are than one", MEMBER(split_r_hat), 0, false,
     false, true, 0},
};

static double member(const tsr_series_numbers *numbers, size_t offset) {
    double value;
    memcpy(&value, (const char *)numbers + offset, sizeof(value));
    return value;
}

/* Columns whose window does not close, or whose chains have not mixed. */
static int count_columns(const tsr_series_report *report, const char *name) {
    int count = 0;
    for (int c = 0; c < report->columns->count; c++) {
        const tsr_series_numbers *numbers = &report->numbers[c];
        const bool has_tau = isfinite(numbers->tau);
        count += strcmp(name, "R_hat") == 0 ? numbers->split_r_hat > R_HAT_MAX : has_tau && numbers->window < 0;
    }
    return count;
}

/* Says in words what a reader must know. */
static void describe(const tsr_series_report *report, const statistic *row, char text[TEXT_BYTES]) {
    const int count = count_columns(report, row->name);
    snprintf(text, TEXT_BYTES, "%s", row->long_name);
    const size_t used = strlen(text), room = TEXT_BYTES - used;
    if (strcmp(row->name, "R_hat") == 0 && count > 0)
        snprintf(text + used, room, "; WARNING: above %g in %d of %d columns: discard more rows or make chains longer",
                 R_HAT_MAX, count, report->columns->count);
    if (strcmp(row->name, "tau") == 0 && count > 0)
        snprintf(text + used, room,
                 "; WARNING: from binning in %d of %d columns, where correlations reach beyond %lld lags", count,
                 report->columns->count, (long long)report->plan.lags);
}

static tsr_status add_statistic(const tsr_series_report *report, const statistic *row, tsr_results *results) {
    const int columns = report->columns->count;
    char text[TEXT_BYTES];
    double *value = calloc(2 * (size_t)columns + 1, sizeof(*value));
    TSR_REQUIRE(value != NULL, TSR_ERUNTIME, "no memory for the results of %d columns", columns);
    for (int c = 0; c < columns; c++) {
        value[c] = member(&report->numbers[c], row->value);
        value[columns + c] = row->has_error ? member(&report->numbers[c], row->error) : NAN;
    }
    describe(report, row, text);
    const tsr_result form = {.name = row->name,
                             .long_name = text,
                             .value = value,
                             .error = row->has_error ? value + columns : NULL,
                             .integer = row->integer,
                             .headline = row->headline};
    const tsr_status status = tsr_columns_add(report->columns, row->unit_power, form, results);
    free(value);
    return status;
}

/* A result [columns, length] whose second axis counts from 0. */
static tsr_status add_table(const tsr_series_report *report, const char *axis, int64_t length, int unit_power,
                            tsr_result form, tsr_results *results) {
    double *place = calloc((size_t)length, sizeof(*place));
    TSR_REQUIRE(place != NULL, TSR_ERUNTIME, "no memory for %lld places of %s", (long long)length, axis);
    for (int64_t i = 0; i < length; i++) place[i] = (double)i;
    form.dimensions = 1;
    form.dimension[1] = (tsr_dimension){.name = axis, .length = length, .coordinates = place, .unit = "1"};
    const tsr_status status = tsr_columns_add(report->columns, unit_power, form, results);
    free(place);
    return status;
}

static tsr_status add_count(const char *name, const char *long_name, int64_t count, tsr_results *results) {
    const double value = (double)count;
    const tsr_result form = {.name = name, .long_name = long_name, .unit = "1", .value = &value, .integer = true};
    return tsr_results_add(results, &form);
}

tsr_status tsr_series_report_add(const tsr_series_report *report, tsr_results *results) {
    TSR_TRY(add_count("chains", "number of chains", report->shape.chains, results));
    TSR_TRY(add_count("chain_rows", "rows of each chain", report->shape.rows, results));
    for (size_t s = 0; s < sizeof(statistics) / sizeof(statistics[0]); s++)
        TSR_TRY(add_statistic(report, &statistics[s], results));
    const tsr_result bins = {.name = "binning",
                             .long_name = "standard error of the mean from bins of 2^level rows",
                             .value = report->level_error,
                             .error = report->level_error_error};
    TSR_TRY(add_table(report, "level", report->plan.levels, 1, bins, results));
    const tsr_result correlation = {.name = "autocorrelation",
                                    .long_name = "correlation of rows so many rows apart; errors by Bartlett's formula",
                                    .value = report->correlation,
                                    .error = report->correlation_error};
    return add_table(report, "lag", report->plan.lags + 1, 0, correlation, results);
}
