/* Binomial bounds: those of GSL's beta distribution, and a coverage that never falls below what is promised. */
#include "engine/tallies/binomial.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static void assert_near(double found, double expected, double relative) {
    if (!(fabs(found - expected) <= relative * fabs(expected))) fail_msg("%.17g, expected %.17g", found, expected);
}

static void test_bounds_are_beta_quantiles(void **state) {
    (void)state;
    static const double trials[] = {1, 2, 7, 50, 50.25, 1000, 31415.9, 1e6, 1e8};
    static const double hits[] = {0, 0.3, 1, 2, 5.5, 40, 900, 9999};
    for (size_t t = 0; t < sizeof(trials) / sizeof(trials[0]); t++) {
        for (size_t h = 0; h < sizeof(hits) / sizeof(hits[0]); h++) {
            double n = trials[t], k = fmin(hits[h], n), low, high;
            tsr_binomial_bounds(k, n, 0.025, &low, &high);
            if (k > 0.0) assert_near(gsl_cdf_beta_P(low, k, n - k + 1.0), 0.025, 1e-8);
            if (k < n) assert_near(gsl_cdf_beta_Q(high, k + 1.0, n - k), 0.025, 1e-7);
            assert_true(k > 0.0 || low == 0.0);
            assert_true(k < n || high == 1.0);
        }
    }
}

static void test_no_hits_have_the_bound_known_in_closed_form(void **state) {
    (void)state;
    for (double trials = 1.0; trials < 1e16; trials *= 10.0) {
        double low, high;
        tsr_binomial_bounds(0.0, trials, 0.025, &low, &high);
        assert_true(low == 0.0);
        assert_near(high, -expm1(log(0.025) / trials), 1e-11);
        tsr_binomial_bounds(trials, trials, 0.025, &low, &high);
        assert_true(high == 1.0);
        if (trials < 1e8) assert_near(1.0 - low, -expm1(log(0.025) / trials), 1e-7);
    }
}

/* Few hits in very many trials are Poisson: the bounds are quantiles of a gamma law. */
static void test_rare_hits_have_poisson_bounds(void **state) {
    (void)state;
    for (double hits = 1.0; hits <= 10000.0; hits *= 10.0) {
        double low, high;
        tsr_binomial_bounds(hits, 1e15, 0.025, &low, &high);
        assert_near(low * 1e15, gsl_cdf_gamma_Pinv(0.025, hits, 1.0), 1e-9);
        assert_near(high * 1e15, gsl_cdf_gamma_Qinv(0.025, hits + 1.0, 1.0), 1e-9);
    }
}

static void test_the_score_interval_joins_on(void **state) {
    (void)state;
    static const double trials[] = {20010.0, 1e6, 1e12};
    for (int t = 0; t < 3; t++) {
        double low, high, next_low, next_high;
        tsr_binomial_bounds(10000.0, trials[t], 0.025, &low, &high);
        tsr_binomial_bounds(10000.5, trials[t], 0.025, &next_low, &next_high);
        double step = 0.5 / trials[t], width = high - low;
        assert_true(fabs(next_low - low - step) < 0.01 * width && fabs(next_high - high - step) < 0.01 * width);
    }
}

static void test_coverage_is_never_below_what_is_promised(void **state) {
    (void)state;
    enum { TRIALS = 60 };
    double low[TRIALS + 1], high[TRIALS + 1], least = 1.0;
    for (unsigned k = 0; k <= TRIALS; k++) tsr_binomial_bounds(k, TRIALS, 0.025, &low[k], &high[k]);
    for (double p = 0.0005; p < 1.0; p += 0.0005) {
        double covered = 0.0;
        for (unsigned k = 0; k <= TRIALS; k++)
            if (low[k] <= p && p <= high[k]) covered += gsl_ran_binomial_pdf(k, p, TRIALS);
        least = fmin(least, covered);
    }
    print_message("of 60 trials, intervals hold the probability in at least %.2f %%\n", 100.0 * least);
    assert_true(least >= 0.95 && least < 0.97);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_are_beta_quantiles),
        cmocka_unit_test(test_no_hits_have_the_bound_known_in_closed_form),
        cmocka_unit_test(test_rare_hits_have_poisson_bounds),
        cmocka_unit_test(test_the_score_interval_joins_on),
        cmocka_unit_test(test_coverage_is_never_below_what_is_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
