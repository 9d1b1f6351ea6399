/* Describe: of a column with missing values it says what moments and quantile say of the values that are there. */
#include "engine/tallies/describe.h"
#include "engine/tallies/moments.h"
#include "engine/tallies/quantile.h"
#include "nist.h"
#include "passes.h"

#include <math.h>

enum { ITEMS = 20000, GAP = 3 };

static const tsr_field two_fields[] = {{.name = "x", .unit = "EUR", .long_name = "numbers"},
                                       {.name = "y", .unit = "1", .long_name = "others"},
                                       {.name = NULL}};

static double *doubles(int64_t items) {
    double *value = calloc((size_t)items + 1, sizeof(*value));
    assert_non_null(value);
    return value;
}

/* Two columns in which values stand apart, a NaN before each run of GAP - 1 of them; of y all are missing from half of
 * them on. */
static double *with_gaps(const double *value, int64_t items, int64_t *length) {
    *length = items + (items + GAP - 2) / (GAP - 1);
    double *out = doubles(2 * *length);
    for (int64_t i = 0, k = 0; i < *length; i++) {
        out[i] = i % GAP == 0 ? NAN : value[k++];
        out[*length + i] = 2 * i < *length ? (double)i : NAN;
    }
    return out;
}

static tsr_results *describe_of(const double *value, int64_t items, tsr_setting *settings) {
    int64_t length;
    double *both = with_gaps(value, items, &length);
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = length, .value = both};
    tsr_results *results = fold_table(&tsr_tally_describe, settings, &table);
    free(both);
    return results;
}

static tsr_results *plain_of(const tsr_tally *tally, tsr_setting *settings, const double *value, int64_t items) {
    static const tsr_field field[] = {{.name = "x", .unit = "EUR", .long_name = "numbers"}, {.name = NULL}};
    const tsr_table table = {.fields = field, .columns = 1, .items = items, .value = value};
    return fold_table(tally, settings, &table);
}

static void assert_near(double value, double expected, double relative) {
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not within %g of %.17g", value, relative, expected);
}

static double *skewed(int64_t items) {
    double *value = doubles(items);
    for (int64_t i = 0; i < items; i++) {
        const double u = ((double)(i * 7919 % items) + 0.5) / (double)items;
        value[i] = 3 - log(u);
    }
    return value;
}

/* Tiles hold other items, so that sums are rounded otherwise; counts are the same. */
static void test_missing_values_are_as_if_they_were_not_there(void **unused) {
    (void)unused;
    static const char *const names[] = {"mean", "variance", "sd", "skewness", "kurtosis"};
    double *value = skewed(ITEMS);
    tsr_results *found = describe_of(value, ITEMS, NULL);
    tsr_results *moments = plain_of(&tsr_tally_moments, settings_of("order", "4", NULL), value, ITEMS);
    tsr_results *quantile = plain_of(&tsr_tally_quantile,
                                     settings_of("probabilities", "[0.01, 0.25, 0.5, 0.75, 0.99]", NULL), value, ITEMS);
    for (int i = 0; i < 5; i++) {
        assert_near(fold_value(found, names[i], 0), fold_value(moments, names[i], 0), 1e-13);
        assert_near(fold_error(found, names[i], 0), fold_error(moments, names[i], 0), 1e-11);
        assert_true(fold_value(found, "quantile", i) == fold_value(quantile, "quantile", i));
        assert_true(fold_error(found, "quantile", i) == fold_error(quantile, "quantile", i));
        assert_true(fold_value(found, "quantile_low", i) == fold_value(quantile, "quantile_low", i));
    }
    assert_true(fold_value(found, "items", 0) == ITEMS);
    assert_true(fold_value(found, "missing", 0) == ITEMS / (GAP - 1));
    assert_true(fold_value(found, "minimum", 0) == fold_value(moments, "minimum", 0));
    tsr_results_destroy(&found);
    tsr_results_destroy(&moments);
    tsr_results_destroy(&quantile);
    free(value);
}

/* A column of its own: 0, 1, ... 14999 in 30000 items. */
static void test_every_column_counts_its_own(void **unused) {
    (void)unused;
    double *value = skewed(ITEMS);
    tsr_results *found = describe_of(value, ITEMS, NULL);
    const double n = 15000;
    assert_true(fold_value(found, "items", 1) == n);
    assert_true(fold_value(found, "missing", 1) == n);
    assert_true(fold_value(found, "mean", 1) == (n - 1) / 2);
    assert_true(fold_value(found, "sum", 1) == n * (n - 1) / 2);
    assert_true(fold_value(found, "variance", 1) == n * (n + 1) / 12);
    assert_true(fold_value(found, "minimum_item", 1) == 0);
    assert_true(fold_value(found, "maximum_item", 1) == n - 1);
    tsr_results_destroy(&found);
    free(value);
}

