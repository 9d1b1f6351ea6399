/* Linear regression: the coefficients are the doubles nearest to the exact solution, on NIST's sets and at any scale.
 */
#include "fold.h"
#include "kernels/registry.h"
#include "nist_regression.h"
#include "passes.h"

#include <math.h>

extern const tsr_tally tsr_tally_regression;

static tsr_field fields[NIST_TERMS_MAX + 2];
static char names[NIST_TERMS_MAX + 1][8];

/* y, then the powers of x or its columns; the values are to be freed. */
static tsr_table table_of(const nist_regression *set, double **memory) {
    const int columns = 1 + set->predictors;
    double *value = malloc((size_t)columns * (size_t)set->items * sizeof(*value));
    for (int c = 0; c < columns; c++) {
        snprintf(names[c], sizeof(names[c]), c == 0 ? "y" : "x%d", c);
        fields[c] = (tsr_field){.name = names[c], .unit = "1", .long_name = ""};
    }
    fields[columns] = (tsr_field){.name = NULL};
    const int is_power = strcmp(set->name, "Longley") != 0;
    for (int i = 0; i < set->items; i++) {
        double power = 1;
        value[i] = set->y[i];
        for (int c = 1; c < columns; c++) {
            power *= is_power ? set->x[i] : 1;
            value[c * set->items + i] = is_power ? power : set->x[i * set->predictors + c - 1];
        }
    }
    *memory = value;
    return (tsr_table){fields, columns, set->items, value};
}

static tsr_results *regress(const tsr_table *table, const char *intercept) {
    return fold_table(&tsr_tally_regression, settings_of("of", "y", "intercept", intercept, NULL), table);
}

/* Correct digits. */
static double digits_of(double is, double should) {
    if (is == should) return 15;
    return -log10(should == 0 ? fabs(is) : fabs(is - should) / fabs(should));
}

static void assert_digits(const char *set, const char *what, double is, double should, double digits) {
    if (!(digits_of(is, should) >= digits)) fail_msg("%s: %s is %.17g, not %.17g", set, what, is, should);
}

/* "Exact" is rational arithmetic on the same doubles; NIST's digits are those of the decimals. Only Filip, whose powers
 * up to x^10 are rounded, has fewer than 13. Wampler2's residuals are the rounding of its decimals. */
static void test_nist_sets_have_the_digits_that_doubles_allow(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof(nist_regressions) / sizeof(nist_regressions[0]); s++) {
        const nist_regression *set = &nist_regressions[s];
        double *memory;
        const tsr_table table = table_of(set, &memory);
        tsr_results *results = regress(&table, set->intercept ? "true" : "false");
        for (int t = 0; t < set->predictors + set->intercept; t++) {
            const double is = fold_value(results, "regression_coefficient", t);
            const double error = fold_error(results, "regression_coefficient", t);
            if (is != set->exact[t]) fail_msg("%s: coefficient %d is %a, not %a", set->name, t, is, set->exact[t]);
            if (error != set->exact_error[t])
                fail_msg("%s: error %d is %a, not %a", set->name, t, error, set->exact_error[t]);
            assert_digits(set->name, "a coefficient", is, set->coefficient[t], set->digits);
            assert_digits(set->name, "an error", error, set->error[t], set->digits);
        }
        assert_digits(set->name, "the residual sd", fold_value(results, "regression_residual_sd", 0), set->residual_sd,
                      set->digits);
        assert_digits(set->name, "R^2", fold_value(results, "regression_r_squared", 0), set->determination,
                      set->digits);
        tsr_results_destroy(&results);
        free(memory);
    }
}

static const nist_regression *find_set(const char *name) {
    const nist_regression *set = nist_regressions;
    while (strcmp(set->name, name) != 0) set++;
    return set;
}

static void test_f_and_its_probability_are_those_of_the_table(void **state) {
    (void)state;
    double *memory;
    const tsr_table table = table_of(find_set("Longley"), &memory);
    tsr_results *results = regress(&table, "true");
    assert_digits("Longley", "F", fold_value(results, "regression_F", 0), 330.285339234588, 13);
    assert_digits("Longley", "p of F", fold_value(results, "regression_F_p", 0), 4.98403052872e-10, 10);
    assert_digits("Longley", "t", fold_value(results, "regression_t", 4), -4.82198531045, 11);
    assert_digits("Longley", "p of t", fold_value(results, "regression_p", 4), 9.44366764e-04, 8);
    assert_true(fold_value(results, "regression_freedom", 0) == 9);
    tsr_results_destroy(&results);
    free(memory);
}

