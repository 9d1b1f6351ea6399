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
    assert_true(chi_squared < gsl_cdf_chisq_Pinv(0.9999, BINS));
    tsr_results_destroy(&results);
    free(values);
    fold_close(&folder);
}

static void test_impossible_bins_are_refused(void **state) {
    (void)state;
    const tsr_tally *tally = &tsr_tally_histogram;
    assert_refused(tally, settings_of("bins", "0", "range", "[0, 1]", NULL), "bins is 0");
    assert_refused(tally, settings_of("bins", "2000000", NULL), "bins is 2000000");
    assert_refused(tally, settings_of("bins", "10", "range", "[1, 0]", NULL), "the smaller one first");
    assert_refused(tally, settings_of("bins", "10", "range", "[0, 1, 2]", NULL), "two numbers");
    assert_refused(tally, settings_of("bins", "1000", "range", "[1e9, 1000000000.000001]", NULL), "told apart");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_range_counts_in_one_pass),
        cmocka_unit_test(test_automatic_range_counts_in_two_passes),
        cmocka_unit_test(test_automatic_range_holds_all_of_few_and_the_middle_of_many),
        cmocka_unit_test(test_odd_values_alone_are_counted),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_a_normal_law_comes_out),
        cmocka_unit_test(test_impossible_bins_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
