/* Histograms over two columns: every pair is counted in the cell whose edges enclose it, or outside of both axes. */
#include "engine/tallies/histogram.h"
#include "engine/tallies/histogram_2d.h"
#include "passes.h"
#include "samples.h"

#include <gsl/gsl_cdf.h>

static const tsr_field fields[] = {{.name = "x", .unit = "EUR", .long_name = ""},
                                   {.name = "y", .unit = "m/s", .long_name = ""},
                                   {.name = "w", .unit = "kg", .long_name = ""},
                                   {.name = NULL}};
enum { COLUMNS = 3 };

static tsr_folder grid_open(tsr_setting *settings) {
    tsr_folder folder;
    if (fold_open(&tsr_tally_histogram_2d, settings, fields, &folder) != TSR_OK)
        fail_msg("%s", tsr_error_get()->message);
    return folder;
}

/* Normal numbers and others, and multiples of 1/8 as weights, whose sums are exact. */
static double *pairs(int kind, uint64_t seed, int64_t items) {
    double *x = sample(kind, seed, items), *y = sample_t4(seed + 1, items), *w = sample_uniforms(seed + 2, items);
    double *all = malloc((size_t)(COLUMNS * items) * sizeof(*all));
    for (int64_t i = 0; i < items; i++) {
        all[i] = x[i];
        all[items + i] = i % 50 == 7 ? NAN : y[i];
        all[2 * items + i] = floor(64.0 * w[i]) / 8.0;
    }
    free(x);
    free(y);
    free(w);
    return all;
}

/* Bin by comparing with edges: 0 .. bins - 1; bins, bins + 1, bins + 2: below, above, not a number. */
static int64_t bin_of(const tsr_result *edges, double value) {
    const int64_t bins = edges->dimension[0].length - 1;
    if (isnan(value)) return bins + 2;
    if (value < edges->value[0]) return bins;
    if (value > edges->value[bins]) return bins + 1;
    int64_t bin = 0;
    while (bin + 1 < bins && value >= edges->value[bin + 1]) bin++;
    return bin;
}

static void assert_cells(const tsr_results *results, const double *values, int64_t items, bool weighted) {
    const tsr_result *cells = fold_result(results, "histogram_2d");
    const tsr_result *edges[] = {fold_result(results, "histogram_2d_x_edges"),
                                 fold_result(results, "histogram_2d_y_edges")};
    const int64_t length = tsr_result_length(cells),
                  bins[] = {edges[0]->dimension[0].length - 1, edges[1]->dimension[0].length - 1};
    double *found = calloc((size_t)length, sizeof(*found)), outside[6] = {0};
    for (int64_t i = 0; i < items; i++) {
        const double weight = weighted ? values[2 * items + i] : 1.0;
        const int64_t at[] = {bin_of(edges[0], values[i]), bin_of(edges[1], values[items + i])};
        if (at[0] < bins[0] && at[1] < bins[1]) found[at[0] * bins[1] + at[1]] += weight;
        for (int a = 0; a < 2; a++)
            if (at[a] >= bins[a]) outside[3 * a + (at[a] - bins[a])] += weight;
    }
    assert_int_equal(length, bins[0] * bins[1]);
    for (int64_t i = 0; i < length; i++) assert_true(cells->value[i] == found[i]);
    for (int i = 0; i < 6; i++) assert_true(fold_value(results, "histogram_2d_outside", i) == outside[i]);
    free(found);
}

static const char *const grids[][8] = {
    {"bins", "[7, 4]", "range", "[-2, 2, -1, 3]", NULL},
    {"bins", "60", "range", "[0.01, 9, 0.1, 5]", "scale", "log", NULL},
    {"bins", "[20, 300]", "range", "[0.01, 9, -1, 5]", "scale", "[log, linear]", NULL},
    {"edges_x", "[-3, -1, -0.5, 0.25, 4]", "bins", "9", "range", "[-1, 1]", NULL},
    {"edges_x", "[-1, 1]", "edges_y", "[-2, 0, 0.5]", NULL},
    {"edges_y", "[-3, -1, -0.5, 0.25, 4]", "range", "[0.1, 1]", "scale", "log", NULL},
};
enum { GRIDS = sizeof(grids) / sizeof(grids[0]) };

