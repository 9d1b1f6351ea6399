/* The sketch: the same words for any split, every estimate within its bucket, and no item lost. */
#include "engine/tallies/sketch.h"
#include "passes.h"
#include "samples.h"

enum { ITEMS = 30000 };

static tsr_state *make_state(void) {
    tsr_state *state = NULL;
    assert_int_equal(
        tsr_state_create((tsr_layout){.pages = TSR_SKETCH_PAGES, .page_words = TSR_SKETCH_PAGE_WORDS}, &state), TSR_OK);
    return state;
}

/* Blocks of `size` items, dealt in turn to `parts` states, which are then merged, the last one first. */
static tsr_state *sketch_of(const double *values, int64_t items, int64_t size, int parts) {
    tsr_state *part[8];
    tsr_sketch_fill fill[8];
    for (int p = 0; p < parts; p++) tsr_sketch_begin(&fill[p], part[p] = make_state(), 0);
    for (int64_t i = 0, block = 0; i < items; i += size, block++) {
        int64_t count = items - i < size ? items - i : size;
        assert_int_equal(tsr_sketch_add(&fill[block % parts], values + i, count), TSR_OK);
    }
    for (int p = parts - 2; p >= 0; p--) {
        assert_int_equal(tsr_state_add(part[parts - 1], part[p]), TSR_OK);
        tsr_state_destroy(&part[p]);
    }
    return part[parts - 1];
}

static void test_block_keys_are_those_of_single_doubles(void **state) {
    (void)state;
    double *values = sample(SAMPLE_MIXED, 3, ITEMS);
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    for (int64_t i = 0; i + TSR_BLOCK_ITEMS_MAX <= ITEMS; i += TSR_BLOCK_ITEMS_MAX) {
        tsr_keys_from_doubles(values + i, TSR_BLOCK_ITEMS_MAX, keys);
        for (int64_t j = 0; j < TSR_BLOCK_ITEMS_MAX; j++) assert_true(keys[j] == tsr_key_from_double(values[i + j]));
    }
    free(values);
}

static void test_any_split_gives_the_same_words(void **state) {
    (void)state;
    for (int kind = 0; kind < SAMPLES; kind++) {
        double *values = sample(kind, 11, ITEMS);
        tsr_state *whole = sketch_of(values, ITEMS, TSR_BLOCK_ITEMS_MAX, 1);
        tsr_state *parts = sketch_of(values, ITEMS, 77, 8);
        assert_same_words(whole, parts);
        tsr_state_destroy(&whole);
        tsr_state_destroy(&parts);
        free(values);
    }
}

/* A NaN from a calculation and one with a sign and a payload are the same. */
static void test_nans_are_counted_and_alike(void **state) {
    (void)state;
    double values[] = {1.0, NAN, -NAN, 2.0, NAN}, others[] = {NAN, 2.0, NAN, 1.0, NAN};
    uint64_t payload = UINT64_C(0xfff8000012345678);
    memcpy(&others[0], &payload, sizeof(payload));
    tsr_state *a = sketch_of(values, 5, 5, 1), *b = sketch_of(others, 5, 5, 1);
    assert_same_words(a, b);
    tsr_sketch sketch;
    tsr_sketch_read(a, 0, &sketch);
    assert_int_equal(sketch.nans, 3);
    assert_int_equal(sketch.numbers, 2);
    tsr_state_destroy(&a);
    tsr_state_destroy(&b);
}

/* The bound of the header, at every rank: 2^-10 of the value, or 2^-1032. */
static void test_every_estimate_is_within_its_bound(void **state) {
    (void)state;
    for (int kind = 0; kind < SAMPLES; kind++) {
        double *values = sample(kind, 5, ITEMS);
        int64_t numbers;
        double *order = sorted(values, ITEMS, &numbers);
        tsr_state *words = sketch_of(values, ITEMS, TSR_BLOCK_ITEMS_MAX, 1);
        tsr_sketch sketch;
        tsr_sketch_read(words, 0, &sketch);
        assert_int_equal(sketch.numbers, numbers);
        assert_int_equal(sketch.numbers + sketch.nans, ITEMS);
        double last = -INFINITY;
        for (int64_t rank = 1; rank <= numbers; rank++) {
            tsr_bucket bucket = tsr_sketch_find(&sketch, rank);
            assert_true(bucket.below < rank && rank <= bucket.below + bucket.cell.count);
            double value = tsr_bucket_value(&bucket, rank - bucket.below), exact = order[rank - 1];
            assert_true(value >= last);
            assert_true(value == exact || fabs(value - exact) <= fmax(0x1p-10 * fabs(exact), 0x1p-1032));
            last = value;
        }
        tsr_state_destroy(&words);
        free(values);
        free(order);
    }
}

