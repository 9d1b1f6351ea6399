/* Time series: sums against their definitions, errors against processes whose autocorrelation is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "drive.h"
#include "engine/tallies/series.h"
#include "fold.h"
#include "samples.h"

enum { SEED = 20261121 };

static const tsr_field fields[] = {{.name = "a", .unit = "J", .long_name = "first"},
                                   {.name = "b", .unit = "1", .long_name = "second"},
                                   {.name = NULL}};

/* Chains of x(t) = slope x(t - 1) + noise from their stationary law, mean 0: value [chains x rows]. Its variance is
 * 1 / (1 - slope^2), its autocorrelation time (1 + slope) / (1 - slope) / 2. */
typedef struct {
    double slope;
    int64_t chains;
    int64_t rows;
} process;

static double *make_process(process form, uint64_t seed) {
    double *value = sample_normal(seed, form.chains * form.rows);
    for (int64_t i = 0; i < form.chains * form.rows; i++) {
        const bool begins = i % form.rows == 0;
        value[i] = begins ? value[i] / sqrt(1 - form.slope * form.slope) : value[i] + form.slope * value[i - 1];
    }
    return value;
}

static double time_of(double slope) { return 0.5 * (1 + slope) / (1 - slope); }

static tsr_setting *plan(int lags, int levels) {
    return tree(TSR_MAP, "test", number("lags", lags), number("levels", levels), NULL);
}

typedef struct {
    tsr_folder folder;
    tsr_table table;
    tsr_state *state;
    tsr_results *results;
} analysis;

/* Folds chains first .. last - 1 of the table in blocks of `piece` rows. */
static void fold_chains(analysis *of, tsr_range chains, int64_t piece) {
    of->folder.block_items = piece;
    for (int64_t c = chains.begin; c < chains.end; c++) fold_tile(&of->folder, &of->table, c, of->state);
}

static analysis begin_analysis(const double *value, int columns, process form, tsr_setting *settings) {
    analysis of = {.table = {.fields = fields + 2 - columns, columns, form.chains * form.rows, value}};
    assert_int_equal(fold_open(&tsr_tally_series, settings, of.table.fields, &of.folder), TSR_OK);
    of.folder.tile_items = form.rows;
    of.state = fold_state(&of.folder);
    return of;
}

static analysis analyse(const double *value, int columns, process form, tsr_setting *settings) {
    analysis of = begin_analysis(value, columns, form, settings);
    fold_chains(&of, (tsr_range){0, form.chains}, TSR_BLOCK_ITEMS_MAX);
    of.results = fold_solve(&of.folder, of.state);
    return of;
}

static void end_analysis(analysis *of) {
    tsr_results_destroy(&of->results);
    tsr_state_destroy(&of->state);
    fold_close(&of->folder);
}

static double value_of(const analysis *of, const char *name, int64_t index) {
    return fold_value(of->results, name, index);
}

static double error_of(const analysis *of, const char *name, int64_t index) {
    return fold_error(of->results, name, index);
}

/* ---- definitions ---- */

static void assert_close(double value, double expected) {
    if (fabs(value - expected) > 1e-11 * (fabs(expected) + 1e-3)) fail_msg("%.17g is not %.17g", value, expected);
}

static double mean_of(const double *value, int64_t items) {
    long double sum = 0;
    for (int64_t i = 0; i < items; i++) sum += value[i];
    return (double)(sum / items);
}

static double defined_covariance(const double *value, process form, double mean, int64_t lag) {
    long double sum = 0;
    for (int64_t i = 0; i < form.chains * form.rows; i++)
        if (i % form.rows + lag < form.rows)
            sum += ((long double)value[i] - mean) * ((long double)value[i + lag] - mean);
    return (double)(sum / (form.chains * (form.rows - lag)));
}

