/* Histograms: sums of weights are exact, and error bars cover what they claim, with weights and without. */
#include "engine/exact.h"
#include "engine/tallies/histogram.h"
#include "engine/tallies/histogram_2d.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>

static const tsr_field fields[] = {{.name = "x", .unit = "EUR", .long_name = ""},
                                   {.name = "w", .unit = "1", .long_name = ""},
                                   {.name = "y", .unit = "EUR", .long_name = ""},
                                   {.name = NULL}};
enum { COLUMNS = 3 };

static tsr_folder open_of(const tsr_tally *tally, tsr_setting *settings) {
    tsr_folder folder;
    if (fold_open(tally, settings, fields, &folder) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return folder;
}

static tsr_results *solve_table(tsr_folder *folder, const double *values, int64_t items) {
    const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = items, .value = values};
    int passes;
    tsr_state *total = passes_fold(folder, &table, 2, &passes);
    tsr_results *results = fold_solve(folder, total);
    tsr_state_destroy(&total);
    return results;
}

/* ---- sums ---- */

/* A tile of one item is exact as it is; larger tiles round each of their sums. */
static void test_weights_are_summed_exactly(void **state) {
    (void)state;
    enum { ITEMS = 5000, BINS = 10 };
    static const double range[] = {-2.0, 2.0};
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS), *x = sample_normal(3, ITEMS);
    tsr_exact sum[BINS] = {0}, square[BINS] = {0};
    for (int i = 0; i < ITEMS; i++) {
        values[i] = values[2 * ITEMS + i] = x[i];
        values[ITEMS + i] = exp(30.0 * fabs(x[i]));
        const int bin = (int)floor((x[i] - range[0]) / (range[1] - range[0]) * BINS);
        if (bin < 0 || bin >= BINS) continue;
        tsr_exact_add(&sum[bin], values[ITEMS + i]);
        tsr_exact_add(&square[bin], values[ITEMS + i] * values[ITEMS + i]);
    }
    for (int64_t tile = 1; tile <= 1000; tile *= 10) {
        tsr_folder folder = open_of(&tsr_tally_histogram,
                                    settings_of("of", "x", "weight", "w", "bins", "10", "range", "[-2, 2]", NULL));
        folder.tile_items = tile;
        tsr_results *results = solve_table(&folder, values, ITEMS);
        for (int b = 0; b < BINS; b++) {
            const double wanted = tsr_exact_round(&sum[b]), found = fold_value(results, "histogram", b);
            const double error = sqrt(tsr_exact_round(&square[b]) - wanted * wanted / ITEMS);
            assert_true(tile == 1 ? found == wanted : fabs(found / wanted - 1.0) < (double)tile * 0x1p-53);
            assert_true(fabs(fold_error(results, "histogram", b) / error - 1.0) < 1e-12);
        }
        assert_false(fold_result(results, "histogram")->integer);
        tsr_results_destroy(&results);
        fold_close(&folder);
    }
    free(values);
    free(x);
}

static void test_equal_weights_are_scaled_counts(void **state) {
    (void)state;
    enum { ITEMS = 3000, BINS = 20 };
    static const double weights[] = {0.1, 1.0, 3e200, 0.0};
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS), *x = sample_normal(3, ITEMS);
    for (size_t k = 0; k < sizeof(weights) / sizeof(weights[0]); k++) {
        for (int i = 0; i < ITEMS; i++) {
            values[i] = values[2 * ITEMS + i] = x[i];
            values[ITEMS + i] = weights[k];
        }
        tsr_results *found[2];
        for (int weighted = 0; weighted < 2; weighted++) {
            const char *what = weighted ? "w" : "";
            tsr_folder folder = open_of(&tsr_tally_histogram, settings_of("of", "x", "weight", what, "bins", "20",
                                                                          "range", "[-2, 2]", "density", "true", NULL));
            found[weighted] = solve_table(&folder, values, ITEMS);
            fold_close(&folder);
        }
        for (int b = 0; b < BINS; b++) {
            assert_true(fold_value(found[1], "histogram", b) == weights[k] * fold_value(found[0], "histogram", b));
            assert_true(fold_error(found[1], "histogram", b) == weights[k] * fold_error(found[0], "histogram", b));
            const double density = weights[k] > 0.0 ? fold_value(found[0], "histogram_density", b) : 0.0;
            assert_true(fold_value(found[1], "histogram_density", b) == density);
        }
        tsr_results_destroy(&found[0]);
        tsr_results_destroy(&found[1]);
    }
    free(values);
    free(x);
}

