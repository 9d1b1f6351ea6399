/* The superaccumulator against GMP's integers: exact, whatever the order, the grouping, the sign and the size. */
#include "engine/exact.h"

#include <float.h>
#include <gmp.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VALUES = 3000, LOWEST_BIT = TSR_EXACT_BIAS };

/* splitmix64: enough for test data. */
static uint64_t next_bits(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Any finite double, all exponents equally often. */
static double any_double(uint64_t *state) {
    double value;
    do value = double_of(next_bits(state));
    while (!isfinite(value));
    return value;
}

/* A double whose exponent lies within +-range; often with few bits, so that ties and long carries happen. */
static double moderate_double(uint64_t *state, int range) {
    const uint64_t bits = next_bits(state);
    const int exponent = (int)(bits % (uint64_t)(2 * range + 1)) - range;
    const uint64_t significand = next_bits(state) >> (11 + (bits >> 32) % 52) | 1;
    return ldexp((double)significand * (bits >> 63 ? -1 : 1), exponent);
}

/* out = value in units of 2^-LOWEST_BIT, which holds every double exactly. */
static void integer_of_double(mpz_t out, double value) {
    int exponent;
    mpz_set_d(out, ldexp(frexp(value, &exponent), 53));
    exponent += LOWEST_BIT - 53;
    if (exponent >= 0) {
        mpz_mul_2exp(out, out, (mp_bitcnt_t)exponent);
    } else {
        mpz_tdiv_q_2exp(out, out, (mp_bitcnt_t)-exponent);
    }
}

static void integer_of_limbs(mpz_t out, const tsr_exact *sum) {
    mpz_t limb;
    mpz_init(limb);
    mpz_set_ui(out, 0);
    for (int i = 0; i < TSR_EXACT_LIMBS; i++) {
        mpz_set_si(limb, sum->limb[i]);
        mpz_mul_2exp(limb, limb, 32 * (mp_bitcnt_t)i);
        mpz_add(out, out, limb);
    }
    mpz_clear(limb);
}

static void assert_canonical(const tsr_exact *sum) {
    assert_int_equal(sum->pending, 0);
    for (int i = 0; i < TSR_EXACT_LIMBS - 1; i++) assert_true(sum->limb[i] >= 0 && sum->limb[i] <= INT64_C(0xffffffff));
}

static void assert_equals_integer(const tsr_exact *sum, const mpz_t expected) {
    mpz_t integer;
    mpz_init(integer);
    tsr_exact settled = *sum;
    integer_of_limbs(integer, sum);
    assert_int_equal(mpz_cmp(integer, expected), 0);
    tsr_exact_settle(&settled);
    assert_canonical(&settled);
    integer_of_limbs(integer, &settled);
    assert_int_equal(mpz_cmp(integer, expected), 0);
    mpz_clear(integer);
}

/* Twice the distance of the integer from a double, so that halves stay integers. */
static void twice_distance(mpz_t out, const mpz_t integer, double from) {
    mpz_t other;
    mpz_init(other);
    integer_of_double(other, from);
    mpz_sub(out, integer, other);
    mpz_abs(out, out);
    mpz_mul_2exp(out, out, 1);
    mpz_clear(other);
}

/* Rounding by definition: of the two doubles that enclose the number the nearer one, of equals the even one. */
static double nearest(const mpz_t integer) {
    mpz_t magnitude, down, up;
    mpz_inits(magnitude, down, up, NULL);
    mpz_abs(magnitude, integer);
    long exponent;
    const double fraction = mpz_get_d_2exp(&exponent, magnitude); /* cut toward zero */
    double below = exponent > LOWEST_BIT + 1024 ? DBL_MAX : 0;
    if (exponent <= LOWEST_BIT + 1024) {
        /* Of a subnormal, ldexp may round up: step back then. */
        below = ldexp(fraction, (int)exponent - LOWEST_BIT);
        integer_of_double(down, below);
        if (mpz_cmp(down, magnitude) > 0) below = nextafter(below, 0);
    }
    const double above = nextafter(below, INFINITY);
    twice_distance(down, magnitude, below);
    if (isinf(above)) { /* as if 2^1024 were a double */
        mpz_set_ui(up, 1);
        mpz_mul_2exp(up, up, LOWEST_BIT + 1024);
        mpz_sub(up, up, magnitude);
        mpz_mul_2exp(up, up, 1);
    } else {
        twice_distance(up, magnitude, above);
    }
    uint64_t bits;
    memcpy(&bits, &below, sizeof(bits));
    const int order = mpz_cmp(down, up);
    const double result = order < 0 || (order == 0 && bits % 2 == 0) ? below : above;
    const double signed_result = mpz_sgn(integer) < 0 ? -result : result;
    mpz_clears(magnitude, down, up, NULL);
    return signed_result;
}

static void assert_same_double(double a, double b) { assert_memory_equal(&a, &b, sizeof(a)); }

static void assert_sum_is_exact(const double *value, int count) {
    tsr_exact sum = {0};
    mpz_t expected, term;
    mpz_inits(expected, term, NULL);
    for (int i = 0; i < count; i++) {
        tsr_exact_add(&sum, value[i]);
        integer_of_double(term, value[i]);
        mpz_add(expected, expected, term);
    }
    assert_equals_integer(&sum, expected);
    const double rounded = nearest(expected);
    assert_same_double(tsr_exact_round(&sum), rounded);
    tsr_exact_settle(&sum);
    assert_same_double(tsr_exact_round(&sum), rounded);
    assert_true(tsr_exact_is_finite(&sum));
    mpz_clears(expected, term, NULL);
}

static void test_every_single_double_comes_back(void **unused) {
    (void)unused;
    static const uint64_t fractions[] = {0, 1, UINT64_C(0xfffffffffffff), UINT64_C(0x5555555555555)};
    for (uint64_t exponent = 0; exponent < 0x7ff; exponent++) {
        for (uint64_t f = 0; f < 8; f++) {
            const double value = double_of((f & 1) << 63 | exponent << 52 | fractions[f / 2]);
            assert_sum_is_exact(&value, 1);
        }
    }
}

static void test_sums_over_all_exponents_are_exact(void **unused) {
    (void)unused;
    uint64_t state = 1;
    double value[VALUES];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < VALUES; i++) value[i] = any_double(&state);
        assert_sum_is_exact(value, VALUES);
    }
}

