/* The bank: many exact sums in one state, with one form for one number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/tallies/bank.h"
#include "samples.h"

enum { SUMS = 5, FIRST = 2 };

static const tsr_bank bank = {.first = FIRST, .count = SUMS};

static tsr_state *make_state(void) {
    tsr_state *state = NULL;
    const tsr_layout layout = {.pages = FIRST + TSR_BANK_PAGES, .page_words = SUMS + 3};
    assert_int_equal(tsr_state_create(layout, &state), TSR_OK);
    return state;
}

static void add(tsr_state *state, int64_t index, double value) {
    tsr_exact sum = {0};
    tsr_exact_add(&sum, value);
    assert_int_equal(tsr_bank_add(state, bank, index, &sum), TSR_OK);
}

static double get(const tsr_state *state, int64_t index) {
    tsr_exact sum;
    tsr_bank_get(state, bank, index, &sum);
    return tsr_exact_round(&sum);
}

static void assert_same(const tsr_state *a, const tsr_state *b) {
    const int64_t words = tsr_state_packed_words(a);
    assert_int_equal(words, tsr_state_packed_words(b));
    int64_t *left = malloc((size_t)words * sizeof(*left)), *right = malloc((size_t)words * sizeof(*right));
    tsr_state_pack(a, left);
    tsr_state_pack(b, right);
    assert_memory_equal(left, right, (size_t)words * sizeof(*left));
    free(left);
    free(right);
}

static void test_sums_are_exact(void **unused) {
    (void)unused;
    double *value = sample(SAMPLE_NORMAL, 7, 3000);
    tsr_state *state = make_state();
    tsr_exact expected[SUMS] = {0};
    for (int64_t i = 0; i < 3000; i++) {
        const double x = ldexp(value[i], (int)(i % 1800) - 900);
        add(state, i % SUMS, x);
        tsr_exact_add(&expected[i % SUMS], x);
        if (i % 7 == 0) tsr_bank_settle(state, bank);
    }
    for (int64_t s = 0; s < SUMS; s++) assert_true(get(state, s) == tsr_exact_round(&expected[s]));
    tsr_bank_settle(state, bank);
    for (int64_t s = 0; s < SUMS; s++) assert_true(get(state, s) == tsr_exact_round(&expected[s]));
    tsr_state_destroy(&state);
    free(value);
}

/* What was added on the way, and on which pages, leaves no trace. */
static void test_equal_numbers_have_equal_words(void **unused) {
    (void)unused;
    const double numbers[] = {-1, 1, -0x1p-40, 0x1.fffffffffffffp31, -0x1p31, 0x1p31, -12345.6789, 0x1p-1074, 0};
    const double detours[] = {0x1p100, 0x1p-200, 0x1.23456789p70, 0x1p31};
    for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++)
        for (size_t d = 0; d < sizeof(detours) / sizeof(*detours); d++) {
            tsr_state *straight = make_state(), *around = make_state();
            add(straight, 3, numbers[n]);
            tsr_bank_settle(straight, bank);
            add(around, 3, detours[d]);
            tsr_bank_settle(around, bank);
            add(around, 3, numbers[n]);
            add(around, 3, -detours[d]);
            tsr_bank_settle(around, bank);
            assert_same(straight, around);
            tsr_state_destroy(&straight);
            tsr_state_destroy(&around);
        }
}

static void test_banks_merge_in_any_order(void **unused) {
    (void)unused;
    double *value = sample(SAMPLE_NORMAL, 11, 1000);
    tsr_state *whole = make_state(), *left = make_state(), *right = make_state();
    for (int64_t i = 0; i < 1000; i++) {
        add(whole, i % SUMS, value[i]);
        add(i % 3 == 0 ? left : right, i % SUMS, value[i]);
    }
    tsr_bank_settle(whole, bank);
    tsr_bank_settle(left, bank);
    tsr_bank_settle(right, bank);
    assert_int_equal(tsr_state_add(right, left), TSR_OK);
    tsr_bank_settle(right, bank);
    assert_same(whole, right);
    tsr_state_destroy(&whole);
    tsr_state_destroy(&left);
    tsr_state_destroy(&right);
    free(value);
}

static void test_negative_sums_take_no_more_pages_than_positive_ones(void **unused) {
    (void)unused;
    tsr_state *positive = make_state(), *negative = make_state();
    for (int i = 0; i < 100; i++) {
        add(positive, 0, 1.1);
        add(negative, 0, -1.1);
    }
    tsr_bank_settle(positive, bank);
    tsr_bank_settle(negative, bank);
    assert_int_equal(tsr_state_packed_words(positive), tsr_state_packed_words(negative));
    assert_true(tsr_state_bytes(negative) == tsr_state_bytes(positive));
    tsr_state_destroy(&positive);
    tsr_state_destroy(&negative);
}

/* As many additions as are allowed, each as large as is allowed. */
static void test_the_fullest_limbs_do_not_overflow(void **unused) {
    (void)unused;
    tsr_state *state = make_state();
    tsr_exact sum = {0};
    for (int i = 0; i < 512; i++) tsr_exact_add(&sum, -0x1.fffffffffffffp52);
    for (int i = 0; i < TSR_BANK_PENDING_MAX; i++) assert_int_equal(tsr_bank_add(state, bank, 1, &sum), TSR_OK);
    tsr_bank_settle(state, bank);
    assert_true(get(state, 1) == -0x1.fffffffffffffp52 * 512 * TSR_BANK_PENDING_MAX);
    tsr_state_destroy(&state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_are_exact),
        cmocka_unit_test(test_equal_numbers_have_equal_words),
        cmocka_unit_test(test_banks_merge_in_any_order),
        cmocka_unit_test(test_negative_sums_take_no_more_pages_than_positive_ones),
        cmocka_unit_test(test_the_fullest_limbs_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
