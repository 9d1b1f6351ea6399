/* Ranks: the definitions of Hyndman and Fan, with probabilities taken as the decimals that people write. */
#include "engine/tallies/rank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>

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

/* Each rank misses by at most 2.5 %, and the next one would miss by more. */
static void assert_tight(double p, unsigned n) {
    int64_t low, high;
    tsr_rank_interval(p, n, &low, &high);
    assert_true(low >= 0 && low <= high && high <= (int64_t)n + 1);
    const double rounding = 1e-9;
    if (low > 0) assert_true(gsl_cdf_binomial_P((unsigned)low - 1, p, n) <= 0.025 + rounding);
    assert_true(gsl_cdf_binomial_P((unsigned)low, p, n) > 0.025 - rounding);
    if (high <= n) assert_true(gsl_cdf_binomial_P((unsigned)high - 1, p, n) >= 0.975 - rounding);
    if (high > 1) assert_true(gsl_cdf_binomial_P((unsigned)high - 2, p, n) < 0.975 + rounding);
}

static void test_intervals_are_the_tightest_that_hold(void **state) {
    (void)state;
    static const unsigned numbers[] = {1, 2, 5, 6, 10, 59, 60, 100, 1000, 12345, 1000000};
    static const double probability[] = {1e-4, 0.01, 0.05, 0.25, 0.5, 0.7, 0.975, 0.99, 0.9999};
    for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
        for (size_t p = 0; p < sizeof(probability) / sizeof(probability[0]); p++)
            assert_tight(probability[p], numbers[n]);
    int64_t low, high;
    tsr_rank_interval(0.5, 5, &low, &high); /* five numbers hold the median in 93.75 % */
    assert_true(low == 0 && high == 6);
    tsr_rank_interval(0.5, 6, &low, &high);
    assert_true(low == 1 && high == 6);
    tsr_rank_interval(0.0, 10, &low, &high);
    assert_true(low == 0 && high == 1);
    tsr_rank_interval(1.0, 10, &low, &high);
    assert_true(low == 10 && high == 11);
}

/* Beyond a variance of a million ranks are expanded instead of summed: nearly the same. */
static void test_large_intervals_are_the_expected_ones(void **state) {
    (void)state;
    static const unsigned numbers[] = {5000000, 20000000, 1000000000};
    for (int n = 0; n < 3; n++) {
        for (double p = 0.001; p < 1.0; p += 0.0831) {
            int64_t low, high;
            tsr_rank_interval(p, numbers[n], &low, &high);
            const double step = 0.06 / sqrt(numbers[n] * p * (1.0 - p)); /* of the distribution function */
            assert_true(fabs(gsl_cdf_binomial_P((unsigned)low - 1, p, numbers[n]) - 0.025) < step);
            assert_true(fabs(gsl_cdf_binomial_P((unsigned)high - 1, p, numbers[n]) - 0.975) < step);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_that_are_whole_in_decimals_are_whole),
        cmocka_unit_test(test_inverse_is_the_ceiling),
        cmocka_unit_test(test_linear_lies_between_neighbours),
        cmocka_unit_test(test_span_is_one_binomial_deviation_either_way),
        cmocka_unit_test(test_spans_of_opposite_probabilities_are_mirrored),
        cmocka_unit_test(test_nothing_is_known_beyond_the_last_rank),
        cmocka_unit_test(test_intervals_are_the_tightest_that_hold),
        cmocka_unit_test(test_large_intervals_are_the_expected_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