/* The error of the mean of all rows from bins of so many rows of each chain. */
static double defined_error(const double *value, process form, int64_t bin_rows) {
    const int64_t bins = form.rows / bin_rows, count = form.chains * bins;
    double *mean = malloc((size_t)count * sizeof(*mean)), square = 0;
    for (int64_t b = 0; b < count; b++) mean[b] = mean_of(value + b / bins * form.rows + b % bins * bin_rows, bin_rows);
    const double centre = mean_of(mean, count);
    for (int64_t b = 0; b < count; b++) square += (mean[b] - centre) * (mean[b] - centre);
    free(mean);
    return sqrt(square / (double)(count - 1) * (double)bin_rows / (double)(form.chains * form.rows));
}

/* Gelman and others, Bayesian Data Analysis, 3rd ed., eq. 11.3 and 11.4, on halves of `rows` rows. */
static double defined_r_hat(const double *value, process form, int64_t rows) {
    double *mean = malloc((size_t)(2 * form.chains) * sizeof(*mean)), within = 0, between = 0;
    for (int64_t h = 0; h < 2 * form.chains; h++) {
        const double *half = value + h / 2 * form.rows + (h % 2 == 0 ? 0 : form.rows - rows);
        mean[h] = mean_of(half, rows);
        for (int64_t i = 0; i < rows; i++) within += (half[i] - mean[h]) * (half[i] - mean[h]);
    }
    const double n = (double)rows, halves = 2 * (double)form.chains, centre = mean_of(mean, 2 * form.chains);
    for (int64_t h = 0; h < 2 * form.chains; h++) between += (mean[h] - centre) * (mean[h] - centre);
    free(mean);
    within /= halves * (n - 1);
    between /= halves - 1;
    return sqrt(((n - 1) / n * within + between) / within);
}

static void check_definitions(process form, double offset) {
    double *value = make_process(form, SEED);
    for (int64_t i = 0; i < form.chains * form.rows; i++) value[i] += offset;
    analysis of = analyse(value, 1, form, plan(40, 14));
    const double mean = mean_of(value, form.chains * form.rows);
    const double variance = defined_covariance(value, form, mean, 0);
    assert_close(value_of(&of, "chain_mean", 0), mean);
    for (int64_t lag = 0; lag <= 40; lag++) {
        const double correlation = value_of(&of, "autocorrelation", lag);
        if (lag < form.rows)
            assert_close(correlation, defined_covariance(value, form, mean, lag) / variance);
        else
            assert_true(isnan(correlation));
    }
    for (int level = 0; level < 14; level++)
        if (form.chains * (form.rows >> level) > 1)
            assert_close(value_of(&of, "binning", level), defined_error(value, form, (int64_t)1 << level));
        else
            assert_true(isnan(value_of(&of, "binning", level)));
    if (form.rows < 1024) assert_close(value_of(&of, "R_hat", 0), defined_r_hat(value, form, form.rows / 2));
    end_analysis(&of);
    free(value);
}

static void test_sums_are_those_of_the_definitions(void **state) {
    (void)state;
    const process forms[] = {{0.6, 1, 1000}, {0.6, 3, 1023}, {-0.4, 2, 1024}, {0.9, 2, 1025}, {0.3, 7, 33},
                             {0.5, 50, 4},   {0.8, 1, 9000}, {0.95, 3, 5000}, {0, 5, 2048},   {0.2, 1, 16384}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        check_definitions(forms[i], 0);
        check_definitions(forms[i], 1000);
    }
}

static void test_long_chains_are_split_into_equal_halves(void **state) {
    (void)state;
    const process form = {0.9, 4, 4096};
    double *value = make_process(form, SEED);
    for (int64_t i = 0; i < 4096 * 4; i++) value[i] += (double)(i % 4096) / 2048; /* a drift shows in halves */
    analysis of = analyse(value, 1, form, plan(40, 14));
    assert_close(value_of(&of, "R_hat", 0), defined_r_hat(value, form, 2048));
    assert_true(value_of(&of, "R_hat", 0) > 1.01);
    end_analysis(&of);
    free(value);
}

/* ---- exactness ---- */

