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

/* Means that fall faster than 2^-l at first need not go on: what is missing is never taken for less than 2^-l gives. */
static void test_the_bias_does_not_trust_a_fast_fall(void **state) {
    (void)state;
    tsr_level level[6];
    tsr_multilevel found;
    for (int l = 0; l < 6; l++) level[l] = (tsr_level){.mean = pow(3, -l), .error = 0.1, .items = 100, .cost = 1};
    for (int levels = 3; levels <= 6; levels++) {
        tsr_multilevel_solve(level, levels, &found);
        assert_true(near(found.bias, level[levels - 2].mean / 2, 1e-12));
    }
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

/* The square of 1e-300 is no double: every level that varies wants all there are, one that does not wants none. */
static void test_an_error_too_small_for_a_double_is_no_small_wish(void **state) {
    (void)state;
    const tsr_level level[] = {{1, 2, 1, 1}, {1, 0, 1, 4}, {0, NAN, 1, 16}};
    double items[3];
    tsr_multilevel_allocate(level, 2, 1e-300, items);
    assert_true(isinf(items[0]) && items[1] == 0);
    tsr_multilevel_allocate(level, 2, 0, items);
    assert_true(isinf(items[0]) && items[1] == 0);
    tsr_multilevel_allocate(level, 3, 0.5, items);
    assert_true(isnan(items[0]) && isnan(items[2]));
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

static tsr_text_run run_levels(const char *source, const char *tile_items, const char *until) {
    char text[400];
    snprintf(text, sizeof(text),
             "name: t\nseed: 7\nsource: {gbm_euler: {%s}}\ntallies: [moments]\nitems: 3e4\ntile_items: %s\n"
             "until: {%s, of: mean.difference, sum_over: level}\nsweep: {level: [0, 1, 2, 3, 4, 5, 6]}\n",
             source, tile_items, until);
    return text_run(&catalog, text, 2);
}

static double whole(const tsr_text_run *run, const char *name) {
    return tsr_results_find(text_stage(run, 0)->whole, name)->value[0];
}

/* One item has no error bar, two may both be 0. */
static void test_levels_of_a_single_item_get_more(void **state) {
    (void)state;
    tsr_text_run run = run_levels("strike: 100", "1", "absolute_error: 2");
    const tsr_stage_outcome *stage = text_stage(&run, 0);
    assert_true(stage->until_excess <= 1.0001);
    for (int64_t l = 0; l < (int64_t)whole(&run, "multilevel_levels"); l++) {
        assert_true(stage->point_items[l] >= 2 && stage->point_items[l] < 30000);
        assert_true(text_result(&run, l, "mean")->error[0] > 0);
    }
    text_run_clear(&run);
}

/* At the most items that there may be, the run ends even if they are one. */
static void test_levels_without_error_bars_are_not_precise(void **state) {
    (void)state;
    tsr_text_run run = text_run(&catalog,
                                "name: t\nseed: 7\nsource: gbm_euler\ntallies: [moments]\nitems: 1\n"
                                "until: {absolute_error: 100, of: mean.difference, sum_over: level}\n"
                                "sweep: {level: [0, 1, 2, 3]}\n",
                                1);
    assert_true(isinf(text_stage(&run, 0)->until_excess));
    text_run_clear(&run);
}

static void test_a_bound_out_of_reach_takes_all_items(void **state) {
    (void)state;
    tsr_text_run run = run_levels("strike: 100", "300", "absolute_error: 1e-300");
    for (int64_t l = 0; l < 7; l++) assert_int_equal(text_stage(&run, 0)->point_items[l], 30000);
    assert_true(text_stage(&run, 0)->until_excess > 1e290);
    text_run_clear(&run);
}

/* No path reaches a strike so far away. */
static void test_nothing_but_zeros_is_never_precise(void **state) {
    (void)state;
    const char *bounds[] = {"absolute_error: 0.1", "relative_error: 0.1"};
    for (int i = 0; i < 2; i++) {
        tsr_text_run run = run_levels("strike: 1e9", "300", bounds[i]);
        assert_true(whole(&run, "multilevel") == 0);
        assert_true(isinf(text_stage(&run, 0)->until_excess));
        for (int64_t l = 0; l < 3; l++) assert_int_equal(text_stage(&run, 0)->point_items[l], 30000);
        text_run_clear(&run);
    }
}

/* A rare payoff, of which the first ten paths tell nothing. */
static void test_a_level_that_has_seen_nothing_yet_gets_more(void **state) {
    (void)state;
    tsr_text_run run = run_levels("strike: 150", "10", "absolute_error: 0.1");
    for (int64_t l = 0; l < (int64_t)whole(&run, "multilevel_levels"); l++)
        assert_true(text_result(&run, l, "mean")->error[0] > 0);
    assert_true(text_stage(&run, 0)->until_excess <= 1.0001);
    text_run_clear(&run);
}

static void test_bias_and_whole_error_have_the_unit_of_the_estimate(void **state) {
    (void)state;
    tsr_text_run run = run_levels("strike: 100", "300", "absolute_error: 1");
    const tsr_results *results = text_stage(&run, 0)->whole;
    const tsr_result *sum = tsr_results_find(results, "multilevel"),
                     *bias = tsr_results_find(results, "multilevel_bias");
    const tsr_result *both = tsr_results_find(results, "multilevel_rmse");
    assert_non_null(both);
    assert_string_equal(sum->unit, "currency");
    assert_string_equal(bias->unit, "currency");
    assert_string_equal(both->unit, "currency");
    assert_string_equal(both->long_name, "root mean square error: chance and missing levels");
    assert_true(both->headline && both->value[0] == hypot(sum->error[0], bias->value[0]));
    text_run_clear(&run);
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

static void test_what_are_no_levels_is_refused(void **state) {
    (void)state;
#define LEVELS(list) HEAD "until: {absolute_error: 1, of: mean.difference, sum_over: level}\nsweep: {level: " list "}\n"
    text_refused(&catalog, LEVELS("[0, 1]"), TSR_EUSAGE, "a sum over levels needs at least three");
    text_refused(&catalog, LEVELS("[0, 2, 1]"), TSR_EUSAGE, "levels must be numbers, each greater than the one before");
    text_refused(&catalog, LEVELS("[0, 1, 1]"), TSR_EUSAGE, "levels must be numbers, each greater than the one before");
    text_refused(&catalog, LEVELS("[2, 1, 0]"), TSR_EUSAGE, "the first level must be 0, which has none below it");
    text_refused(&catalog, LEVELS("[0, one, 2]"), TSR_EUSAGE,
                 "levels must be numbers, each greater than the one before");
    text_refused(&catalog, LEVELS("[1, 2, 3, 4]"), TSR_EUSAGE, "the first level must be 0, which has none below it");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bias_is_the_rest_of_a_geometric_series),
        cmocka_unit_test(test_the_bias_does_not_trust_a_fast_fall),
        cmocka_unit_test(test_items_go_where_they_are_cheapest),
        cmocka_unit_test(test_an_error_too_small_for_a_double_is_no_small_wish),
        cmocka_unit_test(test_the_saving_compares_with_plain_sampling_at_the_last_level),
        cmocka_unit_test(test_the_price_has_the_error_that_was_asked_for),
        cmocka_unit_test(test_levels_of_a_single_item_get_more),
        cmocka_unit_test(test_levels_without_error_bars_are_not_precise),
        cmocka_unit_test(test_a_bound_out_of_reach_takes_all_items),
        cmocka_unit_test(test_nothing_but_zeros_is_never_precise),
        cmocka_unit_test(test_a_level_that_has_seen_nothing_yet_gets_more),
        cmocka_unit_test(test_bias_and_whole_error_have_the_unit_of_the_estimate),
        cmocka_unit_test(test_what_is_no_sum_over_levels_is_refused),
        cmocka_unit_test(test_what_are_no_levels_is_refused),
    };
    return cmocka_run_group_tests(tests, begin_tests, NULL);
}
