/* stream: the published generator, addressed the way the header says, with uniforms and normals as they should be. */
#include "engine/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Random123/threefry.h>

#include <cmocka.h>

enum { ITEMS = 1024 };
static _Alignas(64) uint64_t words[TSR_QUAD * ITEMS];
static _Alignas(64) double values[TSR_QUAD * ITEMS];
static const tsr_kind kinds[] = {TSR_KIND_UNIFORM, TSR_KIND_NORMAL, TSR_KIND_BITS};

static unsigned rounds_of_generator(void) {
    unsigned rounds = 0;
    assert_int_equal(sscanf(tsr_stream_generator(), "threefry4x64-%u", &rounds), 1);
    return rounds;
}

/* The counter is (item, quad, point, kind), so that no two quads share one. */
static void test_words_are_random123s_at_the_counter_of_the_header(void **state) {
    (void)state;
    const unsigned rounds = rounds_of_generator();
    for (uint64_t i = 0; i < 3000; i++) {
        const threefry4x64_key_t key = {{i * 0x9e3779b97f4a7c15u, ~i, i << 40, i * i}};
        const tsr_kind kind = kinds[i % 3];
        const threefry4x64_ctr_t counter = {{i << (i % 50), (i * 77) << (i % 40), i * 0xd1b54a32d192ed03u, kind}};
        const threefry4x64_ctr_t expected = threefry4x64_R(rounds, counter, key);
        tsr_stream stream = {.point = counter.v[2]};
        memcpy(stream.key, key.v, sizeof(stream.key));
        uint64_t out[TSR_QUAD];
        tsr_stream_quad(&stream, kind, (int64_t)counter.v[0], (int64_t)counter.v[1], out);
        assert_memory_equal(out, expected.v, sizeof(out));
    }
}

