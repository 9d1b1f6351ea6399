/* Control variates over many seeds: no bias where the naive estimate has one, and intervals that cover what they claim.
 */
#include "coverage.h"
#include "engine/tallies/control.h"
#include "fold.h"
#include "samples.h"

#include <math.h>

enum { COLUMNS = 3 };

static const tsr_field fields[] = {{.name = "y", .unit = "1"},
                                   {.name = "x", .unit = "1", .is_control = true, .expectation = 1.0},
                                   {.name = "v", .unit = "1", .is_control = true, .expectation = 0.0},
                                   {.name = NULL}};

/* x and v standard normal but for the mean of x, y linear in both with noise of its own. */
static void fill_normal(uint64_t seed, int64_t items, double *value) {
    double *normal = sample_normal(seed, COLUMNS * items);
    for (int64_t i = 0; i < items; i++) {
        value[items + i] = 1.0 + normal[items + i];
        value[2 * items + i] = normal[2 * items + i];
        value[i] = 5.0 + 2.0 * normal[items + i] - normal[2 * items + i] + normal[i];
    }
    free(normal);
}

/* x exponential, y = x^2: the naive estimate of the mean 2 has the bias -4/n, a quarter of its error at n = 64. */
static void fill_squares(uint64_t seed, int64_t items, double *value) {
    double *uniform = sample_uniforms(seed, items);
    memset(value, 0, (size_t)(COLUMNS * items) * sizeof(*value));
    for (int64_t i = 0; i < items; i++) {
        value[items + i] = -log(uniform[i]);
        value[i] = value[items + i] * value[items + i];
    }
    free(uniform);
}

/* A European call and the asset's discounted price: strike and spot 100, 5 % interest, 20 % volatility, one year. */
static const double call_price = 10.450583572185565;
static void fill_call(uint64_t seed, int64_t items, double *value) {
    double *normal = sample_normal(seed, items);
    memset(value, 0, (size_t)(COLUMNS * items) * sizeof(*value));
    for (int64_t i = 0; i < items; i++) {
        const double price = exp(0.2 * normal[i] - 0.02);
        value[items + i] = price;
        value[i] = 100.0 * fmax(price - exp(-0.05), 0.0);
    }
    free(normal);
}

/* With the coefficient of the same items. */
static double naive_estimate(const double *value, int64_t items) {
    double x = 0, y = 0, xx = 0, xy = 0;
    const double n = (double)items;
    for (int64_t i = 0; i < items; i++) {
        const double apart = value[items + i] - 1.0;
        x += apart;
        y += value[i];
        xx += apart * apart;
        xy += apart * value[i];
    }
    return (y - (xy - x * y / n) / (xx - x * x / n) * x) / n;
}

static tsr_results *results_of(const double *value, int64_t items, bool two) {
    const tsr_table table = {fields, COLUMNS, items, value};
    tsr_setting *list = tree(TSR_LIST, "t", scalar("t", "x"), two ? scalar("t", "v") : NULL, NULL);
    tsr_setting *settings =
        tree(TSR_MAP, "t", keyed("of", tree(TSR_LIST, "t", scalar("t", "y"), NULL)), keyed("controls", list), NULL);
    return fold_table(&tsr_tally_control, settings, &table);
}

typedef struct {
    const char *name;
    void (*fill)(uint64_t seed, int64_t items, double *value);
    int64_t items;
    double truth;
    bool two;
    int seeds;
    double slack;   /* percent that the asymptotics are off */
    double naive_z; /* the naive estimate's bias, in its standard errors, is seen to be at least this */
} example;

static void cover(const example *row) {
    coverage split = {0}, naive = {0};
    double *value = malloc((size_t)(COLUMNS * row->items) * sizeof(*value));
    for (uint64_t seed = 1; seed <= (uint64_t)row->seeds; seed++) {
        row->fill(seed, row->items, value);
        tsr_results *results = results_of(value, row->items, row->two);
        const double error = fold_error(results, "controlled_mean", 0);
        coverage_add(&split, coverage_normal, fold_value(results, "controlled_mean", 0) - row->truth, error);
        coverage_add(&naive, coverage_normal, naive_estimate(value, row->items) - row->truth, error);
        tsr_results_destroy(&results);
    }
    printf("%s, n = %lld\n", row->name, (long long)row->items);
    coverage_print(&split, "  split");
    if (!row->two) coverage_print(&naive, "  naive value, same error");
    assert_true(coverage_holds(&split, row->slack));
    assert_true(fabs(coverage_bias_z(&split)) < 4.0);
    assert_true(fabs(coverage_bias_z(&naive)) >= row->naive_z);
    assert_true(fabs(coverage_error_ratio(&split) - 1.0) < 0.1);
    free(value);
}

static void test_normal_laws(void **state) {
    (void)state;
    static const example rows[] = {{"normal, two controls", fill_normal, 64, 5.0, true, 1000, 1.5, 0},
                                   {"normal, two controls", fill_normal, 1000, 5.0, true, 1000, 0.0, 0}};
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) cover(&rows[r]);
}

static void test_a_call_by_its_asset(void **state) {
    (void)state;
    static const example rows[] = {{"call by its asset", fill_call, 256, call_price, false, 1000, 1.5, 0},
                                   {"call by its asset", fill_call, 1000, call_price, false, 1000, 0.5, 0}};
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) cover(&rows[r]);
}

/* Intervals of so skewed a law are too short at first; the estimate is without bias from the beginning. */
static void test_there_is_no_bias_where_the_naive_estimate_has_one(void **state) {
    (void)state;
    static const example rows[] = {{"square of an exponential", fill_squares, 64, 2.0, false, 2000, 14.0, 7},
                                   {"square of an exponential", fill_squares, 256, 2.0, false, 1000, 6.0, 2},
                                   {"square of an exponential", fill_squares, 1000, 2.0, false, 1000, 3.0, 0}};
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) cover(&rows[r]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_laws),
        cmocka_unit_test(test_a_call_by_its_asset),
        cmocka_unit_test(test_there_is_no_bias_where_the_naive_estimate_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
