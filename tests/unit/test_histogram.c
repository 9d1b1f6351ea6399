/* Histograms: every item is counted once, in the bin whose edges enclose it. */
#include "engine/tallies/histogram.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>

static double edge(const tsr_results *results, int column, int64_t i) {
    const tsr_result *edges = tsr_results_find(results, "histogram_edges");
    return edges->value[column * edges->dimension[1].length + i];
}

/* Counts and what is outside, by comparing every value (negated in row 1) with the edges that came out. */
static void assert_counts(const tsr_results *results, const double *values, int64_t items) {
    const tsr_result *histogram = tsr_results_find(results, "histogram");
    const tsr_result *outside = tsr_results_find(results, "histogram_outside");
    int64_t bins = histogram->dimension[1].length;
    double *count = malloc((size_t)(bins + 3) * sizeof(*count));
    for (int row = 0; row < 2; row++) {
        for (int64_t i = 0; i < bins + 3; i++) count[i] = 0.0;
        for (int64_t i = 0; i < items; i++) {
            double x = row == 0 ? values[i] : -values[i];
            int64_t low = 0, high = bins;
            while (high - low > 1) {
                int64_t middle = (low + high) / 2;
                if (x >= edge(results, row, middle))
                    low = middle;
                else
                    high = middle;
            }
            if (x < edge(results, row, 0)) low = bins;
            if (x > edge(results, row, bins)) low = bins + 1;
            count[isnan(x) ? bins + 2 : low]++;
        }
        for (int64_t i = 0; i < bins; i++) assert_true(histogram->value[row * bins + i] == count[i]);
        for (int64_t i = 0; i < 3; i++) assert_true(outside->value[row * 3 + i] == count[bins + i]);
    }
    free(count);
}

static void check_counts(tsr_folder *folder, int expected_passes, int64_t items) {
    for (int kind = 0; kind < SAMPLES; kind++) {
        int passes;
        double *values = sample(kind, 80, items);
        tsr_results *results = passes_solve(folder, values, items, &passes);
        assert_int_equal(passes, expected_passes);
        assert_counts(results, values, items);
        tsr_results_destroy(&results);
        free(values);
    }
}

static void test_given_range_counts_in_one_pass(void **state) {
    (void)state;
    static const char *const bins[] = {"1", "100", "2045", "2046", "100000"};
    for (size_t k = 0; k < sizeof(bins) / sizeof(bins[0]); k++) {
        tsr_folder folder = passes_open(&tsr_tally_histogram, settings_of("bins", bins[k], "range", "[-5, 5]", NULL));
        check_counts(&folder, 1, 5000);
        fold_close(&folder);
    }
}

static void test_logarithmic_bins_and_given_edges_count_in_one_pass(void **state) {
    (void)state;
    static const char *const settings[][6] = {
        {"bins", "30", "range", "[1e-3, 1e3]", "scale", "log"},
        {"bins", "5000", "range", "[0.02, 17]", "scale", "log"},
        {"edges", "[-1e9, -20, -1, -0.5, 0, 0.001, 0.1, 0.5, 0.6, 1, 2, 3, 50, 1e9, 1.0000001e9]", NULL},
        {"edges", "[-1, 1]", NULL},
    };
    for (size_t k = 0; k < sizeof(settings) / sizeof(settings[0]); k++) {
        const char *const *s = settings[k];
        tsr_folder folder = passes_open(&tsr_tally_histogram, settings_of(s[0], s[1], s[2], s[3], s[4], s[5], NULL));
        check_counts(&folder, 1, 5000);
        fold_close(&folder);
    }
}

static void test_automatic_range_counts_in_two_passes(void **state) {
    (void)state;
    static const char *const bins[] = {"1", "50", "5000"};
    for (size_t k = 0; k < sizeof(bins) / sizeof(bins[0]); k++) {
        tsr_folder folder = passes_open(&tsr_tally_histogram, settings_of("bins", bins[k], NULL));
        check_counts(&folder, 2, 5000);
        check_counts(&folder, 2, 3);
        fold_close(&folder);
    }
}

static void test_automatic_range_holds_all_of_few_and_the_middle_of_many(void **state) {
    (void)state;
    tsr_folder folder = passes_open(&tsr_tally_histogram, settings_of("of", "x", NULL));
    static const int kinds[] = {SAMPLE_NORMAL, SAMPLE_NEGATIVE, SAMPLE_NARROW};
    int passes;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        int64_t numbers;
        double *values = sample(kinds[k], 5, 500), *order = sorted(values, 500, &numbers);
        tsr_results *results = passes_solve(&folder, values, 500, &passes);
        assert_true(edge(results, 0, 0) == order[0] && edge(results, 0, 100) == order[499]);
        tsr_results_destroy(&results);
        free(values);
        free(order);
    }
    double *values = sample_t4(5, 100000);
    tsr_results *results = passes_solve(&folder, values, 100000, &passes);
    const tsr_result *outside = tsr_results_find(results, "histogram_outside");
    for (int i = 0; i < 2; i++) assert_true(fabs(outside->value[i] - 100.0) < 5.0);
    tsr_results_destroy(&results);
    free(values);
    fold_close(&folder);
}

