/* Genz's families: single points against the formulas, integrals against the reference values and against sampling. */
#include "drive.h"
#include "kernels/integrals/genz_exact.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 18, SEED = 20261121, FAMILIES = 6, DIMENSIONS = 10 };

static const char *const names[FAMILIES] = {"oscillatory", "product_peak", "corner_peak",
                                            "gaussian",    "c0",           "discontinuous"};
static const double a10[DIMENSIONS] = {0.3, 0.6, 0.9, 1.2, 0.3, 0.6, 0.9, 1.2, 0.3, 0.6};
static const double u10[DIMENSIONS] = {0.6, 0.4, 0.6, 0.4, 0.6, 0.4, 0.6, 0.4, 0.6, 0.4};
static const double a6[] = {1.5, 1.2, 0.9, 1.8, 1.1, 0.7}, u6[] = {0.3, 0.5, 0.7, 0.2, 0.6, 0.4};

static tsr_setting *settings_of(int family, int64_t dimensions, const double *a, const double *u) {
    return tree(TSR_MAP, "test", keyed("family", scalar("test", names[family])), numbers("a", dimensions, a),
                numbers("u", dimensions, u), NULL);
}

static void open_family(int family, tsr_drive *drive) {
    tsr_setting *settings = settings_of(family, DIMENSIONS, a10, u10);
    assert_int_equal(drive_open(drive_find("genz"), settings, NULL, SEED, drive), TSR_OK);
}

/* The definition, term by term. */
static double integrand(int family, const double *x) {
    double s = 0.0, product = 1.0, square = 0.0, distance = 0.0;
    for (int i = 0; i < DIMENSIONS; i++) {
        s += a10[i] * x[i];
        product /= pow(a10[i], -2.0) + pow(x[i] - u10[i], 2.0);
        square += pow(a10[i] * (x[i] - u10[i]), 2.0);
        distance += a10[i] * fabs(x[i] - u10[i]);
    }
    switch (family) {
    case TSR_GENZ_OSCILLATORY: return cos(2.0 * M_PI * u10[0] + s);
    case TSR_GENZ_PRODUCT_PEAK: return product;
    case TSR_GENZ_CORNER_PEAK: return pow(1.0 + s, -(DIMENSIONS + 1.0));
    case TSR_GENZ_GAUSSIAN: return exp(-square);
    case TSR_GENZ_C0: return exp(-distance);
    default: return x[0] > u10[0] || x[1] > u10[1] ? 0.0 : exp(s);
    }
}

static void test_genz_at_a_point_is_the_formula(void **state) {
    (void)state;
    for (int family = 0; family < FAMILIES; family++) {
        tsr_drive drive;
        double value[1000];
        open_family(family, &drive);
        assert_int_equal(drive_column(&drive, 0, 0, 1000, value), TSR_OK);
        tsr_draws_begin(drive.draws, &drive.sampling, 0, 1000);
        for (int64_t i = 0; i < 1000; i++) {
            double x[DIMENSIONS];
            for (int j = 0; j < DIMENSIONS; j++) x[j] = tsr_uniform_of(drive.draws, i, j);
            const double expected = integrand(family, x), bound = family == TSR_GENZ_OSCILLATORY ? 1.0 : expected;
            assert_true(fabs(value[i] - expected) <= 1e-14 * bound);
        }
        drive_close(&drive);
    }
}

static void assert_digits(double value, double expected, double relative) {
    if (fabs(value - expected) > relative * fabs(expected)) fail_msg("%.16g instead of %.16g", value, expected);
}

static void test_genz_integrals_are_the_reference_values(void **state) {
    (void)state;
    const double expected[FAMILIES] = {0.4633122544347,  2.8527608747374e-05, 6.8228469748604e-07,
                                       0.59392552790045, 0.17907505313003,    7.4609236419867};
    for (int family = 0; family < FAMILIES; family++)
        assert_digits(tsr_genz_exact((tsr_genz_family)family, DIMENSIONS, a10, u10), expected[family], 1e-13);
    assert_digits(tsr_genz_exact(TSR_GENZ_GAUSSIAN, 6, a6, u6), 0.3660160927, 1e-10);
}

