/* error_function: how far from the truth, what happens at the ends of the domains, and the same bits everywhere. */
#include "engine/error_function.h"
#include "engine/normal.h"

#include "accuracy.h"

static void apply_erf(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_erf(argument[i]);
}
static void apply_erfc(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_erfc(argument[i]);
}
static void apply_normal_cdf(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_normal_cdf(argument[i]);
}

static long double cdf_truth(long double x) { return 0.5L * erfcl(-x * 0.707106781186547524400844362104849039L); }

static void test_erf_is_accurate_near_and_far(void **state) {
    (void)state;
    spread(-6.5, 6.5);
    apply_erf();
    assert_within(2.0, erfl);
    assert_bits(result, 0xacefde1a444326f2u);
    assert_alone(tsr_erf, result);
    spread_near_zero();
    apply_erf();
    assert_within(2.0, erfl);
    assert_true(tsr_erf(INFINITY) == 1.0 && tsr_erf(-30.0) == -1.0 && isnan(tsr_erf(NAN)) && tsr_erf(0.0) == 0.0);
}

static void test_erfc_is_accurate_in_its_tail(void **state) {
    (void)state;
    spread(-6.0, 26.5);
    apply_erfc();
    assert_within(6.0, erfcl);
    assert_bits(result, 0x1700507aaabf0915u);
    assert_alone(tsr_erfc, result);
    assert_true(tsr_erfc(-INFINITY) == 2.0 && tsr_erfc(27.0) == 0.0 && tsr_erfc(1e300) == 0.0 && isnan(tsr_erfc(NAN)));
}

static void test_normal_cdf_is_accurate_in_its_tail(void **state) {
    (void)state;
    spread(-37.5, 10.0);
    apply_normal_cdf();
    assert_within(6.0, cdf_truth);
    assert_bits(result, 0x98f80b0b5bd4a673u);
    assert_alone(tsr_normal_cdf, result);
    spread_near_zero();
    apply_normal_cdf();
    assert_within(6.0, cdf_truth);
    assert_true(tsr_normal_cdf(0.0) == 0.5 && tsr_normal_cdf(-40.0) == 0.0 && tsr_normal_cdf(INFINITY) == 1.0);
    assert_true(tsr_normal_cdf(-INFINITY) == 0.0 && isnan(tsr_normal_cdf(NAN)));
}

static void test_erf_and_erfc_make_one(void **state) {
    (void)state;
    spread(-5.0, 5.0);
    apply_erfc();
    for (int i = 0; i < GRID; i++) second[i] = tsr_erf(argument[i]);
    for (int i = 0; i < GRID; i++) assert_true(fabs(result[i] + second[i] - 1.0) <= 3.0 * DBL_EPSILON);
}

static void test_normal_cdf_undoes_the_quantile(void **state) {
    (void)state;
    for (int i = 1; i < 1000; i++) {
        const double u = ldexp(0.999 * i / 1000.0, -(i % 100));
        assert_true(fabs(tsr_normal_cdf(tsr_normal_quantile(u)) / u - 1.0) < 1e-15 * (4.0 + 2.0 * (i % 100)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erf_is_accurate_near_and_far),
        cmocka_unit_test(test_erfc_is_accurate_in_its_tail),
        cmocka_unit_test(test_erf_and_erfc_make_one),
        cmocka_unit_test(test_normal_cdf_is_accurate_in_its_tail),
        cmocka_unit_test(test_normal_cdf_undoes_the_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
