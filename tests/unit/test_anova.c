/* Analysis of variance: NIST's SmLs01 to SmLs09 in exact arithmetic on doubles, groups by words and numbers. */
#include "fold.h"
#include "passes.h"

#include <math.h>

extern const tsr_tally tsr_tally_anova;

enum { TREATMENTS = 9 };

static const tsr_field fields[] = {{.name = "x", .unit = "s"}, {.name = "g", .unit = "1"}, {.name = NULL}};

/* Treatment 1: offset + .4, then .3 and .5 in turn; even ones .3, then .2 and .4; other odd ones .5, then .4 and .6. */
static double tenths_of(int treatment, int replicate) {
    const int middle = treatment == 0 ? 4 : (treatment % 2 == 1 ? 3 : 5);
    return replicate == 0 ? middle : (replicate % 2 == 1 ? middle - 1 : middle + 1);
}

/* The decimals as they would be read: offset and tenths make one number. */
static tsr_results *analyse_simulated(int replicates, int64_t offset) {
    const int64_t items = (int64_t)TREATMENTS * replicates;
    double *value = malloc((size_t)(2 * items) * sizeof(*value));
    for (int64_t i = 0; i < items; i++) {
        char text[40];
        const int treatment = (int)(i / replicates);
        snprintf(text, sizeof(text), "%lld.%d", (long long)offset, (int)tenths_of(treatment, (int)(i % replicates)));
        value[i] = strtod(text, NULL);
        value[items + i] = treatment;
    }
    const tsr_table table = {fields, 2, items, value};
    tsr_results *results = fold_table(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), &table);
    free(value);
    return results;
}

/* Certified F is the number of replicates; with an offset of 1e12 doubles hold four digits of the tenths, and exact
 * arithmetic on them gives other numbers (Python's fractions). */
static void test_simulated_sets_have_the_digits_that_doubles_allow(void **state) {
    (void)state;
    static const struct {
        int replicates;
        int64_t offset;
        double ratio;
        double digits;
    } set[] = {{21, 1, 21, 13.9},
               {201, 1, 201, 13.9},
               {2001, 1, 2001, 13.9},
               {21, 1000000, 21.000000000776101, 15},
               {201, 1000000, 201.00000001241764, 15},
               {2001, 1000000, 2001.0000001288329, 15},
               {21, 1000000000000, 21.00081188781877, 15},
               {201, 1000000000000, 201.01300409594845, 15},
               {2001, 1000000000000, 2001.1349262209505, 15}};
    for (size_t s = 0; s < sizeof(set) / sizeof(set[0]); s++) {
        tsr_results *results = analyse_simulated(set[s].replicates, set[s].offset);
        const double is = fold_value(results, "anova_F", 0);
        if (!(fabs(is / set[s].ratio - 1) <= pow(10, -set[s].digits))) fail_msg("SmLs0%zu: F is %.17g", s + 1, is);
        tsr_results_destroy(&results);
    }
}

static void assert_close(double is, double should, double relative) {
    if (!(fabs(is - should) <= relative * fabs(should))) fail_msg("%.17g, not %.17g", is, should);
}

static void test_the_table_is_that_of_the_closed_form(void **state) {
    (void)state;
    tsr_results *results = analyse_simulated(2001, 1);
    assert_close(fold_value(results, "anova_squares", 0), 160.08, 1e-13);
    assert_close(fold_value(results, "anova_squares", 1), 180, 1e-13);
    assert_close(fold_value(results, "anova_squares", 2), 340.08, 1e-13);
    assert_close(fold_value(results, "anova_residual_sd", 0), 0.1, 1e-13);
    assert_close(fold_value(results, "anova_r_squared", 0), 160.08 / 340.08, 1e-13);
    assert_true(fold_value(results, "anova_freedom", 0) == 8);
    assert_true(fold_value(results, "anova_freedom", 1) == 18000);
    assert_true(fold_value(results, "anova_items", 8) == 2001);
    assert_close(fold_value(results, "anova_mean", 1), 1.3, 1e-15);
    assert_close(fold_value(results, "anova_sd", 1), 0.1, 1e-13);
    tsr_results_destroy(&results);
}

