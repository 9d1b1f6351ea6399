/* angle and rounding: how far from the truth, what happens at the ends of the domains, and the same bits everywhere. */
#include "engine/angle.h"
#include "engine/rounding.h"

#include "accuracy.h"

#define APPLY(name)                                                                                                    \
    static void apply_##name(void) {                                                                                   \
        for (int i = 0; i < GRID; i++) result[i] = tsr_##name(argument[i]);                                            \
    }
APPLY(asin)
APPLY(acos)
APPLY(sinh)
APPLY(cosh)
APPLY(round)

/* Pairs of sides from comparable to very different, in all four quadrants. */
static void spread_sides(void) {
    for (int i = 0; i < GRID; i++) {
        const double turn = (double)i * 0.7548776662466927, far = (double)i * 0.5698402909980532;
        argument[i] = ldexp(2.0 * (turn - floor(turn)) - 1.0, i % 7);
        second[i] = ldexp(2.0 * (far - floor(far)) - 1.0, (i % 61) - 30);
    }
}

static void assert_pairs_within(double bound, long double (*truth)(long double, long double)) {
    for (int i = 0; i < GRID; i++) {
        const double distance = ulps(result[i], truth(argument[i], second[i]));
        if (distance > bound) fail_msg("%.3f ulp at %a, %a", distance, argument[i], second[i]);
    }
}

static void test_atan2_is_accurate_in_every_quadrant(void **state) {
    (void)state;
    spread_sides();
    for (int i = 0; i < GRID; i++) result[i] = tsr_atan2(argument[i], second[i]);
    assert_pairs_within(2.0, atan2l);
    assert_bits(result, 0x962cafba732d4cf6u);
}

/* Zeros of either sign, infinities and what is no number: as the C standard has it, F.10.1.4. */
static void test_atan2_knows_its_axes(void **state) {
    (void)state;
    const double side[] = {0.0, -0.0, 1.0, -1.0, INFINITY, -INFINITY, 1e300, -1e-300};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            const double angle = tsr_atan2(side[i], side[j]), truth = atan2(side[i], side[j]);
            assert_true(ulps(angle, truth) <= 1.0 && signbit(angle) == signbit(truth));
        }
    assert_true(isnan(tsr_atan2(NAN, 1.0)) && isnan(tsr_atan2(1.0, NAN)));
}

static void test_hypot_is_accurate_and_does_not_overflow(void **state) {
    (void)state;
    spread_sides();
    for (int i = 0; i < GRID; i++) result[i] = tsr_hypot(argument[i], second[i]);
    assert_pairs_within(1.0, hypotl);
    assert_bits(result, 0xa836321419626b2du);
    assert_true(tsr_hypot(3.0, -4.0) == 5.0 && tsr_hypot(3e300, 4e300) == 5e300);
    assert_true(tsr_hypot(0x3p-1060, 0x4p-1060) == 0x5p-1060 && tsr_hypot(0.0, -0.0) == 0.0);
    assert_true(tsr_hypot(INFINITY, 1.0) == INFINITY && tsr_hypot(1.0, -INFINITY) == INFINITY);
    assert_true(isnan(tsr_hypot(NAN, 1.0)) && isnan(tsr_hypot(1.0, NAN)) && tsr_hypot(1e-200, 0.0) == 1e-200);
}

static void test_asin_and_acos_are_accurate_up_to_the_ends(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        spread(-1.0, 1.0);
        if (round == 1) spread_near_zero();
        apply_asin();
        assert_within(3.0, asinl);
        if (round == 0) assert_bits(result, 0x2a6a52e7cbbcf841u);
        apply_acos();
        assert_within(3.0, acosl);
        if (round == 0) assert_bits(result, 0x10190751c09e7d32u);
    }
    assert_true(tsr_asin(1.0) == 0x1.921fb54442d18p+0 && tsr_acos(1.0) == 0.0 &&
                tsr_acos(-1.0) == 0x1.921fb54442d18p+1);
    assert_true(isnan(tsr_asin(1.0000000000000002)) && isnan(tsr_acos(-2.0)) && isnan(tsr_asin(NAN)));
}

static void test_sinh_and_cosh_are_accurate_near_and_far(void **state) {
    (void)state;
    for (int round = 0; round < 3; round++) {
        spread(-30.0, 30.0);
        if (round == 1) spread_near_zero();
        if (round == 2) spread(-709.7, 709.7);
        apply_sinh();
        assert_within(3.0, sinhl);
        if (round == 0) assert_bits(result, 0xda3eb08b11eed33au);
        apply_cosh();
        assert_within(2.0, coshl);
        if (round == 0) assert_bits(result, 0x18a1071f88e8731du);
    }
    assert_true(tsr_sinh(800.0) == INFINITY && tsr_sinh(-INFINITY) == -INFINITY && tsr_cosh(-INFINITY) == INFINITY);
    assert_true(isnan(tsr_sinh(NAN)) && isnan(tsr_cosh(NAN)));
}

static long double round_truth(long double x) { return roundl(x); }

static void test_round_goes_away_from_zero_at_halves(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++) argument[i] = (double)(i - GRID / 2) / 8.0;
    apply_round();
    assert_within(0.0, round_truth);
    assert_true(tsr_round(0.49999999999999994) == 0.0 && tsr_round(4503599627370497.5) == 4503599627370498.0);
    assert_true(tsr_round(-2.5) == -3.0 && tsr_round(0x1p60) == 0x1p60 && tsr_round(INFINITY) == INFINITY);
    assert_true(isnan(tsr_round(NAN)) && tsr_sign(-3.0) == -1.0 && tsr_sign(0.0) == 0.0 && isnan(tsr_sign(NAN)));
}

static void test_mod_has_the_sign_of_the_divisor(void **state) {
    (void)state;
    assert_true(tsr_mod(7.0, 3.0) == 1.0 && tsr_mod(-7.0, 3.0) == 2.0 && tsr_mod(7.0, -3.0) == -2.0);
    assert_true(tsr_mod(-7.0, -3.0) == -1.0 && tsr_mod(6.0, 3.0) == 0.0 && tsr_mod(5.5, 1.0) == 0.5);
    assert_true(tsr_mod(1e300, 7.0) == fmod(1e300, 7.0) && isnan(tsr_mod(1.0, 0.0)) && isnan(tsr_mod(INFINITY, 2.0)));
    assert_true(isnan(tsr_mod(NAN, 2.0)) && isnan(tsr_mod(2.0, NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_atan2_is_accurate_in_every_quadrant),
        cmocka_unit_test(test_atan2_knows_its_axes),
        cmocka_unit_test(test_hypot_is_accurate_and_does_not_overflow),
        cmocka_unit_test(test_asin_and_acos_are_accurate_up_to_the_ends),
        cmocka_unit_test(test_sinh_and_cosh_are_accurate_near_and_far),
        cmocka_unit_test(test_round_goes_away_from_zero_at_halves),
        cmocka_unit_test(test_mod_has_the_sign_of_the_divisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
