/* The normal tail and the mean payoff on a lognormal price, against GSL and the option prices made with it. */
#include "kernels/finance/black.h"
#include "kernels/finance/black_scholes.h"
#include "kernels/laws/normal_tail.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_normal_tail_has_a_small_relative_error(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = -90000; i <= 90000; i++) {
        const double z = 1e-4 * i, expected = gsl_cdf_ugaussian_Q(z);
        worst = fmax(worst, fabs(tsr_normal_tail(z) / expected - 1.0));
    }
    print_message("normal tail: relative error %.1e\n", worst);
    assert_true(worst < 3e-15);
}

static void test_normal_tail_far_out_is_positive_and_falls(void **state) {
    (void)state;
    for (int i = 72; i < 300; i++) {
        const double z = 0.125 * i;
        assert_true(tsr_normal_tail(z) > tsr_normal_tail(z + 0.125));
        assert_true(fabs(log(tsr_normal_tail(z)) - log(gsl_cdf_ugaussian_Q(z))) < 0.05);
    }
    assert_true(tsr_normal_tail(40.0) == 0.0 && tsr_normal_tail(-40.0) == 1.0);
    assert_true(isnan(tsr_normal_tail(NAN)));
}

static void test_black_mean_is_the_undiscounted_price(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 11; j++)
            for (int put = 0; put < 2; put++) {
                const double strike = 20.0 * pow(1.3, i), deviation = 0.01 * pow(1.7, j);
                const tsr_option option = {100, strike, 0, 0, deviation, 1, put};
                const double error = tsr_black_mean(100, strike, deviation, put) - tsr_black_scholes_price(&option);
                assert_true(fabs(error) < 1e-14 * (100 + strike));
            }
}

static void test_black_mean_without_deviation_is_the_gain(void **state) {
    (void)state;
    assert_true(tsr_black_mean(100, 90, 0.0, false) == 10.0);
    assert_true(tsr_black_mean(100, 90, 0.0, true) == 0.0);
    assert_true(tsr_black_mean(80, 90, 0.0, true) == 10.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal_tail_has_a_small_relative_error),
        cmocka_unit_test(test_normal_tail_far_out_is_positive_and_falls),
        cmocka_unit_test(test_black_mean_is_the_undiscounted_price),
        cmocka_unit_test(test_black_mean_without_deviation_is_the_gain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