static tsr_folder open_kind(int grid, bool weighted) {
    const char *const *g = grids[grid];
    const char *columns = weighted ? "weight" : "of", *what = weighted ? "w" : "[x, y]";
    return grid_open(settings_of(columns, what, g[0], g[1], g[2], g[3], g[4], g[5], NULL));
}

static void test_pairs_are_counted_in_their_cells(void **state) {
    (void)state;
    enum { ITEMS = 3000 };
    for (int kind = 0; kind < SAMPLES; kind++) {
        double *values = pairs(kind, 31, ITEMS);
        const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = ITEMS, .value = values};
        for (int k = 0; k < 2 * GRIDS; k++) {
            tsr_folder folder = open_kind(k / 2, k % 2 == 1);
            folder.tile_items = 700;
            int passes;
            tsr_state *total = passes_fold(&folder, &table, 3, &passes);
            tsr_results *results = fold_solve(&folder, total);
            assert_int_equal(passes, 1);
            assert_cells(results, values, ITEMS, k % 2 == 1);
            tsr_results_destroy(&results);
            tsr_state_destroy(&total);
            fold_close(&folder);
        }
        free(values);
    }
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    enum { ITEMS = 4000 };
    static const int64_t splits[][3] = {{1000, 64, 8}, {777, 13, 3}, {1, 1, 2}};
    double *values = pairs(SAMPLE_NORMAL, 3, ITEMS);
    const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = ITEMS, .value = values};
    for (int k = 0; k < 2 * GRIDS; k++) {
        int passes;
        tsr_folder folder = open_kind(k / 2, k % 2 == 1);
        tsr_state *whole = passes_fold(&folder, &table, 1, &passes);
        for (size_t s = 0; s < sizeof(splits) / sizeof(splits[0]); s++) {
            folder.tile_items = splits[s][0];
            folder.block_items = splits[s][1];
            tsr_state *parts = passes_fold(&folder, &table, (int)splits[s][2], &passes);
            assert_same_words(whole, parts);
            tsr_state_destroy(&parts);
        }
        tsr_state_destroy(&whole);
        fold_close(&folder);
    }
    free(values);
}

/* chi-squared of 64 cells below its 99.99 % quantile, densities within 5 error bars. */
static void test_independent_normals_come_out(void **state) {
    (void)state;
    enum { ITEMS = 200000, BINS = 8 };
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS), chi_squared = 0.0;
    double *x = sample_normal(1, ITEMS), *y = sample_normal(2, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        values[i] = x[i];
        values[ITEMS + i] = 10.0 * y[i];
        values[2 * ITEMS + i] = 1.0;
    }
    const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = ITEMS, .value = values};
    tsr_results *results = fold_table(
        &tsr_tally_histogram_2d,
        settings_of("of", "[x, y]", "bins", "8", "range", "[-2, 2, -20, 20]", "density", "true", NULL), &table);
    const tsr_result *cells = fold_result(results, "histogram_2d");
    const tsr_result *density = fold_result(results, "histogram_2d_density");
    for (int i = 0; i < BINS * BINS; i++) {
        const double at[] = {i / BINS * 0.5 - 2.0, i % BINS * 0.5 - 2.0};
        double share = 1.0;
        for (int a = 0; a < 2; a++) share *= gsl_cdf_ugaussian_P(at[a] + 0.5) - gsl_cdf_ugaussian_P(at[a]);
        const double off = cells->value[i] - ITEMS * share;
        chi_squared += off * off / (ITEMS * share);
        assert_true(fabs(cells->error[i] / sqrt(ITEMS * share * (1.0 - share)) - 1.0) < 0.1);
        assert_true(fabs(density->value[i] - share / (0.5 * 5.0)) < 5.0 * density->error[i]);
    }
    assert_true(chi_squared < gsl_cdf_chisq_Pinv(0.9999, BINS * BINS));
    tsr_results_destroy(&results);
    free(values);
    free(x);
    free(y);
}

