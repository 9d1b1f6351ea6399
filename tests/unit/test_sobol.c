/* sobol: the published numbers, the published points, and what makes them nets. */
#include "engine/sobol.h"
#include "engine/sobol_table.h"

#include <gsl/gsl_qrng.h>
#include <nettle/sha2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = TSR_SOBOL_BLOCK, DEGREE_MAX = 14 };

static tsr_directions directions[TSR_SOBOL_DIMENSIONS];

/* Of one dimension from 1 on: what a line of the published file says. */
typedef struct {
    int degree;
    unsigned coefficients;
    unsigned m[DEGREE_MAX];
} published;

static published table[TSR_SOBOL_DIMENSIONS];

/* The table's bits, as the header describes them. */
static unsigned bits_at(int64_t *place, int count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    for (; count > 0; count--, (*place)++) {
        const int64_t digit = *place / 6;
        const char *found = strchr(digits, tsr_sobol_table[digit / TSR_SOBOL_COLUMNS][digit % TSR_SOBOL_COLUMNS]);
        bits = 2 * bits + ((unsigned)(found - digits) >> (5 - *place % 6) & 1u);
    }
    return bits;
}

static int read_table(void **state) {
    (void)state;
    static const int counts[DEGREE_MAX] = {1, 1, 2, 2, 6, 6, 18, 16, 48, 60, 176, 144, 630, 756};
    int64_t place = 0, dimension = 1;
    for (int degree = 1; degree <= DEGREE_MAX; degree++)
        for (int i = 0; i < counts[degree - 1]; i++, dimension++) {
            published *entry = &table[dimension];
            entry->degree = degree;
            entry->coefficients = bits_at(&place, degree - 1);
            for (int k = 0; k < degree; k++) entry->m[k] = 2 * bits_at(&place, k) + 1;
        }
    tsr_sobol_directions(TSR_SOBOL_DIMENSIONS, directions);
    return dimension == TSR_SOBOL_DIMENSIONS ? 0 : -1;
}

/* What `awk '{$1=$1};1' new-joe-kuo-6.21201 | sed -n 2,1867p | sha256sum` says. */
static void test_numbers_are_those_of_the_published_file(void **state) {
    (void)state;
    static const char expected[] = "d492136212d33995907c197237144be6cf1f61bf150c94bc3ea2e0f5f1399a34";
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char line[256], found[2 * SHA256_DIGEST_SIZE + 1];
    sha256_init(&context);
    for (int d = 1; d < TSR_SOBOL_DIMENSIONS; d++) {
        int length = snprintf(line, sizeof(line), "%d %d %u", d + 1, table[d].degree, table[d].coefficients);
        for (int k = 0; k < table[d].degree; k++)
            length += snprintf(line + length, sizeof(line) - (size_t)length, " %u", table[d].m[k]);
        line[length++] = '\n';
        sha256_update(&context, (size_t)length, (const uint8_t *)line);
    }
    sha256_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) snprintf(found + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(found, expected);
}

/* Primitive: the powers of x run through all 2^s - 1 other remainders before they come back to 1. */
static void test_polynomials_are_primitive_and_in_order(void **state) {
    (void)state;
    for (int d = 1; d < TSR_SOBOL_DIMENSIONS; d++) {
        const unsigned top = 1u << table[d].degree, polynomial = top | table[d].coefficients << 1 | 1;
        unsigned power = 1, order = 0;
        do {
            power <<= 1;
            if (power & top) power ^= polynomial;
            order++;
        } while (power != 1 && order < top);
        assert_int_equal(order, top - 1);
        if (table[d].degree == table[d - 1].degree) assert_true(table[d].coefficients > table[d - 1].coefficients);
        for (int k = 0; k < table[d].degree; k++) assert_true(table[d].m[k] < 2u << k);
    }
}

/* Joe and Kuo's recurrence for the integers m, which the engine has as binary fractions. */
static void test_directions_follow_the_recurrence_of_integers(void **state) {
    (void)state;
    for (int d = 1; d < TSR_SOBOL_DIMENSIONS; d++) {
        const int s = table[d].degree;
        uint64_t m[TSR_SOBOL_BITS];
        for (int k = 0; k < s; k++) m[k] = table[d].m[k];
        for (int k = s; k < TSR_SOBOL_BITS; k++) {
            m[k] = m[k - s] ^ m[k - s] << s;
            for (int i = 1; i < s; i++)
                if (table[d].coefficients >> (s - 1 - i) & 1u) m[k] ^= m[k - i] << i;
        }
        for (int k = 0; k < TSR_SOBOL_BITS; k++) {
            const uint32_t before = k > 0 ? (uint32_t)(m[k - 1] << (32 - k)) : 0;
            assert_int_equal(directions[d].bit[k] ^ before, (uint32_t)(m[k] << (31 - k)));
        }
    }
}