static void test_sums_of_subnormals_are_exact(void **unused) {
    (void)unused;
    uint64_t state = 2;
    double value[VALUES];
    for (int i = 0; i < VALUES; i++) value[i] = double_of(next_bits(&state) & UINT64_C(0x800fffffffffffff));
    assert_sum_is_exact(value, VALUES);
    assert_sum_is_exact(value, 2);
}

static void test_short_sums_round_to_nearest_even(void **unused) {
    (void)unused;
    uint64_t state = 3;
    for (int round = 0; round < 20000; round++) {
        double value[5];
        for (int i = 0; i < 5; i++) value[i] = moderate_double(&state, 80);
        assert_sum_is_exact(value, 2 + round % 4);
    }
}

static void test_ties_round_to_even_and_a_grain_decides(void **unused) {
    (void)unused;
    static const double even[] = {1, 0x1p52, 0x1p1000, 0x1p-1021};
    for (size_t i = 0; i < sizeof(even) / sizeof(even[0]); i++) {
        const double odd = nextafter(even[i], INFINITY), half = (odd - even[i]) / 2, grain = DBL_TRUE_MIN;
        if (half == 0) continue;
        for (int up = 0; up < 2; up++) {
            const double base = up ? odd : even[i];
            assert_sum_is_exact((double[]){base, half}, 2);
            assert_sum_is_exact((double[]){base, half, grain}, 3);
            assert_sum_is_exact((double[]){base, half, -grain}, 3);
            assert_sum_is_exact((double[]){-base, -half, grain}, 3);
        }
    }
    tsr_exact sum = {0};
    tsr_exact_add(&sum, 1);
    tsr_exact_add(&sum, 0x1p-53);
    assert_same_double(tsr_exact_round(&sum), 1);
    tsr_exact_add(&sum, DBL_TRUE_MIN);
    assert_same_double(tsr_exact_round(&sum), 1 + 0x1p-52);
}

