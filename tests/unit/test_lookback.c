/* The maps lag, diff and rolling: what they make of each item and those before it, and of the first items. */
#include "mapping.h"

#include "engine/vmath.h"
#include "samples.h"

enum { ITEMS = 2000, WINDOW = 20 };

static const tsr_field series[] = {
    {.name = "x", .unit = "EUR", .long_name = "price"}, {.name = "y", .unit = "1"}, {.name = NULL}};

static tsr_setting *settings(const char *of, const char *key, const char *value, const char *edge) {
    return tree(TSR_MAP, "job.yaml:3:5", entry("of", of), entry(key, value), entry("edge", edge), NULL);
}

/* Two columns of a random walk. */
static void fill_series(double in[2 * ITEMS]) {
    double *normal = sample_normal(3, 2 * ITEMS);
    for (int i = 0; i < 2 * ITEMS; i++) in[i] = (i % ITEMS == 0 ? 100.0 : in[i - 1]) + normal[i];
    free(normal);
}

static void test_lag_is_the_item_of_some_time_ago(void **state) {
    (void)state;
    static double in[2 * ITEMS], out[5 * ITEMS];
    fill_series(in);
    mapping lag = mapping_made("lag", settings("y, x", "lags", "1, 5", "missing"), series);
    assert_int_equal(lag.columns, 6);
    mapping_close(&lag);
    lag = mapping_made("lag", settings("x", "lags", "1, 5, 300", "missing"), series);
    const tsr_field *fields = lag.map->fields_of(lag.model);
    assert_string_equal(fields[4].name, "x.lag300");
    assert_string_equal(fields[3].unit, "EUR");
    assert_string_equal(fields[3].long_name, "5 items ago: x");
    assert_int_equal(mapping_run(&lag, in, ITEMS, 77, out), ITEMS);
    const int lags[] = {1, 5, 300};
    for (int l = 0; l < 3; l++)
        for (int i = 0; i < ITEMS; i++) {
            const double value = out[(2 + l) * ITEMS + i];
            assert_true(i < lags[l] ? isnan(value) : value == in[i - lags[l]]);
        }
    assert_memory_equal(out, in, sizeof(in));
    assert_blocks_do_not_matter(&lag, in, ITEMS);
    mapping_close(&lag);
}

static void test_dropped_edges_leave_no_hole(void **state) {
    (void)state;
    static double in[2 * ITEMS], out[4 * ITEMS];
    fill_series(in);
    mapping lag = mapping_made("lag", settings("x", "lags", "2, 5", "drop"), series);
    const int64_t left = mapping_run(&lag, in, ITEMS, 64, out);
    assert_int_equal(left, ITEMS - 5);
    for (int i = 0; i < left; i++)
        assert_true(out[i] == in[i + 5] && out[left + i] == in[ITEMS + i + 5] && out[2 * left + i] == in[i + 3] &&
                    out[3 * left + i] == in[i]);
    assert_blocks_do_not_matter(&lag, in, ITEMS);
    mapping_close(&lag);
}

static void test_diff_is_this_minus_an_earlier_item(void **state) {
    (void)state;
    static double in[2 * ITEMS], out[3 * ITEMS];
    fill_series(in);
    mapping diff = mapping_made("diff", settings("y", "lag", "3", "missing"), series);
    assert_string_equal(diff.map->fields_of(diff.model)[2].name, "y.diff");
    mapping_run(&diff, in, ITEMS, 100, out);
    for (int i = 0; i < ITEMS; i++) {
        const double value = out[2 * ITEMS + i];
        assert_true(i < 3 ? isnan(value) : value == in[ITEMS + i] - in[ITEMS + i - 3]);
    }
    assert_blocks_do_not_matter(&diff, in, ITEMS);
    mapping_close(&diff);
}

/* ---- rolling ---- */

/* One window by the definitions, in the order of its items: mean, sd, min, max, sum, median, first, last, count. */
static void naive(const double *x, int length, double out[9]) {
    double sorted[WINDOW], sum = x[0], square = 0.0;
    for (int k = 1; k < length; k++) sum += x[k];
    const double mean = sum / length;
    for (int k = 0; k < length; k++) square += (x[k] - mean) * (x[k] - mean);
    memcpy(sorted, x, (size_t)length * sizeof(*x));
    qsort(sorted, (size_t)length, sizeof(*x), ascending);
    const double value[] = {
        mean,      length > 1 ? sqrt(square / (length - 1)) : NAN,
        sorted[0], sorted[length - 1],
        sum,       length % 2 ? sorted[length / 2] : 0.5 * sorted[length / 2 - 1] + 0.5 * sorted[length / 2],
        x[0],      x[length - 1],
        length};
    memcpy(out, value, sizeof(value));
}

static const char all_statistics[] = "mean, sd, min, max, sum, median, first, last, count";

static tsr_setting *windows(const char *length, const char *with, const char *edge) {
    return tree(TSR_MAP, "job.yaml:3:5", entry("of", "x"), entry("window", length), entry("with", with),
                entry("edge", edge), NULL);
}

static bool same(double a, double b) {
    return tsr_bits_from_double(a) == tsr_bits_from_double(b) || (isnan(a) && isnan(b));
}