/* An item of weight 2 is two items of weight 1, but for the degrees of freedom. */
static void test_weights_count_items_more_than_once(void **state) {
    (void)state;
    static const tsr_field weighted[] = {
        {.name = "y", .unit = "1"}, {.name = "x", .unit = "1"}, {.name = "w", .unit = "1"}, {.name = NULL}};
    static const double once[] = {1.1, 2.3, 2.9, 4.2, NAN, 0.1, 1, 2.5, 3, 7, 2, 1, 3, 1, 0};
    static const double often[] = {1.1, 1.1, 2.3, 2.9, 2.9, 2.9, 4.2, 0.1, 0.1, 1, 2.5, 2.5, 2.5, 3};
    const tsr_table short_table = {weighted, 3, 5, once};
    static const tsr_field plain[] = {{.name = "y", .unit = "1"}, {.name = "x", .unit = "1"}, {.name = NULL}};
    const tsr_table long_table = {plain, 2, 7, often};
    tsr_results *some = fold_table(&tsr_tally_regression, settings_of("of", "y", "weight", "w", NULL), &short_table);
    tsr_results *all = regress(&long_table, "true");
    for (int t = 0; t < 2; t++)
        assert_true(fold_value(some, "regression_coefficient", t) == fold_value(all, "regression_coefficient", t));
    assert_true(fold_value(some, "regression_residual_squares", 0) ==
                fold_value(all, "regression_residual_squares", 0));
    assert_true(fold_value(some, "regression_items", 0) == 4);
    tsr_results_destroy(&some);
    tsr_results_destroy(&all);
}

/* y = 2^400 + 2^921 x: the squares of x have digits below the least double. */
static void test_products_beyond_doubles_are_exact(void **state) {
    (void)state;
    const double y[] = {3, 5, 7, 9}, x[] = {1, 2, 3, 4};
    double value[8];
    for (int i = 0; i < 4; i++) {
        value[i] = ldexp(y[i], 400);
        value[4 + i] = ldexp(x[i], -520);
    }
    const tsr_table table = {mirror_fields, 2, 4, value};
    tsr_results *results = fold_table(&tsr_tally_regression, settings_of("of", "x", NULL), &table);
    assert_true(fold_value(results, "regression_coefficient", 0) == ldexp(1, 400));
    assert_true(fold_value(results, "regression_coefficient", 1) == ldexp(1, 921));
    assert_true(fold_value(results, "regression_r_squared", 0) == 1);
    tsr_results_destroy(&results);
}

static void test_a_column_that_says_nothing_new_is_left_out(void **state) {
    (void)state;
    static const tsr_field three[] = {{.name = "y"}, {.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = NULL}};
    static const double value[] = {1, 3, 2, 5, 4, 1, 2, 3, 4, 5, 3, 5, 7, 9, 11, 1, 0, 0, 1, 1};
    const tsr_table table = {three, 4, 5, value};
    tsr_results *results = regress(&table, "true");
    assert_true(isnan(fold_value(results, "regression_coefficient", 2)));
    assert_true(isfinite(fold_value(results, "regression_coefficient", 3)));
    assert_true(fold_value(results, "regression_freedom", 0) == 2);
    tsr_results_destroy(&results);
}

static void test_no_items_and_infinite_ones_give_no_numbers(void **state) {
    (void)state;
    static const double value[] = {1, 2, INFINITY, 4, 1, 2, 3, 4};
    for (int64_t items = 0; items <= 4; items += 4) {
        const tsr_table table = {mirror_fields, 2, items, value};
        tsr_results *results = fold_table(&tsr_tally_regression, settings_of("of", "x", NULL), &table);
        assert_true(isnan(fold_value(results, "regression_coefficient", 0)));
        assert_true(isnan(fold_value(results, "regression_r_squared", 0)));
        tsr_results_destroy(&results);
    }
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    double value[5000];
    for (int i = 0; i < 5000; i++) value[i] = sin(i) * exp(i % 40);
    tsr_folder folder = passes_open(&tsr_tally_regression, settings_of("of", "x", NULL));
    assert_any_split_is_the_same(&folder, value, 5000);
    fold_close(&folder);
}

static void test_wrong_columns_are_refused(void **state) {
    (void)state;
    assert_refused(&tsr_tally_regression, settings_of("of", "z", NULL), "there is no column 'z'");
    assert_refused(&tsr_tally_regression, settings_of("of", "x", "on", "x", NULL), "'x' cannot explain itself");
    assert_refused(&tsr_tally_regression, settings_of("of", "x", "weight", "y", "intercept", "no", NULL),
                   "no column is left to explain 'x'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nist_sets_have_the_digits_that_doubles_allow),
        cmocka_unit_test(test_f_and_its_probability_are_those_of_the_table),
        cmocka_unit_test(test_weights_count_items_more_than_once),
        cmocka_unit_test(test_products_beyond_doubles_are_exact),
        cmocka_unit_test(test_a_column_that_says_nothing_new_is_left_out),
        cmocka_unit_test(test_no_items_and_infinite_ones_give_no_numbers),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_wrong_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