static void test_odd_values_alone_are_counted(void **state) {
    (void)state;
    static const double odd[] = {INFINITY, -INFINITY, NAN, DBL_MAX, 0x1p-1074, 0.0, 1e300};
    tsr_folder folder = passes_open(&tsr_tally_histogram, settings_of(NULL));
    for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
        double values[5] = {odd[k], odd[k], odd[k], odd[k], odd[k]};
        int passes;
        tsr_results *results = passes_solve(&folder, values, 5, &passes);
        assert_counts(results, values, 5);
        assert_true(edge(results, 0, 0) < edge(results, 0, 1) && isfinite(edge(results, 0, 100)));
        tsr_results_destroy(&results);
    }
    fold_close(&folder);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    for (int automatic = 0; automatic < 2; automatic++) {
        tsr_folder folder =
            passes_open(&tsr_tally_histogram, settings_of("bins", "3000", "range", automatic ? "[]" : "[-3, 3]", NULL));
        for (int kind = 0; kind < SAMPLES; kind += 3) {
            double *values = sample(kind, 29, 6000);
            assert_any_split_is_the_same(&folder, values, 6000);
            free(values);
        }
        fold_close(&folder);
    }
}

/* Counts of a normal law: chi-squared of 98 degrees of freedom below its 99.99 % quantile; density within 5 errors. */
static void test_a_normal_law_comes_out(void **state) {
    (void)state;
    enum { ITEMS = 200000, BINS = 98 };
    tsr_folder folder = passes_open(&tsr_tally_histogram,
                                    settings_of("bins", "98", "range", "[-3, 3]", "density", "true", "of", "x", NULL));
    int passes;
    double *values = sample_normal(77, ITEMS), chi_squared = 0.0;
    tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
    const tsr_result *histogram = tsr_results_find(results, "histogram");
    const tsr_result *density = tsr_results_find(results, "histogram_density");
    for (int i = 0; i < BINS; i++) {
        double begin = edge(results, 0, i), end = edge(results, 0, i + 1);
        double share = gsl_cdf_ugaussian_P(end) - gsl_cdf_ugaussian_P(begin);
        double off = histogram->value[i] - ITEMS * share;
        chi_squared += off * off / (ITEMS * share);
        assert_true(fabs(histogram->error[i] / sqrt(ITEMS * share * (1.0 - share)) - 1.0) < 0.2);
        assert_true(fabs(density->value[i] - share / (end - begin)) < 5.0 * density->error[i]);
        assert_true(fabs(histogram->dimension[1].coordinates[i] - (begin + end) / 2.0) < 1e-14);
    }
    assert_string_equal(histogram->dimension[1].unit, "EUR");
    assert_string_equal(density->units[0], "1/EUR");
    assert_true(histogram->total && !density->total);
    assert_true(chi_squared < gsl_cdf_chisq_Pinv(0.9999, BINS));
    tsr_results_destroy(&results);
    free(values);
    fold_close(&folder);
}

/* Each bin has its own width. */
static void test_a_density_adds_up_to_the_share_inside(void **state) {
    (void)state;
    enum { ITEMS = 20000 };
    static const char *const settings[][6] = {{"bins", "20", "range", "[-1.5, 2]", NULL},
                                              {"bins", "20", "range", "[0.05, 2]", "scale", "log"},
                                              {"edges", "[-2, -1.9, 0, 0.1, 2]", NULL}};
    double *values = sample_normal(7, ITEMS);
    for (size_t k = 0; k < sizeof(settings) / sizeof(settings[0]); k++) {
        const char *const *s = settings[k];
        int passes;
        tsr_folder folder =
            passes_open(&tsr_tally_histogram, settings_of("density", "true", s[0], s[1], s[2], s[3], s[4], s[5], NULL));
        tsr_results *results = passes_solve(&folder, values, ITEMS, &passes);
        const tsr_result *density = fold_result(results, "histogram_density");
        const int64_t bins = density->dimension[1].length;
        double mass = 0.0;
        for (int64_t i = 0; i < bins; i++) {
            const double begin = edge(results, 0, i), end = edge(results, 0, i + 1);
            const double share = gsl_cdf_ugaussian_P(end) - gsl_cdf_ugaussian_P(begin);
            mass += density->value[i] * (end - begin);
            assert_true(fabs(density->value[i] * (end - begin) - share) < 5.0 * sqrt(share / ITEMS));
            assert_true(fabs(density->dimension[1].coordinates[i] - (begin + end) / 2.0) < 1e-14);
        }
        const double outside =
            fold_value(results, "histogram_outside", 0) + fold_value(results, "histogram_outside", 1);
        assert_true(fabs(mass - (1.0 - outside / ITEMS)) < 1e-12);
        tsr_results_destroy(&results);
        fold_close(&folder);
    }
    free(values);
}

