/* Control variates: values are those of a regression without the batch at hand, and controls that are of no use do no
 * harm. */
#include "engine/tallies/control.h"
#include "fold.h"
#include "samples.h"

#include <math.h>

enum { COLUMNS = 4, ITEMS = 4096, BATCHES = 32 };

static const tsr_field fields[] = {{.name = "y", .unit = "EUR", .long_name = ""},
                                   {.name = "x", .unit = "EUR", .is_control = true, .expectation = 1.0},
                                   {.name = "v", .unit = "m", .is_control = true, .expectation = 0.0},
                                   {.name = "u", .unit = "1"},
                                   {.name = NULL}};

static tsr_setting *words(const char *key, const char *first, const char *second) {
    return keyed(key, tree(TSR_LIST, "job.yaml:4:5", scalar("job.yaml:4:6", first),
                           second == NULL ? NULL : scalar("job.yaml:4:9", second), NULL));
}

static tsr_setting *with(tsr_setting *first, tsr_setting *second, tsr_setting *third) {
    return tree(TSR_MAP, "job.yaml:3:5", first, second, third, NULL);
}

/* y by its control x alone. */
static tsr_setting *simple(void) { return with(words("of", "y", NULL), words("controls", "x", NULL), NULL); }

static tsr_results *results_of(const double *value, int64_t items, tsr_setting *settings) {
    const tsr_table table = {fields, COLUMNS, items, value};
    return fold_table(&tsr_tally_control, settings, &table);
}

static void assert_close(double is, double should, double relative) {
    if (!(fabs(is - should) <= relative * fabs(should))) fail_msg("%.17g, not %.17g", is, should);
}

/* x and v standard normal but for the mean of x, y linear in both with noise of its own. */
static void fill_normal(uint64_t seed, int64_t items, double *value) {
    double *normal = sample_normal(seed, COLUMNS * items);
    for (int64_t i = 0; i < items; i++) {
        value[items + i] = 1.0 + normal[items + i];
        value[2 * items + i] = normal[2 * items + i];
        value[3 * items + i] = normal[3 * items + i];
        value[i] = 5.0 + 2.0 * normal[items + i] - normal[2 * items + i] + normal[i];
    }
    free(normal);
}

/* ---- values ---- */

typedef struct {
    double n, x, y, xx, xy, yy;
} sums;

static sums sums_of(const double *value, int64_t items, int64_t without) {
    sums of = {0};
    for (int64_t i = 0; i < items; i++) {
        if (i % BATCHES == without) continue;
        const double x = value[items + i] - 1.0, y = value[i];
        of.n++;
        of.x += x;
        of.y += y;
        of.xx += x * x;
        of.xy += x * y;
        of.yy += y * y;
    }
    return of;
}

static double slope_of(sums of) { return (of.xy - of.x * of.y / of.n) / (of.xx - of.x * of.x / of.n); }

static void test_one_control_is_a_straight_line(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    fill_normal(1, ITEMS, value);
    const sums all = sums_of(value, ITEMS, -1);
    double slopes[BATCHES], split = 0.0, square = 0.0;
    for (int b = 0; b < BATCHES; b++) slopes[b] = slope_of(sums_of(value, ITEMS, b));
    for (int i = 0; i < ITEMS; i++) split += (value[i] - slopes[i % BATCHES] * (value[ITEMS + i] - 1.0)) / ITEMS;
    for (int i = 0; i < ITEMS; i++) {
        const double apart = value[i] - slopes[i % BATCHES] * (value[ITEMS + i] - 1.0) - split;
        square += apart * apart / (ITEMS - 1);
    }
    const double slope = slope_of(all), sxx = all.xx - all.x * all.x / all.n, syy = all.yy - all.y * all.y / all.n;
    const double residual = (syy - slope * slope * sxx) / (all.n - 2);
    tsr_results *results = results_of(value, ITEMS, simple());
    assert_close(fold_value(results, "controlled_mean", 0), split, 1e-12);
    assert_close(fold_error(results, "controlled_mean", 0), sqrt(square / ITEMS), 1e-10);
    assert_close(fold_value(results, "coefficient", 0), slope, 1e-11);
    assert_close(fold_error(results, "coefficient", 0), sqrt(residual / sxx), 1e-10);
    assert_close(fold_value(results, "variance_ratio", 0), syy / (all.n - 1) / square, 1e-10);
    assert_string_equal(tsr_result_unit_at(fold_result(results, "controlled_mean"), 0), "EUR");
    assert_string_equal(tsr_result_unit_at(fold_result(results, "coefficient"), 0), "1");
    tsr_results_destroy(&results);
}