static void test_genz_corner_peak_is_the_sum_over_corners(void **state) {
    (void)state;
    const double hard[] = {2.0, 300.0, 0.5, 40.0};
    double sum = 0.0;
    for (unsigned corner = 0; corner < 16; corner++) {
        double s = 1.0, sign = 1.0;
        for (unsigned i = 0; i < 4; i++)
            if (corner >> i & 1u) s += hard[i], sign = -sign;
        sum += sign / s;
    }
    sum /= 24.0 * (2.0 * 300.0 * 0.5 * 40.0);
    assert_digits(tsr_genz_exact(TSR_GENZ_CORNER_PEAK, 4, hard, hard), sum, 1e-12);
    assert_digits(tsr_genz_exact(TSR_GENZ_CORNER_PEAK, 1, hard, hard), 1.0 / 3.0, 1e-14);
}

static void test_genz_mean_is_the_integral(void **state) {
    (void)state;
    double *value = malloc(ITEMS * sizeof(double));
    for (int family = 0; family < FAMILIES; family++) {
        tsr_drive drive;
        open_family(family, &drive);
        assert_int_equal(drive_column(&drive, 0, 0, ITEMS, value), TSR_OK);
        const double exact = tsr_genz_exact((tsr_genz_family)family, DIMENSIONS, a10, u10);
        const tsr_sample sample = sample_of(value, ITEMS);
        print_message("genz %s: z = %.2f\n", names[family], (sample.mean - exact) / sample.mean_error);
        assert_true(fabs(sample.mean - exact) <= 4.0 * sample.mean_error);
        drive_close(&drive);
    }
    free(value);
}

static void test_genz_takes_one_number_for_all_dimensions(void **state) {
    (void)state;
    const double alike[] = {0.8, 0.8, 0.8};
    tsr_drive brief, whole;
    double left[100], right[100];
    tsr_setting *settings = tree(TSR_MAP, "test", number("a", 0.8), number("u", 0.8), number("dimensions", 3), NULL);
    assert_int_equal(drive_open(drive_find("genz"), settings, NULL, SEED, &brief), TSR_OK);
    settings = settings_of(TSR_GENZ_GAUSSIAN, 3, alike, alike);
    assert_int_equal(drive_open(drive_find("genz"), settings, NULL, SEED, &whole), TSR_OK);
    assert_int_equal(drive_column(&brief, 0, 0, 100, left), TSR_OK);
    assert_int_equal(drive_column(&whole, 0, 0, 100, right), TSR_OK);
    assert_memory_equal(left, right, sizeof(left));
    drive_close(&brief);
    drive_close(&whole);
}

static void assert_refused(tsr_setting *settings, const char *words) {
    tsr_drive drive;
    tsr_error_clear();
    assert_int_equal(drive_open(drive_find("genz"), settings, NULL, SEED, &drive), TSR_EUSAGE);
    if (!strstr(tsr_error_get()->message, words)) fail_msg("%s", tsr_error_get()->message);
}

static void test_genz_refuses_lists_that_do_not_match_and_values_too_large(void **state) {
    (void)state;
    const double great[] = {200.0, 150.0};
    assert_refused(tree(TSR_MAP, "test", numbers("a", 2, great), NULL), "2 numbers for 6 dimensions");
    assert_refused(tree(TSR_MAP, "test", number("dimensions", 4), NULL), "6 numbers for 4 dimensions");
    assert_refused(settings_of(TSR_GENZ_DISCONTINUOUS, 2, great, u6), "e^350");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genz_at_a_point_is_the_formula),
        cmocka_unit_test(test_genz_integrals_are_the_reference_values),
        cmocka_unit_test(test_genz_corner_peak_is_the_sum_over_corners),
        cmocka_unit_test(test_genz_mean_is_the_integral),
        cmocka_unit_test(test_genz_takes_one_number_for_all_dimensions),
        cmocka_unit_test(test_genz_refuses_lists_that_do_not_match_and_values_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
