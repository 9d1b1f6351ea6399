/* Maps on real prices: log returns and portfolio losses agree with figures of 50-digit arithmetic and do not depend on
 * blocks. */
#include "mapping.h"

#include "io/csv/csv_source.h"

enum { PRICES = 1860, RETURNS = PRICES - 1, STRIDE = 1864, INDICES = 4 };

static tsr_setting *with(tsr_setting *first, tsr_setting *second, tsr_setting *third) {
    return tree(TSR_MAP, "job.yaml:3:5", first, second, third, NULL);
}

static tsr_setting *words(const char *key, const char *first, const char *second) {
    return keyed(key,
                 tree(TSR_LIST, "job.yaml:4:5", scalar("job.yaml:4:6", first), scalar("job.yaml:4:9", second), NULL));
}

static const tsr_field prices[] = {
    {.name = "DAX", .unit = "EUR", .long_name = "price"},
    {.name = "SMI", .unit = "CHF"},
    {.name = NULL},
};

/* ---- small blocks, by hand ---- */

typedef struct {
    double in[2 * 8], out[3 * 8];
    tsr_block input, output;
} bench;

/* Two columns of four items from item 100 on; halo: how many of them are only looked at. */
static void bench_init(bench *made, double column[2][4], int64_t halo, int columns) {
    for (int i = 0; i < 4; i++) made->in[i] = column[0][i];
    for (int i = 0; i < 4; i++) made->in[8 + i] = column[1][i];
    made->input = (tsr_block){.item = 100, .items = 4, .stride = 8, .columns = 2, .data = made->in};
    made->output = (tsr_block){.item = 100, .items = 4 - halo, .stride = 8, .columns = columns, .data = made->out};
    for (int i = 0; i < 3 * 8; i++) made->out[i] = -77;
}

static void test_log_return_is_the_logarithm_of_the_ratio(void **state) {
    (void)state;
    mapping map;
    bench made;
    double column[2][4] = {{1, 2, 1, 1}, {1e-300, 1e-300, 100, 101}};
    assert_int_equal(mapping_open("log_return", NULL, prices, &map), TSR_OK);
    assert_int_equal(map.map->halo(map.model), 1);
    bench_init(&made, column, 1, 2);
    assert_int_equal(map.map->apply(map.model, &made.input, &made.output), TSR_OK);
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 3; i++)
            assert_true(fabs(made.out[8 * c + i] / log(column[c][i + 1] / column[c][i]) - 1) < 3e-16 ||
                        made.out[8 * c + i] == 0);
    assert_true(made.out[2] == 0 && made.out[8] == 0);
    assert_true(made.out[3] == -77 && made.out[11] == -77);
    const tsr_field *fields = map.map->fields_of(map.model);
    assert_string_equal(fields[1].name, "SMI");
    assert_string_equal(fields[1].unit, "1");
    assert_null(fields[2].name);
    map.map->destroy(map.model);
}

static void test_log_return_refuses_what_is_no_price(void **state) {
    (void)state;
    mapping map;
    bench made;
    assert_int_equal(mapping_open("log_return", NULL, prices, &map), TSR_OK);
    const double bad[] = {0, -0.0, -3, NAN, INFINITY};
    const char *said[] = {"0", "-0", "-3", "nan", "inf"};
    for (int i = 0; i < 5; i++)
        for (int place = 0; place < 4; place++) {
            double column[2][4] = {{1, 2, 3, 4}, {1, 2, 3, 4}};
            column[1][place] = bad[i];
            bench_init(&made, column, 1, 2);
            tsr_error_clear();
            assert_int_equal(map.map->apply(map.model, &made.input, &made.output), TSR_EDATA);
            char message[256];
            snprintf(message, sizeof(message),
                     "map log_return: column 'SMI' is %s at item %d (counted from 0); a log return needs positive, "
                     "finite prices",
                     said[i], 100 + place);
            assert_string_equal(tsr_error_get()->message, message);
        }
    double below[2][4] = {{1, 2, 3, 4}, {-1, -2, -3, -4}};
    bench_init(&made, below, 1, 2);
    tsr_error_clear();
    assert_int_equal(map.map->apply(map.model, &made.input, &made.output), TSR_EDATA);
    assert_non_null(strstr(tsr_error_get()->message, "column 'SMI' is -1 at item 100 "));
    double leap[2][4] = {{1, 2, 3, 4}, {1, 1e-300, 1e300, 1}};
    bench_init(&made, leap, 1, 2);
    tsr_error_clear();
    assert_int_equal(map.map->apply(map.model, &made.input, &made.output), TSR_EDATA);
    assert_string_equal(
        tsr_error_get()->message,
        "map log_return: column 'SMI' changes by a factor that no double holds from item 101 to the next");
    map.map->destroy(map.model);
}