static void test_cancellation_leaves_nothing(void **unused) {
    (void)unused;
    uint64_t state = 4;
    double value[VALUES];
    tsr_exact sum = {0};
    const tsr_exact empty = {0};
    for (int i = 0; i < VALUES; i++) tsr_exact_add(&sum, value[i] = any_double(&state));
    for (int i = 0; i < VALUES; i++) tsr_exact_add(&sum, -value[(i * 7 + 5) % VALUES]);
    tsr_exact_settle(&sum);
    assert_memory_equal(&sum, &empty, sizeof(sum));
    assert_same_double(tsr_exact_round(&sum), 0);
}

static void test_a_borrow_runs_through_all_limbs(void **unused) {
    (void)unused;
    assert_sum_is_exact((double[]){DBL_MAX, -DBL_TRUE_MIN}, 2);
    assert_sum_is_exact((double[]){-DBL_MAX, DBL_TRUE_MIN}, 2);
    assert_sum_is_exact((double[]){DBL_TRUE_MIN, -2 * DBL_TRUE_MIN}, 2);
    assert_sum_is_exact((double[]){0x1p1023, -DBL_TRUE_MIN, DBL_TRUE_MIN, -0x1p1023}, 4);
}

static void test_sums_beyond_the_largest_double_come_back(void **unused) {
    (void)unused;
    double value[VALUES];
    for (int i = 0; i < VALUES; i++) value[i] = i % 3 ? DBL_MAX : -DBL_TRUE_MIN;
    assert_sum_is_exact(value, VALUES);
    for (int i = 1; i < VALUES; i++) value[i] = i % 2 ? -DBL_MAX : DBL_MAX;
    assert_sum_is_exact(value, VALUES);
    assert_sum_is_exact((double[]){DBL_MAX, 0x1p970}, 2); /* a tie: infinite */
    assert_sum_is_exact((double[]){DBL_MAX, 0x1p970, -DBL_TRUE_MIN}, 3);
}

static void test_any_order_and_grouping_gives_the_same_words(void **unused) {
    (void)unused;
    enum { GROUPS = 7, ROUNDS = 50 };
    uint64_t state = 5;
    double value[VALUES];
    tsr_exact whole = {0};
    for (int i = 0; i < VALUES; i++) {
        value[i] = i % 100 == 0 ? (i % 200 ? NAN : INFINITY) : any_double(&state);
        tsr_exact_add(&whole, value[i]);
    }
    tsr_exact_settle(&whole);
    for (int round = 0; round < ROUNDS; round++) {
        tsr_exact group[GROUPS] = {0};
        for (int i = VALUES - 1; i > 0; i--) {
            const int j = (int)(next_bits(&state) % (uint64_t)(i + 1));
            const double swapped = value[i];
            value[i] = value[j];
            value[j] = swapped;
        }
        for (int i = 0; i < VALUES; i++) tsr_exact_add(&group[next_bits(&state) % GROUPS], value[i]);
        for (int left = GROUPS; left > 1; left--) {
            if (next_bits(&state) % 2) tsr_exact_settle(&group[left - 1]);
            tsr_exact_merge(&group[next_bits(&state) % (uint64_t)(left - 1)], &group[left - 1]);
        }
        tsr_exact_settle(&group[0]);
        assert_memory_equal(&group[0], &whole, sizeof(whole));
    }
}

/* What TSR_EXACT_PENDING_MAX - 1 additions can leave behind at worst. */
static tsr_exact fullest(int64_t sign) {
    tsr_exact sum = {.pending = TSR_EXACT_PENDING_MAX - 1};
    for (int i = 0; i < TSR_EXACT_LIMBS - 1; i++) {
        sum.limb[i] = sign * INT64_C(0xffffffff) * (TSR_EXACT_PENDING_MAX - 1);
    }
    return sum;
}

static void test_carries_are_passed_on_before_a_limb_is_full(void **unused) {
    (void)unused;
    mpz_t expected, term;
    mpz_inits(expected, term, NULL);
    for (int64_t sign = -1; sign <= 1; sign += 2) {
        tsr_exact sum = fullest(sign);
        integer_of_limbs(expected, &sum);
        tsr_exact_add(&sum, (double)sign * DBL_MAX);
        integer_of_double(term, (double)sign * DBL_MAX);
        mpz_add(expected, expected, term);
        assert_int_equal(sum.pending, 0);
        assert_equals_integer(&sum, expected);

        sum = fullest(sign);
        const tsr_exact other = fullest(sign);
        integer_of_limbs(expected, &sum);
        mpz_mul_2exp(expected, expected, 2);
        for (int merges = 0; merges < 3; merges++) tsr_exact_merge(&sum, &other);
        assert_equals_integer(&sum, expected);
        const double factors[] = {(double)sign, DBL_MAX};
        tsr_exact_add_product(&sum, factors, 2);
        mpz_add(expected, expected, term);
        assert_equals_integer(&sum, expected);
    }
    mpz_clears(expected, term, NULL);
}

