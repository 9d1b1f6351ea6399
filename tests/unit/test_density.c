/* The linear density: it has the mean it was made for, and its quantiles and integrals agree with each other. */
#include "engine/tallies/density.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_mean_is_the_one_asked_for(void **state) {
    (void)state;
    for (int i = 0; i <= 1000; i++) {
        double mean = i / 1000.0, first, second;
        tsr_density density = tsr_density_make(mean);
        tsr_density_above(&density, 0.0, &first, &second);
        assert_true(fabs(first - mean) < 1e-15);
        assert_true(second >= first * first - 1e-15 && second <= first + 1e-15);
    }
}

static void test_quantiles_ascend_inside_the_interval(void **state) {
    (void)state;
    for (int i = 0; i <= 100; i++) {
        tsr_density density = tsr_density_make(i / 100.0);
        double last = 0.0;
        for (int j = 0; j <= 100; j++) {
            double t = tsr_density_quantile(&density, j / 100.0);
            assert_true(t >= last && t <= 1.0);
            last = t;
        }
    }
}

/* Midpoint sums of quantiles over the mass above a fraction. */
static void test_integrals_above_are_those_of_the_quantiles(void **state) {
    (void)state;
    enum { STEPS = 2000 };
    for (int i = 0; i <= 20; i++) {
        tsr_density density = tsr_density_make(i / 20.0);
        for (int j = 0; j <= 10; j++) {
            double fraction = j / 10.0, mass = 1.0 - fraction, sum = 0.0, squares = 0.0, first, second;
            for (int k = 0; k < STEPS; k++) {
                double t = tsr_density_quantile(&density, fraction + mass * (k + 0.5) / STEPS);
                sum += t * mass / STEPS;
                squares += t * t * mass / STEPS;
            }
            tsr_density_above(&density, fraction, &first, &second);
            assert_true(fabs(first - sum) < 1e-5);
            assert_true(fabs(second - squares) < 1e-5);
        }
    }
}

static void test_mirrored_mean_gives_mirrored_quantiles(void **state) {
    (void)state;
    for (int i = 1; i < 50; i++) {
        tsr_density left = tsr_density_make(i / 100.0), right = tsr_density_make(1.0 - i / 100.0);
        for (int j = 0; j <= 10; j++) {
            double mirrored = 1.0 - tsr_density_quantile(&right, 1.0 - j / 10.0);
            assert_true(fabs(tsr_density_quantile(&left, j / 10.0) - mirrored) < 1e-14);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_is_the_one_asked_for),
        cmocka_unit_test(test_quantiles_ascend_inside_the_interval),
        cmocka_unit_test(test_integrals_above_are_those_of_the_quantiles),
        cmocka_unit_test(test_mirrored_mean_gives_mirrored_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