static void test_portfolio_loss_appends_minus_the_weighted_sum(void **state) {
    (void)state;
    mapping map;
    bench made;
    double column[2][4] = {{1, 2, 3, 0.1}, {10, 20, -30, 0.2}}, weights[] = {0.5, -2};
    for (int swapped = 0; swapped < 2; swapped++) {
        tsr_setting *of = swapped ? words("of", "SMI", "DAX") : NULL;
        assert_int_equal(mapping_open("portfolio_loss", with(numbers("weights", 2, weights), of, NULL), prices, &map),
                         TSR_OK);
        assert_null(map.map->halo);
        bench_init(&made, column, 0, 3);
        assert_int_equal(map.map->apply(map.model, &made.input, &made.output), TSR_OK);
        for (int i = 0; i < 4; i++) {
            assert_true(made.out[i] == column[0][i] && made.out[8 + i] == column[1][i]);
            double first = column[swapped][i], second = column[1 - swapped][i];
            assert_true(made.out[16 + i] == -(0.5 * first + -2 * second));
        }
        const tsr_field *fields = map.map->fields_of(map.model);
        assert_string_equal(fields[0].unit, "EUR");
        assert_string_equal(fields[1].long_name, "");
        assert_string_equal(fields[2].name, "loss");
        assert_null(fields[3].name);
        map.map->destroy(map.model);
    }
}

