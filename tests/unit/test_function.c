/* Functions of means: values and errors are those of the textbook, weights count, constants have no error, and the
 * intervals cover what they claim. */
#include "coverage.h"
#include "engine/tallies/function.h"
#include "fold.h"
#include "samples.h"

#include <math.h>

enum { ITEMS = 5000, COLUMNS = 4, BATCHES = 32 };

static const tsr_field fields[] = {{.name = "a", .unit = "EUR"},
                                   {.name = "b", .unit = "m"},
                                   {.name = "c", .unit = "1"},
                                   {.name = "w", .unit = "1"},
                                   {.name = NULL}};

static tsr_setting *formulas(const char *first, const char *second) {
    return keyed("expressions", tree(TSR_LIST, "job.yaml:4:5", scalar("job.yaml:4:6", first),
                                     second == NULL ? NULL : scalar("job.yaml:4:9", second), NULL));
}

static tsr_setting *with_weight(tsr_setting *expressions, const char *weight) {
    return tree(TSR_MAP, "job.yaml:3:5", expressions,
                weight == NULL ? NULL : keyed("weight", scalar("job.yaml:5:5", weight)), NULL);
}

/* a and b correlated and skewed, c whole numbers, w weights. */
static double *made_columns(uint64_t seed, int64_t items) {
    double *value = sample_normal(seed, COLUMNS * items);
    for (int64_t i = 0; i < items; i++) {
        value[i] = exp(0.5 * value[i]);
        value[items + i] = 2.0 + 0.3 * value[i] + 0.5 * value[items + i];
        value[2 * items + i] = floor(10.0 * fabs(value[2 * items + i]));
        value[3 * items + i] = fabs(value[3 * items + i]);
    }
    return value;
}

static tsr_results *results_of(const double *value, int64_t items, tsr_setting *settings) {
    const tsr_table table = {fields, COLUMNS, items, value};
    return fold_table(&tsr_tally_function, settings, &table);
}

static void assert_close(double is, double should, double relative) {
    if (!(fabs(is - should) <= relative * fabs(should))) fail_msg("%.17g, not %.17g", is, should);
}

/* ---- values and errors ---- */

/* Cochran, eq. 6.13: the squared error of a ratio R = y/x is (s_yy - 2 R s_yx + R^2 s_xx) / (n x^2). */
static void test_a_ratio_has_the_error_of_the_textbook(void **state) {
    (void)state;
    double *value = made_columns(1, ITEMS);
    long double x = 0, y = 0, square = 0;
    for (int i = 0; i < ITEMS; i++) {
        y += value[i] / (long double)ITEMS;
        x += value[ITEMS + i] / (long double)ITEMS;
    }
    const long double ratio = y / x;
    for (int i = 0; i < ITEMS; i++) {
        const long double residual = value[i] - ratio * value[ITEMS + i];
        square += residual * residual;
    }
    tsr_results *results =
        results_of(value, ITEMS, with_weight(formulas("r [EUR/m] = mean(a) / mean(b)", "s = a / b"), NULL));
    const tsr_result *result = fold_result(results, "function");
    assert_close(result->value[0], (double)ratio, 1e-14);
    assert_close(result->error[0], (double)(sqrtl(square / (ITEMS - 1.0L) / ITEMS) / x), 1e-12);
    assert_true(result->value[1] == result->value[0] && result->error[1] == result->error[0]);
    assert_string_equal(result->dimension[0].labels[0], "r");
    assert_string_equal(tsr_result_unit_at(result, 0), "EUR/m");
    assert_string_equal(tsr_result_unit_at(result, 1), "1");
    tsr_results_destroy(&results);
    free(value);
}

static double ratio_without(const double *value, int64_t items, int64_t batch) {
    double a = 0, b = 0;
    for (int64_t i = 0; i < items; i++) {
        if (i % BATCHES == batch) continue;
        a += value[i];
        b += value[items + i];
    }
    return a / b;
}