static void assert_same_state(const analysis *a, const analysis *b) {
    const int64_t words = tsr_state_packed_words(a->state);
    assert_int_equal(words, tsr_state_packed_words(b->state));
    int64_t *left = malloc((size_t)words * sizeof(*left)), *right = malloc((size_t)words * sizeof(*right));
    tsr_state_pack(a->state, left);
    tsr_state_pack(b->state, right);
    assert_memory_equal(left, right, (size_t)words * sizeof(*left));
    free(left);
    free(right);
}

static void settle(analysis *of) { tsr_tally_series.settle(of->folder.model, of->state); }

static void test_the_same_bits_for_any_blocks_and_any_order_of_chains(void **state) {
    (void)state;
    const process form = {0.7, 6, 2500};
    double *value = make_process(form, SEED);
    analysis whole = begin_analysis(value, 1, form, plan(40, 14));
    fold_chains(&whole, (tsr_range){0, 6}, 1024);
    settle(&whole);
    const int64_t pieces[] = {1, 7, 512, 1000};
    for (int i = 0; i < 4; i++) {
        analysis later = begin_analysis(value, 1, form, plan(40, 14));
        analysis first = begin_analysis(value, 1, form, plan(40, 14));
        fold_chains(&later, (tsr_range){4, 6}, pieces[i]);
        fold_chains(&later, (tsr_range){1, 2}, 1024);
        fold_chains(&first, (tsr_range){2, 4}, pieces[i]);
        fold_chains(&first, (tsr_range){0, 1}, pieces[i]);
        settle(&later);
        settle(&first);
        assert_int_equal(tsr_state_add(later.state, first.state), TSR_OK);
        settle(&later);
        assert_same_state(&whole, &later);
        end_analysis(&later);
        end_analysis(&first);
    }
    end_analysis(&whole);
    free(value);
}

static void test_an_offset_of_many_digits_changes_next_to_nothing(void **state) {
    (void)state;
    const process form = {0.7, 3, 4000};
    double *value = make_process(form, SEED);
    for (int64_t i = 0; i < 12000; i++) value[i] = rint(value[i] * 0x1p10) * 0x1p-10; /* exact also when moved */
    analysis near = analyse(value, 1, form, plan(100, 14));
    for (int64_t i = 0; i < 12000; i++) value[i] += 0x1p40;
    analysis far = analyse(value, 1, form, plan(100, 14));
    const char *const names[] = {"tau", "error_of_mean", "error_by_binning", "R_hat", "effective_rows"};
    for (int i = 0; i < 5; i++) assert_close(value_of(&near, names[i], 0), value_of(&far, names[i], 0));
    for (int64_t lag = 0; lag <= 100; lag++)
        assert_close(value_of(&near, "autocorrelation", lag), value_of(&far, "autocorrelation", lag));
    end_analysis(&near);
    end_analysis(&far);
    free(value);
}

static void test_memory_does_not_grow_with_chains_or_rows(void **state) {
    (void)state;
    const process few = {0.5, 2, 500}, many = {0.5, 100, 1500};
    double *value = make_process(many, SEED);
    analysis a = analyse(value, 1, few, plan(40, 14)), b = analyse(value, 1, many, plan(40, 14));
    const int64_t page = tsr_state_layout(a.state).page_words * (int64_t)sizeof(int64_t);
    assert_true(tsr_state_bytes(b.state) <= tsr_state_bytes(a.state) + 3 * page);
    assert_true(tsr_state_bytes(b.state) <= 16 * page); /* of 69 */
    end_analysis(&a);
    end_analysis(&b);
    free(value);
}

/* ---- edges ---- */

static void assert_all_zero_errors(const analysis *of, double mean) {
    assert_true(value_of(of, "chain_mean", 0) == mean);
    assert_true(error_of(of, "chain_mean", 0) == 0);
    assert_true(value_of(of, "error_of_mean", 0) == 0 && error_of(of, "error_of_mean", 0) == 0);
    assert_true(value_of(of, "error_by_binning", 0) == 0 && error_of(of, "error_by_binning", 0) == 0);
    assert_true(value_of(of, "tau", 0) == 0.5 && error_of(of, "tau", 0) == 0);
    assert_true(value_of(of, "R_hat", 0) == 1);
    for (int64_t lag = 0; lag <= 40; lag++) assert_true(value_of(of, "autocorrelation", lag) == (lag == 0));
    for (int level = 0; level < 8; level++) assert_true(value_of(of, "binning", level) == 0);
}

