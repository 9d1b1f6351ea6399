/* Multilevel Monte Carlo: its arithmetic by hand, and whole runs against a price in closed form. */
#include "engine/designs/designs.h"
#include "engine/multilevel.h"
#include "engine/tallies/tallies.h"
#include "job_text.h"
#include "kernels/registry.h"

#include <math.h>
#include <stdio.h>

static bool near(double a, double b, double error) { return fabs(a - b) <= error * fabs(b); }

/* Means 2^-l: what is missing after level L adds up to the mean of level L. */
static void test_the_bias_is_the_rest_of_a_geometric_series(void **state) {
    (void)state;
    tsr_level level[8];
    tsr_multilevel found;
    for (int l = 0; l < 8; l++) level[l] = (tsr_level){.mean = ldexp(1, -l), .error = 0.1, .items = 100, .cost = 1};
    for (int levels = 3; levels <= 8; levels++) {
        tsr_multilevel_solve(level, levels, &found);
        assert_true(near(found.bias, ldexp(1, -levels + 1), 1e-12));
        assert_true(near(found.value, 2 - ldexp(1, -levels + 1), 1e-12));
        assert_true(near(found.error, 0.1 * sqrt(levels), 1e-12));
    }
    tsr_multilevel_solve(level, 2, &found);
    assert_true(isinf(found.bias));
    for (int l = 0; l < 8; l++) level[l].mean = 0; /* nothing to learn the order from: the slowest is assumed */
    level[7].mean = 1;
    tsr_multilevel_solve(level, 8, &found);
    assert_true(near(found.bias, 1 / (sqrt(2) - 1), 1e-12));
}

/* V = 4, 1, 1/4 and C = 1, 4, 16: sqrt(V C) = 2 each, 6 in all. */
static void test_items_go_where_they_are_cheapest(void **state) {
    (void)state;
    const tsr_level level[] = {{0, 2, 1, 1}, {0, 1, 1, 4}, {0, 0.25, 4, 16}};
    double items[3];
    tsr_multilevel_allocate(level, 3, 0.5, items);
    assert_true(near(items[0], 2 * 6 * 4, 1e-12));
    assert_true(near(items[1], 0.5 * 6 * 4, 1e-12));
    assert_true(near(items[2], 0.125 * 6 * 4, 1e-12));
    double square = 0; /* the variance of the sum is then the square of the error */
    for (int l = 0; l < 3; l++) square += level[l].error * level[l].error * level[l].items / items[l];
    assert_true(near(square, 0.25, 1e-12));
}

static void test_the_saving_compares_with_plain_sampling_at_the_last_level(void **state) {
    (void)state;
    const tsr_level level[] = {{10, 0.1, 400, 1}, {1, 0.1, 100, 2}, {0.5, 0.1, 50, 4}};
    tsr_multilevel found;
    tsr_multilevel_solve(level, 3, &found);
    assert_true(near(found.cost, 800, 1e-12));
    assert_true(near(found.saving, 4.0 / 0.03 * 4 / 800, 1e-12)); /* V_0 = 4, items 4 / 0.03, each at a cost of 4 */
}

/* ---- whole runs ---- */

static tsr_catalog catalog;

static int begin_tests(void **state) {
    (void)state;
    catalog = (tsr_catalog){
        .sources = tsr_kernel_sources, .maps = tsr_kernel_maps, .tallies = tsr_tallies, .designs = tsr_designs};
    return 0;
}

static double call_of(int seed, double *excess) {
    char text[300];
    snprintf(text, sizeof(text),
             "name: t\nseed: %d\nsource: gbm_euler\ntallies: [moments]\nitems: 1e8\ntile_items: 256\n"
             "until: {absolute_error: 0.2, of: mean.difference, sum_over: level}\n"
             "sweep: {level: [0, 1, 2, 3, 4, 5, 6, 7, 8]}\n",
             seed);
    tsr_text_run run = text_run(&catalog, text, 1 + seed % 3);
    const tsr_stage_outcome *stage = text_stage(&run, 0);
    const double value = tsr_results_find(stage->whole, "multilevel")->value[0];
    double sum = 0;
    for (int64_t point = 0; point < 9; point++)
        if (stage->point_items[point] > 0) sum += text_result(&run, point, "mean")->value[0];
    assert_true(near(sum, value, 1e-13));
    *excess = stage->until_excess;
    text_run_clear(&run);
    return value;
}

/* The root mean square error over 100 runs lies at or below what was asked for, and not far below. */
static void test_the_price_has_the_error_that_was_asked_for(void **state) {
    (void)state;
    double square = 0, excess;
    for (int seed = 1; seed <= 100; seed++) {
        square += pow(call_of(seed, &excess) - 10.450583572186, 2);
        assert_true(excess <= 1.0001);
    }
    printf("root mean square error %.3f, asked for 0.2\n", sqrt(square / 100));
    assert_true(sqrt(square / 100) < 0.2 && sqrt(square / 100) > 0.1);
}

static void test_what_is_no_sum_over_levels_is_refused(void **state) {
    (void)state;
#define HEAD "name: t\nseed: 1\nsource: gbm_euler\ntallies: [moments]\nitems: 1e4\n"
    text_refused(&catalog, HEAD "until: {absolute_error: 1, of: mean.difference, sum_over: level}\n", TSR_EUSAGE,
                 "sum_over is level; it must be the only swept parameter");
    text_refused(&catalog, HEAD "until: {absolute_error: 1, of: mean, sum_over: level}\nsweep: {level: [0, 1, 2]}\n",
                 TSR_EUSAGE, "'mean' stands for 2 values; a sum over levels needs one");
    text_refused(&catalog,
                 HEAD "until: {ci_width: 1, of: mean.difference, sum_over: level}\nsweep: {level: [0, 1, 2]}\n",
                 TSR_EUSAGE, "either an absolute_error or a relative_error");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bias_is_the_rest_of_a_geometric_series),
        cmocka_unit_test(test_items_go_where_they_are_cheapest),
        cmocka_unit_test(test_the_saving_compares_with_plain_sampling_at_the_last_level),
        cmocka_unit_test(test_the_price_has_the_error_that_was_asked_for),
        cmocka_unit_test(test_what_is_no_sum_over_levels_is_refused),
    };
    return cmocka_run_group_tests(tests, begin_tests, NULL);
}