/* All that there is lies in one bin: its share is 1 +- 0, also where weights differ; equal weights have a known sum. */
static void test_constant_values_have_no_error(void **state) {
    (void)state;
    enum { ITEMS = 777 };
    double values[COLUMNS * ITEMS], *noise = sample_uniforms(5, ITEMS);
    for (int equal = 0; equal < 2; equal++) {
        for (int i = 0; i < ITEMS; i++) {
            values[i] = values[2 * ITEMS + i] = 0.3;
            values[ITEMS + i] = equal ? 0.1 : noise[i];
        }
        tsr_folder folder = open_of(&tsr_tally_histogram, settings_of("of", "x", "weight", "w", "bins", "2", "range",
                                                                      "[0, 1]", "density", "true", NULL));
        folder.tile_items = 100;
        tsr_results *results = solve_table(&folder, values, ITEMS);
        assert_true(fold_value(results, "histogram_density", 0) == 2.0);
        for (int b = 0; b < 2; b++) assert_true(fold_error(results, "histogram_density", b) == 0.0);
        assert_true((fold_error(results, "histogram", 0) == 0.0) == (equal == 1));
        assert_true(fold_error(results, "histogram", 1) == 0.0);
        tsr_results_destroy(&results);
        fold_close(&folder);
    }
    free(noise);
}

/* Squares beyond the doubles leave sums but no error bars. */
static void test_errors_are_not_told_where_squares_are_lost(void **state) {
    (void)state;
    static const double sizes[] = {1e160, 1e-160};
    for (int s = 0; s < 2; s++) {
        const double values[] = {0.1, 0.2, sizes[s], 2.0 * sizes[s], 0.0, 0.0};
        tsr_folder folder =
            open_of(&tsr_tally_histogram, settings_of("of", "x", "weight", "w", "bins", "2", "range", "[0, 1]", NULL));
        tsr_results *results = solve_table(&folder, values, 2);
        assert_true(fold_value(results, "histogram", 0) == 3.0 * sizes[s]);
        assert_true(isnan(fold_error(results, "histogram", 0)));
        tsr_results_destroy(&results);
        fold_close(&folder);
    }
}

static void test_bad_weights_stop_the_run(void **state) {
    (void)state;
    static const double bad[] = {-1e-300, NAN, INFINITY};
    static const tsr_tally *const tallies[] = {&tsr_tally_histogram, &tsr_tally_histogram_2d};
    for (int k = 0; k < 6; k++) {
        double values[COLUMNS * 8] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, bad[k % 3], 1, 1};
        tsr_folder folder =
            open_of(tallies[k / 3], k / 3 == 0 ? settings_of("weight", "w", NULL)
                                               : settings_of("weight", "w", "range", "[0, 1, 0, 1]", NULL));
        tsr_state *total = fold_state(&folder);
        const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = total};
        const tsr_block block = {.item = 1000, .items = 8, .stride = 8, .columns = COLUMNS, .data = values};
        assert_int_equal(folder.tally->begin_tile(&fold), TSR_OK);
        tsr_error_clear();
        assert_int_equal(folder.tally->add_block(&fold, &block), TSR_ENUMERIC);
        assert_non_null(strstr(tsr_error_get()->message, "item 1005"));
        tsr_state_destroy(&total);
        fold_close(&folder);
    }
}

static tsr_results *solve_with(const tsr_tally *tally, const char *weight, const double *values, int64_t items) {
    const bool one = tally == &tsr_tally_histogram;
    tsr_folder folder =
        open_of(tally, settings_of("of", one ? "x" : "[x, y]", "range", one ? "[-2, 2]" : "[-2, 2, -2, 2]", "bins", "5",
                                   "weight", weight, "density", "true", NULL));
    tsr_results *results = solve_table(&folder, values, items);
    fold_close(&folder);
    return results;
}