static void test_groups_by_words_have_their_names(void **state) {
    (void)state;
    static const char *const words[] = {"JFK", "LAX", "ORD", NULL};
    static const tsr_field named[] = {{.name = "x"}, {.name = "g", .categories = words}, {.name = NULL}};
    static const double value[] = {1, 2, 3, 7, 8, 9, 0, 0, 0, 2, 2, 2};
    const tsr_table table = {named, 2, 6, value};
    tsr_results *results = fold_table(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), &table);
    const tsr_result *mean = fold_result(results, "anova_mean");
    assert_int_equal(mean->dimension[0].length, 2);
    assert_string_equal(mean->dimension[0].labels[1], "ORD");
    assert_true(mean->value[0] == 2 && mean->value[1] == 8);
    assert_true(fold_value(results, "anova_F", 0) == 54);
    assert_close(fold_value(results, "anova_p", 0), 0.0018262607, 1e-7);
    tsr_results_destroy(&results);
}

static void test_groups_of_equal_items_are_told_exactly(void **state) {
    (void)state;
    static const double apart[] = {0.1, 0.1, 0.3, 0.3, 0, 0, 60000, 60000}, alike[] = {0.1, 0.1, 0.1, 0.1, 0, 0, 1, 1};
    const tsr_table two = {fields, 2, 4, apart}, one = {fields, 2, 4, alike};
    tsr_results *results = fold_table(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), &two);
    assert_true(isinf(fold_value(results, "anova_F", 0)) && fold_value(results, "anova_p", 0) == 0);
    assert_true(fold_value(results, "anova_squares", 1) == 0);
    tsr_results_destroy(&results);
    results = fold_table(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), &one);
    assert_true(fold_value(results, "anova_squares", 0) == 0);
    assert_true(isnan(fold_value(results, "anova_F", 0)));
    tsr_results_destroy(&results);
}

static void test_one_group_and_none_have_no_ratio(void **state) {
    (void)state;
    static const double value[] = {1, 2, 3, 3};
    for (int64_t items = 0; items <= 2; items += 2) {
        const tsr_table table = {fields, 2, items, value};
        tsr_results *results = fold_table(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), &table);
        assert_true(isnan(fold_value(results, "anova_F", 0)));
        tsr_results_destroy(&results);
    }
}

static void test_what_is_no_group_is_refused(void **state) {
    (void)state;
    static const double wrong[] = {-1, 0.5, 65536, NAN};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), fields, &folder), TSR_OK);
    tsr_state *total = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .state = total};
    for (int w = 0; w < 4; w++) {
        double data[16] = {1, 2, [9] = wrong[w]};
        const tsr_block block = {.item = 7, .items = 2, .stride = 8, .columns = 2, .data = data};
        assert_int_equal(tsr_tally_anova.add_block(&fold, &block), TSR_ENUMERIC);
        assert_non_null(strstr(tsr_error_get()->message, "column g of item 8 is "));
    }
    tsr_state_destroy(&total);
    fold_close(&folder);
    assert_refused(&tsr_tally_anova, settings_of("of", "x", "by", "z", NULL), "there is no column 'z'");
}

static void test_tiles_in_any_order_give_the_same_words(void **state) {
    (void)state;
    double value[4000];
    for (int i = 0; i < 2000; i++) {
        value[i] = sin(i) * exp(i % 30);
        value[2000 + i] = i * i % 17;
    }
    const tsr_table table = {fields, 2, 2000, value};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_anova, settings_of("of", "x", "by", "g", NULL), fields, &folder), TSR_OK);
    tsr_state *one = passes_once(&folder, &table, 1);
    folder.tile_items = 77;
    folder.block_items = 10;
    tsr_state *five = passes_once(&folder, &table, 5);
    assert_same_words(one, five);
    tsr_state_destroy(&one);
    tsr_state_destroy(&five);
    fold_close(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simulated_sets_have_the_digits_that_doubles_allow),
        cmocka_unit_test(test_the_table_is_that_of_the_closed_form),
        cmocka_unit_test(test_groups_by_words_have_their_names),
        cmocka_unit_test(test_groups_of_equal_items_are_told_exactly),
        cmocka_unit_test(test_one_group_and_none_have_no_ratio),
        cmocka_unit_test(test_what_is_no_group_is_refused),
        cmocka_unit_test(test_tiles_in_any_order_give_the_same_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