/* Quenouille's and Tukey's, with pseudo-values over equal batches. */
static void test_the_jackknife_is_that_of_equal_batches(void **state) {
    (void)state;
    const int64_t items = 64 * BATCHES;
    double *value = made_columns(2, items), pseudo[BATCHES], mean = 0, square = 0;
    const double whole = ratio_without(value, items, -1);
    for (int b = 0; b < BATCHES; b++) {
        pseudo[b] = BATCHES * whole - (BATCHES - 1) * ratio_without(value, items, b);
        mean += pseudo[b] / BATCHES;
    }
    for (int b = 0; b < BATCHES; b++) square += (pseudo[b] - mean) * (pseudo[b] - mean);
    tsr_results *results = results_of(value, items, with_weight(formulas("r = a / b", NULL), NULL));
    assert_close(fold_value(results, "jackknife", 0), mean, 1e-13);
    assert_close(fold_error(results, "jackknife", 0), sqrt(square / BATCHES / (BATCHES - 1)), 1e-9);
    tsr_results_destroy(&results);
    free(value);
}

/* For a mean itself both methods are what everybody does, also where batches are of different sizes. */
static void test_a_mean_has_no_bias_and_its_plain_error(void **state) {
    (void)state;
    static const int64_t sizes[] = {2, 3, 40, 63, 100, 5000};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        const int64_t items = sizes[s];
        double *value = made_columns(3, items), sum = 0, square = 0;
        for (int64_t i = 0; i < items; i++) sum += value[i];
        const double mean = sum / (double)items, n = (double)items;
        for (int64_t i = 0; i < items; i++) square += (value[i] - mean) * (value[i] - mean);
        tsr_results *results = results_of(value, items, with_weight(formulas("m = a", NULL), NULL));
        assert_close(fold_value(results, "function", 0), mean, 1e-14);
        assert_close(fold_error(results, "function", 0), sqrt(square / (n - 1) / n), 1e-12);
        assert_close(fold_value(results, "jackknife", 0), mean, 1e-13);
        /* one item a batch: exactly the same error; many: another estimate of it */
        assert_close(fold_error(results, "jackknife", 0), fold_error(results, "function", 0),
                     items <= BATCHES ? 1e-12 : 0.5);
        tsr_results_destroy(&results);
        free(value);
    }
}

static void test_means_of_expressions_make_variances_and_correlations(void **state) {
    (void)state;
    double *value = made_columns(4, ITEMS), mean = 0, square = 0, fourth = 0;
    for (int i = 0; i < ITEMS; i++) mean += value[i] / ITEMS;
    for (int i = 0; i < ITEMS; i++) {
        const double d = value[i] - mean;
        square += d * d / ITEMS;
        fourth += d * d * d * d / ITEMS;
    }
    tsr_results *results =
        results_of(value, ITEMS, with_weight(formulas("v = mean(a^2) - a^2", "p = mean(a > 1 and c < 5)"), NULL));
    assert_close(fold_value(results, "function", 0), square, 1e-12);
    assert_close(fold_error(results, "function", 0), sqrt((fourth - square * square) / (ITEMS - 1)), 1e-9);
    double hits = 0;
    for (int i = 0; i < ITEMS; i++) hits += value[i] > 1 && value[2 * ITEMS + i] < 5;
    assert_close(fold_value(results, "function", 1), hits / ITEMS, 1e-14);
    tsr_results_destroy(&results);
    free(value);
}

/* ---- weights ---- */

