/* Exceedance probabilities: counts and weighted sums against plain ones, rare events by importance sampling, intervals
 * that cover. */
#include "engine/tallies/binomial.h"
#include "engine/tallies/exceedance.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>

static const tsr_field weighted_fields[] = {
    {.name = "x", .unit = "EUR", .long_name = ""}, {.name = "w", .unit = "1", .long_name = ""}, {.name = NULL}};

/* Takes settings and both columns, [2, items]. */
static tsr_results *solve_weighted(tsr_setting *settings, double *both, int64_t items) {
    const tsr_table table = {.fields = weighted_fields, .columns = 2, .items = items, .value = both};
    tsr_results *results = fold_table(&tsr_tally_exceedance, settings, &table);
    free(both);
    return results;
}

static double *with_weights(const double *values, const double *weights, int64_t items) {
    double *both = malloc((size_t)(2 * items) * sizeof(*both));
    memcpy(both, values, (size_t)items * sizeof(*both));
    memcpy(both + items, weights, (size_t)items * sizeof(*both));
    return both;
}

static void test_counts_are_those_of_a_loop(void **state) {
    (void)state;
    enum { ITEMS = 5000 };
    static const double threshold[3] = {-1.0, 0.0, 2.5};
    tsr_folder folder = passes_open(&tsr_tally_exceedance, settings_of("above", "[-1, 0, 2.5]", "below", "[0]", NULL));
    for (int kind = 0; kind < SAMPLES; kind++) {
        int passes;
        double *values = sample(kind, 31, ITEMS);
        tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
        int64_t n = 0, below = 0, above[3] = {0};
        for (int64_t i = 0; i < ITEMS; i++) {
            n += !isnan(values[i]);
            below += values[i] < 0.0;
            for (int t = 0; t < 3; t++) above[t] += values[i] > threshold[t];
        }
        for (int t = 0; t < 3; t++) {
            double p = (double)above[t] / (double)n, low, high;
            tsr_binomial_bounds((double)above[t], (double)n, 0.025, &low, &high);
            assert_true(fold_value(results, "P_above", t) == p);
            assert_true(fabs(fold_error(results, "P_above", t) - sqrt(p * (1.0 - p) / (double)n)) < 1e-15);
            assert_true(fabs(fold_value(results, "P_above_low", t) - low) <= 1e-9 * low);
            assert_true(fabs(fold_value(results, "P_above_high", t) - high) <= 1e-9 * high);
            assert_true(fold_value(results, "P_above_hits", t) == (double)above[t]);
        }
        assert_true(fold_value(results, "P_below", 0) == (double)below / (double)n);
        assert_true(fold_value(results, "P_above", 4) == (double)below / (double)n); /* of the negated column */
        assert_true((tsr_results_find(results, "exceedance_nans") != NULL) == (n < ITEMS));
        tsr_results_destroy(&results);
        free(values);
    }
    fold_close(&folder);
}

static void test_nothing_above_still_has_an_upper_bound(void **state) {
    (void)state;
    int passes;
    double *values = sample_uniforms(3, 1000);
    tsr_folder folder = passes_open(&tsr_tally_exceedance, settings_of("above", "[2, -1]", "of", "x", NULL));
    tsr_results *results = passes_solve(&folder, values, 1000, &passes);
    assert_true(fold_value(results, "P_above", 0) == 0.0 && fold_error(results, "P_above", 0) == 0.0);
    assert_true(fold_value(results, "P_above_low", 0) == 0.0);
    assert_true(fabs(fold_value(results, "P_above_high", 0) + expm1(log(0.025) / 1000)) < 1e-12);
    assert_true(fold_value(results, "P_above", 1) == 1.0 && fold_error(results, "P_above", 1) == 0.0);
    assert_true(fabs(fold_value(results, "P_above_low", 1) - exp(log(0.025) / 1000)) < 1e-12);
    assert_non_null(strstr(tsr_results_find(results, "P_above")->long_name, "fewer than 10"));
    tsr_results_destroy(&results);
    fold_close(&folder);
    free(values);
}