static tsr_state *fold_pass(tsr_folder *folder, const tsr_table *table, int64_t tile, tsr_state *state) {
    for (; tile < fold_tiles(folder, table); tile++) fold_tile(folder, table, tile, state);
    passes_settle(folder, state);
    return state;
}

/* A run that has read its items twice goes back, reads more, and goes through all of them again. */
static void test_a_rewound_histogram_can_be_extended(void **state) {
    (void)state;
    enum { FEWER = 4000, ITEMS = 10000 };
    int passes;
    double *values = sample_t4(11, ITEMS), *both = mirrored(values, ITEMS), *few = mirrored(values, FEWER);
    const tsr_table all = {.fields = mirror_fields, .columns = 2, .items = ITEMS, .value = both};
    const tsr_table first = {.fields = mirror_fields, .columns = 2, .items = FEWER, .value = few};
    for (int weighted = 0; weighted < 2; weighted++) {
        for (int64_t i = 0; i < ITEMS && weighted; i++) both[ITEMS + i] = 0.1 + fabs(values[i]);
        for (int64_t i = 0; i < FEWER && weighted; i++) few[FEWER + i] = both[ITEMS + i];
        tsr_folder folder =
            passes_open(&tsr_tally_histogram, settings_of("bins", "40", weighted ? "weight" : "of", "y", NULL));
        folder.tile_items = 1000;
        tsr_state *direct = passes_fold(&folder, &all, 2, &passes);
        tsr_state *extended = passes_fold(&folder, &first, 1, &passes);
        tsr_tally_histogram.rewind(folder.model, extended);
        fold_pass(&folder, &all, FEWER / folder.tile_items, extended);
        folder.pass = 1;
        folder.settled = extended;
        tsr_state *counts = fold_pass(&folder, &all, 0, fold_state(&folder));
        assert_int_equal(tsr_state_add(extended, counts), TSR_OK);
        passes_settle(&folder, extended);
        assert_same_words(direct, extended);
        tsr_state_destroy(&counts);
        tsr_state_destroy(&extended);
        tsr_state_destroy(&direct);
        fold_close(&folder);
    }
    free(values);
    free(both);
    free(few);
}

static void test_impossible_bins_are_refused(void **state) {
    (void)state;
    const tsr_tally *tally = &tsr_tally_histogram;
    assert_refused(tally, settings_of("bins", "0", "range", "[0, 1]", NULL), "bins is 0");
    assert_refused(tally, settings_of("bins", "2000000", NULL), "bins is 2000000");
    assert_refused(tally, settings_of("bins", "10", "range", "[1, 0]", NULL), "the smaller one first");
    assert_refused(tally, settings_of("bins", "10", "range", "[0, 1, 2]", NULL), "two numbers");
    assert_refused(tally, settings_of("bins", "1000", "range", "[1e9, 1000000000.000001]", NULL), "told apart");
    assert_refused(tally, settings_of("scale", "log", NULL), "log needs range");
    assert_refused(tally, settings_of("scale", "log", "range", "[0, 1]", NULL), "both edges must be positive");
    assert_refused(tally, settings_of("scale", "log", "bins", "1000", "range", "[1, 1.000000000001]", NULL), "apart");
    assert_refused(tally, settings_of("edges", "[0, 1, 1]", NULL), "edges must increase, and 1 is followed by 1");
    assert_refused(tally, settings_of("edges", "[3]", NULL), "1 edges are given; 2 to 1000000 are allowed");
    assert_refused(tally, settings_of("edges", "[0, 1]", "range", "[0, 1]", NULL), "leave range out");
    assert_refused(tally, settings_of("edges", "[0, 1]", "bins", "7", NULL), "leave bins out");
    assert_refused(tally, settings_of("edges", "[-1e308, 1e308]", NULL), "beyond the largest double");
    assert_refused(tally, settings_of("bins", "10001", "weight", "y", NULL), "10000 are allowed in all");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_range_counts_in_one_pass),
        cmocka_unit_test(test_logarithmic_bins_and_given_edges_count_in_one_pass),
        cmocka_unit_test(test_automatic_range_counts_in_two_passes),
        cmocka_unit_test(test_automatic_range_holds_all_of_few_and_the_middle_of_many),
        cmocka_unit_test(test_odd_values_alone_are_counted),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_a_normal_law_comes_out),
        cmocka_unit_test(test_a_density_adds_up_to_the_share_inside),
        cmocka_unit_test(test_a_rewound_histogram_can_be_extended),
        cmocka_unit_test(test_impossible_bins_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