static void test_weighted_means_are_linearised(void **state) {
    (void)state;
    double *value = made_columns(5, ITEMS), sum = 0, weighted = 0, square = 0;
    const double *a = value, *w = value + 3 * ITEMS;
    for (int i = 0; i < ITEMS; i++) {
        sum += w[i];
        weighted += w[i] * a[i];
    }
    const double mean = weighted / sum, n = ITEMS;
    for (int i = 0; i < ITEMS; i++) square += pow(w[i] * (a[i] - mean), 2);
    tsr_results *results = results_of(value, ITEMS, with_weight(formulas("m = a", "l = log(a)"), "w"));
    assert_close(fold_value(results, "function", 0), mean, 1e-13);
    assert_close(fold_error(results, "function", 0), sqrt(square * n / (n - 1)) / sum, 1e-11);
    assert_close(fold_value(results, "function", 1), log(mean), 1e-13);
    assert_close(fold_error(results, "function", 1), sqrt(square * n / (n - 1)) / sum / mean, 1e-11);
    tsr_results_destroy(&results);
    for (int i = 0; i < ITEMS; i++) value[3 * ITEMS + i] = 0.25; /* equal weights are none */
    tsr_results *equal = results_of(value, ITEMS, with_weight(formulas("m = a / b", NULL), "w"));
    tsr_results *none = results_of(value, ITEMS, with_weight(formulas("m = a / b", NULL), NULL));
    assert_close(fold_value(equal, "function", 0), fold_value(none, "function", 0), 1e-14);
    assert_close(fold_error(equal, "function", 0), fold_error(none, "function", 0), 1e-10);
    assert_close(fold_error(equal, "jackknife", 0), fold_error(none, "jackknife", 0), 1e-8);
    tsr_results_destroy(&equal);
    tsr_results_destroy(&none);
    free(value);
}

static void test_bad_weights_are_refused(void **state) {
    (void)state;
    double value[COLUMNS * 3] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, -0.5, 1};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_function, with_weight(formulas("m = a", NULL), "w"), fields, &folder),
                     TSR_OK);
    tsr_state *sums = fold_state(&folder);
    const tsr_fold fold = {.model = folder.model, .scratch = folder.scratch, .state = sums};
    const tsr_block block = {.item = 40, .items = 3, .stride = 3, .columns = COLUMNS, .data = value};
    assert_int_equal(tsr_tally_function.begin_tile(&fold), TSR_OK);
    assert_int_equal(tsr_tally_function.add_block(&fold, &block), TSR_ENUMERIC);
    assert_non_null(strstr(tsr_error_get()->message, "item 41 has the weight -0.5 in column 'w'"));
    tsr_state_destroy(&sums);
    fold_close(&folder);
}

/* ---- ends ---- */

static void test_what_does_not_vary_has_no_error(void **state) {
    (void)state;
    double *value = made_columns(6, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        value[i] = 0.1;
        value[2 * ITEMS + i] = value[ITEMS + i] / 3.0;
    }
    static const char *const rows[] = {"x = log(a)", "x = b / c", "x = a", "x = b - 3 * c"};
    for (int weighted = 0; weighted < 2; weighted++) {
        for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
            tsr_results *results =
                results_of(value, ITEMS, with_weight(formulas(rows[r], NULL), weighted ? "w" : NULL));
            for (int method = 0; method < 2; method++) {
                const char *name = method == 0 ? "function" : "jackknife";
                if (fold_error(results, name, 0) != 0.0)
                    fail_msg("%s%s: %s error %g", rows[r], weighted ? ", weighted" : "", name,
                             fold_error(results, name, 0));
                assert_true(fold_value(results, name, 0) == fold_value(results, "function", 0));
            }
            tsr_results_destroy(&results);
        }
    }
    free(value);
}

/* At a minimum the linear part vanishes; the jackknife still sees that the value varies. */
static void test_the_jackknife_sees_what_the_delta_method_does_not(void **state) {
    (void)state;
    double *value = sample_normal(7, COLUMNS * ITEMS);
    for (int i = 0; i < ITEMS / 2; i++) value[ITEMS - 1 - i] = -value[i]; /* the mean is 0 */
    tsr_results *results = results_of(value, ITEMS, with_weight(formulas("s = a^2", NULL), NULL));
    assert_true(fold_value(results, "function", 0) < 1e-30 && fold_error(results, "function", 0) < 1e-15);
    assert_true(fold_error(results, "jackknife", 0) > 1e-5);
    tsr_results_destroy(&results);
    free(value);
}

