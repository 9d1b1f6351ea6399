/* scramble: what nested uniform scrambling must do to digits, for every key, and what its keys must make random. */
#include "engine/scramble.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tsr_stream stream;

/* The first 32 digits of the words' uniforms, the first one in the lowest bit; out [count], count <= WORDS. */
enum { WORDS = 1 + 32 + 32 * 31 / 2 };

static void scramble_digits(const tsr_scramble *scramble, int count, const uint32_t *words, uint32_t *out) {
    double uniform[WORDS];
    tsr_scramble_words(scramble, count, words, uniform);
    for (int i = 0; i < count; i++) {
        const uint32_t digits = (uint32_t)(uint64_t)(uniform[i] * 0x1p32);
        out[i] = 0;
        for (int bit = 0; bit < 32; bit++) out[i] |= (digits >> bit & 1u) << (31 - bit);
    }
}

static uint32_t word_of(int64_t number) {
    uint64_t word[TSR_QUAD];
    tsr_stream_quad(&stream, TSR_KIND_UNIFORM, number, 0, word);
    return (uint32_t)word[0];
}

static int begin(void **state) {
    (void)state;
    stream = tsr_stream_make(20261121, "scramble", 0);
    return 0;
}

/* Two words that agree in so many digits, and differ in the next, do so when scrambled. */
static void test_scrambling_keeps_the_first_digit_in_which_words_differ(void **state) {
    (void)state;
    for (int64_t n = 0; n < 2000; n++) {
        const tsr_scramble scramble = tsr_scramble_make(&stream, n % 7, n);
        uint32_t word[33] = {word_of(2 * n)}, digits[33];
        for (int same = 0; same < 32; same++) {
            const uint32_t next = UINT32_C(1) << same, rest = ~(2 * next - 1);
            word[same + 1] = (word[0] & ~rest) ^ next ^ (word_of(2 * n + 1) & rest);
        }
        scramble_digits(&scramble, 33, word, digits);
        for (int same = 0; same < 32; same++) {
            const uint32_t next = UINT32_C(1) << same;
            assert_int_equal((digits[0] ^ digits[same + 1]) & (2 * next - 1), next);
        }
    }
}

/* All flips of the first four digits, 15 of them, are equally probable together: chi-square of 2^15 cells. */
static void test_the_first_permutations_are_independent(void **state) {
    (void)state;
    enum { CELLS = 1 << 15, EACH = 8 };
    static int count[CELLS];
    for (int64_t n = 0; n < CELLS * EACH; n++) {
        const tsr_scramble scramble = tsr_scramble_make(&stream, n, 3);
        unsigned cell = 0, bit = 0;
        for (int digit = 0; digit < 4; digit++)
            for (uint32_t prefix = 0; prefix < UINT32_C(1) << digit; prefix++, bit++) {
                const uint32_t heap = (UINT32_C(1) << digit) + prefix;
                cell |= (scramble.flips[heap / 32] >> heap % 32 & 1u) << bit;
            }
        count[cell]++;
    }
    double square = 0;
    for (int cell = 0; cell < CELLS; cell++) square += pow(count[cell] - EACH, 2) / EACH;
    assert_true(fabs(square - CELLS) < 5.0 * sqrt(2.0 * CELLS));
}

/* Words that differ in digit j alone: after it, every digit of theirs is equal as often as not. Mean square of the
 * standardised frequencies over all pairs of digits; its own deviation is about sqrt(2 / 496). */