/* The weighted estimates by plain sums in order. */
static void test_weighted_estimates_are_those_of_plain_sums(void **state) {
    (void)state;
    enum { ITEMS = 20000 };
    double *values = sample(SAMPLE_T4, 11, ITEMS), *weights = sample_uniforms(12, ITEMS);
    double first = 0.0, second = 0.0, hit = 0.0, square = 0.0;
    values[17] = NAN;
    for (int i = 0; i < ITEMS; i++) {
        weights[i] = i % 10 == 0 ? 0.0 : 3.0 * weights[i];
        if (isnan(values[i])) continue;
        first += weights[i], second += weights[i] * weights[i];
        if (values[i] > 1.5) hit += weights[i], square += weights[i] * weights[i];
    }
    for (int normalised = 0; normalised < 2; normalised++) {
        tsr_results *results = solve_weighted(
            settings_of("above", "1.5", "weight", "w", "normalised", normalised ? "true" : "false", NULL),
            with_weights(values, weights, ITEMS), ITEMS);
        const double n = ITEMS - 1, p = hit / (normalised ? first : n);
        const double variance = normalised
                                    ? (square * (1.0 - p) * (1.0 - p) + (second - square) * p * p) / (first * first)
                                    : (square / n - p * p) / (n - 1.0);
        const double trials = p * (1.0 - p) / variance;
        double low, high;
        tsr_binomial_bounds(p * trials, trials, 0.025, &low, &high);
        assert_true(fabs(fold_value(results, "P_above", 0) - p) < 1e-13 * p);
        assert_true(fabs(fold_error(results, "P_above", 0) - sqrt(variance)) < 1e-12 * sqrt(variance));
        assert_true(fabs(fold_value(results, "P_above_low", 0) - low) < 1e-9 * low);
        assert_true(fabs(fold_value(results, "P_above_high", 0) - high) < 1e-9 * high);
        assert_true(fabs(fold_value(results, "P_above_hits", 0) - hit * hit / square) < 1e-9 * hit);
        assert_int_equal(tsr_result_length(tsr_results_find(results, "P_above")), 1); /* not of the weights */
        tsr_results_destroy(&results);
    }
    free(values);
    free(weights);
}

/* P(Z > 5) and P(Z > 6), 3e-7 and 1e-9, from normals shifted to the threshold and their likelihood ratios. */
static void test_rare_events_by_importance_sampling(void **state) {
    (void)state;
    enum { ITEMS = 100000 };
    static const double expected[2] = {2.8665157187919e-07, 9.865876450377e-10};
    for (int k = 0; k < 2; k++) {
        const double shift = 5.0 + k;
        double *values = sample_normal(71, ITEMS), *weights = malloc(ITEMS * sizeof(*weights));
        for (int i = 0; i < ITEMS; i++) {
            values[i] += shift;
            weights[i] = exp(shift * (0.5 * shift - values[i]));
        }
        tsr_results *results =
            solve_weighted(settings_of("above", k == 0 ? "[5]" : "[6]", "weight", "w", "normalised", "false", NULL),
                           with_weights(values, weights, ITEMS), ITEMS);
        const double p = fold_value(results, "P_above", 0), error = fold_error(results, "P_above", 0);
        print_message("P(Z > %g) = %.5g +- %.2g (z %+.2f)\n", shift, p, error, (p - expected[k]) / error);
        assert_true(fabs(p - expected[k]) < 4.0 * error && error < 0.01 * expected[k]);
        assert_true(fold_value(results, "P_above_low", 0) < expected[k]);
        assert_true(fold_value(results, "P_above_high", 0) > expected[k]);
        assert_true(fold_value(results, "P_above_high", 0) - fold_value(results, "P_above_low", 0) < 4.1 * error);
        assert_true(fold_value(results, "P_above_hits", 0) > 5000.0);
        tsr_results_destroy(&results);
        free(values);
        free(weights);
    }
}