static void test_equal_values_have_an_error_of_exactly_zero(void **state) {
    (void)state;
    const double constants[] = {0.1, -5, 0, 1e-200, 1e150};
    const process form = {0, 3, 1500};
    double *value = malloc(4500 * sizeof(*value));
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < 4500; i++) value[i] = constants[k];
        analysis of = analyse(value, 1, form, plan(40, 14));
        assert_all_zero_errors(&of, constants[k]);
        assert_true(value_of(&of, "effective_rows", 0) == 4500);
        end_analysis(&of);
    }
    free(value);
}

/* Each chain stands still somewhere else: as many independent numbers as chains. */
static void test_chains_that_stand_still_are_worth_one_row_each(void **state) {
    (void)state;
    const process form = {0, 40, 500};
    double *place = sample_normal(SEED, 40), *value = malloc(20000 * sizeof(*value));
    for (int i = 0; i < 20000; i++) value[i] = place[i / 500];
    analysis of = analyse(value, 1, form, plan(40, 14));
    assert_close(value_of(&of, "error_by_binning", 0), defined_error(value, form, 500));
    assert_close(error_of(&of, "chain_mean", 0), defined_error(value, form, 500));
    assert_true(value_of(&of, "window", 0) == -1 && value_of(&of, "binning_level", 0) == -1);
    assert_true(fabs(value_of(&of, "effective_rows", 0) / 40 - 1) < 0.05);
    assert_true(value_of(&of, "R_hat", 0) > 100);
    assert_non_null(strstr(fold_result(of.results, "R_hat")->long_name, "above 1.01 in 1 of 1"));
    assert_non_null(strstr(fold_result(of.results, "tau")->long_name, "beyond 40 lags"));
    end_analysis(&of);
    free(place);
    free(value);
}

static void test_a_column_that_is_not_finite_spoils_only_itself(void **state) {
    (void)state;
    const process form = {0.5, 2, 2000};
    const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};
    double *value = malloc(8000 * sizeof(*value)), *good = make_process(form, SEED);
    analysis alone = analyse(good, 1, form, plan(40, 14));
    for (int k = 0; k < 4; k++) {
        memcpy(value, good, 4000 * sizeof(*value));
        memcpy(value + 4000, good, 4000 * sizeof(*value));
        value[1234] = bad[k];
        analysis of = analyse(value, 2, form, plan(40, 14));
        assert_true(isnan(value_of(&of, "chain_mean", 0)) && isnan(value_of(&of, "tau", 0)));
        assert_true(isnan(value_of(&of, "autocorrelation", 3)) && isnan(value_of(&of, "R_hat", 0)));
        assert_true(value_of(&of, "tau", 1) == value_of(&alone, "tau", 0));
        assert_true(value_of(&of, "error_of_mean", 1) == value_of(&alone, "error_of_mean", 0));
        end_analysis(&of);
    }
    end_analysis(&alone);
    free(value);
    free(good);
}

static void test_chains_of_different_length_are_refused(void **state) {
    (void)state;
    const process form = {0.5, 2, 100};
    double *value = make_process(form, SEED);
    analysis of = begin_analysis(value, 1, form, plan(40, 14));
    of.folder.tile_items = 120; /* the second has 80 rows */
    fold_chains(&of, (tsr_range){0, 2}, 1024);
    settle(&of);
    assert_int_equal(tsr_results_create(&of.results), TSR_OK);
    assert_int_equal(tsr_tally_series.solve(of.folder.model, of.state, of.results), TSR_ENUMERIC);
    assert_non_null(strstr(tsr_error_get()->message, "from 80 to 120 rows"));
    end_analysis(&of);
    free(value);
}

static void test_no_chains_give_no_numbers(void **state) {
    (void)state;
    analysis of = begin_analysis(NULL, 1, (process){0, 0, 1}, plan(7, 5));
    of.results = fold_solve(&of.folder, of.state);
    assert_true(value_of(&of, "chains", 0) == 0 && isnan(value_of(&of, "chain_mean", 0)));
    end_analysis(&of);
}

