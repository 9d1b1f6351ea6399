/* trigonometry: how far from the truth, what happens at the ends of the domains, and the same bits everywhere. */
#include "engine/trigonometry.h"

#include "accuracy.h"

static void apply_sincos(void) {
    for (int i = 0; i < GRID; i++) tsr_sincos(argument[i], &result[i], &second[i]);
}
static void apply_tan(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_tan(argument[i]);
}
static void apply_atan(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_atan(argument[i]);
}
static void apply_tanh(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_tanh(argument[i]);
}

static void assert_sincos_within(double bound) {
    apply_sincos();
    assert_within(bound, sinl);
    memcpy(result, second, sizeof(result));
    assert_within(bound, cosl);
}

static void test_sin_and_cos_are_accurate_near_and_far(void **state) {
    (void)state;
    spread(-10.0, 10.0);
    apply_sincos();
    assert_alone(tsr_sin, result);
    assert_alone(tsr_cos, second);
    assert_bits(result, 0x9e180323f147c3dbu);
    assert_bits(second, 0x3f22efc3832f3cb4u);
    assert_sincos_within(1.0);
    spread(-0x1p30, 0x1p30);
    assert_sincos_within(1.0);
    spread_near_zero();
    assert_sincos_within(1.0);
}

/* The doubles nearest to multiples of pi/2 have sines and cosines down to 1e-17, all of whose digits must be right. */
static void test_sin_and_cos_are_accurate_beside_their_zeros(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++)
        argument[i] = (double)((long double)(i * 5213L) * 1.570796326794896619231321691639751442L);
    assert_sincos_within(1.0);
}

static void test_tan_is_accurate(void **state) {
    (void)state;
    spread(-30.0, 30.0);
    apply_tan();
    assert_within(2.5, tanl);
    assert_alone(tsr_tan, result);
    assert_bits(result, 0x56580a36fc2db13eu);
}

static void test_angles_beyond_the_domain_are_nan(void **state) {
    (void)state;
    const double outside[] = {0x1.0000000000001p30, -1e300, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        assert_true(isnan(tsr_sin(outside[i])) && isnan(tsr_cos(outside[i])) && isnan(tsr_tan(outside[i])));
    }
    assert_true(tsr_sin(0.0) == 0.0 && tsr_cos(0.0) == 1.0);
}

static void test_atan_is_accurate_near_and_far(void **state) {
    (void)state;
    spread(-8.0, 8.0);
    apply_atan();
    assert_within(1.0, atanl);
    assert_alone(tsr_atan, result);
    assert_bits(result, 0x2d138db3f94849ecu);
    spread_near_zero();
    apply_atan();
    assert_within(1.0, atanl);
    spread_over_binades();
    apply_atan();
    assert_within(1.0, atanl);
    assert_true(tsr_atan(INFINITY) == 0x1.921fb54442d18p+0 && tsr_atan(-INFINITY) == -0x1.921fb54442d18p+0);
    assert_true(isnan(tsr_atan(NAN)) && tsr_atan(0.0) == 0.0);
}

static void test_tanh_is_accurate_near_and_far(void **state) {
    (void)state;
    spread(-25.0, 25.0);
    apply_tanh();
    assert_within(5.0, tanhl);
    assert_alone(tsr_tanh, result);
    assert_bits(result, 0x3895768622d19fffu);
    spread_near_zero();
    apply_tanh();
    assert_within(5.0, tanhl);
    assert_true(tsr_tanh(INFINITY) == 1.0 && tsr_tanh(-INFINITY) == -1.0 && isnan(tsr_tanh(NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sin_and_cos_are_accurate_near_and_far),
        cmocka_unit_test(test_sin_and_cos_are_accurate_beside_their_zeros),
        cmocka_unit_test(test_tan_is_accurate),
        cmocka_unit_test(test_angles_beyond_the_domain_are_nan),
        cmocka_unit_test(test_atan_is_accurate_near_and_far),
        cmocka_unit_test(test_tanh_is_accurate_near_and_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
