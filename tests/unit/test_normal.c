/* normal: the quantile against the error function in long double, and pairs from uniforms. */
#include "engine/normal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { GRID = 1 << 17 };
static double argument[GRID], result[GRID];

static void apply(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_normal_quantile(argument[i]);
}

static const long double two_pi = 6.283185307179586476925286766559005768L;

/* Newton's method on the complementary error function; for u <= 1/2. */
static long double quantile_truth(long double u) {
    long double z = tsr_normal_quantile((double)u);
    for (int step = 0; step < 3; step++) {
        const long double excess = 0.5L * erfcl(-z / sqrtl(2.0L)) - u;
        z -= excess * sqrtl(two_pi) * expl(0.5L * z * z);
    }
    return z;
}

/* FNV-1a over the bits: one number by which compilers, vector widths and levels of optimisation are compared. */
static void assert_bits(uint64_t golden) {
    uint64_t digest = 0xcbf29ce484222325u;
    for (int i = 0; i < GRID; i++) digest = (digest ^ tsr_bits_from_double(result[i])) * 0x100000001b3u;
    if (digest != golden) fail_msg("the bits give 0x%016llx", (unsigned long long)digest);
}

static void assert_quantile_within(double relative) {
    for (int i = 0; i < GRID; i += 5) {
        const long double truth = quantile_truth((long double)argument[i]);
        const double distance = (double)fabsl(result[i] / truth - 1.0L);
        if (!(distance <= relative)) fail_msg("relative error %.3g at %a", distance, argument[i]);
    }
}

static void test_quantile_is_accurate_in_centre_and_tail(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++) argument[i] = fma(0x1.fffffp-2 - 0x1p-53, (double)i / (GRID - 1), 0x1p-53);
    apply();
    assert_quantile_within(1e-15);
    assert_bits(0xe6c270be3795ae9au);
    for (int i = 0; i < GRID; i++) argument[i] = ldexp(1.0 + (double)i / GRID, -2 - i % 1020);
    apply();
    assert_quantile_within(1e-15);
    assert_bits(0x6c7ed64abbcae667u);
}

static void test_quantile_is_antisymmetric_and_rises(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++) argument[i] = (i + 0.5) / GRID;
    apply();
    for (int i = 0; i < GRID; i++) assert_true(result[i] == -result[GRID - 1 - i]);
    for (int i = 1; i < GRID; i++) assert_true(result[i] > result[i - 1]);
    assert_true(tsr_normal_quantile(0.5) == 0.0);
}

static void test_quantile_outside_its_domain_is_nan(void **state) {
    (void)state;
    const double outside[] = {0.0, 1.0, -0.5, 2.0, DBL_MIN / 2.0, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        assert_true(isnan(tsr_normal_quantile(outside[i])));
}

static void test_pairs_lie_on_the_circle_of_their_radius(void **state) {
    (void)state;
    for (int i = 0; i < GRID; i++) {
        const double u = (i + 0.5) / GRID, v = fmod(i * 0.6180339887498949, 1.0);
        double first = u, second = v;
        tsr_normal_pair(&first, &second);
        assert_true(fabs(-0.5 * (first * first + second * second) - log(u)) <= 1e-15 * (1.0 - log(u)));
        assert_true(fabs(atan2(second, first) / (double)two_pi - (v < 0.5 ? v : v - 1.0)) <= 1e-15);
    }
    double first = 0x1p-53, second = 0x1p-53;
    tsr_normal_pair(&first, &second);
    assert_true(first > 8.56 && first < 8.58);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantile_is_accurate_in_centre_and_tail),
        cmocka_unit_test(test_quantile_is_antisymmetric_and_rises),
        cmocka_unit_test(test_quantile_outside_its_domain_is_nan),
        cmocka_unit_test(test_pairs_lie_on_the_circle_of_their_radius),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