/* Without parameters: all columns that are no controls, by all that are. */
static void test_declared_controls_are_taken(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    fill_normal(2, ITEMS, value);
    tsr_results *results = results_of(value, ITEMS, NULL);
    const tsr_result *mean = fold_result(results, "controlled_mean"), *slope = fold_result(results, "coefficient");
    assert_int_equal(mean->dimension[0].length, 2);
    assert_string_equal(mean->dimension[0].labels[1], "u");
    assert_int_equal(slope->dimension[1].length, 2);
    assert_string_equal(slope->dimension[1].labels[1], "v");
    assert_string_equal(tsr_result_unit_at(slope, 0), "EUR per unit of control");
    const double truth[] = {2.0, -1.0, 0.0, 0.0};
    for (int i = 0; i < 4; i++) assert_true(fabs(slope->value[i] - truth[i]) < 4.0 * slope->error[i]);
    assert_true(fabs(fold_value(results, "variance_ratio", 0) / 6.0 - 1.0) < 0.15); /* 1 + 4 + 1 over 1 */
    assert_true(fabs(fold_value(results, "variance_ratio", 1) - 1.0) < 0.02);
    assert_true(fabs(mean->value[0] - 5.0) < 4.0 * mean->error[0]);
    tsr_results_destroy(&results);
}

/* By the user, or of another point of a sweep: a shift that goes straight into the result is seen before it does. */
static void test_a_wrong_expectation_is_noticed(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    fill_normal(2, ITEMS, value);
    static const struct {
        const char *expectation;
        bool is_told;
    } rows[] = {{"1", true}, {"1.02", true}, {"1.3", false}, {"-3", false}};
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        tsr_setting *number = keyed("expectations", scalar("job.yaml:5:5", rows[r].expectation));
        tsr_results *results =
            results_of(value, ITEMS, with(words("of", "y", NULL), words("controls", "x", NULL), number));
        assert_true(isnan(fold_value(results, "controlled_mean", 0)) == !rows[r].is_told);
        assert_true(isnan(fold_error(results, "controlled_mean", 0)) == !rows[r].is_told);
        assert_true((fabs(fold_value(results, "expectation_z", 0)) > 12.0) == !rows[r].is_told);
        tsr_results_destroy(&results);
    }
}

/* ---- controls that are of no use ---- */

static void test_useless_controls_do_no_harm(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    for (int kind = 0; kind < 4; kind++) {
        fill_normal(3, ITEMS, value);
        for (int64_t i = 0; i < ITEMS; i++) {
            const double x = value[ITEMS + i];
            value[2 * ITEMS + i] = kind == 0 ? 0.0 : kind == 1 ? 3.0 * (x - 1.0) : kind == 2 ? (x - 1.0) / 7.0 : NAN;
        }
        tsr_results *alone = results_of(value, ITEMS, simple());
        tsr_results *both = results_of(value, ITEMS, with(words("of", "y", NULL), words("controls", "x", "v"), NULL));
        assert_true(fold_value(both, "controlled_mean", 0) == fold_value(alone, "controlled_mean", 0));
        assert_true(fold_error(both, "controlled_mean", 0) == fold_error(alone, "controlled_mean", 0));
        assert_true(fold_value(both, "coefficient", 0) == fold_value(alone, "coefficient", 0));
        assert_true(isnan(fold_value(both, "coefficient", 1)) && isnan(fold_error(both, "coefficient", 1)));
        tsr_results_destroy(&alone);
        tsr_results_destroy(&both);
    }
}