static void test_rolling_has_the_bits_of_a_loop_over_each_window(void **state) {
    (void)state;
    static double in[2 * ITEMS], out[11 * ITEMS];
    fill_series(in);
    static const char *const edges[] = {"missing", "drop", "partial"};
    for (int e = 0; e < 3; e++) {
        mapping rolling = mapping_made("rolling", windows("20", all_statistics, edges[e]), series);
        const int64_t items = mapping_run(&rolling, in, ITEMS, 333, out), dropped = ITEMS - items;
        assert_int_equal(dropped, e == 1 ? WINDOW - 1 : 0);
        for (int64_t i = 0; i < items; i++) {
            const int64_t there = i + dropped + 1, length = there < WINDOW ? there : WINDOW;
            double expected[9];
            naive(in + there - length, (int)length, expected);
            for (int s = 0; s < 9; s++) {
                const double value = out[(2 + s) * items + i];
                const bool missing = e == 0 && length < WINDOW;
                if (missing ? !isnan(value) : !same(value, expected[s]))
                    fail_msg("%s: statistic %d of item %lld is %a, not %a", edges[e], s, (long long)i, value,
                             expected[s]);
            }
        }
        assert_blocks_do_not_matter(&rolling, in, ITEMS);
        mapping_close(&rolling);
    }
}

static void test_rolling_names_its_columns(void **state) {
    (void)state;
    mapping rolling = mapping_made("rolling", windows("5", "sd, count, ohlc", "missing"), series);
    const tsr_field *fields = rolling.map->fields_of(rolling.model);
    static const char *const names[] = {"x", "y", "x.sd5", "x.count5", "x.open5", "x.high5", "x.low5", "x.close5"};
    for (int c = 0; c < 8; c++) assert_string_equal(fields[c].name, names[c]);
    assert_string_equal(fields[2].unit, "EUR");
    assert_string_equal(fields[3].unit, "1");
    assert_string_equal(fields[2].long_name, "of 5 items: standard deviation of x");
    assert_null(fields[8].name);
    mapping_close(&rolling);
}

/* Integers, so that nothing is rounded: what is constant stays so, a shift shifts, a ramp has closed forms. */
static void test_rolling_follows_shifts_and_ramps(void **state) {
    (void)state;
    static double flat[2 * ITEMS], ramp[2 * ITEMS], out[6 * ITEMS];
    for (int i = 0; i < ITEMS; i++) {
        flat[i] = 7.0;
        ramp[i] = 1000000.0 + i;
    }
    mapping rolling = mapping_made("rolling", windows("20", "mean, sd, median, min", "drop"), series);
    const int64_t items = mapping_run(&rolling, flat, ITEMS, 1000, out);
    for (int64_t i = 0; i < items; i++)
        assert_true(out[2 * items + i] == 7.0 && out[3 * items + i] == 0.0 && out[4 * items + i] == 7.0);
    mapping_run(&rolling, ramp, ITEMS, 1000, out);
    for (int64_t i = 0; i < items; i++) {
        const double x = out[i];
        assert_true(out[2 * items + i] == x - 9.5 && out[4 * items + i] == x - 9.5 && out[5 * items + i] == x - 19.0);
        assert_true(out[3 * items + i] == sqrt(20.0 * 21.0 / 12.0));
    }
    mapping_close(&rolling);
}

static void test_what_is_missing_spoils_its_windows_only(void **state) {
    (void)state;
    static double in[2 * ITEMS], out[11 * ITEMS];
    fill_series(in);
    in[100] = in[110] = NAN;
    mapping rolling = mapping_made("rolling", windows("20", all_statistics, "missing"), series);
    mapping_run(&rolling, in, ITEMS, 333, out);
    for (int i = 19; i < ITEMS; i++) {
        const bool spoilt = i >= 100 && i < 130;
        for (int s = 0; s < 6; s++) assert_true(isnan(out[(2 + s) * ITEMS + i]) == spoilt);
        const int missing = (i >= 100 && i < 120) + (i >= 110 && i < 130);
        assert_true(out[10 * ITEMS + i] == 20.0 - missing);
    }
    assert_blocks_do_not_matter(&rolling, in, ITEMS);
    mapping_close(&rolling);
}

static void test_settings_that_make_no_sense_are_refused(void **state) {
    (void)state;
    mapping_refused("rolling", windows("20", "mean, avg", "drop"), series, "there is no statistic 'avg'");
    mapping_refused("rolling", windows("20", "mean, mean", "drop"), series, "mean is named twice");
    mapping_refused("rolling", windows("5000", "median", "drop"), series, "the median is of at most 4096 items");
    mapping_refused("rolling", windows("0", "mean", "drop"), series, "window");
    mapping_refused("lag", settings("x", "lags", "0.5", "drop"), series, "lags");
    mapping_refused("lag", settings("x", "lags", "1.5", "drop"), series, "1.5 is no whole number of items");
    mapping_refused("lag", settings("x", "lags", "2, 2", "drop"), series, "there is already a column 'x.lag2'");
    mapping_refused("lag", settings("z", "lags", "1", "drop"), series, "there is no column 'z'");
    mapping_refused("diff", settings("x", "lag", "1", "partial"), series, "edge");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lag_is_the_item_of_some_time_ago),
        cmocka_unit_test(test_dropped_edges_leave_no_hole),
        cmocka_unit_test(test_diff_is_this_minus_an_earlier_item),
        cmocka_unit_test(test_rolling_has_the_bits_of_a_loop_over_each_window),
        cmocka_unit_test(test_rolling_names_its_columns),
        cmocka_unit_test(test_rolling_follows_shifts_and_ramps),
        cmocka_unit_test(test_what_is_missing_spoils_its_windows_only),
        cmocka_unit_test(test_settings_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
