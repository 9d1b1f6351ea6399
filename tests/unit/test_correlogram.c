/* The tally autocorrelation: certified values, exact sums, known processes, and the end of a series. */
#include "fold.h"
#include "kernels/registry.h"
#include "nist.h"
#include "samples.h"

static const tsr_field one[] = {{.name = "x", .unit = "EUR"}, {.name = NULL}};
static const tsr_field two[] = {{.name = "x", .unit = "EUR"}, {.name = "y", .unit = "1"}, {.name = NULL}};

static const tsr_tally *tally(void) {
    for (const tsr_tally *const *row = tsr_kernel_tallies; *row != NULL; row++)
        if (strcmp((*row)->name, "autocorrelation") == 0) return *row;
    fail_msg("there is no tally autocorrelation");
    return NULL;
}

static tsr_setting *lags(int count) {
    char text[16];
    snprintf(text, sizeof(text), "%d", count);
    return tree(TSR_MAP, "job.yaml:5:5", keyed("lags", scalar("job.yaml:5:9", text)), NULL);
}

/* Results of series [columns, items] in tiles and blocks of some size, tiles in descending order. */
static tsr_results *correlate(const tsr_field *fields, const double *value, int64_t items, int count,
                              int64_t tile_items, int64_t block_items) {
    const tsr_table table = {
        .fields = fields, .columns = fields[1].name == NULL ? 1 : 2, .items = items, .value = value};
    tsr_folder folder;
    assert_int_equal(fold_open(tally(), lags(count), fields, &folder), TSR_OK);
    folder.tile_items = tile_items;
    folder.block_items = block_items;
    tsr_state *state = fold_state(&folder);
    for (int64_t tile = fold_tiles(&folder, &table); tile-- > 0;) fold_tile(&folder, &table, tile, state);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

static double lag_one(const double *value, int64_t items) {
    tsr_results *results = correlate(one, value, items, 1, 1000, 100);
    const double correlation = fold_value(results, "autocorrelation", 1);
    tsr_results_destroy(&results);
    return correlation;
}

/* ---- certified values; digits that the doubles nearest to the data allow are in docs/tallies/autocorrelation.md ----
 */

static void assert_certified(const char *name, double value, double certified, double digits) {
    if (nist_lre(value, certified) < digits)
        fail_msg("%s: %.17g has %.1f digits of %.15g", name, value, nist_lre(value, certified), certified);
}

static void test_lag_one_agrees_with_nist(void **state) {
    (void)state;
    static double value[NIST_PI_DIGITS];
    for (int i = 0; i < 200; i++) value[i] = nist_lew[i];
    assert_certified("Lew", lag_one(value, 200), -0.307304800605679, 14.7);
    for (int i = 0; i < 218; i++) value[i] = nist_lottery[i];
    assert_certified("Lottery", lag_one(value, 218), -0.120948622967393, 14.7);
    for (int i = 0; i < 50; i++) value[i] = nist_mavro[i] / 1e5;
    assert_certified("Mavro", lag_one(value, 50), 0.937989183438248, 13.0);
    for (int i = 0; i < 100; i++) value[i] = nist_michelso[i] / 1e2;
    assert_certified("Michelso", lag_one(value, 100), 0.535199668621283, 13.0);
    nist_pi_digits(value);
    assert_certified("PiDigits", lag_one(value, NIST_PI_DIGITS), -0.00355099287237972, 14.7);
    static const double digits[] = {15.9, 14.7, 12.1, 10.9};
    for (int set = 0; set < NIST_PATTERNS; set++) {
        const nist_pattern pattern = nist_numacc_pattern(set);
        const int64_t items = set == 0 ? 3 : 1001;
        for (int64_t i = 0; i < items; i++) value[i] = pattern.value[i == 0 ? 0 : i % 2 ? 1 : 2];
        assert_certified(pattern.name, lag_one(value, items), set == 0 ? -0.5 : -0.999, digits[set]);
    }
}

/* ---- exact sums ---- */

enum { ITEMS = 3000, LAGS = 50 };

static void fill_integers(double value[2 * ITEMS]) {
    int64_t x = 1;
    for (int i = 0; i < 2 * ITEMS; i++) {
        x = x * 1103515245 % 2147483647;
        value[i] = (double)(x % 1000) + (i % ITEMS < 5 ? 500.0 : 0.0);
    }
}

/* By the definition, in integers: n^2 times both sums. */
static double definition(const double *value, int lag) {
    int64_t sum = 0, top = 0, bottom = 0;
    for (int i = 0; i < ITEMS; i++) sum += (int64_t)value[i];
    for (int i = 0; i < ITEMS; i++) {
        const int64_t x = (int64_t)value[i] * ITEMS - sum;
        bottom += x * x;
        if (i + lag < ITEMS) top += x * ((int64_t)value[i + lag] * ITEMS - sum);
    }
    return (double)((long double)top / (long double)bottom);
}

static void test_integers_give_the_definition_for_any_tiles_and_blocks(void **state) {
    (void)state;
    static double value[2 * ITEMS];
    fill_integers(value);
    static const int64_t sizes[][2] = {{5000, 1024}, {1000, 100}, {37, 37}, {20, 7}, {1, 1}};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        tsr_results *results = correlate(two, value, ITEMS, LAGS, sizes[s][0], sizes[s][1]);
        for (int c = 0; c < 2; c++)
            for (int k = 0; k <= LAGS; k++) {
                const double found = fold_value(results, "autocorrelation", c * (LAGS + 1) + k);
                if (found != definition(value + c * ITEMS, k))
                    fail_msg("tiles of %lld, lag %d: %a, not %a", (long long)sizes[s][0], k, found,
                             definition(value + c * ITEMS, k));
            }
        tsr_results_destroy(&results);
    }
}

