/* Ranks: the definitions of Hyndman and Fan, with probabilities taken as the decimals that people write. */
#include "engine/tallies/rank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_products_that_are_whole_in_decimals_are_whole(void **state) {
    (void)state;
    for (int64_t percent = 0; percent <= 100; percent++)
        for (int64_t hundreds = 1; hundreds <= 100000000; hundreds *= 7)
            assert_true(tsr_rank_product((double)percent / 100.0, 100 * hundreds) == (double)(percent * hundreds));
    assert_true(tsr_rank_product(0.07, 100) == 7.0 && 0.07 * 100 > 7.0);
    assert_true(tsr_rank_product(0.5, 3) == 1.5);
}

static void test_inverse_is_the_ceiling(void **state) {
    (void)state;
    assert_int_equal(tsr_rank_inverse(0.0, 10).low, 1);
    assert_int_equal(tsr_rank_inverse(0.1, 10).low, 1);
    assert_int_equal(tsr_rank_inverse(0.11, 10).low, 2);
    assert_int_equal(tsr_rank_inverse(0.99, 1000000).low, 990000);
    assert_int_equal(tsr_rank_inverse(1.0, 10).low, 10);
    assert_int_equal(tsr_rank_inverse(0.5, 1).low, 1);
}

static void test_linear_lies_between_neighbours(void **state) {
    (void)state;
    tsr_rank rank = tsr_rank_linear(0.25, 10); /* h = 2.25 */
    assert_int_equal(rank.low, 3);
    assert_int_equal(rank.high, 4);
    assert_true(rank.weight == 0.25);
    assert_int_equal(tsr_rank_linear(1.0, 10).high, 10);
    assert_int_equal(tsr_rank_linear(0.0, 10).low, 1);
    assert_int_equal(tsr_rank_linear(0.7, 1).high, 1);
}

static void test_span_is_one_binomial_deviation_either_way(void **state) {
    (void)state;
    tsr_rank low, high;
    assert_true(tsr_rank_span(0.5, 10000, &low, &high));
    assert_int_equal(low.low, 4950);
    assert_int_equal(high.low, 5050);
    assert_true(tsr_rank_span(0.9, 10, &low, &high)); /* cut off at one end */
    assert_int_equal(high.high, 10);
    assert_int_equal(low.low, 8);
    assert_true(fabs(low.weight - (1.5 - sqrt(0.9))) < 1e-14);
}

static void test_spans_of_opposite_probabilities_are_mirrored(void **state) {
    (void)state;
    tsr_rank low, high, mirrored_low, mirrored_high;
    for (int percent = 2; percent < 50; percent++) {
        assert_true(tsr_rank_span(percent / 100.0, 100, &low, &high));
        assert_true(tsr_rank_span(1.0 - percent / 100.0, 100, &mirrored_low, &mirrored_high));
        double from_first = (double)low.low + low.weight,
               from_last = 101.0 - (double)mirrored_high.low - mirrored_high.weight;
        assert_true(fabs(from_first - from_last) < 1e-10);
    }
}

static void test_nothing_is_known_beyond_the_last_rank(void **state) {
    (void)state;
    tsr_rank low, high;
    assert_false(tsr_rank_span(0.99, 10, &low, &high));
    assert_false(tsr_rank_span(0.01, 10, &low, &high));
    assert_true(tsr_rank_span(0.99, 1000, &low, &high));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_that_are_whole_in_decimals_are_whole),
        cmocka_unit_test(test_inverse_is_the_ceiling),
        cmocka_unit_test(test_linear_lies_between_neighbours),
        cmocka_unit_test(test_span_is_one_binomial_deviation_either_way),
        cmocka_unit_test(test_spans_of_opposite_probabilities_are_mirrored),
        cmocka_unit_test(test_nothing_is_known_beyond_the_last_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