static void test_two_to_the_31_settled_accumulators_fit(void **unused) {
    (void)unused;
    mpz_t expected;
    mpz_init(expected);
    tsr_exact sum = {0};
    for (int i = 0; i < TSR_EXACT_LIMBS - 1; i++) sum.limb[i] = INT64_C(0xffffffff) << 31;
    integer_of_limbs(expected, &sum);
    assert_equals_integer(&sum, expected);
    mpz_clear(expected);
}

static void test_nan_and_infinities_are_counted(void **unused) {
    (void)unused;
    tsr_exact sum = {0};
    tsr_exact_add(&sum, 1);
    assert_true(tsr_exact_is_finite(&sum));
    tsr_exact_add(&sum, INFINITY);
    assert_false(tsr_exact_is_finite(&sum));
    assert_same_double(tsr_exact_round(&sum), INFINITY);
    tsr_exact_add(&sum, -INFINITY);
    assert_true(isnan(tsr_exact_round(&sum)));
    tsr_exact_add(&sum, -NAN);
    tsr_exact_add(&sum, NAN);
    assert_int_equal(sum.nans, 2);
    assert_int_equal(sum.infinities_positive, 1);
    assert_int_equal(sum.infinities_negative, 1);
    tsr_exact other = {0};
    tsr_exact_add(&other, -INFINITY);
    assert_same_double(tsr_exact_round(&other), -INFINITY);
    tsr_exact_merge(&other, &sum);
    assert_int_equal(other.infinities_negative, 2);
    assert_true(isnan(tsr_exact_round(&other)));
}

/* The product as an integer in units of 2^-LOWEST_BIT, cut toward zero. */
static void integer_of_product(mpz_t out, const double *factors, int count) {
    mpq_t product, factor;
    mpq_inits(product, factor, NULL);
    mpq_set_ui(product, 1, 1);
    for (int f = 0; f < count; f++) {
        mpq_set_d(factor, factors[f]);
        mpq_mul(product, product, factor);
    }
    mpq_mul_2exp(product, product, LOWEST_BIT);
    mpz_tdiv_q(out, mpq_numref(product), mpq_denref(product));
    mpq_clears(product, factor, NULL);
}

static void assert_product_is_exact(const double *factors, int count) {
    tsr_exact sum = {0};
    mpz_t expected;
    mpz_init(expected);
    tsr_exact_add_product(&sum, factors, count);
    integer_of_product(expected, factors, count);
    if (mpz_sizeinbase(expected, 2) > LOWEST_BIT + 1056) {
        assert_int_equal(mpz_sgn(expected) > 0 ? sum.infinities_positive : sum.infinities_negative, 1);
        assert_false(tsr_exact_is_finite(&sum));
    } else {
        assert_true(tsr_exact_is_finite(&sum));
        assert_equals_integer(&sum, expected);
        assert_same_double(tsr_exact_round(&sum), nearest(expected));
    }
    mpz_clear(expected);
}

static void test_products_are_exact(void **unused) {
    (void)unused;
    uint64_t state = 6;
    for (int round = 0; round < 30000; round++) {
        const int count = 1 + round % TSR_EXACT_FACTORS_MAX;
        const int range = round / TSR_EXACT_FACTORS_MAX % 2 ? 60 : 950 / count;
        double factor[TSR_EXACT_FACTORS_MAX];
        for (int f = 0; f < count; f++) factor[f] = moderate_double(&state, range);
        assert_product_is_exact(factor, count);
    }
    for (int round = 0; round < 10000; round++) {
        double factor[TSR_EXACT_FACTORS_MAX];
        for (int f = 0; f < TSR_EXACT_FACTORS_MAX; f++) factor[f] = any_double(&state);
        assert_product_is_exact(factor, 1 + round % TSR_EXACT_FACTORS_MAX);
    }
}