static void test_what_is_not_a_number_changes_no_estimate(void **state) {
    (void)state;
    enum { MORE = 1500, FEWER = 1000 };
    static const tsr_tally *const tallies[] = {&tsr_tally_histogram, &tsr_tally_histogram_2d};
    static const char *const weights[] = {"", "w"};
    double *normal = sample_normal(9, COLUMNS * MORE), more[COLUMNS * MORE], fewer[COLUMNS * FEWER];
    for (int i = 0; i < COLUMNS * MORE; i++) {
        const int column = i / MORE, item = i % MORE;
        more[i] = column == 1 ? fabs(normal[i]) : normal[i];
        if (item < FEWER) fewer[column * FEWER + item] = more[i];
        if (item >= FEWER && column != 1) more[i] = column == 0 || item % 2 == 0 ? NAN : normal[i];
    }
    for (int k = 0; k < 4; k++) {
        tsr_results *with = solve_with(tallies[k / 2], weights[k % 2], more, MORE);
        tsr_results *without = solve_with(tallies[k / 2], weights[k % 2], fewer, FEWER);
        for (int r = 0; r < 2; r++) { /* counts or sums, densities */
            const tsr_result *a = tsr_results_at(with, r), *b = tsr_results_at(without, r);
            for (int64_t i = 0; i < tsr_result_length(a); i++) {
                assert_true(fabs(a->value[i] - b->value[i]) <= 1e-13 * b->value[i]);
                assert_true(fabs(a->error[i] - b->error[i]) <= 1e-13 * b->error[i]);
            }
        }
        tsr_results_destroy(&with);
        tsr_results_destroy(&without);
    }
    free(normal);
}

/* One weight of 1000 that is as large as all others together: nothing is known of the shares, and that is said. */
static void test_weights_that_say_little_are_told(void **state) {
    (void)state;
    enum { ALL = 1000 };
    static const tsr_tally *const tallies[] = {&tsr_tally_histogram, &tsr_tally_histogram_2d};
    double values[COLUMNS * ALL];
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < ALL; i++) {
            values[i] = values[2 * ALL + i] = (double)i / ALL;
            values[ALL + i] = i == 7 && k % 2 == 1 ? 999.0 : 1.0 + i % 2;
        }
        tsr_results *results = solve_with(tallies[k / 2], "w", values, ALL);
        assert_true((strstr(tsr_results_at(results, 1)->long_name, "rough") != NULL) == (k % 2 == 1));
        tsr_results_destroy(&results);
    }
}

/* ---- coverage ---- */

enum { SEEDS = 4000, ITEMS = 1000, CELLS = 4 };

/* How often the truth was within one error bar, and within 1.96, of each cell. */
typedef struct {
    int one[CELLS];
    int two[CELLS];
} coverage;

static void add_coverage(const tsr_result *result, const double *truth, coverage *out) {
    for (int c = 0; c < CELLS; c++) {
        const double off = fabs(result->value[c] - truth[c]);
        out->one[c] += off <= result->error[c];
        out->two[c] += off <= 1.959964 * result->error[c];
    }
}

/* x and y are normal; the weights turn the law of x into a normal one about `tilt`. */
static void fill(uint64_t seed, double tilt, double *values) {
    double *normal = sample_normal(seed, 2 * ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        values[i] = normal[i];
        values[ITEMS + i] = exp(tilt * (normal[i] - 0.5 * tilt));
        values[2 * ITEMS + i] = normal[ITEMS + i];
    }
    free(normal);
}

/* What is looked at: sums or counts, and densities; each with its truth in every cell. Bounds hold for every cell:
 * [0] one error bar, [1] 1.96 of them; from, to. */
typedef struct {
    const char *name[2];
    double truth[2][CELLS];
    double tilt;
    double bounds[2][2];
} expectation;