static void assert_certified(const char *name, const double *value, int64_t items, double mean, double sd, double cap) {
    tsr_results *found = describe_of(value, items, NULL);
    const double digits[] = {nist_lre(fold_value(found, "mean", 0), mean), nist_lre(fold_value(found, "sd", 0), sd)};
    print_message("%-8s LRE mean %.1f sd %.1f\n", name, digits[0], digits[1]);
    assert_true(digits[0] >= 14.7);
    assert_true(digits[1] >= cap - 0.1);
    tsr_results_destroy(&found);
}

static void test_nist_sets_with_gaps_give_all_digits_they_hold(void **unused) {
    (void)unused;
    double *value = doubles(NIST_PI_DIGITS);
    for (int i = 0; i < 200; i++) value[i] = nist_lew[i];
    assert_certified("Lew", value, 200, -177.435, 277.332168044316, 14.8);
    for (int i = 0; i < 218; i++) value[i] = nist_lottery[i];
    assert_certified("Lottery", value, 218, 518.958715596330, 291.699727470969, 14.8);
    for (int i = 0; i < 50; i++) value[i] = nist_mavro[i] / 1e5;
    assert_certified("Mavro", value, 50, 2.001856, 0.000429123454003053, 13.1);
    for (int i = 0; i < 100; i++) value[i] = nist_michelso[i] / 1e2;
    assert_certified("Michelso", value, 100, 299.8524, 0.0790105478190518, 13.8);
    nist_pi_digits(value);
    assert_certified("PiDigits", value, NIST_PI_DIGITS, 4.5348, 2.86733906028871, 14.8);
    for (int set = 0; set < NIST_PATTERNS; set++) {
        const nist_pattern pattern = nist_numacc_pattern(set);
        const int64_t items = set == 0 ? 3 : 1001;
        for (int64_t i = 0; i < items; i++) value[i] = pattern.value[i == 0 ? 0 : 2 - i % 2];
        assert_certified(pattern.name, value, items, pattern.mean, pattern.sd, pattern.cap);
    }
    free(value);
}

static void test_exact_quantiles_are_order_statistics(void **unused) {
    (void)unused;
    double *value = doubles(ITEMS);
    for (int64_t i = 0; i < ITEMS; i++) value[i] = 1e6 + (double)(i * 7919 % ITEMS) / 3;
    int64_t length;
    double *both = with_gaps(value, ITEMS, &length);
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = length, .value = both};
    tsr_setting *settings = settings_of("exact", "true", "probabilities", "[0, 0.25, 1]", NULL);
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_describe, settings, two_fields, &folder), TSR_OK);
    tsr_state *settled = fold_state(&folder);
    for (int pass = 0; pass == 0 || tsr_tally_describe.unfinished(folder.model, settled, pass); pass++) {
        tsr_state *state = fold_state(&folder);
        folder.pass = pass;
        folder.settled = pass > 0 ? settled : NULL;
        for (int64_t tile = 0; tile < fold_tiles(&folder, &table); tile++) fold_tile(&folder, &table, tile, state);
        tsr_tally_describe.settle(folder.model, state);
        assert_int_equal(tsr_state_add(settled, state), TSR_OK);
        tsr_state_destroy(&state);
    }
    tsr_results *found = fold_solve(&folder, settled);
    assert_true(fold_value(found, "items", 0) == ITEMS); /* further passes count nothing */
    assert_true(fold_value(found, "quantile", 0) == 1e6);
    assert_true(fold_value(found, "quantile", 1) == 0.25 * (1e6 + 4999.0 / 3) + 0.75 * (1e6 + 5000.0 / 3));
    assert_true(fold_value(found, "quantile", 2) == 1e6 + (ITEMS - 1.0) / 3);
    tsr_results_destroy(&found);
    tsr_state_destroy(&settled);
    fold_close(&folder);
    free(both);
    free(value);
}

static void test_a_column_without_any_value_has_nothing_to_tell(void **unused) {
    (void)unused;
    const double value[] = {NAN, NAN, 1, 2};
    const tsr_table table = {.fields = two_fields, .columns = 2, .items = 2, .value = value};
    tsr_results *found = fold_table(&tsr_tally_describe, NULL, &table);
    assert_true(fold_value(found, "items", 0) == 0 && fold_value(found, "missing", 0) == 2);
    assert_true(fold_value(found, "sum", 0) == 0 && isnan(fold_value(found, "mean", 0)));
    assert_true(isnan(fold_value(found, "minimum", 0)) && fold_value(found, "minimum_item", 0) == -1);
    assert_true(isnan(fold_value(found, "quantile", 0)));
    assert_true(fold_value(found, "mean", 1) == 1.5);
    tsr_results_destroy(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_values_are_as_if_they_were_not_there),
        cmocka_unit_test(test_every_column_counts_its_own),
        cmocka_unit_test(test_nist_sets_with_gaps_give_all_digits_they_hold),
        cmocka_unit_test(test_exact_quantiles_are_order_statistics),
        cmocka_unit_test(test_a_column_without_any_value_has_nothing_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