/* ---- coverage ---- */

enum { SEEDS = 1000 };

/* Seeds whose estimate lies within 1, 1.96 and 2.5758 errors of the truth. */
typedef struct {
    int within[3];
} cover;

static void count_cover(cover *of, double z) {
    const double bounds[] = {1, 1.9599640, 2.5758293};
    for (int i = 0; i < 3; i++) of->within[i] += fabs(z) <= bounds[i];
}

/* What 1000 seeds say; error_mean and bins_mean are relative to the true error, tau_mean to the true time. */
typedef struct {
    cover by_tau, by_bins, tau;
    double tau_mean, error_mean, bins_mean, r_mean;
    int above; /* R-hat over 1.01 */
    int open;  /* windows that did not close */
} study;

/* The exact standard deviation of the mean. */
static double true_error(process form) {
    const double n = (double)form.rows, variance = 1 / (1 - form.slope * form.slope);
    double sum = 0.5, power = 1;
    for (int64_t lag = 1; lag < form.rows; lag++) sum += (1 - (double)lag / n) * (power *= form.slope);
    return sqrt(2 * sum * variance / n / (double)form.chains);
}

static void add_seed(study *of, process form, uint64_t seed) {
    double *value = make_process(form, seed);
    analysis one = analyse(value, 1, form, plan(form.slope == 0.9 ? 64 : 32, 14));
    const double mean = value_of(&one, "chain_mean", 0), time = time_of(form.slope), error = true_error(form);
    const double r_hat = value_of(&one, "R_hat", 0);
    count_cover(&of->by_tau, mean / error_of(&one, "chain_mean", 0));
    count_cover(&of->by_bins, mean / value_of(&one, "error_by_binning", 0));
    count_cover(&of->tau, (value_of(&one, "tau", 0) - time) / error_of(&one, "tau", 0));
    of->tau_mean += value_of(&one, "tau", 0) / time / SEEDS;
    of->error_mean += value_of(&one, "error_of_mean", 0) / error / SEEDS;
    of->bins_mean += value_of(&one, "error_by_binning", 0) / error / SEEDS;
    of->r_mean += (r_hat * r_hat - 1) / SEEDS;
    of->above += r_hat > 1.01;
    of->open += value_of(&one, "window", 0) < 0;
    end_analysis(&one);
    free(value);
}

/* R-hat^2 - 1 of chains that have mixed, from the variance of a half's mean. */
static double expected_r(process form) {
    const process half = {form.slope, 1, form.rows / 2};
    const double n = (double)half.rows, error = true_error(half), variance = 1 / (1 - form.slope * form.slope);
    return error * error / ((variance - error * error) * n / (n - 1)) - 1 / n;
}

/* Four deviations of its mean over all seeds, as the variance of halves' means follows chi^2, and what a ratio adds. */
static double r_slack(process form) {
    const double variance = expected_r(form) + 2.0 / (double)form.rows, halves = 2 * (double)form.chains;
    return 4 * variance * sqrt(2 / (halves - 1) / SEEDS) + 0.05 * variance;
}

static double per_cent(int count) { return 100.0 * count / SEEDS; }

static void print_cover(const char *of, const cover *found) {
    print_message(" | %s %.1f %.1f %.1f", of, per_cent(found->within[0]), per_cent(found->within[1]),
                  per_cent(found->within[2]));
}

/* A row of the tables in docs/numerics.md. */
static study run_study(process form) {
    study of = {0};
    for (uint64_t s = 0; s < SEEDS; s++) add_seed(&of, form, SEED + s);
    print_message("%g, %lld x %lld", form.slope, (long long)form.chains, (long long)form.rows);
    print_cover("by tau", &of.by_tau);
    print_cover("by bins", &of.by_bins);
    print_cover("tau", &of.tau);
    print_message(" | %.3f %.3f %.3f | R-hat %.4f, expected %.4f, above %.1f | open %.1f\n", of.error_mean,
                  of.bins_mean, of.tau_mean, of.r_mean, expected_r(form), per_cent(of.above), per_cent(of.open));
    return of;
}