static void test_equal_weights_change_nothing(void **state) {
    (void)state;
    enum { ITEMS = 3000 };
    double *values = sample_normal(9, ITEMS), *weights = malloc(ITEMS * sizeof(*weights));
    for (int i = 0; i < ITEMS; i++) weights[i] = 0.25;
    tsr_results *a = solve_weighted(settings_of("above", "[1, 9]", "weight", "w", NULL),
                                    with_weights(values, weights, ITEMS), ITEMS);
    tsr_results *b =
        solve_weighted(settings_of("above", "[1, 9]", "of", "x", NULL), with_weights(values, weights, ITEMS), ITEMS);
    static const char *const names[] = {"P_above", "P_above_low", "P_above_high", "P_above_hits"};
    for (int r = 0; r < 4; r++)
        for (int t = 0; t < 2; t++)
            assert_true(fabs(fold_value(a, names[r], t) - fold_value(b, names[r], t)) <=
                        1e-9 * fold_value(b, names[r], t));
    assert_true(fabs(fold_error(a, "P_above", 0) / fold_error(b, "P_above", 0) - 1.0) < 1e-12);
    tsr_results_destroy(&a);
    tsr_results_destroy(&b);
    free(values);
    free(weights);
}

static void test_any_split_gives_the_same_counts(void **state) {
    (void)state;
    tsr_folder folder = passes_open(&tsr_tally_exceedance, settings_of("above", "[0.5, 1]", "below", "[0]", NULL));
    for (int kind = 0; kind < SAMPLES; kind++) {
        double *values = sample(kind, 17, 6000);
        assert_any_split_is_the_same(&folder, values, 6000);
        free(values);
    }
    fold_close(&folder);
}

/* Sums of weights belong to tiles: the same tiles on any number of states. */
static void test_any_merge_gives_the_same_sums(void **state) {
    (void)state;
    enum { ITEMS = 20000 };
    double *values = sample_normal(4, ITEMS), *weights = sample_uniforms(5, ITEMS);
    double *both = with_weights(values, weights, ITEMS);
    const tsr_table table = {.fields = weighted_fields, .columns = 2, .items = ITEMS, .value = both};
    tsr_folder folder;
    assert_int_equal(
        fold_open(&tsr_tally_exceedance, settings_of("above", "[0, 1]", "weight", "w", NULL), weighted_fields, &folder),
        TSR_OK);
    folder.tile_items = 700;
    tsr_state *one = passes_once(&folder, &table, 1), *many = passes_once(&folder, &table, 7);
    assert_same_words(one, many);
    tsr_state_destroy(&one);
    tsr_state_destroy(&many);
    fold_close(&folder);
    free(values);
    free(weights);
    free(both);
}

static void test_bad_weights_and_settings_are_refused(void **state) {
    (void)state;
    static const double bad[] = {-1.0, NAN, INFINITY};
    tsr_folder folder;
    assert_int_equal(
        fold_open(&tsr_tally_exceedance, settings_of("above", "0", "weight", "w", NULL), weighted_fields, &folder),
        TSR_OK);
    tsr_state *sum = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = sum};
    for (int k = 0; k < 3; k++) {
        double data[2][8] = {{1, 2, 3}, {1, 1, bad[k]}};
        const tsr_block block = {.item = 40, .items = 3, .stride = 8, .columns = 2, .data = data[0]};
        assert_int_equal(folder.tally->begin_tile(&fold), TSR_OK);
        assert_int_equal(folder.tally->add_block(&fold, &block), TSR_ENUMERIC);
        assert_non_null(strstr(tsr_error_get()->message, "item 42"));
        assert_non_null(strstr(tsr_error_get()->message, "column 'w'"));
    }
    tsr_state_destroy(&sum);
    fold_close(&folder);
    assert_refused(&tsr_tally_exceedance, settings_of("of", "x", NULL), "1 to 1000 are allowed");
    assert_refused(&tsr_tally_exceedance, settings_of("above", "0", "weight", "z", NULL), "no column 'z'");
}

/* How often bars of one, two and 2.58 deviations and the bounds hold the truth. */
typedef struct {
    int held[3];
    int bounds;
} coverage;

