/* Lanes and pairs: the documented order of additions, and sums with twice the digits. */
#include "engine/tallies/lanes.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_lanes_are_added_in_halves(void **unused) {
    (void)unused;
    double lane[TSR_LANES] = {0};
    /* 1 and 17 meet first, their sum swallows the grain of lane 9; lane 0 gets it last. */
    lane[1] = 0x1p53;
    lane[17] = -0x1p53;
    lane[9] = 1;
    assert_true(tsr_lanes_fold(lane) == 1);
    lane[17] = 0;
    lane[5] = -0x1p53;
    assert_true(tsr_lanes_fold(lane) == 0); /* 2^53 + 1 is rounded to 2^53 before lane 5 comes */
    for (int l = 0; l < TSR_LANES; l++) lane[l] = l;
    assert_true(tsr_lanes_fold(lane) == 496);
}

static void test_a_pair_keeps_what_rounding_takes(void **unused) {
    (void)unused;
    tsr_pair sum = {0};
    tsr_pair_add(&sum, 0x1p60);
    for (int i = 0; i < 1000; i++) tsr_pair_add(&sum, 1 + 0x1p-40);
    tsr_pair_add(&sum, -0x1p60);
    assert_true(sum.high + sum.low == 1000 + 1000 * 0x1p-40);
}

static void test_a_pair_shows_what_is_not_finite(void **unused) {
    (void)unused;
    tsr_pair sum = {0};
    tsr_pair_add(&sum, 1);
    tsr_pair_add(&sum, INFINITY);
    assert_true(!isfinite(sum.high) || !isfinite(sum.low));
    tsr_pair_add(&sum, 1);
    assert_true(!isfinite(sum.high) || !isfinite(sum.low));
}

static void test_centre_of_equal_values_is_that_value(void **unused) {
    (void)unused;
    double value[1000];
    for (int i = 0; i < 1000; i++) value[i] = 0.1;
    for (int items = 1; items <= 1000; items++) assert_true(tsr_lanes_centre(value, items) == 0.1);
}

static void test_centre_is_near_the_mean_or_zero(void **unused) {
    (void)unused;
    double value[1000];
    for (int i = 0; i < 1000; i++) value[i] = 1e7 + i;
    assert_true(tsr_lanes_centre(value, 1000) == 1e7 + 499.5);
    value[999] = NAN;
    assert_true(tsr_lanes_centre(value, 1000) == 0);
    value[999] = -INFINITY;
    assert_true(tsr_lanes_centre(value, 1000) == 0);
    for (int i = 0; i < 1000; i++) value[i] = i % 2 ? -DBL_MAX : DBL_MAX;
    assert_true(tsr_lanes_centre(value, 1000) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_are_added_in_halves),
        cmocka_unit_test(test_a_pair_keeps_what_rounding_takes),
        cmocka_unit_test(test_a_pair_shows_what_is_not_finite),
        cmocka_unit_test(test_centre_of_equal_values_is_that_value),
        cmocka_unit_test(test_centre_is_near_the_mean_or_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
