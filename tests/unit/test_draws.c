/* draws: columns are the numbers of the stream, stay valid as long as promised, and blocks may be cut anywhere. */
#include "engine/draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static tsr_draws *draws;
static tsr_stream stream;
static tsr_sampling sampling;

static int begin_test(void **state) {
    (void)state;
    stream = tsr_stream_make(20261121, "draws", 2);
    sampling = (tsr_sampling){.stream = stream};
    return tsr_draws_create(1000, &draws) == TSR_OK ? 0 : -1;
}

static int end_test(void **state) {
    (void)state;
    tsr_draws_destroy(&draws);
    return draws ? -1 : 0;
}

static void assert_uniforms(const double *column, int64_t item, int64_t items, int64_t draw) {
    for (int64_t i = 0; i < items; i++) assert_true(column[i] == tsr_stream_uniform(&stream, item + i, draw));
}

static void assert_normals(const double *column, int64_t item, int64_t items, int64_t draw) {
    for (int64_t i = 0; i < items; i++) assert_true(column[i] == tsr_stream_normal(&stream, item + i, draw));
}

static void test_columns_are_the_numbers_of_the_stream(void **state) {
    (void)state;
    static const int64_t numbers[] = {0, 1, 2, 3, 4, 31, 1000, (INT64_C(1) << 32) + 6, (INT64_C(1) << 50) + 1};
    const int64_t item = (INT64_C(1) << 33) - 7;
    tsr_draws_begin(draws, &sampling, item, 40);
    for (int d = 0; d < 9; d++) {
        assert_uniforms(tsr_uniform(draws, numbers[d]), item, 40, numbers[d]);
        assert_normals(tsr_normal(draws, numbers[d]), item, 40, numbers[d]);
        assert_true(tsr_uniform_of(draws, 5, numbers[d]) == tsr_stream_uniform(&stream, item + 5, numbers[d]));
        assert_true(tsr_normal_of(draws, 39, numbers[d]) == tsr_stream_normal(&stream, item + 39, numbers[d]));
    }
}

static void test_columns_are_aligned_and_kept(void **state) {
    (void)state;
    tsr_draws_begin(draws, &sampling, 0, TSR_BLOCK_ITEMS_MAX);
    for (int64_t d = 0; d < 50; d++) {
        assert_int_equal((uintptr_t)tsr_uniform(draws, d) % 64, 0);
        assert_int_equal((uintptr_t)tsr_normal(draws, d) % 64, 0);
        assert_ptr_equal(tsr_normal(draws, d), tsr_normal(draws, d));
    }
}

/* From every first draw on: TSR_DRAWS_LIVE further ones in any order leave its column alone. */
static void test_a_column_outlives_the_promised_number_of_draws(void **state) {
    (void)state;
    for (int64_t first = 0; first < 2 * TSR_QUAD + 1; first++)
        for (int64_t direction = -1; direction <= 1; direction += 2) {
            const int64_t held = first + 1000;
            tsr_draws_begin(draws, &sampling, 70, 9);
            const double *uniform = tsr_uniform(draws, held), *normal = tsr_normal(draws, held);
            for (int64_t away = 1; away <= TSR_DRAWS_LIVE; away++) {
                tsr_uniform(draws, held + direction * away);
                tsr_normal(draws, held + direction * away);
            }
            assert_uniforms(uniform, 70, 9, held);
            assert_normals(normal, 70, 9, held);
        }
}

static void test_the_last_draws_are_valid_together_along_a_path(void **state) {
    (void)state;
    const double *column[300];
    tsr_draws_begin(draws, &sampling, 12345, 17);
    for (int64_t d = 0; d < 300; d++) {
        column[d] = tsr_normal(draws, d);
        for (int64_t back = 0; back <= TSR_DRAWS_LIVE && back <= d; back++)
            assert_true(column[d - back][16] == tsr_stream_normal(&stream, 12345 + 16, d - back));
    }
}