static void check_coverage(tsr_folder *folder, const expectation *expected) {
    coverage found[2] = {0};
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS);
    for (int seed = 0; seed < SEEDS; seed++) {
        fill(1000 + (uint64_t)seed, expected->tilt, values);
        tsr_results *results = solve_table(folder, values, ITEMS);
        for (int r = 0; r < 2; r++)
            add_coverage(fold_result(results, expected->name[r]), expected->truth[r], &found[r]);
        tsr_results_destroy(&results);
    }
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < CELLS; c++) {
            const double share[2] = {found[r].one[c] / (double)SEEDS, found[r].two[c] / (double)SEEDS};
            for (int k = 0; k < 2; k++)
                if (share[k] < expected->bounds[k][0] || share[k] > expected->bounds[k][1])
                    fail_msg("%s, cell %d: %.1f %% are covered", expected->name[r], c, 100.0 * share[k]);
        }
    free(values);
    fold_close(folder);
}

static double normal_share(double begin, double end) { return gsl_cdf_ugaussian_P(end) - gsl_cdf_ugaussian_P(begin); }

/* Bins that expect 341, 341, 136 and 17 of 1000 items, or with weights 242, 383, 242 and 44. */
static void check_bins(const char *weight, expectation *expected) {
    static const double edge[CELLS + 1] = {-1.0, 0.0, 1.0, 2.0, 2.5};
    expected->name[0] = "histogram";
    expected->name[1] = "histogram_density";
    for (int c = 0; c < CELLS; c++) {
        const double share = normal_share(edge[c] - expected->tilt, edge[c + 1] - expected->tilt);
        expected->truth[0][c] = ITEMS * share;
        expected->truth[1][c] = share / (edge[c + 1] - edge[c]);
    }
    tsr_folder folder = open_of(&tsr_tally_histogram, settings_of("of", "x", "weight", weight, "edges",
                                                                  "[-1, 0, 1, 2, 2.5]", "density", "true", NULL));
    check_coverage(&folder, expected);
}

/* Counts move in steps: the bin that expects 17 covers 74 % of the time, as the binomial law has it. */
static void test_error_bars_of_counts_cover(void **state) {
    (void)state;
    expectation expected = {.bounds = {{0.66, 0.755}, {0.93, 0.965}}};
    check_bins("", &expected);
}

static void test_error_bars_of_weights_cover(void **state) {
    (void)state;
    expectation expected = {.tilt = 0.5, .bounds = {{0.66, 0.71}, {0.93, 0.965}}};
    check_bins("w", &expected);
}

/* Cells that expect from 33 to 131. */
static void test_error_bars_of_weighted_cells_cover(void **state) {
    (void)state;
    expectation expected = {
        .name = {"histogram_2d", "histogram_2d_density"}, .tilt = 0.5, .bounds = {{0.66, 0.71}, {0.93, 0.965}}};
    for (int c = 0; c < CELLS; c++) {
        const double x = c / 2 - 1.0 - expected.tilt, y = c % 2;
        expected.truth[1][c] = normal_share(x, x + 1.0) * normal_share(y, y + 1.0);
        expected.truth[0][c] = ITEMS * expected.truth[1][c];
    }
    tsr_folder folder =
        open_of(&tsr_tally_histogram_2d, settings_of("of", "[x, y]", "weight", "w", "bins", "2", "range",
                                                     "[-1, 1, 0, 2]", "density", "true", NULL));
    check_coverage(&folder, &expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_are_summed_exactly),
        cmocka_unit_test(test_equal_weights_are_scaled_counts),
        cmocka_unit_test(test_constant_values_have_no_error),
        cmocka_unit_test(test_errors_are_not_told_where_squares_are_lost),
        cmocka_unit_test(test_bad_weights_stop_the_run),
        cmocka_unit_test(test_what_is_not_a_number_changes_no_estimate),
        cmocka_unit_test(test_weights_that_say_little_are_told),
        cmocka_unit_test(test_error_bars_of_counts_cover),
        cmocka_unit_test(test_error_bars_of_weights_cover),
        cmocka_unit_test(test_error_bars_of_weighted_cells_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
