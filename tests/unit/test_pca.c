/* Principal components: those of matrices whose eigenvectors are known, from exact sums, with signs that are fixed. */
#include "fold.h"
#include "passes.h"
#include "samples.h"

#include <math.h>

extern const tsr_tally tsr_tally_pca;

static tsr_results *components(const double *value, int columns, int64_t items, tsr_setting *settings) {
    static const tsr_field fields[] = {{.name = "a", .unit = "m"},
                                       {.name = "b", .unit = "m"},
                                       {.name = "c", .unit = "m"},
                                       {.name = "d", .unit = "m"},
                                       {.name = NULL}};
    static tsr_field some[5];
    memcpy(some, fields, sizeof(fields));
    some[columns] = (tsr_field){.name = NULL};
    const tsr_table table = {some, columns, items, value};
    return fold_table(&tsr_tally_pca, settings, &table);
}

static void assert_close(double is, double should, double error) {
    if (!(fabs(is - should) <= error)) fail_msg("%.17g, not %.17g", is, should);
}

/* Points on the ends of two axes at 45 degrees, far from the origin: variances 2 * 25 / 3 and 2 * 1 / 3. */
static void test_axes_of_a_cross_are_found(void **state) {
    (void)state;
    static const double value[] = {1e8 + 4, 1e8 - 4, 1e8 - 3, 1e8 + 3, 1e8 - 3, 1e8 + 3, 1e8 + 4, 1e8 - 4};
    tsr_results *results = components(value, 2, 4, NULL);
    const double sum = 2.0 * (16 + 9) / 3, cross = -4.0 * 12 / 3;
    assert_close(fold_value(results, "pca_eigenvalue", 0), sum + -cross, 1e-13);
    assert_close(fold_value(results, "pca_eigenvalue", 1), sum + cross, 1e-13);
    assert_close(fold_value(results, "pca_share", 0), (sum - cross) / (2 * sum), 1e-15);
    assert_close(fold_value(results, "pca_cumulative", 1), 1, 1e-15);
    for (int c = 0; c < 2; c++) {
        assert_close(fold_value(results, "pca_loading", (int64_t)c * 2), c == 0 ? sqrt(0.5) : -sqrt(0.5), 1e-15);
        assert_close(fold_value(results, "pca_loading", (int64_t)c * 2 + 1), sqrt(0.5), 1e-15);
        assert_true(fold_value(results, "pca_mean", c) == 1e8);
    }
    assert_close(fold_error(results, "pca_eigenvalue", 0), (sum - cross) * sqrt(2.0 / 3), 1e-13);
    tsr_results_destroy(&results);
}

/* The matrix times a direction is its eigenvalue times it; all eigenvalues together are the variances together. */
static void test_directions_are_eigenvectors(void **state) {
    (void)state;
    enum { ITEMS = 2000, COLUMNS = 4 };
    double *value = sample_normal(3, COLUMNS * ITEMS), matrix[COLUMNS][COLUMNS] = {{0}}, mean[COLUMNS] = {0};
    for (int64_t i = 0; i < ITEMS; i++) {
        value[ITEMS + i] += 2 * value[i];
        value[2 * ITEMS + i] -= value[ITEMS + i];
        for (int64_t c = 0; c < COLUMNS; c++) mean[c] += value[c * ITEMS + i] / ITEMS;
    }
    for (int64_t a = 0; a < COLUMNS; a++)
        for (int64_t b = 0; b < COLUMNS; b++)
            for (int64_t i = 0; i < ITEMS; i++)
                matrix[a][b] += (value[a * ITEMS + i] - mean[a]) * (value[b * ITEMS + i] - mean[b]) / (ITEMS - 1);
    tsr_results *results = components(value, COLUMNS, ITEMS, settings_of("components", "3", NULL));
    double trace = 0, largest = 0;
    for (int a = 0; a < COLUMNS; a++) trace += matrix[a][a];
    assert_close(fold_value(results, "pca_variance", 0), trace, 1e-12);
    for (int k = 0; k < 3; k++) {
        double length = 0;
        for (int a = 0; a < COLUMNS; a++) {
            const double own = fold_value(results, "pca_loading", 3 * (int64_t)a + k);
            double image = 0;
            for (int b = 0; b < COLUMNS; b++)
                image += matrix[a][b] * fold_value(results, "pca_loading", 3 * (int64_t)b + k);
            assert_close(image, fold_value(results, "pca_eigenvalue", k) * own, 1e-12);
            length += own * own;
            if (fabs(own) > fabs(largest)) largest = own;
        }
        assert_close(length, 1, 1e-14);
        assert_true(largest > 0);
        largest = 0;
    }
    tsr_results_destroy(&results);
    free(value);
}

/* Scaled, units do not count; a column that does not vary has no part. */
static void test_scaled_columns_count_alike(void **state) {
    (void)state;
    static const double value[] = {1, 2, 3, 4, 1000, 3000, 2000, 4000, 7, 7, 7, 7};
    tsr_results *results = components(value, 3, 4, settings_of("scale", "yes", NULL));
    assert_close(fold_value(results, "pca_eigenvalue", 0), 1.8, 1e-14);
    assert_close(fold_value(results, "pca_eigenvalue", 1), 0.2, 1e-14);
    assert_true(fold_value(results, "pca_eigenvalue", 2) == 0);
    assert_close(fold_value(results, "pca_share", 0), 0.9, 1e-15);
    assert_true(fold_value(results, "pca_loading", 6) == 0);
    assert_null(fold_result(results, "pca_eigenvalue")->error);
    tsr_results_destroy(&results);
}

static void test_too_few_items_and_infinite_ones_have_no_components(void **state) {
    (void)state;
    static const double value[] = {1, 2, 3, 4, 5, NAN};
    for (int64_t items = 0; items <= 3; items++) {
        if (items == 2) continue;
        tsr_results *results = components(value, 2, items, NULL);
        assert_true(isnan(fold_value(results, "pca_eigenvalue", 0)));
        assert_true(isnan(fold_value(results, "pca_loading", 0)));
        tsr_results_destroy(&results);
    }
}

static void test_tiles_in_any_order_give_the_same_words(void **state) {
    (void)state;
    double *value = sample_normal(8, 5000);
    double *both = mirrored(value, 5000);
    const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = 5000, .value = both};
    tsr_folder folder = passes_open(&tsr_tally_pca, NULL);
    folder.tile_items = 700;
    tsr_state *one = passes_once(&folder, &table, 1), *five = passes_once(&folder, &table, 5);
    assert_same_words(one, five);
    tsr_state_destroy(&one);
    tsr_state_destroy(&five);
    fold_close(&folder);
    free(both);
    free(value);
}

static void test_more_components_than_columns_are_refused(void **state) {
    (void)state;
    assert_refused(&tsr_tally_pca, settings_of("components", "3", NULL), "3 components of 2 columns");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes_of_a_cross_are_found),
        cmocka_unit_test(test_directions_are_eigenvectors),
        cmocka_unit_test(test_scaled_columns_count_alike),
        cmocka_unit_test(test_too_few_items_and_infinite_ones_have_no_components),
        cmocka_unit_test(test_tiles_in_any_order_give_the_same_words),
        cmocka_unit_test(test_more_components_than_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