static void test_ragged_blocks_join_to_the_same_columns(void **state) {
    (void)state;
    static double whole[2][TSR_BLOCK_ITEMS_MAX];
    tsr_draws_begin(draws, &sampling, 5000, TSR_BLOCK_ITEMS_MAX);
    memcpy(whole[0], tsr_uniform(draws, 7), sizeof(whole[0]));
    memcpy(whole[1], tsr_normal(draws, 7), sizeof(whole[1]));
    for (int64_t begin = 0, items = 1; begin < TSR_BLOCK_ITEMS_MAX; begin += items, items = items * 3 + 1) {
        if (items > TSR_BLOCK_ITEMS_MAX - begin) items = TSR_BLOCK_ITEMS_MAX - begin;
        const size_t bytes = (size_t)items * sizeof(double);
        tsr_draws_begin(draws, &sampling, 5000 + begin, items);
        assert_memory_equal(tsr_uniform(draws, 7), &whole[0][begin], bytes);
        assert_memory_equal(tsr_normal(draws, 7), &whole[1][begin], bytes);
    }
}

/* What items that share counters see: every word of the counters once, whatever the block, alone or in columns. */
static void assert_shared(int draws_per_item) {
    enum { ITEMS = 512, BEGIN = 1 << 20 };
    tsr_draws *shared = NULL;
    int64_t sharers = TSR_QUAD / draws_per_item, counters = ITEMS / sharers;
    assert_int_equal(tsr_draws_create(0, &shared), TSR_OK);
    sampling.demand = (tsr_demand){.uniforms = draws_per_item, .normals = 1};
    double sum = 0, expected = 0;
    for (int64_t c = 0; c < counters; c++)
        for (int64_t w = 0; w < TSR_QUAD; w++) expected += tsr_stream_uniform(&stream, BEGIN / sharers + c, w);
    for (int64_t begin = 0, items = 1; begin < ITEMS; begin += items, items = items * 3 + 1) {
        if (items > ITEMS - begin) items = ITEMS - begin;
        tsr_draws_begin(shared, &sampling, BEGIN + begin, items);
        for (int64_t d = 0; d < draws_per_item; d++)
            for (int64_t i = 0; i < items; i++) {
                assert_true(tsr_uniform(shared, d)[i] == tsr_uniform_of(shared, i, d));
                assert_true(tsr_normal(shared, d)[i] == tsr_normal_of(shared, i, d));
                sum += tsr_uniform(shared, d)[i];
            }
    }
    assert_true(fabs(sum - expected) < 1e-10); /* a word used twice, or not at all, changes it by about one */
    tsr_draws_destroy(&shared);
}

static void test_items_that_share_counters_see_every_word_once(void **state) {
    (void)state;
    assert_shared(1);
    assert_shared(2);
}

static void test_blocks_that_share_counters_reach_up_to_the_largest_size(void **state) {
    (void)state;
    tsr_draws *shared = NULL;
    assert_int_equal(tsr_draws_create(0, &shared), TSR_OK);
    sampling.demand = (tsr_demand){.normals = 1};
    for (int64_t begin = 0; begin < 600; begin += 85) {
        tsr_draws_begin(shared, &sampling, begin, TSR_BLOCK_ITEMS_MAX);
        const double *z = tsr_normal(shared, 0);
        for (int64_t i = 0; i < TSR_BLOCK_ITEMS_MAX; i++) assert_true(z[i] == tsr_normal_of(shared, i, 0));
    }
    tsr_draws_destroy(&shared);
}

static void test_a_new_block_forgets_the_old_one(void **state) {
    (void)state;
    tsr_draws_begin(draws, &sampling, 0, 8);
    tsr_uniform(draws, 0);
    tsr_draws_begin(draws, &sampling, 8, 8);
    assert_uniforms(tsr_uniform(draws, 0), 8, 8, 0);
    stream = sampling.stream = tsr_stream_make(20261121, "other", 2);
    tsr_draws_begin(draws, &sampling, 8, 8);
    assert_uniforms(tsr_uniform(draws, 0), 8, 8, 0);
}