/* What has few bits or stands alone comes back as it was. */
static void test_equal_and_lone_values_are_exact(void **state) {
    (void)state;
    static const double lone[] = {0.0, 1.0, -3.0, 1234.5, -0x1p-1030, 0x1p1023, 1e6, -INFINITY, INFINITY};
    double values[5000];
    for (size_t k = 0; k < sizeof(lone) / sizeof(lone[0]); k++) {
        for (int i = 0; i < 5000; i++) values[i] = lone[k];
        tsr_state *words = sketch_of(values, 5000, 999, 3);
        tsr_sketch sketch;
        tsr_sketch_read(words, 0, &sketch);
        for (int64_t rank = 1; rank <= 5000; rank += 1249) {
            tsr_bucket bucket = tsr_sketch_find(&sketch, rank);
            assert_true(tsr_bucket_value(&bucket, rank - bucket.below) == lone[k]);
        }
        tsr_state_destroy(&words);
    }
}

/* An offset sum is a multiple of its count by chance in one of a hundred buckets of a hundred items. */
static void test_a_continuous_law_has_no_equal_values(void **state) {
    (void)state;
    double *values = sample_uniforms(41, 100 * TSR_SKETCH_CELLS);
    for (int64_t i = 0; i < 100 * TSR_SKETCH_CELLS; i++) values[i] += 1.0;
    tsr_state *words = sketch_of(values, 100 * TSR_SKETCH_CELLS, 1024, 1);
    tsr_sketch sketch;
    tsr_sketch_read(words, 0, &sketch);
    for (int64_t rank = 50; rank <= sketch.numbers; rank += 100) {
        tsr_bucket bucket = tsr_sketch_find(&sketch, rank);
        assert_true(tsr_bucket_value(&bucket, 1) < tsr_bucket_value(&bucket, bucket.cell.count));
    }
    tsr_state_destroy(&words);
    free(values);
}

/* Sums above a rank against sums of the sorted numbers. */
static void test_excess_is_that_of_the_tail(void **state) {
    (void)state;
    static const int kinds[] = {SAMPLE_NORMAL, SAMPLE_T4, SAMPLE_TIES, SAMPLE_NEGATIVE, SAMPLE_PAYOFF, SAMPLE_CENTS};
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        double *values = sample(kinds[k], 23, ITEMS);
        int64_t numbers;
        double *order = sorted(values, ITEMS, &numbers);
        tsr_state *words = sketch_of(values, ITEMS, 512, 2);
        tsr_sketch sketch;
        tsr_sketch_read(words, 0, &sketch);
        for (int64_t rank = 500; rank < numbers; rank += 2500) {
            double pivot = order[rank - 1], first = 0.0, second = 0.0;
            for (int64_t i = rank; i < numbers; i++) {
                first += order[i] - pivot;
                second += (order[i] - pivot) * (order[i] - pivot);
            }
            tsr_bucket bucket = tsr_sketch_find(&sketch, rank);
            tsr_excess sum = {0};
            tsr_bucket_add_excess(&bucket, rank - bucket.below, pivot, &sum);
            tsr_sketch_add_excess(&sketch, &bucket, pivot, &sum);
            double slack = 1e-3 * fabs(pivot) * sqrt((double)bucket.cell.count) + 1e-6 * first;
            assert_true(fabs(sum.first - first) <= slack);
            assert_true(fabs(sum.second - second) <= slack + 1e-4 * second);
        }
        tsr_state_destroy(&words);
        free(values);
        free(order);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_keys_are_those_of_single_doubles),
        cmocka_unit_test(test_any_split_gives_the_same_words),
        cmocka_unit_test(test_nans_are_counted_and_alike),
        cmocka_unit_test(test_every_estimate_is_within_its_bound),
        cmocka_unit_test(test_equal_and_lone_values_are_exact),
        cmocka_unit_test(test_a_continuous_law_has_no_equal_values),
        cmocka_unit_test(test_excess_is_that_of_the_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
