/* vmath: how far from the truth, what happens at the ends of the domains, and the same bits everywhere. */
#include "accuracy.h"

static double sine_of(double turns) {
    double sine, cosine;
    tsr_sincos_turns(turns, &sine, &cosine);
    return sine;
}

static double cosine_of(double turns) {
    double sine, cosine;
    tsr_sincos_turns(turns, &sine, &cosine);
    return cosine;
}

static const long double two_pi = 6.283185307179586476925286766559005768L;
static long double sine_truth(long double turns) { return sinl(two_pi * turns); }
static long double cosine_truth(long double turns) { return cosl(two_pi * turns); }

static void apply_log(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_log(argument[i]);
}
static void apply_log1p(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_log1p(argument[i]);
}
static void apply_exp(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_exp(argument[i]);
}
static void apply_expm1(void) {
    for (int i = 0; i < GRID; i++) result[i] = tsr_expm1(argument[i]);
}
static void apply_sincos(void) {
    for (int i = 0; i < GRID; i++) tsr_sincos_turns(argument[i], &result[i], &second[i]);
}
static void test_log_is_accurate_in_every_binade(void **state) {
    (void)state;
    spread_over_binades();
    apply_log();
    assert_within(1.0, logl);
    assert_alone(tsr_log, result);
    assert_bits(result, 0x0d2571c6863c7531u);
}

static void test_log_is_accurate_around_one(void **state) {
    (void)state;
    spread(0.5, 2.0);
    apply_log();
    assert_within(1.0, logl);
    assert_bits(result, 0xd122b60c101a5590u);
    for (int i = 0; i < GRID; i++) argument[i] = 1.0 + (i - GRID / 2) * 0x1p-52;
    apply_log();
    assert_within(1.0, logl);
}

static void test_log_outside_its_domain_is_nan(void **state) {
    (void)state;
    const double outside[] = {0.0, -0.0, -1.0, DBL_MIN / 2.0, -DBL_MAX, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) assert_true(isnan(tsr_log(outside[i])));
    assert_true(isnan(tsr_log1p(-1.0)));
    assert_true(isnan(tsr_log1p(NAN)));
}

static void test_log1p_is_accurate_near_zero_and_far(void **state) {
    (void)state;
    spread_near_zero();
    apply_log1p();
    assert_within(1.5, log1pl);
    assert_alone(tsr_log1p, result);
    assert_bits(result, 0xe99b0b05f32178f2u);
    spread(-0x1.fffffffffffffp-1, 30.0);
    apply_log1p();
    assert_within(1.5, log1pl);
}

static void test_exp_is_accurate_where_it_is_a_normal_number(void **state) {
    (void)state;
    spread(-708.0, 709.78);
    apply_exp();
    assert_within(1.1, expl);
    assert_alone(tsr_exp, result);
    assert_bits(result, 0x26e6626fc6ef664fu);
    spread(-1.0, 1.0);
    apply_exp();
    assert_within(1.1, expl);
    assert_bits(result, 0xf470313bc71ba4b2u);
}

static void test_exp_ends_in_zero_and_infinity(void **state) {
    (void)state;
    assert_true(tsr_exp(0.0) == 1.0 && tsr_exp(-0.0) == 1.0);
    assert_true(tsr_exp(-709.0) == 0.0 && tsr_exp(-1e6) == 0.0 && tsr_exp(-INFINITY) == 0.0);
    assert_true(tsr_exp(709.79) == INFINITY && tsr_exp(1e6) == INFINITY && tsr_exp(INFINITY) == INFINITY);
    assert_true(isnan(tsr_exp(NAN)));
    assert_true(tsr_expm1(0.0) == 0.0 && tsr_expm1(-1e6) == -1.0 && tsr_expm1(-INFINITY) == -1.0);
    assert_true(tsr_expm1(709.79) == INFINITY && tsr_expm1(INFINITY) == INFINITY && isnan(tsr_expm1(NAN)));
}

static void test_expm1_is_accurate_near_zero_and_far(void **state) {
    (void)state;
    spread_near_zero();
    apply_expm1();
    assert_within(2.5, expm1l);
    assert_alone(tsr_expm1, result);
    assert_bits(result, 0xa0df7731a7b2f5c4u);
    spread(-750.0, 709.78);
    apply_expm1();
    assert_within(2.5, expm1l);
    spread(-2.0, 2.0);
    apply_expm1();
    assert_within(2.5, expm1l);
}

static void test_sincos_is_accurate_over_a_turn(void **state) {
    (void)state;
    spread(-0.125, 0.125);
    apply_sincos();
    assert_within(1.1, sine_truth);
    assert_alone(sine_of, result);
    assert_alone(cosine_of, second);
    assert_bits(result, 0x8d5a4b2d9d629891u);
    assert_bits(second, 0xfad53e0a767655a1u);
    memcpy(result, second, sizeof(result));
    assert_within(1.1, cosine_truth);
}

/* The reduction is exact, so that the octants repeat to the last bit, also far from zero. */
static void test_sincos_repeats_exactly_and_hits_quarter_turns(void **state) {
    (void)state;
    for (int i = 0; i <= 64; i++) {
        const double turns = (double)i / 64.0 + 0x1p-40, far = turns + 4096.0;
        assert_true(sine_of(far) == sine_of(turns) && cosine_of(far) == cosine_of(turns));
        assert_true(sine_of(turns + 0.25) == cosine_of(turns) && cosine_of(turns + 0.25) == -sine_of(turns));
        assert_true(sine_of(-turns) == -sine_of(turns) && cosine_of(-turns) == cosine_of(turns));
    }
    for (int whole = -4; whole <= 4; whole++) {
        assert_true(sine_of(whole) == 0.0 && cosine_of(whole) == 1.0);
        assert_true(sine_of(whole + 0.25) == 1.0 && cosine_of(whole + 0.25) == 0.0);
        assert_true(sine_of(whole + 0.5) == 0.0 && cosine_of(whole + 0.5) == -1.0);
        assert_true(sine_of(whole + 0.75) == -1.0 && cosine_of(whole + 0.75) == 0.0);
    }
    assert_true(isnan(sine_of(NAN)) && isnan(cosine_of(INFINITY)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_is_accurate_in_every_binade),
        cmocka_unit_test(test_log_is_accurate_around_one),
        cmocka_unit_test(test_log_outside_its_domain_is_nan),
        cmocka_unit_test(test_log1p_is_accurate_near_zero_and_far),
        cmocka_unit_test(test_exp_is_accurate_where_it_is_a_normal_number),
        cmocka_unit_test(test_exp_ends_in_zero_and_infinity),
        cmocka_unit_test(test_expm1_is_accurate_near_zero_and_far),
        cmocka_unit_test(test_sincos_is_accurate_over_a_turn),
        cmocka_unit_test(test_sincos_repeats_exactly_and_hits_quarter_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