static void test_few_items_and_what_is_not_finite_give_nan(void **state) {
    (void)state;
    double one[COLUMNS] = {1, 2, 3, 0};
    tsr_results *results = results_of(one, 1, with_weight(formulas("r = a / b", NULL), NULL));
    assert_true(fold_value(results, "function", 0) == 0.5 && isnan(fold_error(results, "function", 0)));
    assert_true(isnan(fold_error(results, "jackknife", 0)));
    tsr_results_destroy(&results);
    results = results_of(one, 1, with_weight(formulas("r = a / b", NULL), "w")); /* all weights 0 */
    assert_true(isnan(fold_value(results, "function", 0)));
    tsr_results_destroy(&results);
    double *value = made_columns(8, ITEMS);
    value[17] = NAN;
    results = results_of(value, ITEMS, with_weight(formulas("r = a / b", "s = b / c"), NULL));
    assert_true(isnan(fold_value(results, "function", 0)) && isnan(fold_error(results, "function", 0)));
    assert_true(isnan(fold_value(results, "jackknife", 0)));
    assert_true(fold_error(results, "function", 1) > 0.0 && fold_error(results, "jackknife", 1) > 0.0);
    tsr_results_destroy(&results);
    free(value);
}

static void test_mistakes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"a / b", "in 'a / b', character 3: a '=' is expected here"},
        {"r = a / d", "in 'r = a / d', character 9: 'd' is not known here"},
        {"r = 2 * pi", "is a function of no column"},
        {"r = mean(a", "')' is missing"},
        {"again = b", "two functions are called 'again'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tsr_folder folder;
        assert_int_equal(
            fold_open(&tsr_tally_function, with_weight(formulas(rows[i].text, "again = a"), NULL), fields, &folder),
            TSR_EUSAGE);
        if (strstr(tsr_error_get()->message, rows[i].says) == NULL) fail_msg("%s", tsr_error_get()->message);
        tsr_params_destroy(&folder.params);
    }
}

/* Tiles in any order, shared between two states: the same words. */
static void test_states_do_not_depend_on_who_folded_what(void **state) {
    (void)state;
    double *value = made_columns(9, ITEMS);
    const tsr_table table = {fields, COLUMNS, ITEMS, value};
    tsr_folder folder;
    assert_int_equal(fold_open(&tsr_tally_function, with_weight(formulas("r = a / b", NULL), "w"), fields, &folder),
                     TSR_OK);
    folder.tile_items = 700;
    tsr_state *forward = fold_state(&folder), *first = fold_state(&folder), *second = fold_state(&folder);
    for (int64_t tile = 0; tile < fold_tiles(&folder, &table); tile++) fold_tile(&folder, &table, tile, forward);
    for (int64_t tile = fold_tiles(&folder, &table); tile-- > 0;)
        fold_tile(&folder, &table, tile, tile % 3 == 0 ? first : second);
    tsr_tally_function.settle(folder.model, first);
    tsr_tally_function.settle(folder.model, second);
    assert_int_equal(tsr_state_add(second, first), TSR_OK);
    tsr_tally_function.settle(folder.model, second);
    tsr_tally_function.settle(folder.model, forward);
    const int64_t words = tsr_tally_function.layout(folder.model).page_words;
    assert_memory_equal(tsr_state_find(forward, 0), tsr_state_find(second, 0), (size_t)words * sizeof(int64_t));
    tsr_state_destroy(&forward);
    tsr_state_destroy(&first);
    tsr_state_destroy(&second);
    fold_close(&folder);
    free(value);
}

/* ---- coverage ---- */

enum { SEEDS = 1000, CASES = 4, SAMPLE = 500 };

