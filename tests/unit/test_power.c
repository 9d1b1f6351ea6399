/* power: how far from the truth, what happens at the ends of the domain, and the same bits everywhere. */
#include "engine/power.h"

#include "accuracy.h"

static void assert_powers_within(double bound) {
    for (int i = 0; i < GRID; i++) {
        const double distance = ulps(result[i], powl((long double)argument[i], (long double)second[i]));
        if (distance <= bound) continue;
        fail_msg("%a ^ %a is %.3f ulp from the truth, allowed are %.3f", argument[i], second[i], distance, bound);
    }
}

static void apply_pow(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_pow(argument[i], second[i]);
}

/* Powers from 1e-300 to 1e300 of bases from all binades. */
static void test_pow_is_accurate_in_every_binade(void **state) {
    (void)state;
    spread_over_binades();
    for (int i = 0; i < GRID; i++)
        second[i] = 690.0 * ((double)(i * 7919 % GRID) / GRID - 0.5) * 2.0 / fabs(tsr_log(argument[i]));
    apply_pow();
    assert_powers_within(1.5);
    assert_bits(result, 0xa0849fce01540654u);
}

/* Where a logarithm without a second part would be wrong by hundreds of units. */
static void test_pow_is_accurate_around_one(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++) {
        argument[i] = 1.0 + (i - GRID / 2 + 0.5) * 0x1p-48;
        second[i] = 600.0 / tsr_log(argument[i]) * ((double)(i * 7919 % GRID) / GRID);
    }
    apply_pow();
    assert_powers_within(1.5);
    spread(0.5, 2.0);
    for (int i = 0; i < GRID; i++) second[i] = -900.0 + 1800.0 * ((double)(i * 7919 % GRID) / GRID);
    apply_pow();
    assert_powers_within(1.5);
}

static void test_pow_knows_zero_one_and_negative_bases(void **state) {
    (void)state;
    assert_true(tsr_pow(0.0, 2.5) == 0.0 && tsr_pow(0.0, 0.0) == 1.0 && tsr_pow(0.0, -1.0) == INFINITY);
    assert_true(tsr_pow(1.0, 1e300) == 1.0 && tsr_pow(7.0, 0.0) == 1.0 && tsr_pow(2.0, 10.0) == 1024.0);
    assert_true(tsr_pow(-2.0, 3.0) == -8.0 && tsr_pow(-2.0, -2.0) == 0.25 && tsr_pow(-3.0, 4.0) == 81.0);
    assert_true(isnan(tsr_pow(-2.0, 0.5)) && isnan(tsr_pow(NAN, 2.0)) && isnan(tsr_pow(2.0, NAN)));
    assert_true(isnan(tsr_pow(0.0, NAN)) && isnan(tsr_pow(INFINITY, 2.0)) && isnan(tsr_pow(DBL_MIN / 4.0, 2.0)));
    assert_true(tsr_pow(10.0, 400.0) == INFINITY && tsr_pow(10.0, -400.0) == 0.0 && tsr_pow(1e300, 1e300) == INFINITY);
    assert_true(tsr_pow(1e300, -1e300) == 0.0 && tsr_pow(0.5, INFINITY) == 0.0 && tsr_pow(2.0, INFINITY) == INFINITY);
}

/* Exact wherever the power has no more digits than a double. */
static void test_whole_powers_are_products(void **state) {
    (void)state;
    assert_true(tsr_pow_whole(3.0, 5.0) == 243.0 && tsr_pow_whole(-3.0, 3.0) == -27.0);
    assert_true(tsr_pow_whole(2.0, 63.0) == 0x1p63 && tsr_pow_whole(2.0, -63.0) == 0x1p-63);
    assert_true(tsr_pow_whole(1e200, 1.0) == 1e200 && tsr_pow_whole(0.0, 0.0) == 1.0);
    assert_true(isnan(tsr_pow_whole(NAN, 3.0)) && tsr_pow_whole(0.0, -2.0) == INFINITY);
    for (int n = 1; n < 64; n++) {
        const long double truth = powl(1.1L, n);
        assert_true(fabsl(tsr_pow_whole(1.1, n) - truth) < 70.0L * 0x1p-53L * truth);
    }
}

static void apply_log10(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_log10(argument[i]);
}
static void apply_log2(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_log2(argument[i]);
}
static void apply_cbrt(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_cbrt(argument[i]);
}

static void test_log10_and_log2_are_accurate_and_whole_for_powers(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        spread_over_binades();
        if (round == 1) spread(0.5, 2.0);
        apply_log10();
        assert_within(0.51, log10l);
        if (round == 0) assert_bits(result, 0x488438635e80ebecu);
        apply_log2();
        assert_within(0.51, log2l);
        if (round == 0) assert_bits(result, 0x61f09c0dea188616u);
    }
    double ten = 1.0;
    for (int n = 0; n <= 22; n++, ten *= 10.0) assert_true(tsr_log10(ten) == n);
    for (int n = -1022; n < 1024; n++) assert_true(tsr_log2(ldexp(1.0, n)) == n);
    assert_true(isnan(tsr_log10(0.0)) && isnan(tsr_log2(-1.0)) && isnan(tsr_log10(NAN)) && isnan(tsr_log2(INFINITY)));
}

static void test_cbrt_is_accurate_and_exact_for_cubes(void **state) {
    (void)state;
    spread_over_binades();
    apply_cbrt();
    assert_within(0.7, cbrtl);
    assert_bits(result, 0x524751003ed089c7u);
    for (int n = -2000; n <= 2000; n++) assert_true(tsr_cbrt((double)n * n * n) == n);
    assert_true(tsr_cbrt(INFINITY) == INFINITY && isnan(tsr_cbrt(NAN)) && isnan(tsr_cbrt(0x1p-1060)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pow_is_accurate_in_every_binade),
        cmocka_unit_test(test_pow_is_accurate_around_one),
        cmocka_unit_test(test_pow_knows_zero_one_and_negative_bases),
        cmocka_unit_test(test_whole_powers_are_products),
        cmocka_unit_test(test_log10_and_log2_are_accurate_and_whole_for_powers),
        cmocka_unit_test(test_cbrt_is_accurate_and_exact_for_cubes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