static void count_seed(const tsr_results *results, double truth, coverage *out) {
    static const double DEVIATIONS[3] = {1.0, 1.959963984540054, 2.5758293035489004};
    const double off = fabs(fold_value(results, "P_above", 0) - truth), error = fold_error(results, "P_above", 0);
    for (int k = 0; k < 3; k++) out->held[k] += off <= DEVIATIONS[k] * error;
    out->bounds += fold_value(results, "P_above_low", 0) <= truth && truth <= fold_value(results, "P_above_high", 0);
}

/* Nominal 68.3, 95 and 99 %, of 1000 seeds: four binomial deviations are 5.9, 2.8 and 1.3 %. Counts are discrete and
 * skewed, which costs the bars some more (100 expected hits); the bounds may not fall below 95 % by more than chance.
 */
static void assert_covers(const char *what, const coverage *found, int seeds) {
    print_message("%s: %.1f %% %.1f %% %.1f %%, bounds %.1f %%\n", what, 100.0 * found->held[0] / seeds,
                  100.0 * found->held[1] / seeds, 100.0 * found->held[2] / seeds, 100.0 * found->bounds / seeds);
    assert_in_range(found->held[0], 0.61 * seeds, 0.75 * seeds);
    assert_in_range(found->held[1], 0.91 * seeds, 0.98 * seeds);
    assert_in_range(found->held[2], 0.96 * seeds, seeds);
    assert_in_range(found->bounds, 0.925 * seeds, 0.99 * seeds);
}

static void test_bars_and_bounds_cover(void **state) {
    (void)state;
    enum { SEEDS = 1000, ITEMS = 2000 };
    const double p = gsl_cdf_ugaussian_Q(1.6448536269514722), truth = gsl_cdf_ugaussian_Q(4.0);
    coverage plain = {0}, normalised = {0}, unbiased = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double *values = sample_normal(9000 + seed, ITEMS), *weights = malloc(ITEMS * sizeof(*weights));
        tsr_results *results = solve_weighted(settings_of("above", "1.6448536269514722", "of", "x", NULL),
                                              with_weights(values, weights, ITEMS), ITEMS);
        count_seed(results, p, &plain);
        tsr_results_destroy(&results);
        for (int i = 0; i < ITEMS; i++) {
            values[i] += 0.5;
            weights[i] = exp(0.5 * (0.25 - values[i])); /* from N(1/2, 1) to N(0, 1) */
        }
        results = solve_weighted(settings_of("above", "1.6448536269514722", "weight", "w", NULL),
                                 with_weights(values, weights, ITEMS), ITEMS);
        count_seed(results, p, &normalised);
        tsr_results_destroy(&results);
        for (int i = 0; i < ITEMS; i++) {
            values[i] += 3.5;
            weights[i] = exp(4.0 * (2.0 - values[i]));
        }
        results = solve_weighted(settings_of("above", "4", "weight", "w", "normalised", "false", NULL),
                                 with_weights(values, weights, ITEMS), ITEMS);
        count_seed(results, truth, &unbiased);
        tsr_results_destroy(&results);
        free(values);
        free(weights);
    }
    assert_covers("P(Z > 1.64) by counting", &plain, SEEDS);
    assert_covers("P(Z > 1.64), weighted, normalised", &normalised, SEEDS);
    assert_covers("P(Z > 4), weighted, unbiased", &unbiased, SEEDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_those_of_a_loop),
        cmocka_unit_test(test_nothing_above_still_has_an_upper_bound),
        cmocka_unit_test(test_weighted_estimates_are_those_of_plain_sums),
        cmocka_unit_test(test_rare_events_by_importance_sampling),
        cmocka_unit_test(test_equal_weights_change_nothing),
        cmocka_unit_test(test_any_split_gives_the_same_counts),
        cmocka_unit_test(test_any_merge_gives_the_same_sums),
        cmocka_unit_test(test_bad_weights_and_settings_are_refused),
        cmocka_unit_test(test_bars_and_bounds_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
