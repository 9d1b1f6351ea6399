/* From integers to doubles: one rounding, to nearest even, judged by the distance to the neighbours. */
#include "engine/rational.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next_bits(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void assert_same_double(double a, double b) { assert_memory_equal(&a, &b, sizeof(a)); }

/* Sign of |ratio| - (a + b) / 2, where b may be 2^1024, given as infinity. */
static int compare_with_midpoint(const mpq_t magnitude, double a, double b) {
    mpq_t lower, upper;
    mpq_inits(lower, upper, NULL);
    mpq_set_d(lower, a);
    mpq_set_d(upper, isinf(b) ? 0x1p1023 : b);
    if (isinf(b)) mpq_mul_2exp(upper, upper, 1);
    mpq_add(lower, lower, upper);
    mpq_div_2exp(lower, lower, 1);
    const int order = mpq_cmp(magnitude, lower);
    mpq_clears(lower, upper, NULL);
    return order;
}

static int is_even(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits % 2 == 0;
}

/* A double is nearest when the number lies between the midpoints to both its neighbours (on them only if even). */
static void assert_is_nearest(double rounded, const mpz_t numerator, const mpz_t denominator, long exponent) {
    mpq_t magnitude;
    mpq_init(magnitude);
    mpz_abs(mpq_numref(magnitude), numerator);
    mpz_set(mpq_denref(magnitude), denominator);
    mpq_canonicalize(magnitude);
    if (exponent >= 0) {
        mpq_mul_2exp(magnitude, magnitude, (mp_bitcnt_t)exponent);
    } else {
        mpq_div_2exp(magnitude, magnitude, (mp_bitcnt_t)-exponent);
    }
    assert_true(mpz_sgn(numerator) == 0 || signbit(rounded) == (mpz_sgn(numerator) < 0));
    const double result = fabs(rounded);
    const int tie_allowed = is_even(result);
    if (result > 0) assert_true(compare_with_midpoint(magnitude, nextafter(result, 0), result) >= !tie_allowed);
    if (!isinf(result))
        assert_true(compare_with_midpoint(magnitude, result, nextafter(result, INFINITY)) <= -!tie_allowed);
    mpq_clear(magnitude);
}

static void assert_rounds(const mpz_t numerator, const mpz_t denominator, long exponent) {
    assert_is_nearest(tsr_ratio_round(numerator, denominator, exponent), numerator, denominator, exponent);
}

static void random_integer(mpz_t out, uint64_t *state, int bits) {
    mpz_set_ui(out, 1);
    for (int b = 0; b < bits; b += 64) {
        mpz_mul_2exp(out, out, 64);
        mpz_add_ui(out, out, next_bits(state));
    }
    mpz_tdiv_q_2exp(out, out, (mp_bitcnt_t)((bits + 63) / 64 * 64 - bits));
}

static void test_ratios_of_all_sizes_are_nearest(void **unused) {
    (void)unused;
    uint64_t state = 1;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    for (int round = 0; round < 20000; round++) {
        random_integer(numerator, &state, (int)(next_bits(&state) % 300));
        random_integer(denominator, &state, (int)(next_bits(&state) % 300));
        if (next_bits(&state) % 2) mpz_neg(numerator, numerator);
        assert_rounds(numerator, denominator, (long)(next_bits(&state) % 2600) - 1300);
    }
    mpz_clears(numerator, denominator, NULL);
}

static void test_ties_and_their_neighbours_are_nearest(void **unused) {
    (void)unused;
    uint64_t state = 2;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    for (int round = 0; round < 20000; round++) {
        /* (odd number of 54 bits or fewer) * denominator +- 0 or 1: a tie, or all but one. */
        const int bits = 1 + (int)(next_bits(&state) % 54);
        random_integer(denominator, &state, (int)(next_bits(&state) % 200));
        mpz_mul_ui(numerator, denominator, (next_bits(&state) >> (64 - bits)) | 1);
        if (round % 3 == 1) mpz_add_ui(numerator, numerator, 1);
        if (round % 3 == 2) mpz_sub_ui(numerator, numerator, 1);
        const long exponent = round % 2 ? -1075 : (long)(next_bits(&state) % 2000) - 1100;
        assert_rounds(numerator, denominator, exponent);
    }
    mpz_clears(numerator, denominator, NULL);
}

static void test_the_ends_of_the_range(void **unused) {
    (void)unused;
    mpz_t numerator, denominator;
    mpz_init_set_si(numerator, -1);
    mpz_init_set_ui(denominator, 1);
    assert_same_double(tsr_ratio_round(numerator, denominator, -1074), -DBL_TRUE_MIN);
    assert_same_double(tsr_ratio_round(numerator, denominator, -1075), -0.0);
    assert_same_double(tsr_ratio_round(numerator, denominator, -100000), -0.0);
    assert_same_double(tsr_ratio_round(numerator, denominator, 1023), -0x1p1023);
    assert_same_double(tsr_ratio_round(numerator, denominator, 1024), -INFINITY);
    assert_same_double(tsr_ratio_round(numerator, denominator, 100000), -INFINITY);
    mpz_set_si(numerator, 3);
    assert_same_double(tsr_ratio_round(numerator, denominator, -1076), DBL_TRUE_MIN);
    mpz_set_ui(numerator, (UINT64_C(1) << 54) - 1); /* halfway between the largest double and 2^1024 */
    assert_same_double(tsr_ratio_round(numerator, denominator, 970), INFINITY);
    mpz_mul_2exp(numerator, numerator, 200);
    mpz_sub_ui(numerator, numerator, 1);
    assert_same_double(tsr_ratio_round(numerator, denominator, 770), DBL_MAX);
    mpz_set_ui(numerator, 0);
    assert_same_double(tsr_ratio_round(numerator, denominator, 5), 0);
    mpz_clears(numerator, denominator, NULL);
}

static void test_an_accumulator_becomes_its_integer(void **unused) {
    (void)unused;
    uint64_t state = 3;
    mpz_t integer, denominator;
    mpz_inits(integer, denominator, NULL);
    mpz_set_ui(denominator, 1);
    tsr_exact sum = {0};
    for (int round = 0; round < 2000; round++) {
        const uint64_t bits = next_bits(&state);
        tsr_exact_add(&sum, ldexp((double)(int64_t)bits, (int)(next_bits(&state) % 1900) - 1000));
        tsr_exact_to_integer(&sum, integer);
        assert_same_double(tsr_ratio_round(integer, denominator, -TSR_EXACT_BIAS), tsr_exact_round(&sum));
    }
    sum = (tsr_exact){0};
    tsr_exact_add(&sum, -1);
    tsr_exact_to_integer(&sum, integer);
    mpz_set_ui(denominator, 1);
    mpz_mul_2exp(denominator, denominator, TSR_EXACT_BIAS);
    mpz_neg(denominator, denominator);
    assert_int_equal(mpz_cmp(integer, denominator), 0);
    mpz_clears(integer, denominator, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratios_of_all_sizes_are_nearest),
        cmocka_unit_test(test_ties_and_their_neighbours_are_nearest),
        cmocka_unit_test(test_the_ends_of_the_range),
        cmocka_unit_test(test_an_accumulator_becomes_its_integer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