/* The control differs from 0 in one batch only: without it there is nothing to fit. */
static void test_a_control_of_one_batch_does_no_harm(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    fill_normal(4, ITEMS, value);
    for (int64_t i = 0; i < ITEMS; i++) value[2 * ITEMS + i] *= i % BATCHES == 5;
    tsr_results *results = results_of(value, ITEMS, with(words("of", "y", NULL), words("controls", "x", "v"), NULL));
    assert_true(fabs(fold_value(results, "controlled_mean", 0) - 5.0) <
                4.0 * fold_error(results, "controlled_mean", 0));
    tsr_results_destroy(&results);
}

static void test_what_does_not_vary_has_no_error(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    for (int kind = 0; kind < 3; kind++) {
        fill_normal(5, ITEMS, value);
        for (int64_t i = 0; i < ITEMS; i++) {
            const double x = value[ITEMS + i];
            value[i] = kind == 0 ? 0.1 : kind == 1 ? 3.0 + 0.7 * x : x;
        }
        const double truth = kind == 0 ? 0.1 : kind == 1 ? 3.7 : 1.0;
        tsr_results *results = results_of(value, ITEMS, simple());
        assert_close(fold_value(results, "controlled_mean", 0), truth, 1e-13);
        assert_true(fold_error(results, "controlled_mean", 0) == 0.0);
        assert_true(fold_value(results, "variance_ratio", 0) == (kind == 0 ? 1.0 : INFINITY));
        tsr_results_destroy(&results);
    }
}

static void test_few_items_and_what_is_not_finite_give_nan(void **state) {
    (void)state;
    static double value[COLUMNS * ITEMS];
    for (int64_t items = 1; items <= 40; items++) {
        fill_normal(6, items, value);
        tsr_results *results =
            results_of(value, items, with(words("of", "y", NULL), words("controls", "x", "v"), NULL));
        assert_true(isfinite(fold_value(results, "controlled_mean", 0)));
        const double error = fold_error(results, "controlled_mean", 0);
        if (items < 4) assert_true(isnan(error) || error == 0.0);
        if (items >= 8) assert_true(error > 0.0);
        tsr_results_destroy(&results);
    }
    fill_normal(6, ITEMS, value);
    value[100] = NAN;
    tsr_results *results = results_of(value, ITEMS, NULL);
    assert_true(isnan(fold_value(results, "controlled_mean", 0)) && isnan(fold_error(results, "controlled_mean", 0)));
    assert_true(fold_error(results, "controlled_mean", 1) > 0.0);
    tsr_results_destroy(&results);
}

static void test_mistakes_are_refused(void **state) {
    (void)state;
    tsr_setting *const settings[] = {
        with(words("of", "yy", NULL), NULL, NULL),
        with(words("controls", "u", NULL), NULL, NULL),
        with(words("controls", "x", "x"), NULL, NULL),
        with(words("controls", "x", "v"), keyed("expectations", scalar("t", "1")), NULL),
        with(keyed("expectations", scalar("t", "1")), NULL, NULL),
        with(words("of", "x", NULL), words("controls", "x", NULL), NULL),
    };
    static const char *const says[] = {
        "there is no column 'yy'; did you mean 'y'? (known: y, x, v, u)",
        "the source does not tell the expectation of 'u'",
        "column 'x' is given twice",
        "1 expectations for 2 controls",
        "expectations of what?",
        "column 'x' is given twice",
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        tsr_folder folder;
        assert_int_equal(fold_open(&tsr_tally_control, settings[i], fields, &folder), TSR_EUSAGE);
        if (strstr(tsr_error_get()->message, says[i]) == NULL) fail_msg("%s", tsr_error_get()->message);
        tsr_params_destroy(&folder.params);
    }
    static const tsr_field plain[] = {{.name = "y"}, {.name = NULL}};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_control, NULL, plain, &folder), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "declares no column with a known expectation"));
    tsr_params_destroy(&folder.params);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_control_is_a_straight_line),
        cmocka_unit_test(test_declared_controls_are_taken),
        cmocka_unit_test(test_a_wrong_expectation_is_noticed),
        cmocka_unit_test(test_useless_controls_do_no_harm),
        cmocka_unit_test(test_a_control_of_one_batch_does_no_harm),
        cmocka_unit_test(test_what_does_not_vary_has_no_error),
        cmocka_unit_test(test_few_items_and_what_is_not_finite_give_nan),
        cmocka_unit_test(test_mistakes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