static void test_first_points_are_those_published(void **state) {
    (void)state;
    static const double expected[10][3] = {{0, 0, 0},
                                           {0.5, 0.5, 0.5},
                                           {0.75, 0.25, 0.25},
                                           {0.25, 0.75, 0.75},
                                           {0.375, 0.375, 0.625},
                                           {0.875, 0.875, 0.125},
                                           {0.625, 0.125, 0.875},
                                           {0.125, 0.625, 0.375},
                                           {0.1875, 0.3125, 0.9375},
                                           {0.6875, 0.8125, 0.4375}};
    uint32_t word[BLOCK];
    for (int d = 0; d < 3; d++) {
        tsr_sobol_words(&directions[d], 0, word);
        for (int i = 0; i < 10; i++) assert_true(word[i] * 0x1p-32 == expected[i][d]);
    }
}

/* GSL leaves out the first point, and has other initial numbers from some dimension on. */
static void test_points_are_those_of_gsl_where_its_numbers_are_the_same(void **state) {
    (void)state;
    enum { SAME = 2, POINTS = 64 * BLOCK };
    gsl_qrng *generator = gsl_qrng_alloc(gsl_qrng_sobol, SAME);
    static uint32_t word[SAME][BLOCK];
    double point[SAME];
    for (int i = 0; i < POINTS; i++) {
        for (int d = 0; d < SAME && i % BLOCK == 0; d++)
            tsr_sobol_words(&directions[d], (uint32_t)(i / BLOCK), word[d]);
        if (i > 0) gsl_qrng_get(generator, point);
        for (int d = 0; d < SAME && i > 0; d++) assert_true(point[d] == word[d][i % BLOCK] * 0x1p-32);
    }
    gsl_qrng_free(generator);
}

/* Antonov and Saleev: one direction number takes a point to the next, that of the lowest bit which is not set. */
static void test_blocks_go_on_where_the_last_one_ended(void **state) {
    (void)state;
    static const uint32_t blocks[] = {0, 1, 2, 1000, 0x155555, 0x1fffff};
    uint32_t word[2][BLOCK];
    for (int d = 0; d < TSR_SOBOL_DIMENSIONS; d += 37)
        for (int b = 0; b < 6; b++) {
            uint32_t direction[TSR_SOBOL_BITS] = {directions[d].bit[0]};
            for (int k = 1; k < TSR_SOBOL_BITS; k++) direction[k] = directions[d].bit[k] ^ direction[k - 1];
            tsr_sobol_words(&directions[d], blocks[b], word[0]);
            tsr_sobol_words(&directions[d], blocks[b] + 1, word[1]);
            for (uint32_t i = 0; i < 2 * BLOCK - 1; i++) {
                const uint32_t n = blocks[b] * BLOCK + i, next = word[(i + 1) / BLOCK][(i + 1) % BLOCK];
                assert_int_equal(word[i / BLOCK][i % BLOCK] ^ next, direction[__builtin_ctz(~n)]);
            }
        }
}

/* Every 2^k points from a multiple of 2^k on have one in each of 2^k intervals: (0, k, 1)-nets. */
static void test_every_aligned_run_of_points_has_one_in_each_interval(void **state) {
    (void)state;
    static const uint32_t blocks[] = {0, 1, 777, 0x3fffff};
    uint32_t word[BLOCK];
    for (int d = 0; d < TSR_SOBOL_DIMENSIONS; d++)
        for (int b = 0; b < 4; b++) {
            tsr_sobol_words(&directions[d], blocks[b], word);
            for (int k = 1; k <= 10; k++)
                for (int begin = 0; begin < BLOCK; begin += 1 << k) {
                    uint64_t seen[BLOCK / 64] = {0};
                    for (int i = 0; i < 1 << k; i++) {
                        const uint32_t interval = word[begin + i] >> (32 - k);
                        assert_true((seen[interval / 64] >> interval % 64 & 1) == 0);
                        seen[interval / 64] |= UINT64_C(1) << interval % 64;
                    }
                }
        }
}