/* a: log-normal, skewness 3.69; b: exponential; c: normal about 5; w: log-normal weights. */
static void skewed_columns(uint64_t seed, double *out) {
    double *normal = sample_normal(seed, 3 * SAMPLE), *uniform = sample_uniforms(seed + SEEDS, SAMPLE);
    for (int i = 0; i < SAMPLE; i++) {
        out[i] = exp(0.8 * normal[i]);
        out[SAMPLE + i] = -log(uniform[i]);
        out[2 * SAMPLE + i] = 5.0 + normal[SAMPLE + i] + normal[i];
        out[3 * SAMPLE + i] = exp(0.4 * normal[2 * SAMPLE + i]);
    }
    free(normal);
    free(uniform);
}

static void cover(const char *const names[CASES], const char *const texts[CASES], const double truth[CASES],
                  const char *weight, double slack) {
    coverage delta[CASES] = {0}, jackknife[CASES] = {0};
    static double value[COLUMNS * SAMPLE];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        skewed_columns(seed, value);
        tsr_setting *list = tree(TSR_LIST, "t", scalar("t", texts[0]), scalar("t", texts[1]), scalar("t", texts[2]),
                                 scalar("t", texts[3]), NULL);
        tsr_results *results = results_of(value, SAMPLE, with_weight(keyed("expressions", list), weight));
        for (int k = 0; k < CASES; k++) {
            coverage_add(&delta[k], coverage_normal, fold_value(results, "function", k) - truth[k],
                         fold_error(results, "function", k));
            coverage_add(&jackknife[k], coverage_t31, fold_value(results, "jackknife", k) - truth[k],
                         fold_error(results, "jackknife", k));
        }
        tsr_results_destroy(&results);
    }
    for (int k = 0; k < CASES; k++) {
        printf("%s\n", names[k]);
        coverage_print(&delta[k], "  delta");
        coverage_print(&jackknife[k], "  jackknife, t with 31");
    }
    for (int k = 0; k < CASES; k++) {
        assert_true(coverage_holds(&delta[k], slack) && coverage_holds(&jackknife[k], slack));
        assert_true(fabs(coverage_bias_z(&jackknife[k])) < 4.0);
        assert_true(fabs(coverage_error_ratio(&delta[k]) - 1.0) < 0.07);
        assert_true(fabs(coverage_error_ratio(&jackknife[k]) - 1.0) < 0.07);
    }
}

static void test_intervals_cover_what_they_claim(void **state) {
    (void)state;
    static const char *const names[] = {"ratio log-normal/exponential", "ratio correlated", "log", "product"};
    static const char *const texts[] = {"p = a / b", "q = a / c", "r = log(a)", "s = a * b"};
    const double mean = exp(0.32), truth[] = {mean, mean / 5.0, 0.32, mean};
    cover(names, texts, truth, NULL, 1.5);
}

static void test_weighted_intervals_cover_what_they_claim(void **state) {
    (void)state;
    static const char *const names[] = {"weighted mean", "weighted ratio", "weighted log", "weighted variance"};
    static const char *const texts[] = {"p = c", "q = a / c", "r = log(a)", "s = mean(c^2) - c^2"};
    const double mean = exp(0.32), truth[] = {5.0, mean / 5.0, 0.32, 2.0};
    cover(names, texts, truth, "w", 1.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ratio_has_the_error_of_the_textbook),
        cmocka_unit_test(test_the_jackknife_is_that_of_equal_batches),
        cmocka_unit_test(test_a_mean_has_no_bias_and_its_plain_error),
        cmocka_unit_test(test_means_of_expressions_make_variances_and_correlations),
        cmocka_unit_test(test_weighted_means_are_linearised),
        cmocka_unit_test(test_bad_weights_are_refused),
        cmocka_unit_test(test_what_does_not_vary_has_no_error),
        cmocka_unit_test(test_the_jackknife_sees_what_the_delta_method_does_not),
        cmocka_unit_test(test_few_items_and_what_is_not_finite_give_nan),
        cmocka_unit_test(test_mistakes_are_refused),
        cmocka_unit_test(test_states_do_not_depend_on_who_folded_what),
        cmocka_unit_test(test_intervals_cover_what_they_claim),
        cmocka_unit_test(test_weighted_intervals_cover_what_they_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