static void test_products_at_the_edges(void **unused) {
    (void)unused;
    static const double odd = 0x1.fffffffffffffp0;
    assert_product_is_exact((double[]){odd, odd, odd, odd, odd, odd}, 6);
    for (int shift = -1200; shift <= -900; shift++) {
        assert_product_is_exact((double[]){-odd, odd, odd, ldexp(odd, shift / 2), ldexp(odd, shift - shift / 2)}, 5);
    }
    for (int shift = 1040; shift <= 1100; shift++) {
        assert_product_is_exact((double[]){-odd, ldexp(1, 600), ldexp(odd, shift - 600)}, 3);
        assert_product_is_exact((double[]){ldexp(1, 600), ldexp(1, shift - 600)}, 2);
    }
    assert_product_is_exact((double[]){DBL_TRUE_MIN, DBL_TRUE_MIN, DBL_TRUE_MIN, -DBL_TRUE_MIN, 3, 5}, 6);
    assert_product_is_exact((double[]){DBL_TRUE_MIN, 0x1p-14}, 2);
    assert_product_is_exact((double[]){-DBL_TRUE_MIN, 0x1p-15}, 2);
    assert_product_is_exact((double[]){DBL_MAX, -0.0, DBL_MAX}, 3);
}

static void test_products_of_special_values_follow_ieee(void **unused) {
    (void)unused;
    tsr_exact sum = {0};
    tsr_exact_add_product(&sum, (double[]){-INFINITY, DBL_TRUE_MIN, DBL_TRUE_MIN}, 3);
    assert_int_equal(sum.infinities_negative, 1);
    tsr_exact_add_product(&sum, (double[]){-INFINITY, -DBL_MAX, DBL_MAX}, 3);
    assert_int_equal(sum.infinities_positive, 1);
    tsr_exact_add_product(&sum, (double[]){0, INFINITY}, 2);
    tsr_exact_add_product(&sum, (double[]){NAN, 1}, 2);
    assert_int_equal(sum.nans, 2);
}

static void test_scaled_integers_round_to_nearest_even(void **unused) {
    (void)unused;
    uint64_t state = 7;
    mpz_t expected;
    mpz_init(expected);
    for (int round = 0; round < 20000; round++) {
        const uint64_t significand = next_bits(&state) >> next_bits(&state) % 64;
        const int exponent = (int)(next_bits(&state) % 2200) - LOWEST_BIT;
        mpz_set_ui(expected, significand);
        mpz_mul_2exp(expected, expected, (mp_bitcnt_t)(exponent + LOWEST_BIT));
        assert_same_double(tsr_double_nearest(significand, exponent), nearest(expected));
    }
    assert_same_double(tsr_double_nearest(1, -1075), 0);
    assert_same_double(tsr_double_nearest(3, -1076), DBL_TRUE_MIN);
    assert_same_double(tsr_double_nearest(UINT64_C(1) << 63, -1138), 0);
    assert_same_double(tsr_double_nearest((UINT64_C(1) << 63) + 1, -1138), DBL_TRUE_MIN);
    assert_same_double(tsr_double_nearest(UINT64_MAX, -1139), 0);
    assert_same_double(tsr_double_nearest(UINT64_MAX, 1 << 20), INFINITY);
    mpz_clear(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_single_double_comes_back),
        cmocka_unit_test(test_sums_over_all_exponents_are_exact),
        cmocka_unit_test(test_sums_of_subnormals_are_exact),
        cmocka_unit_test(test_short_sums_round_to_nearest_even),
        cmocka_unit_test(test_ties_round_to_even_and_a_grain_decides),
        cmocka_unit_test(test_cancellation_leaves_nothing),
        cmocka_unit_test(test_a_borrow_runs_through_all_limbs),
        cmocka_unit_test(test_sums_beyond_the_largest_double_come_back),
        cmocka_unit_test(test_any_order_and_grouping_gives_the_same_words),
        cmocka_unit_test(test_carries_are_passed_on_before_a_limb_is_full),
        cmocka_unit_test(test_two_to_the_31_settled_accumulators_fit),
        cmocka_unit_test(test_nan_and_infinities_are_counted),
        cmocka_unit_test(test_products_are_exact),
        cmocka_unit_test(test_products_at_the_edges),
        cmocka_unit_test(test_products_of_special_values_follow_ieee),
        cmocka_unit_test(test_scaled_integers_round_to_nearest_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