/* The first two dimensions: every 2^k points have one in each rectangle of 2^-a by 2^-(k - a): (0, k, 2)-nets. */
static void test_the_first_two_dimensions_fill_all_rectangles(void **state) {
    (void)state;
    uint32_t x[BLOCK], y[BLOCK];
    for (uint32_t block = 0; block < 50; block++) {
        tsr_sobol_words(&directions[0], block, x);
        tsr_sobol_words(&directions[1], block, y);
        for (int a = 1; a < 10; a++) {
            bool seen[BLOCK] = {false};
            for (int i = 0; i < BLOCK; i++) {
                const uint32_t cell = x[i] >> (32 - a) << (10 - a) | y[i] >> (22 + a);
                assert_false(seen[cell]);
                seen[cell] = true;
            }
        }
    }
}

/* Sobol's property A: the first 2^s points have one in each of the 2^s halves of halves of the cube of s dimensions. */
static void test_leading_dimensions_have_property_a(void **state) {
    (void)state;
    for (int s = 1; s <= TSR_SOBOL_BITS; s++) {
        uint64_t row[TSR_SOBOL_BITS] = {0};
        int rank = 0;
        for (int d = 0; d < s; d++)
            for (int k = 0; k < s; k++) row[d] |= (uint64_t)(directions[d].bit[k] >> 31) << k;
        for (int k = 0; k < s; k++) {
            int pivot = rank;
            while (pivot < s && !(row[pivot] >> k & 1)) pivot++;
            if (pivot == s) break;
            const uint64_t with = row[pivot];
            row[pivot] = row[rank];
            row[rank++] = with;
            for (int d = rank; d < s; d++)
                if (row[d] >> k & 1) row[d] ^= with;
        }
        assert_int_equal(rank, s);
    }
}

static void test_reversed_directions_give_reversed_words(void **state) {
    (void)state;
    uint32_t word[BLOCK], reversed[BLOCK];
    for (int d = 0; d < TSR_SOBOL_DIMENSIONS; d += 61) {
        const tsr_directions other = tsr_directions_reverse(&directions[d]);
        tsr_sobol_words(&directions[d], 12345, word);
        tsr_sobol_words(&other, 12345, reversed);
        for (int i = 0; i < BLOCK; i++)
            for (int bit = 0; bit < 32; bit++) assert_int_equal(word[i] >> bit & 1, reversed[i] >> (31 - bit) & 1);
    }
}

static void test_points_are_words_with_a_shift(void **state) {
    (void)state;
    static const uint64_t shifts[] = {0, UINT64_C(1) << 31, UINT64_MAX, 0x0123456789abcdef};
    uint32_t word[BLOCK];
    double point[BLOCK];
    for (int s = 0; s < 4; s++) {
        tsr_sobol_words(&directions[77], 99, word);
        tsr_sobol_points(&directions[77], 99, shifts[s], point);
        for (int i = 0; i < BLOCK; i++) {
            const uint64_t digits = ((uint64_t)word[i] << 32 ^ shifts[s]) >> 12;
            assert_true(point[i] == ((double)digits + 0.5) * 0x1p-52);
            assert_true(point[i] > 0.0 && point[i] < 1.0);
            assert_true(s != 1 || point[i] == (word[i] + 0.5) * 0x1p-32 + 0x1p-53);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_those_of_the_published_file),
        cmocka_unit_test(test_polynomials_are_primitive_and_in_order),
        cmocka_unit_test(test_directions_follow_the_recurrence_of_integers),
        cmocka_unit_test(test_first_points_are_those_published),
        cmocka_unit_test(test_points_are_those_of_gsl_where_its_numbers_are_the_same),
        cmocka_unit_test(test_blocks_go_on_where_the_last_one_ended),
        cmocka_unit_test(test_every_aligned_run_of_points_has_one_in_each_interval),
        cmocka_unit_test(test_the_first_two_dimensions_fill_all_rectangles),
        cmocka_unit_test(test_leading_dimensions_have_property_a),
        cmocka_unit_test(test_reversed_directions_give_reversed_words),
        cmocka_unit_test(test_points_are_words_with_a_shift),
    };
    return cmocka_run_group_tests(tests, read_table, NULL);
}