static void test_shifts_and_scales_change_nothing(void **state) {
    (void)state;
    static double value[2 * ITEMS], moved[2 * ITEMS];
    fill_integers(value);
    for (int i = 0; i < 2 * ITEMS; i++) moved[i] = 4.0 * value[i] - 1e9;
    tsr_results *before = correlate(two, value, ITEMS, LAGS, 700, 100),
                *after = correlate(two, moved, ITEMS, LAGS, 700, 100);
    for (int k = 0; k < 2 * (LAGS + 1); k++) {
        assert_true(fold_value(before, "autocorrelation", k) == fold_value(after, "autocorrelation", k));
        assert_true(fold_value(before, "partial_autocorrelation", k) ==
                    fold_value(after, "partial_autocorrelation", k));
    }
    tsr_results_destroy(&before);
    tsr_results_destroy(&after);
}

static void test_short_and_constant_series_have_no_correlation_to_tell(void **state) {
    (void)state;
    const double value[] = {1, 2, 4, 8, 3, 3, 3, 3};
    tsr_results *results = correlate(two, value, 4, 6, 2, 2);
    assert_true(fold_value(results, "autocorrelation", 0) == 1.0);
    assert_true(isfinite(fold_value(results, "autocorrelation", 3)) &&
                isnan(fold_value(results, "autocorrelation", 4)));
    for (int k = 0; k <= 6; k++) assert_true(isnan(fold_value(results, "autocorrelation", 7 + k)));
    tsr_results_destroy(&results);
}

static void test_what_is_no_number_spoils_its_column_only(void **state) {
    (void)state;
    static double value[2 * ITEMS];
    fill_integers(value);
    value[1234] = NAN;
    tsr_results *results = correlate(two, value, ITEMS, 3, 700, 100);
    for (int k = 0; k <= 3; k++) {
        assert_true(isnan(fold_value(results, "autocorrelation", k)));
        assert_true(isfinite(fold_value(results, "autocorrelation", 4 + k)));
    }
    tsr_results_destroy(&results);
}

/* ---- processes with a known law ---- */

/* x_t = 0.6 x_(t-1) + e: r_k = 0.6^k, and no partial correlation beyond the first. */
static void test_an_autoregression_has_its_known_correlations(void **state) {
    (void)state;
    enum { COUNT = 100000 };
    double *value = sample_normal(21, COUNT);
    for (int i = 1; i < COUNT; i++) value[i] += 0.6 * value[i - 1];
    tsr_results *results = correlate(one, value, COUNT, 20, 4096, 1024);
    for (int k = 1; k <= 20; k++) {
        const double off = fold_value(results, "autocorrelation", k) - pow(0.6, k);
        assert_true(fabs(off) < 4.5 * fold_error(results, "autocorrelation", k));
        const double partial = fold_value(results, "partial_autocorrelation", k) - (k == 1 ? 0.6 : 0.0);
        assert_true(fabs(partial) < 4.5 * fold_error(results, "partial_autocorrelation", k));
    }
    assert_true(fold_value(results, "ljung_box_p_value", 0) < 1e-300);
    tsr_results_destroy(&results);
    free(value);
}

/* Of 200 series without correlation about one in ten has a p-value below 0.1: 20 +- 4.5 sd of 4.24. */
static void test_white_noise_is_seldom_suspect(void **state) {
    (void)state;
    int suspect = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        double *value = sample_normal(1000 + seed, 500);
        tsr_results *results = correlate(one, value, 500, 10, 4096, 1024);
        suspect += fold_value(results, "ljung_box_p_value", 0) < 0.1;
        tsr_results_destroy(&results);
        free(value);
    }
    assert_in_range(suspect, 1, 39);
}

static void test_what_cannot_be_done_is_refused(void **state) {
    (void)state;
    tsr_folder folder;
    assert_int_equal(fold_open(tally(), lags(0), one, &folder), TSR_EUSAGE);
    tsr_params_destroy(&folder.params);
    tsr_field many[6] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}, {.name = "e"}};
    assert_int_equal(fold_open(tally(), lags(4000), many, &folder), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "4000 lags of 5 columns are more than 16384 together"));
    tsr_params_destroy(&folder.params);
    assert_true(tally()->in_order);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lag_one_agrees_with_nist),
        cmocka_unit_test(test_integers_give_the_definition_for_any_tiles_and_blocks),
        cmocka_unit_test(test_shifts_and_scales_change_nothing),
        cmocka_unit_test(test_short_and_constant_series_have_no_correlation_to_tell),
        cmocka_unit_test(test_what_is_no_number_spoils_its_column_only),
        cmocka_unit_test(test_an_autoregression_has_its_known_correlations),
        cmocka_unit_test(test_white_noise_is_seldom_suspect),
        cmocka_unit_test(test_what_cannot_be_done_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