/* Bounds in per cent for 1, 1.96 and 2.5758 errors: four deviations of a binomial law around the nominal value above,
 * and below it so much more as the estimate is known to fall short by. */
static void assert_cover(const cover *of, double shortfall) {
    const double nominal[] = {68.27, 95, 99};
    for (int i = 0; i < 3; i++) {
        const double slack = 4 * sqrt(nominal[i] * (100 - nominal[i]) / SEEDS);
        assert_true(per_cent(of->within[i]) >= nominal[i] - slack - shortfall);
        assert_true(per_cent(of->within[i]) <= nominal[i] + slack);
    }
}

static void test_intervals_of_the_mean_cover_what_they_claim(void **state) {
    (void)state;
    const process forms[] = {{0, 1, 512}, {-0.5, 1, 512}, {0.5, 1, 512}, {0.9, 1, 1024}, {0.9, 8, 128}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        const study of = run_study(forms[i]);
        assert_cover(&of.by_tau, 0);
        assert_cover(&of.by_bins, 3);
        assert_true(fabs(of.error_mean - 1) < 0.15);
        assert_true(fabs(of.bins_mean - 1) < 0.1);
        assert_true(fabs(of.tau_mean - 1) < 0.12);
        assert_true(per_cent(of.tau.within[1]) > 89 && per_cent(of.tau.within[2]) > 96);
        assert_true(fabs(of.r_mean - expected_r(forms[i])) < r_slack(forms[i]));
    }
}

/* Correlations beyond the last lag: binning takes over, and is told. */
static void test_a_window_that_does_not_close_leaves_the_error_to_binning(void **state) {
    (void)state;
    const study of = run_study((process){0.97, 4, 512});
    assert_int_equal(of.open, SEEDS);
    assert_memory_equal(&of.by_tau, &of.by_bins, sizeof(cover));
    assert_true(of.error_mean > 0.9 && of.error_mean < 1.02);
    assert_true(per_cent(of.by_tau.within[1]) > 86);
}

/* 3.4 autocorrelation times each: too short to know their own, but as chains are independent, long enough for an error.
 */
static void test_many_short_chains_still_tell_the_error(void **state) {
    (void)state;
    const study of = run_study((process){0.9, 64, 32});
    assert_true(per_cent(of.open) > 80);
    assert_cover(&of.by_tau, 0);
    assert_true(fabs(of.error_mean - 1) < 0.03);
}

/* Correlations of -0.9, 0.81, ...: their sum is cut off early, at a multiple of what it would become. */
static void test_strongly_alternating_chains_get_an_error_that_is_too_large(void **state) {
    (void)state;
    const study of = run_study((process){-0.9, 1, 512});
    assert_true(of.error_mean > 1 && of.bins_mean > 1);
    assert_true(per_cent(of.by_tau.within[1]) > 95);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_those_of_the_definitions),
        cmocka_unit_test(test_long_chains_are_split_into_equal_halves),
        cmocka_unit_test(test_the_same_bits_for_any_blocks_and_any_order_of_chains),
        cmocka_unit_test(test_an_offset_of_many_digits_changes_next_to_nothing),
        cmocka_unit_test(test_memory_does_not_grow_with_chains_or_rows),
        cmocka_unit_test(test_equal_values_have_an_error_of_exactly_zero),
        cmocka_unit_test(test_chains_that_stand_still_are_worth_one_row_each),
        cmocka_unit_test(test_a_column_that_is_not_finite_spoils_only_itself),
        cmocka_unit_test(test_chains_of_different_length_are_refused),
        cmocka_unit_test(test_no_chains_give_no_numbers),
        cmocka_unit_test(test_intervals_of_the_mean_cover_what_they_claim),
        cmocka_unit_test(test_a_window_that_does_not_close_leaves_the_error_to_binning),
        cmocka_unit_test(test_many_short_chains_still_tell_the_error),
        cmocka_unit_test(test_strongly_alternating_chains_get_an_error_that_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
