/* The maps select, fill and resample: which columns and which items go on. */
#include "mapping.h"

#include "samples.h"

enum { ITEMS = 1000 };

static const char *const airports[] = {"ATL", "ORD", NULL};
static const tsr_field table[] = {{.name = "price", .unit = "EUR", .long_name = "closing price"},
                                  {.name = "a=b", .unit = "1"},
                                  {.name = "origin", .unit = "1", .categories = airports},
                                  {.name = NULL}};

static void fill_table(double in[3 * ITEMS]) {
    double *normal = sample_normal(5, 3 * ITEMS);
    for (int i = 0; i < 3 * ITEMS; i++) in[i] = i < 2 * ITEMS ? normal[i] : (double)(i % 2);
    free(normal);
}

static tsr_setting *columns(const char *list) { return tree(TSR_MAP, "job.yaml:3:5", entry("columns", list), NULL); }

static void test_select_keeps_orders_and_renames(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[3 * ITEMS];
    fill_table(in);
    mapping select = mapping_made("select", columns("origin, cost [CHF] = price, a=b"), table);
    const tsr_field *fields = select.map->fields_of(select.model);
    assert_string_equal(fields[1].name, "cost");
    assert_string_equal(fields[1].unit, "CHF");
    assert_string_equal(fields[1].long_name, "closing price");
    assert_true(fields[0].categories == airports);
    assert_string_equal(fields[2].name, "a=b");
    mapping_run(&select, in, ITEMS, 100, out);
    assert_memory_equal(out, in + 2 * ITEMS, ITEMS * sizeof(double));
    assert_memory_equal(out + ITEMS, in, 2 * ITEMS * sizeof(double));
    assert_blocks_do_not_matter(&select, in, ITEMS);
    mapping_close(&select);
}

static void test_fill_puts_a_number_where_one_is_missing(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[3 * ITEMS];
    fill_table(in);
    in[7] = in[ITEMS + 9] = NAN;
    in[8] = INFINITY;
    mapping fill =
        mapping_made("fill", tree(TSR_MAP, "job.yaml:3:5", entry("value", "-1.5"), entry("of", "price"), NULL), table);
    mapping_run(&fill, in, ITEMS, 64, out);
    assert_true(out[7] == -1.5 && isinf(out[8]) && isnan(out[ITEMS + 9]) && out[6] == in[6]);
    assert_true(fill.map->fields_of(fill.model)[2].categories == airports);
    assert_blocks_do_not_matter(&fill, in, ITEMS);
    mapping_close(&fill);
}

static tsr_setting *every(const char *items, const char *with, const char *of) {
    return tree(TSR_MAP, "job.yaml:3:5", entry("every", items), entry("with", with), entry("of", of), NULL);
}

static void test_resample_makes_one_item_of_many(void **state) {
    (void)state;
    static double in[3 * ITEMS], out[7 * ITEMS];
    fill_table(in);
    mapping resample = mapping_made("resample", every("7", "ohlc, mean, sum, median", "price"), table);
    const int64_t items = mapping_run(&resample, in, ITEMS, 10, out);
    assert_int_equal(items, ITEMS / 7);
    for (int64_t i = 0; i < items; i++) {
        const double *x = in + 7 * i;
        double sum = 0, high = x[0], low = x[0];
        int below = 0;
        for (int k = 0; k < 7; k++) {
            sum += x[k];
            high = x[k] > high ? x[k] : high;
            low = x[k] < low ? x[k] : low;
            below += x[k] < out[6 * items + i];
        }
        assert_true(out[i] == x[0] && out[items + i] == high && out[2 * items + i] == low &&
                    out[3 * items + i] == x[6]);
        assert_true(out[4 * items + i] == sum / 7 && out[5 * items + i] == sum && below == 3);
    }
    assert_blocks_do_not_matter(&resample, in, ITEMS);
    mapping_close(&resample);
}

static void test_resample_names_columns_and_keeps_categories(void **state) {
    (void)state;
    mapping resample = mapping_made("resample", every("60", "mean, last", "price, origin"), table);
    const tsr_field *fields = resample.map->fields_of(resample.model);
    static const char *const names[] = {"price.mean", "price.last", "origin.mean", "origin.last"};
    for (int c = 0; c < 4; c++) assert_string_equal(fields[c].name, names[c]);
    assert_string_equal(fields[0].unit, "EUR");
    assert_string_equal(fields[0].long_name, "of 60 items: mean of price");
    assert_null(fields[2].categories);
    assert_true(fields[3].categories == airports);
    mapping_close(&resample);
}

/* The mean of means is the mean, and every of every is every: with integers, to the last bit. */
static void test_resampling_twice_is_resampling_once(void **state) {
    (void)state;
    static double in[3 * ITEMS], half[ITEMS], twice[ITEMS], once[ITEMS];
    for (int i = 0; i < ITEMS; i++) in[i] = (i * 7919) % 1024;
    static const tsr_field one[] = {{.name = "price"}, {.name = NULL}};
    mapping by_four = mapping_made("resample", every("4", "mean", "price"), one);
    mapping by_sixteen = mapping_made("resample", every("16", "mean", "price"), one);
    const int64_t middle = mapping_run(&by_four, in, ITEMS, 50, half);
    const int64_t items = mapping_run(&by_four, half, middle, 50, twice);
    assert_int_equal(mapping_run(&by_sixteen, in, ITEMS, 50, once), items);
    assert_memory_equal(twice, once, (size_t)items * sizeof(double));
    mapping_close(&by_four);
    mapping_close(&by_sixteen);
}

static void test_settings_that_make_no_sense_are_refused(void **state) {
    (void)state;
    mapping_refused("select", columns("price, prices"), table, "there is no column 'prices'; did you mean");
    mapping_refused("select", columns("x = pric"), table, "there is no column 'pric'");
    mapping_refused("select", columns("price, price"), table, "there is already a column 'price'");
    mapping_refused("fill", NULL, table, "required parameter 'value' is missing");
    mapping_refused("resample", every("0", "mean", "price"), table, "every");
    mapping_refused("resample", every("7", "mode", "price"), table, "there is no statistic 'mode'");
    mapping_refused("resample", every("7", "ohlc, close", "price"), table, "close is named twice");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select_keeps_orders_and_renames),
        cmocka_unit_test(test_fill_puts_a_number_where_one_is_missing),
        cmocka_unit_test(test_resample_makes_one_item_of_many),
        cmocka_unit_test(test_resample_names_columns_and_keeps_categories),
        cmocka_unit_test(test_resampling_twice_is_resampling_once),
        cmocka_unit_test(test_settings_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