static int compare_words(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void assert_distinct(uint64_t *row, size_t count) {
    qsort(row, count, sizeof(*row), compare_words);
    for (size_t i = 1; i < count; i++) assert_true(row[i] != row[i - 1]);
}

static void test_no_two_addresses_share_words(void **state) {
    (void)state;
    static const int64_t places[] = {0,
                                     1,
                                     2,
                                     3,
                                     1023,
                                     INT64_C(1) << 32,
                                     (INT64_C(1) << 32) + 1,
                                     INT64_C(1) << 53,
                                     (INT64_C(1) << 53) + 1, /* the first one that no double is */
                                     INT64_C(1) << 62,
                                     INT64_MAX};
    enum { PLACES = sizeof(places) / sizeof(places[0]) };
    static uint64_t row[PLACES * PLACES * PLACES * 3 * TSR_QUAD];
    size_t count = 0;
    for (int i = 0; i < PLACES; i++)
        for (int j = 0; j < PLACES; j++)
            for (int k = 0; k < PLACES; k++)
                for (int kind = 0; kind < 3; kind++, count += TSR_QUAD) {
                    const tsr_stream stream = tsr_stream_make(1, "loss", (uint64_t)places[k]);
                    tsr_stream_quad(&stream, kinds[kind], places[i], places[j], &row[count]);
                }
    assert_distinct(row, count);
}

static void test_seeds_and_purposes_give_different_keys(void **state) {
    (void)state;
    static const char *const purposes[] = {"",
                                           "a",
                                           "b",
                                           "ab",
                                           "ba",
                                           "loss",
                                           "losses",
                                           "12345678901234567890123456789012",
                                           "123456789012345678901234567890123",
                                           "123456789012345678901234567890124",
                                           "12345678901234567890123456789012123456789012345678901234567890123"};
    static const uint64_t seeds[] = {0, 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_C(1) << 53, UINT64_MAX};
    uint64_t row[6 * 11 * 4];
    size_t count = 0;
    for (int s = 0; s < 6; s++)
        for (int i = 0; i < 11; i++, count += 4) {
            const tsr_stream stream = tsr_stream_make(seeds[s], purposes[i], 7);
            assert_int_equal(stream.point, 7);
            memcpy(&row[count], stream.key, sizeof(stream.key));
        }
    assert_distinct(row, count);
}

static void test_blocks_hold_the_words_of_each_item(void **state) {
    (void)state;
    const tsr_stream stream = tsr_stream_make(20261121, "test", 3);
    const int64_t item = (INT64_C(1) << 40) - 500, quad = INT64_C(1) << 33;
    tsr_stream_bits(&stream, item, 1001, quad, ITEMS, words);
    for (int64_t i = 0; i < 1001; i++) {
        uint64_t out[TSR_QUAD];
        tsr_stream_quad(&stream, TSR_KIND_BITS, item + i, quad, out);
        for (int w = 0; w < TSR_QUAD; w++) assert_true(words[w * ITEMS + i] == out[w]);
    }
}

static void test_blocks_hold_the_numbers_of_each_item(void **state) {
    (void)state;
    const tsr_stream stream = tsr_stream_make(20261121, "test", 3);
    const int64_t item = (INT64_C(1) << 32) - 500, quad = (INT64_C(1) << 32) + 5;
    tsr_stream_uniforms(&stream, item, 1001, quad, ITEMS, values);
    for (int64_t i = 0; i < 1001; i++)
        for (int w = 0; w < TSR_QUAD; w++)
            assert_true(values[w * ITEMS + i] == tsr_stream_uniform(&stream, item + i, TSR_QUAD * quad + w));
    tsr_stream_normals(&stream, item, 1001, quad, ITEMS, values);
    for (int64_t i = 0; i < 1001; i++)
        for (int w = 0; w < TSR_QUAD; w++)
            assert_true(values[w * ITEMS + i] == tsr_stream_normal(&stream, item + i, TSR_QUAD * quad + w));
}

typedef void (*fill_fn)(const tsr_stream *, int64_t, int64_t, int64_t, int64_t, double *);

static void assert_split_alike(fill_fn fill) {
    static _Alignas(64) double piece[TSR_QUAD * ITEMS];
    const tsr_stream stream = tsr_stream_make(5, "split", 0);
    fill(&stream, 100, ITEMS, 2, ITEMS, values);
    for (int64_t begin = 0, items = 1; begin < ITEMS; begin += items, items = items * 2 + 3) {
        if (begin + items > ITEMS) items = ITEMS - begin;
        const int64_t stride = (items + 7) / 8 * 8;
        fill(&stream, 100 + begin, items, 2, stride, piece);
        for (int w = 0; w < TSR_QUAD; w++)
            assert_memory_equal(&piece[w * stride], &values[w * ITEMS + begin], (size_t)items * sizeof(double));
    }
}

static void test_any_split_into_blocks_gives_the_same_numbers(void **state) {
    (void)state;
    assert_split_alike(tsr_stream_uniforms);
    assert_split_alike(tsr_stream_normals);
}

static void test_blocks_write_nothing_beyond_their_items(void **state) {
    (void)state;
    const tsr_stream stream = tsr_stream_make(5, "ends", 0);
    for (int i = 0; i < TSR_QUAD * ITEMS; i++) values[i] = -99.0;
    tsr_stream_normals(&stream, 0, 13, 0, ITEMS, values);
    for (int i = 0; i < TSR_QUAD * ITEMS; i++) assert_true((values[i] == -99.0) == (i % ITEMS >= 13));
}

static void test_uniforms_never_reach_zero_or_one_and_are_symmetric(void **state) {
    (void)state;
    assert_true(tsr_uniform_from_bits(0) == 0x1p-53);
    assert_true(tsr_uniform_from_bits(0xfffu) == 0x1p-53);
    assert_true(tsr_uniform_from_bits(UINT64_MAX) == 1.0 - 0x1p-53);
    assert_true(tsr_uniform_from_bits(UINT64_C(1) << 63) == 0.5 + 0x1p-53);
    for (uint64_t i = 0; i < 10000; i++) {
        const uint64_t bits = i * 0x9e3779b97f4a7c15u;
        assert_true(tsr_uniform_from_bits(~bits) == 1.0 - tsr_uniform_from_bits(bits));
        assert_true(tsr_uniform_from_bits(bits) == ((double)(bits >> 12) + 0.5) * 0x1p-52);
    }
}

/* Sums over many blocks: [ITEMS items, TSR_QUAD words] at quads 0, 1, ...; cells of equal probability. */
enum { BLOCKS = 256, SAMPLES = BLOCKS * TSR_QUAD * ITEMS, CELLS = 1000 };
typedef struct {
    double power[4]; /* means of the first four powers */
    double chi_square;
    double by_item; /* correlations of neighbours */
    double by_word;
} summary;

static summary summary_of(fill_fn fill, double centre, double (*probability)(double)) {
    summary sums = {.chi_square = 0.0};
    static int64_t cell[CELLS];
    memset(cell, 0, sizeof(cell));
    const tsr_stream stream = tsr_stream_make(20261121, "summary", 0);
    for (int64_t quad = 0; quad < BLOCKS; quad++) {
        fill(&stream, 1000 * quad, ITEMS, quad, ITEMS, values);
        for (int i = 0; i < TSR_QUAD * ITEMS; i++) {
            const double x = values[i] - centre;
            for (int p = 0; p < 4; p++) sums.power[p] += pow(x, p + 1) / SAMPLES;
            cell[(int)(CELLS * probability(values[i]))]++;
            sums.by_item += i % ITEMS ? x * (values[i - 1] - centre) / SAMPLES : 0.0;
            sums.by_word += i >= ITEMS ? x * (values[i - ITEMS] - centre) / SAMPLES : 0.0;
        }
    }
    const double expected = (double)SAMPLES / CELLS;
    for (int c = 0; c < CELLS; c++) sums.chi_square += pow((double)cell[c] - expected, 2.0) / expected;
    return sums;
}

static double identity(double u) { return u; }
static double normal_probability(double z) { return 0.5 * erfc(-z / sqrt(2.0)); }

/* All bounds are four standard errors, but for chi-square (999 degrees: 999 +- 5 * 44.7). */
static void test_uniforms_have_their_moments_and_fill_cells_evenly(void **state) {
    (void)state;
    const summary found = summary_of(tsr_stream_uniforms, 0.5, identity);
    const double error = 4.0 / sqrt(SAMPLES);
    assert_true(fabs(found.power[0]) < error * sqrt(1.0 / 12.0));
    assert_true(fabs(found.power[1] - 1.0 / 12.0) < error * sqrt(1.0 / 180.0));
    assert_true(fabs(found.power[2]) < error * sqrt(1.0 / 448.0));
    assert_true(fabs(found.power[3] - 1.0 / 80.0) < error * sqrt(1.0 / 2304.0 - 1.0 / 6400.0));
    assert_true(fabs(found.chi_square - 999.0) < 224.0);
    assert_true(fabs(found.by_item) < error / 12.0 && fabs(found.by_word) < error / 12.0);
}

static void test_normals_have_their_moments_and_fill_cells_evenly(void **state) {
    (void)state;
    const summary found = summary_of(tsr_stream_normals, 0.0, normal_probability);
    const double error = 4.0 / sqrt(SAMPLES);
    assert_true(fabs(found.power[0]) < error);
    assert_true(fabs(found.power[1] - 1.0) < error * sqrt(2.0));
    assert_true(fabs(found.power[2]) < error * sqrt(15.0));
    assert_true(fabs(found.power[3] - 3.0) < error * sqrt(96.0));
    assert_true(fabs(found.chi_square - 999.0) < 224.0);
    assert_true(fabs(found.by_item) < error && fabs(found.by_word) < error);
}

/* FNV-1a over bits: compilers, vector widths and levels of optimisation give the same. */
static void test_numbers_have_the_recorded_bits(void **state) {
    (void)state;
    const tsr_stream stream = tsr_stream_make(20261121, "recorded", 1);
    uint64_t digest = 0xcbf29ce484222325u;
    for (int64_t quad = 0; quad < 64; quad++) {
        tsr_stream_normals(&stream, INT64_C(5000000000), ITEMS, quad, ITEMS, values);
        for (int i = 0; i < TSR_QUAD * ITEMS; i++) digest = (digest ^ tsr_bits_from_double(values[i])) * 0x100000001b3u;
    }
    const uint64_t recorded = 0x227baa02b1aaa19cu;
    if (digest != recorded) fail_msg("the bits give 0x%016llx", (unsigned long long)digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_random123s_at_the_counter_of_the_header),
        cmocka_unit_test(test_no_two_addresses_share_words),
        cmocka_unit_test(test_seeds_and_purposes_give_different_keys),
        cmocka_unit_test(test_blocks_hold_the_words_of_each_item),
        cmocka_unit_test(test_blocks_hold_the_numbers_of_each_item),
        cmocka_unit_test(test_any_split_into_blocks_gives_the_same_numbers),
        cmocka_unit_test(test_blocks_write_nothing_beyond_their_items),
        cmocka_unit_test(test_uniforms_never_reach_zero_or_one_and_are_symmetric),
        cmocka_unit_test(test_uniforms_have_their_moments_and_fill_cells_evenly),
        cmocka_unit_test(test_normals_have_their_moments_and_fill_cells_evenly),
        cmocka_unit_test(test_numbers_have_the_recorded_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
