/* Logistic regression: closed forms of tables, a set that is known to many digits, and sets that have no maximum. */
#include "fold.h"
#include "passes.h"
#include "samples.h"

#include <math.h>

extern const tsr_tally tsr_tally_logistic;

static const tsr_field fields[] = {{.name = "y"}, {.name = "x", .unit = "t"}, {.name = "u"}, {.name = NULL}};

static tsr_results *fit(const double *value, int columns, int64_t items, int *passes) {
    tsr_folder folder;
    const tsr_table table = {fields, columns, items, value};
    tsr_setting *settings = columns == 2 ? settings_of("of", "y", "on", "x", NULL) : settings_of("of", "y", NULL);
    if (fold_open(&tsr_tally_logistic, settings, fields, &folder) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    folder.tile_items = 9;
    tsr_state *state = passes_fold(&folder, &table, 2, passes);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static void assert_close(double is, double should, double relative) {
    if (!(fabs(is - should) <= relative * fabs(should))) fail_msg("%.17g, not %.17g", is, should);
}

/* Motor Trend 1974: manual gear by weight (1000 lb), the table mtcars of R. Its glm tells 12.040 (4.510), -4.024
 * (1.436), deviance 19.176 of 43.230; more digits by Newton's method in decimals of 50 digits. */
static void test_coefficients_errors_and_deviance_are_those_of_exact_arithmetic(void **state) {
    (void)state;
    static const double value[] = {
        1,     1,     1,     0,     0,     0,    0,     0,     0,     0,     0,     0,     0,     0,     0,     0,
        0,     1,     1,     1,     0,     0,    0,     0,     0,     1,     1,     1,     1,     1,     1,     1,
        2.620, 2.875, 2.320, 3.215, 3.440, 3.46, 3.570, 3.190, 3.150, 3.440, 3.440, 4.070, 3.730, 3.780, 5.250, 5.424,
        5.345, 2.200, 1.615, 1.835, 2.465, 3.52, 3.435, 3.840, 3.845, 1.935, 2.140, 1.513, 3.170, 2.770, 3.570, 2.780};
    int passes;
    tsr_results *results = fit(value, 2, 32, &passes);
    assert_close(fold_value(results, "logistic_coefficient", 0), 12.040369728657321, 1e-13);
    assert_close(fold_value(results, "logistic_coefficient", 1), -4.023969962173202, 1e-13);
    assert_close(fold_error(results, "logistic_coefficient", 0), 4.510066238966759, 1e-9);
    assert_close(fold_error(results, "logistic_coefficient", 1), 1.4365277526235585, 1e-9);
    assert_close(fold_value(results, "logistic_deviance", 0), 19.176084807445083, 1e-13);
    assert_close(fold_value(results, "logistic_null_deviance", 0), -2 * (13 * log(13.0 / 32) + 19 * log(19.0 / 32)),
                 1e-13);
    assert_true(fold_value(results, "logistic_converged", 0) == 1 &&
                fold_value(results, "logistic_separation", 0) == 0);
    assert_true(fold_value(results, "logistic_iterations", 0) == passes && passes < 10);
    tsr_results_destroy(&results);
}

/* counts [x][y]; to be freed. */
static double *fourfold(const int counts[2][2], int64_t *items) {
    *items = counts[0][0] + counts[0][1] + counts[1][0] + counts[1][1];
    double *value = malloc((size_t)(2 * *items) * sizeof(*value));
    int64_t i = 0;
    for (int x = 0; x < 2; x++)
        for (int y = 0; y < 2; y++)
            for (int k = 0; k < counts[x][y]; k++, i++) {
                value[i] = y;
                value[*items + i] = x;
            }
    return value;
}

static void test_a_fourfold_table_gives_the_logarithm_of_its_odds_ratio(void **state) {
    (void)state;
    static const int counts[2][2] = {{30, 11}, {7, 52}};
    int64_t items;
    int passes;
    double *value = fourfold(counts, &items);
    tsr_results *results = fit(value, 2, items, &passes);
    assert_close(fold_value(results, "logistic_coefficient", 0), log(11.0 / 30), 1e-13);
    assert_close(fold_value(results, "logistic_coefficient", 1), log(52.0 * 30 / (7 * 11)), 1e-13);
    assert_close(fold_error(results, "logistic_coefficient", 0), sqrt(1.0 / 30 + 1.0 / 11), 1e-9);
    assert_close(fold_error(results, "logistic_coefficient", 1), sqrt(1.0 / 30 + 1.0 / 11 + 1.0 / 7 + 1.0 / 52), 1e-9);
    const double deviance = -2 * (30 * log(30.0 / 41) + 11 * log(11.0 / 41) + 7 * log(7.0 / 59) + 52 * log(52.0 / 59));
    assert_close(fold_value(results, "logistic_deviance", 0), deviance, 1e-13);
    tsr_results_destroy(&results);
    free(value);
}

static void test_columns_that_divide_the_items_are_told(void **state) {
    (void)state;
    static const double value[] = {0, 0, 0, 1, 1, 1, 1, 2, 3, 3.5, 4, 9};
    int passes;
    tsr_results *results = fit(value, 2, 6, &passes);
    assert_true(fold_value(results, "logistic_separation", 0) == 2);
    assert_true(isnan(fold_value(results, "logistic_coefficient", 1)));
    assert_true(fold_value(results, "logistic_deviance", 0) == 0);
    assert_true(passes < 20);
    tsr_results_destroy(&results);
}

/* All with x = 1 have y = 1: the odds ratio is infinite, though x = 0 has both. */
static void test_columns_that_divide_a_part_of_the_items_are_told(void **state) {
    (void)state;
    static const int counts[2][2] = {{30, 11}, {0, 52}};
    int64_t items;
    int passes;
    double *value = fourfold(counts, &items);
    tsr_results *results = fit(value, 2, items, &passes);
    assert_true(fold_value(results, "logistic_separation", 0) == 1);
    assert_true(isnan(fold_value(results, "logistic_coefficient", 0)));
    tsr_results_destroy(&results);
    free(value);
}

static void test_a_column_that_says_nothing_new_is_left_out(void **state) {
    (void)state;
    static const double value[] = {0, 1, 0, 1, 1, 0, 1, 2, 3, 4, 5, 6, 3, 5, 7, 9, 11, 13};
    int passes;
    tsr_results *results = fit(value, 3, 6, &passes), *alone = fit(value, 2, 6, &passes);
    assert_true(isnan(fold_value(results, "logistic_coefficient", 2)));
    assert_close(fold_value(results, "logistic_coefficient", 1), fold_value(alone, "logistic_coefficient", 1), 1e-13);
    tsr_results_destroy(&results);
    tsr_results_destroy(&alone);
}

/* y is 1 with odds exp(1 + 2 x - u): the truth within four errors, for odds that begin far from 0. */
static void test_a_law_is_found_again(void **state) {
    (void)state;
    enum { ITEMS = 4000 };
    double *value = sample_normal(11, 3 * ITEMS), *uniform = sample_uniforms(12, ITEMS);
    for (int64_t i = 0; i < ITEMS; i++) {
        const double odds = 1 + 2 * value[ITEMS + i] - value[2 * ITEMS + i];
        value[i] = uniform[i] < 1 / (1 + exp(-odds));
    }
    static const double truth[] = {1, 2, -1};
    int passes;
    tsr_results *results = fit(value, 3, ITEMS, &passes);
    for (int t = 0; t < 3; t++) {
        const double error = fold_error(results, "logistic_coefficient", t);
        assert_true(error > 0.02 && error < 0.1);
        assert_true(fabs(fold_value(results, "logistic_coefficient", t) - truth[t]) < 4 * error);
    }
    tsr_results_destroy(&results);
    free(uniform);
    free(value);
}

static void test_no_items_have_no_odds(void **state) {
    (void)state;
    int passes;
    tsr_results *results = fit(NULL, 2, 0, &passes);
    assert_int_equal(passes, 1);
    assert_true(isnan(fold_value(results, "logistic_coefficient", 0)));
    tsr_results_destroy(&results);
}

static void test_tiles_in_any_order_give_the_same_words(void **state) {
    (void)state;
    double *value = sample_normal(4, 2000);
    for (int i = 0; i < 1000; i++) value[i] = value[i] + value[1000 + i] > 0;
    const tsr_table table = {fields, 2, 1000, value};
    tsr_state *found[2];
    for (int k = 0; k < 2; k++) {
        int passes;
        tsr_folder folder;
        assert_int_equal(fold_open(&tsr_tally_logistic, settings_of("of", "y", "on", "x", NULL), fields, &folder),
                         TSR_OK);
        folder.tile_items = 100;
        found[k] = passes_fold(&folder, &table, 1 + 4 * k, &passes);
        assert_true(passes > 3);
        if (k == 1) {
            tsr_tally_logistic.rewind(folder.model, found[k]);
            assert_int_equal(passes_refine(&folder, &table, 2, found[k]), passes);
        }
        fold_close(&folder);
    }
    assert_same_words(found[0], found[1]);
    tsr_state_destroy(&found[0]);
    tsr_state_destroy(&found[1]);
    free(value);
}

static void test_what_is_neither_0_nor_1_is_refused(void **state) {
    (void)state;
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_logistic, settings_of("of", "y", NULL), fields, &folder), TSR_OK);
    tsr_state *total = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = total};
    double data[24] = {1, 2};
    const tsr_block block = {.item = 7, .items = 2, .stride = 8, .columns = 3, .data = data};
    assert_int_equal(tsr_tally_logistic.begin_pass(&fold), TSR_OK);
    assert_int_equal(tsr_tally_logistic.begin_tile(&fold), TSR_OK);
    assert_int_equal(tsr_tally_logistic.add_block(&fold, &block), TSR_ENUMERIC);
    assert_non_null(strstr(tsr_error_get()->message, "item 8 is to be explained and is 2"));
    tsr_state_destroy(&total);
    fold_close(&folder);
    assert_refused(&tsr_tally_logistic, settings_of("of", "x", "on", "x", NULL), "'x' cannot explain itself");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coefficients_errors_and_deviance_are_those_of_exact_arithmetic),
        cmocka_unit_test(test_a_fourfold_table_gives_the_logarithm_of_its_odds_ratio),
        cmocka_unit_test(test_columns_that_divide_the_items_are_told),
        cmocka_unit_test(test_columns_that_divide_a_part_of_the_items_are_told),
        cmocka_unit_test(test_a_column_that_says_nothing_new_is_left_out),
        cmocka_unit_test(test_a_law_is_found_again),
        cmocka_unit_test(test_no_items_have_no_odds),
        cmocka_unit_test(test_tiles_in_any_order_give_the_same_words),
        cmocka_unit_test(test_what_is_neither_0_nor_1_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