static void test_digits_after_the_first_difference_are_independent(void **state) {
    (void)state;
    enum { KEYS = 20000 };
    static int differs[32][32];
    double squares = 0, largest = 0;
    for (int64_t n = 0; n < KEYS; n++) {
        const tsr_scramble scramble = tsr_scramble_make(&stream, n, 0);
        uint32_t word[33] = {n % 2 ? word_of(n) : 0}, digits[33];
        for (int j = 0; j < 32; j++) word[j + 1] = word[0] ^ UINT32_C(1) << j;
        scramble_digits(&scramble, 33, word, digits);
        for (int j = 0; j < 32; j++)
            for (int k = j + 1; k < 32; k++) differs[j][k] += ((digits[0] ^ digits[j + 1]) >> k & 1u) ? 1 : 0;
    }
    for (int j = 0; j < 32; j++)
        for (int k = j + 1; k < 32; k++) {
            const double z = (differs[j][k] - 0.5 * KEYS) / sqrt(0.25 * KEYS);
            squares += z * z / 496.0;
            largest = fmax(largest, fabs(z));
        }
    assert_true(fabs(squares - 1.0) < 0.3);
    assert_true(largest < 4.5);
}

/* Four words that differ in digits i and j: the parity of their flips of any later digit is even as often as not. */
static void test_flips_of_four_words_are_independent(void **state) {
    (void)state;
    enum { KEYS = 3000 };
    static int odd[32][32][32];
    double squares = 0, cases = 0;
    for (int64_t n = 0; n < KEYS; n++) {
        const tsr_scramble scramble = tsr_scramble_make(&stream, n, 0);
        uint32_t word[WORDS] = {word_of(n)}, digits[WORDS];
        for (int j = 0, both = 33; j < 32; j++) {
            word[1 + j] = word[0] ^ UINT32_C(1) << j;
            for (int i = 0; i < j; i++) word[both++] = word[1 + i] ^ UINT32_C(1) << j;
        }
        scramble_digits(&scramble, WORDS, word, digits);
        for (int j = 0, both = 33; j < 32; j++)
            for (int i = 0; i < j; i++) {
                const uint32_t parity = digits[0] ^ digits[1 + i] ^ digits[1 + j] ^ digits[both++];
                for (int k = j + 1; k < 32; k++) odd[i][j][k] += (parity >> k & 1u) ? 1 : 0;
            }
    }
    for (int j = 0; j < 32; j++)
        for (int i = 0; i < j; i++)
            for (int k = j + 1; k < 32; k++, cases++)
                squares += (odd[i][j][k] - 0.5 * KEYS) * (odd[i][j][k] - 0.5 * KEYS) / (0.25 * KEYS);
    assert_true(fabs(squares / cases - 1.0) < 0.1);
}

/* Every word becomes a uniform in (0, 1), also in the digits after the 32nd; replicates and dimensions differ. */
static void test_a_word_becomes_a_uniform_of_52_digits(void **state) {
    (void)state;
    enum { KEYS = 20000 };
    static const uint32_t words[] = {0, UINT32_MAX, 0x12345678};
    for (int w = 0; w < 3; w++) {
        double sum[2] = {0}, square[2] = {0}, product = 0;
        for (int64_t n = 0; n < KEYS; n++) {
            double u[2];
            for (int which = 0; which < 2; which++) {
                const tsr_scramble scramble = tsr_scramble_make(&stream, n, which);
                tsr_scramble_words(&scramble, 1, &words[w], &u[which]);
                assert_true(u[which] > 0.0 && u[which] < 1.0);
            }
            const double v[2] = {u[0] - 0.5, u[0] * 0x1p32 - floor(u[0] * 0x1p32) - 0.5};
            for (int k = 0; k < 2; k++) sum[k] += v[k], square[k] += v[k] * v[k];
            product += v[0] * (u[1] - 0.5);
        }
        for (int k = 0; k < 2; k++) {
            assert_true(fabs(sum[k]) < 4.0 * sqrt(KEYS / 12.0));
            assert_true(fabs(square[k] - KEYS / 12.0) < 4.0 * sqrt(KEYS / 180.0));
        }
        assert_true(fabs(product) < 4.0 * sqrt(KEYS) / 12.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scrambling_keeps_the_first_digit_in_which_words_differ),
        cmocka_unit_test(test_the_first_permutations_are_independent),
        cmocka_unit_test(test_digits_after_the_first_difference_are_independent),
        cmocka_unit_test(test_flips_of_four_words_are_independent),
        cmocka_unit_test(test_a_word_becomes_a_uniform_of_52_digits),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