static void test_portfolio_loss_refuses_weights_and_names_that_do_not_fit(void **state) {
    (void)state;
    mapping map;
    const double weights[] = {0.5, 0.25, 0.25};
    const struct {
        tsr_setting *settings;
        const char *message;
    } row[] = {
        {with(numbers("weights", 3, weights), NULL, NULL),
         "test: map portfolio_loss: weights: 3 weights for 2 columns: give one for each, in their order"},
        {with(numbers("weights", 2, weights), words("of", "SMI", "DXA"), NULL),
         "job.yaml:4:5: map portfolio_loss: of: there is no column 'DXA'; did you mean 'DAX'? (known: DAX, SMI)"},
        {with(numbers("weights", 2, weights), keyed("name", scalar("job.yaml:4:5", "DAX")), NULL),
         "job.yaml:4:5: map portfolio_loss: name: there is already a column 'DAX'; choose another name"},
        {with(numbers("weights", 2, weights), keyed("name", scalar("job.yaml:4:5", "")), NULL),
         "job.yaml:4:5: map portfolio_loss: name: the new column must have a name"},
        {NULL, "map portfolio_loss: required parameter 'weights' is missing (weight of each column, in the order of "
               "`of`)"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
        assert_int_equal(mapping_open("portfolio_loss", row[i].settings, prices, &map), TSR_EUSAGE);
        assert_string_equal(tsr_error_get()->message, row[i].message);
        assert_null(map.model);
    }
}

/* ---- the real file ---- */

/* Closing prices as the csv source reads them. */
static void read_prices(double out[INDICES][STRIDE]) {
    tsr_params *params = NULL;
    void *model = NULL;
    tsr_setting *columns = keyed("columns", tree(TSR_LIST, "test", scalar("test", "DAX"), scalar("test", "SMI"),
                                                 scalar("test", "CAC"), scalar("test", "FTSE"), NULL));
    tsr_setting *map = with(keyed("file", scalar("test", "data/eustockmarkets.csv")), columns, NULL);
    tsr_binding binding = {.folder = TSR_SOURCE_FOLDER "/jobs"};
    assert_int_equal(tsr_params_bind(tsr_source_csv.params, map, "source csv", &binding, &params), TSR_OK);
    if (tsr_source_csv.create(params, &model) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    assert_int_equal(tsr_source_csv.items(model), PRICES);
    tsr_block all = {.items = PRICES, .stride = STRIDE, .columns = INDICES, .data = out[0]};
    tsr_draws *draws = NULL;
    assert_int_equal(tsr_draws_create(tsr_source_csv.workspace(model, PRICES), &draws), TSR_OK);
    assert_int_equal(tsr_source_csv.fill(model, draws, &all), TSR_OK);
    tsr_draws_destroy(&draws);
    tsr_source_csv.destroy(model);
    tsr_params_destroy(&params);
    tsr_setting_destroy(&map);
}

/* Daily returns, and the loss of the equal-weight portfolio as the last column, in blocks of some size. */
static void map_prices(double price[INDICES][STRIDE], int64_t block_items, double out[INDICES + 1][STRIDE]) {
    static const tsr_field fields[] = {{.name = "DAX", .unit = "1", .long_name = ""},
                                       {.name = "SMI", .unit = "1", .long_name = ""},
                                       {.name = "CAC", .unit = "1", .long_name = ""},
                                       {.name = "FTSE", .unit = "1", .long_name = ""},
                                       {0}};
    static double gain[INDICES * STRIDE];
    const double weights[] = {0.25, 0.25, 0.25, 0.25};
    mapping returns, loss;
    assert_int_equal(mapping_open("log_return", NULL, fields, &returns), TSR_OK);
    tsr_setting *equal = with(numbers("weights", 4, weights), NULL, NULL);
    assert_int_equal(mapping_open("portfolio_loss", equal, returns.map->fields_of(returns.model), &loss), TSR_OK);
    for (int64_t item = 0; item < RETURNS; item += block_items) {
        int64_t items = item + block_items < RETURNS ? block_items : RETURNS - item;
        tsr_block in = {.item = item, .items = items + 1, .stride = STRIDE, .columns = 4, .data = price[0] + item};
        tsr_block between = {.item = item, .items = items, .stride = STRIDE, .columns = 4, .data = gain};
        tsr_block result = {.item = item, .items = items, .stride = STRIDE, .columns = 5, .data = out[0] + item};
        assert_int_equal(returns.map->apply(returns.model, &in, &between), TSR_OK);
        assert_int_equal(loss.map->apply(loss.model, &between, &result), TSR_OK);
    }
    returns.map->destroy(returns.model);
    loss.map->destroy(loss.model);
}

static double covariance_of(const double *x, const double *y) {
    long double mean_x = 0, mean_y = 0, sum = 0;
    for (int i = 0; i < RETURNS; i++) mean_x += x[i];
    for (int i = 0; i < RETURNS; i++) mean_y += y[i];
    for (int i = 0; i < RETURNS; i++) sum += (x[i] - mean_x / RETURNS) * (y[i] - mean_y / RETURNS);
    return (double)(sum / (RETURNS - 1));
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void assert_digits(double value, double expected, double relative) {
    if (fabs(value / expected - 1) > relative) fail_msg("%.17g is not %.17g to %g", value, expected, relative);
}

/* Expected: the same figures from the file's decimals in arithmetic of 50 digits. */
static void test_real_prices_give_the_known_covariance_and_value_at_risk(void **state) {
    (void)state;
    static double price[INDICES][STRIDE], mapped[INDICES + 1][STRIDE];
    read_prices(price);
    map_prices(price, 1000, mapped);
    double *loss = mapped[INDICES];
    assert_digits(covariance_of(mapped[0], mapped[0]), 1.0610723463920593672e-04, 1e-15);
    assert_digits(covariance_of(mapped[0], mapped[1]), 6.6995637614341566143e-05, 1e-15);
    assert_digits(sqrt(covariance_of(loss, loss)), 8.3219484940957733414e-03, 1e-15);
    qsort(loss, RETURNS, sizeof(*loss), ascending);
    assert_digits(loss[(int)ceil(0.99 * RETURNS) - 1], 2.2220821686262100029e-02, 1e-15);
}

static void test_blocks_do_not_matter(void **state) {
    (void)state;
    static double price[INDICES][STRIDE], whole[INDICES + 1][STRIDE], pieces[INDICES + 1][STRIDE];
    read_prices(price);
    map_prices(price, RETURNS, whole);
    const int64_t sizes[] = {1, 7, 100, 1023};
    for (int i = 0; i < 4; i++) {
        memset(pieces, 0, sizeof(pieces));
        map_prices(price, sizes[i], pieces);
        for (int c = 0; c <= INDICES; c++) assert_memory_equal(pieces[c], whole[c], RETURNS * sizeof(double));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_return_is_the_logarithm_of_the_ratio),
        cmocka_unit_test(test_log_return_refuses_what_is_no_price),
        cmocka_unit_test(test_portfolio_loss_appends_minus_the_weighted_sum),
        cmocka_unit_test(test_portfolio_loss_refuses_weights_and_names_that_do_not_fit),
        cmocka_unit_test(test_real_prices_give_the_known_covariance_and_value_at_risk),
        cmocka_unit_test(test_blocks_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