/* What a plot needs: dimensions called after their columns, centres, units. */
static void test_axes_are_described(void **state) {
    (void)state;
    const double values[] = {0.5, 1.5, 5.0, 15.0, 2.0, 3.0};
    const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = 2, .value = values};
    tsr_results *results = fold_table(
        &tsr_tally_histogram_2d,
        settings_of("weight", "w", "bins", "[2, 4]", "range", "[0, 2, 0, 40]", "density", "true", NULL), &table);
    const tsr_result *cells = fold_result(results, "histogram_2d");
    assert_int_equal(cells->dimensions, 2);
    assert_string_equal(cells->dimension[0].name, "x_bin");
    assert_string_equal(cells->dimension[1].name, "y_bin");
    assert_string_equal(cells->dimension[0].unit, "EUR");
    assert_string_equal(cells->dimension[1].unit, "m/s");
    assert_true(cells->dimension[1].coordinates[3] == 35.0);
    assert_string_equal(cells->unit, "kg");
    assert_true(cells->total && fold_result(results, "histogram_2d_outside")->total);
    assert_false(fold_result(results, "histogram_2d_density")->total);
    assert_true(cells->value[0] == 2.0 && cells->value[5] == 3.0);
    assert_string_equal(fold_result(results, "histogram_2d_density")->unit, "1/(EUR (m/s))");
    assert_string_equal(fold_result(results, "histogram_2d_y_edges")->unit, "m/s");
    assert_true(fold_value(results, "histogram_2d_y_edges", 4) == 40.0);
    tsr_results_destroy(&results);
}

static void test_cells_that_nobody_meets_take_no_memory(void **state) {
    (void)state;
    enum { ITEMS = 5000 };
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS);
    for (int i = 0; i < COLUMNS * ITEMS; i++) values[i] = 0.3 + 1e-6 * (i % ITEMS);
    const tsr_table table = {.fields = fields, .columns = COLUMNS, .items = ITEMS, .value = values};
    tsr_folder folder = grid_open(settings_of("of", "[x, y]", "bins", "2000", "range", "[0, 1, 0, 1]", NULL));
    int passes;
    tsr_state *total = passes_fold(&folder, &table, 1, &passes);
    assert_true(tsr_state_bytes(total) < 400000); /* of 32 MB */
    tsr_state_destroy(&total);
    fold_close(&folder);
    free(values);
}

static void assert_grid_refused(tsr_setting *settings, const char *sentence) {
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_histogram_2d, settings, fields, &folder), TSR_EUSAGE);
    if (strstr(tsr_error_get()->message, sentence) == NULL) fail_msg("%s", tsr_error_get()->message);
    tsr_params_destroy(&folder.params);
}

#define XY "of", "[x, y]"

static void test_impossible_grids_are_refused(void **state) {
    (void)state;
    assert_grid_refused(settings_of("range", "[0, 1, 0, 1]", NULL), "it needs two columns, and has 3");
    assert_grid_refused(settings_of("of", "x", "range", "[0, 1, 0, 1]", NULL), "it needs two columns, and has 1");
    assert_grid_refused(settings_of(XY, NULL), "four numbers must stand here");
    assert_grid_refused(settings_of(XY, "range", "[0, 1]", NULL), "four numbers must stand here");
    assert_grid_refused(settings_of(XY, "edges_x", "[0, 1]", NULL), "the axis without edges needs its [first edge");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 2, 1]", NULL), "the smaller one first");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 0, 1]", "bins", "[2, 3, 4]", NULL),
                        "3 numbers are given for 2 axes");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 0, 1]", "bins", "2.5", NULL), "2.5 is not a whole number");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 0, 1]", "bins", "2001", NULL),
                        "2001 x 2001 bins are 4004001 cells");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 0, 1]", "scale", "[linear, log]", NULL), "must be positive");
    assert_grid_refused(settings_of(XY, "range", "[0, 1, 0, 1]", "scale", "lag", NULL),
                        "'lag' is neither linear nor log");
    assert_grid_refused(settings_of(XY, "edges_x", "[0, 1]", "edges_y", "[1, 0]", NULL), "edges must increase");
    assert_grid_refused(settings_of(XY, "edges_x", "[0, 1]", "edges_y", "[0, 1]", "bins", "3", NULL), "leave bins out");
    assert_grid_refused(settings_of("weight", "w", "range", "[0, 1, 0, 1]", "bins", "101", NULL),
                        "the grid has 10201 cells; with weights, 10000 are allowed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_counted_in_their_cells),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_independent_normals_come_out),
        cmocka_unit_test(test_axes_are_described),
        cmocka_unit_test(test_cells_that_nobody_meets_take_no_memory),
        cmocka_unit_test(test_impossible_grids_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