static void test_workspace_is_aligned_and_holds_its_bytes(void **state) {
    (void)state;
    unsigned char *bytes = tsr_workspace(draws);
    assert_int_equal((uintptr_t)bytes % 64, 0);
    memset(bytes, 0xab, 1000);
    tsr_draws_begin(draws, &sampling, 0, TSR_BLOCK_ITEMS_MAX);
    for (int64_t d = 0; d < 100; d++) tsr_normal(draws, d);
    for (int i = 0; i < 1000; i++) assert_int_equal(bytes[i], 0xab);
}

static void test_too_much_workspace_is_refused_in_words(void **state) {
    (void)state;
    tsr_draws *none = NULL;
    tsr_error_clear();
    assert_int_equal(tsr_draws_create(SIZE_MAX / 4, &none), TSR_ERUNTIME);
    assert_non_null(strstr(tsr_error_get()->message, "no memory"));
    assert_null(none);
    tsr_error_clear();
}

static void test_draws_along_an_item_are_the_same_numbers(void **state) {
    (void)state;
    double uniforms[301], normals[301];
    tsr_draws_begin(draws, &sampling, 1000, 9);
    for (int64_t count = 1; count <= 300; count += 37) {
        uniforms[count] = normals[count] = -1;
        tsr_uniforms_of(draws, 8, 12, count, uniforms);
        tsr_normals_of(draws, 8, 12, count, normals);
        for (int64_t d = 0; d < count; d++) {
            assert_true(uniforms[d] == tsr_stream_uniform(&stream, 1008, 12 + d));
            assert_true(normals[d] == tsr_stream_normal(&stream, 1008, 12 + d));
        }
        assert_true(uniforms[count] == -1 && normals[count] == -1);
    }
}

typedef struct {
    int count;
    bool is_normal[8];
    int64_t draw[8];
    double value[8];
} seen_draws;

static void see(bool is_normal, int64_t draw, double value, void *data) {
    seen_draws *seen = data;
    assert_true(seen->count < 8);
    seen->is_normal[seen->count] = is_normal;
    seen->draw[seen->count] = draw;
    seen->value[seen->count++] = value;
}

static void test_one_item_is_watched_however_its_draws_are_asked_for(void **state) {
    (void)state;
    seen_draws seen = {0};
    double run[3];
    tsr_draws_watch(draws, 5, see, &seen);
    tsr_draws_begin(draws, &sampling, 100, 10);
    const double uniform = tsr_uniform(draws, 7)[5], normal = tsr_normal(draws, 2)[5];
    const double alone = tsr_uniform_of(draws, 5, 9);
    (void)tsr_normal_of(draws, 4, 1);
    tsr_normals_of(draws, 5, 4, 3, run);
    const double expected[] = {uniform, normal, alone, run[0], run[1], run[2]};
    static const int64_t numbers[] = {7, 2, 9, 4, 5, 6};
    assert_int_equal(seen.count, 6);
    for (int i = 0; i < 6; i++) {
        assert_true(seen.value[i] == expected[i]);
        assert_int_equal(seen.draw[i], numbers[i]);
        assert_int_equal(seen.is_normal[i], i != 0 && i != 2);
    }
    tsr_draws_watch(draws, 0, NULL, NULL);
    (void)tsr_uniform(draws, 0);
    assert_int_equal(seen.count, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_columns_are_the_numbers_of_the_stream, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_draws_along_an_item_are_the_same_numbers, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_columns_are_aligned_and_kept, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_a_column_outlives_the_promised_number_of_draws, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_the_last_draws_are_valid_together_along_a_path, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_ragged_blocks_join_to_the_same_columns, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_items_that_share_counters_see_every_word_once, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_blocks_that_share_counters_reach_up_to_the_largest_size, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(test_a_new_block_forgets_the_old_one, begin_test, end_test),
        cmocka_unit_test_setup_teardown(test_workspace_is_aligned_and_holds_its_bytes, begin_test, end_test),
        cmocka_unit_test(test_too_much_workspace_is_refused_in_words),
        cmocka_unit_test_setup_teardown(test_one_item_is_watched_however_its_draws_are_asked_for, begin_test, end_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
