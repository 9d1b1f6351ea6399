/* The state of a tally: sparse pages that add, records that keep the better, one canonical packed row. */
#include "engine/state.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const tsr_layout layout = {.pages = 5, .page_words = 3, .records = 2};

static tsr_state *new_state(tsr_layout of) {
    tsr_state *state = NULL;
    assert_int_equal(tsr_state_create(of, &state), TSR_OK);
    return state;
}

static tsr_state *filled_state(int64_t factor) {
    tsr_state *state = new_state(layout);
    for (int64_t w = 0; w < 3; w++) {
        tsr_state_page(state, 4)[w] = factor * (w + 1);
        tsr_state_page(state, 1)[w] = -factor * w;
    }
    tsr_record_offer(&tsr_state_records(state)[0], (uint64_t)(100 * factor), 7);
    return state;
}

static int64_t *packed(const tsr_state *state, int64_t *count) {
    *count = tsr_state_packed_words(state);
    int64_t *words = malloc((size_t)*count * sizeof(*words));
    assert_non_null(words);
    tsr_state_pack(state, words);
    return words;
}

static void assert_same_state(const tsr_state *a, const tsr_state *b) {
    int64_t count_a, count_b;
    int64_t *words_a = packed(a, &count_a), *words_b = packed(b, &count_b);
    assert_int_equal(count_a, count_b);
    assert_memory_equal(words_a, words_b, (size_t)count_a * sizeof(*words_a));
    free(words_a);
    free(words_b);
}

static void test_pages_begin_at_zero_and_cost_nothing_until_asked_for(void **unused) {
    (void)unused;
    tsr_state *state = new_state((tsr_layout){.pages = 1000, .page_words = 100, .records = 0});
    const int64_t empty = tsr_state_bytes(state), table = 1001 * 8;
    assert_null(tsr_state_find(state, 999));
    const int64_t *page = tsr_state_page(state, 999);
    for (int w = 0; w < 100; w++) assert_int_equal(page[w], 0);
    assert_ptr_equal(tsr_state_find(state, 999), page);
    assert_int_equal(tsr_state_bytes(state), empty + table + 100 * 8);
    assert_int_equal(tsr_state_page(state, 999) == page, 1);
    assert_int_equal(tsr_state_bytes(state), empty + table + 100 * 8);
    tsr_state_destroy(&state);
    assert_null(state);
    tsr_state_destroy(&state);
}

static void test_packed_row_is_the_documented_one(void **unused) {
    (void)unused;
    tsr_state *state = filled_state(2);
    (void)tsr_state_page(state, 0); /* asked for, but all zero */
    static const int64_t expected[] = {2, 1, 0, -2, -4, 4, 2, 4, 6, 200, 7, 0, 0};
    int64_t count;
    int64_t *words = packed(state, &count);
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    assert_memory_equal(words, expected, sizeof(expected));
    free(words);
    tsr_state_destroy(&state);
}

static void test_unpacking_a_packed_row_gives_the_state(void **unused) {
    (void)unused;
    tsr_state *state = filled_state(3), *copy = new_state(layout);
    int64_t count;
    int64_t *words = packed(state, &count);
    assert_int_equal(tsr_state_unpack(copy, words, count), TSR_OK);
    assert_same_state(copy, state);
    free(words);
    tsr_state_destroy(&state);
    tsr_state_destroy(&copy);
}

static void test_unpacking_adds_like_add(void **unused) {
    (void)unused;
    tsr_state *a = filled_state(3), *b = filled_state(3), *other = filled_state(5);
    int64_t count;
    int64_t *words = packed(other, &count);
    assert_int_equal(tsr_state_unpack(a, words, count), TSR_OK);
    assert_int_equal(tsr_state_add(b, other), TSR_OK);
    assert_same_state(a, b);
    tsr_state *sum = filled_state(8);
    tsr_state_records(sum)[0] = (tsr_record){.key = 500, .item = 7};
    assert_same_state(a, sum);
    free(words);
    tsr_state_destroy(&a);
    tsr_state_destroy(&b);
    tsr_state_destroy(&other);
    tsr_state_destroy(&sum);
}

static void test_sums_that_cancel_pack_like_pages_never_touched(void **unused) {
    (void)unused;
    tsr_state *state = filled_state(4), *opposite = filled_state(-4), *empty = new_state(layout);
    assert_int_equal(tsr_state_add(state, opposite), TSR_OK);
    tsr_state_records(state)[0] = (tsr_record){.key = 0, .item = 0};
    assert_same_state(state, empty);
    assert_int_equal(tsr_state_packed_words(empty), 1 + 2 * layout.records);
    tsr_state_destroy(&state);
    tsr_state_destroy(&opposite);
    tsr_state_destroy(&empty);
}

static void test_adding_leaves_untouched_pages_unheld(void **unused) {
    (void)unused;
    tsr_state *state = new_state(layout), *other = filled_state(1);
    assert_int_equal(tsr_state_add(state, other), TSR_OK);
    assert_null(tsr_state_find(state, 0));
    assert_non_null(tsr_state_find(state, 4));
    tsr_state_destroy(&state);
    tsr_state_destroy(&other);
}

static void test_record_keeps_the_larger_key_then_the_lower_item(void **unused) {
    (void)unused;
    tsr_record record = {0};
    tsr_record_offer(&record, 0, 3);
    assert_int_equal(record.key, 0);
    assert_int_equal(record.item, 0);
    tsr_record_offer(&record, 10, 5);
    tsr_record_offer(&record, 9, 1);
    assert_int_equal(record.item, 5);
    tsr_record_offer(&record, 10, 8);
    assert_int_equal(record.item, 5);
    tsr_record_offer(&record, 10, 2);
    assert_int_equal(record.item, 2);
    tsr_record_offer(&record, UINT64_MAX, 100);
    assert_true(record.key == UINT64_MAX && record.item == 100);
}

static void fill_group(tsr_record *group, int64_t count, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) tsr_records_offer(group, count, (uint64_t)(i * 37 % 101 / 4), i);
}

static void test_a_group_keeps_the_best_whatever_the_split(void **unused) {
    (void)unused;
    enum { GROUP = 20 };
    const tsr_layout grouped = {.pages = 1, .page_words = 1, .records = 2 * GROUP, .group = GROUP};
    tsr_state *whole = new_state(grouped), *part = new_state(grouped), *rest = new_state(grouped);
    for (int64_t g = 0; g < 2; g++) {
        fill_group(tsr_state_records(whole) + g * GROUP, GROUP, g, 100);
        fill_group(tsr_state_records(rest) + g * GROUP, GROUP, 61, 100);
        fill_group(tsr_state_records(part) + g * GROUP, GROUP, g, 61);
        tsr_records_settle(tsr_state_records(whole) + g * GROUP, GROUP);
    }
    assert_int_equal(tsr_state_add(part, rest), TSR_OK);
    assert_same_state(whole, part);
    for (int64_t r = 1; r < GROUP; r++) {
        const tsr_record *record = tsr_state_records_get(whole) + r;
        assert_true(record[0].key > record[-1].key ||
                    (record[0].key == record[-1].key && record[0].item < record[-1].item));
    }
    int64_t count;
    int64_t *words = packed(part, &count);
    tsr_state *copy = new_state(grouped);
    assert_int_equal(tsr_state_unpack(copy, words, count), TSR_OK);
    assert_same_state(copy, whole);
    words[1] = words[3]; /* the same record twice */
    words[2] = words[4];
    assert_int_equal(tsr_state_unpack(copy, words, count), TSR_ECHECKPOINT);
    tsr_error_clear();
    free(words);
    tsr_state_destroy(&whole);
    tsr_state_destroy(&part);
    tsr_state_destroy(&rest);
    tsr_state_destroy(&copy);
}

static void assert_refused(const int64_t *words, int64_t count) {
    tsr_state *state = new_state(layout), *empty = new_state(layout);
    tsr_error_clear();
    assert_int_equal(tsr_state_unpack(state, words, count), TSR_ECHECKPOINT);
    assert_int_equal(tsr_error_get()->status, TSR_ECHECKPOINT);
    assert_same_state(state, empty);
    tsr_error_clear();
    tsr_state_destroy(&state);
    tsr_state_destroy(&empty);
}

/* Pages and groups of the items begin .. end - 1. */
static tsr_state *state_of_items(int64_t begin, int64_t end) {
    const tsr_layout mixed = {.pages = 3, .page_words = 2, .records = 14, .group = 7};
    tsr_state *state = new_state(mixed);
    for (int64_t i = begin; i < end; i++) tsr_state_page(state, i / 40)[i % 2] += i - 50;
    fill_group(tsr_state_records(state), 7, begin, end);
    for (int64_t i = begin; i < end; i++) tsr_records_offer(tsr_state_records(state) + 7, 7, (uint64_t)(i + 1), i);
    for (int g = 0; g < 2; g++) tsr_records_settle(tsr_state_records(state) + g * (ptrdiff_t)7, 7);
    return state;
}

static void test_what_is_taken_back_can_be_added_again_among_more(void **unused) {
    (void)unused;
    static const int64_t cuts[][2] = {{0, 1}, {0, 60}, {33, 34}, {33, 60}, {59, 60}, {60, 61}, {0, 100}, {77, 99}};
    for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
        const int64_t begin = cuts[c][0], end = cuts[c][1];
        tsr_state *shorter = state_of_items(0, end), *part = state_of_items(begin, end);
        tsr_state *more = state_of_items(begin, 100), *whole = state_of_items(0, 100);
        assert_int_equal(tsr_state_subtract(shorter, part), TSR_OK);
        assert_int_equal(tsr_state_add(shorter, more), TSR_OK);
        assert_same_state(shorter, whole);
        tsr_state_destroy(&shorter);
        tsr_state_destroy(&part);
        tsr_state_destroy(&more);
        tsr_state_destroy(&whole);
    }
}

static void test_rows_that_no_state_packs_are_refused(void **unused) {
    (void)unused;
    enum { COUNT = 13 };
    static const int64_t good[COUNT] = {2, 1, 0, -2, -4, 4, 2, 4, 6, 200, 7, 0, 0};
    static const struct {
        int at;
        int64_t word;
    } damage[] = {
        {0, -1}, {0, 1}, {0, 3}, {0, INT64_MAX}, {1, 4},   {1, -1}, {1, 5},
        {5, 1},  {5, 0}, {5, 5}, {5, INT64_MIN}, {10, -1}, {12, 1}, {9, 0},
    };
    for (int64_t count = 0; count < COUNT; count++) assert_refused(good, count);
    assert_refused((int64_t[COUNT + 1]){2, 1, 0, -2, -4, 4, 2, 4, 6, 200, 7, 0, 0, 0}, COUNT + 1);
    for (size_t d = 0; d < sizeof(damage) / sizeof(damage[0]); d++) {
        int64_t words[COUNT];
        memcpy(words, good, sizeof(good));
        words[damage[d].at] = damage[d].word;
        assert_refused(words, COUNT);
    }
    assert_refused((int64_t[]){2, 1, 0, 0, 0, 4, 2, 4, 6, 200, 7, 0, 0}, COUNT); /* an empty page */
}

static void test_keys_order_like_the_doubles_they_stand_for(void **unused) {
    (void)unused;
    static const double ascending[] = {-INFINITY,    -DBL_MAX, -1.5, -1,  -DBL_MIN, -DBL_TRUE_MIN, 0,
                                       DBL_TRUE_MIN, DBL_MIN,  1,    1.5, DBL_MAX,  INFINITY};
    const size_t count = sizeof(ascending) / sizeof(ascending[0]);
    for (size_t i = 0; i < count; i++) {
        const uint64_t key = tsr_key_from_double(ascending[i]);
        const double back = tsr_key_to_double(key);
        assert_true(key != 0);
        assert_memory_equal(&back, &ascending[i], sizeof(back));
        for (size_t j = 0; j < i; j++) assert_true(tsr_key_from_double(ascending[j]) < key);
    }
    double below = 0x1p-1030;
    for (int step = 0; step < 1000; step++) {
        const double above = nextafter(below, INFINITY);
        assert_true(tsr_key_from_double(above) == tsr_key_from_double(below) + 1);
        assert_true(tsr_key_from_double(-above) == tsr_key_from_double(-below) - 1);
        below = above * 1.7;
    }
}

static void test_zeros_share_a_key_and_nan_has_none(void **unused) {
    (void)unused;
    assert_true(tsr_key_from_double(-0.0) == tsr_key_from_double(0.0));
    const double zero = tsr_key_to_double(tsr_key_from_double(-0.0));
    assert_true(zero == 0 && !signbit(zero));
    assert_true(tsr_key_from_double(NAN) == 0);
    assert_true(tsr_key_from_double(-NAN) == 0);
    assert_true(isnan(tsr_key_to_double(0)));
}

/* ---- windows ---- */

static const tsr_layout with_windows = {.pages = 3, .page_words = 4, .records = 2, .windows = 5};

/* Word w of page p of a window, and its first record: numbers that name their places. */
static tsr_state *fill_windows(int64_t times, uint64_t which) {
    tsr_state *state;
    assert_int_equal(tsr_state_create(with_windows, &state), TSR_OK);
    for (int64_t v = 0; v < with_windows.windows; v++) {
        if ((which >> v & 1) == 0) continue;
        tsr_state_show(state, v);
        tsr_state_page(state, v % 3)[1] += times * (100 + v);
        tsr_record_offer(&tsr_state_records(state)[0], (uint64_t)(10 + v), v);
    }
    tsr_state_show(state, 0);
    return state;
}

static void windows_are_as(tsr_state *state, int64_t times, uint64_t which) {
    for (int64_t v = 0; v < with_windows.windows; v++) {
        const bool has = (which >> v & 1) != 0;
        tsr_state_show(state, v);
        assert_int_equal(tsr_state_has(state, v), has);
        const int64_t *page = tsr_state_find(state, v % 3);
        assert_int_equal(page != NULL ? page[1] : 0, has ? times * (100 + v) : 0);
        assert_null(tsr_state_find(state, (v + 1) % 3));
        const tsr_record *record = has ? tsr_state_records_get(state) : NULL;
        if (record != NULL) assert_int_equal(record[0].key, 10 + v);
    }
}

static void test_windows_do_not_see_each_other(void **unused) {
    (void)unused;
    tsr_state *state = fill_windows(1, 0x16);
    windows_are_as(state, 1, 0x16);
    assert_int_equal(tsr_state_layout(state).pages, 3);
    tsr_state_destroy(&state);
}

static void test_a_look_has_a_window_of_its_own(void **unused) {
    (void)unused;
    tsr_state *state = fill_windows(1, 0x1f), *look;
    assert_int_equal(tsr_state_look(state, &look), TSR_OK);
    tsr_state_show(state, 1);
    tsr_state_show(look, 4);
    assert_int_equal(tsr_state_find(state, 1)[1], 101);
    assert_int_equal(tsr_state_find(look, 1)[1], 104);
    tsr_state_destroy(&look);
    windows_are_as(state, 1, 0x1f);
    tsr_state_destroy(&state);
}

static void test_all_windows_are_added_packed_and_taken_back_whichever_is_shown(void **unused) {
    (void)unused;
    tsr_state *one = fill_windows(1, 0x0b), *two = fill_windows(2, 0x0b), *again;
    tsr_state_show(one, 3);
    tsr_state_show(two, 2);
    assert_int_equal(tsr_state_add(two, one), TSR_OK);
    windows_are_as(two, 3, 0x0b);
    const int64_t count = tsr_state_packed_words(two);
    int64_t *words = malloc((size_t)count * sizeof(*words));
    tsr_state_show(two, 4);
    tsr_state_pack(two, words);
    assert_int_equal(tsr_state_create(with_windows, &again), TSR_OK);
    tsr_state_show(again, 1);
    assert_int_equal(tsr_state_unpack(again, words, count), TSR_OK);
    windows_are_as(again, 3, 0x0b);
    assert_int_equal(tsr_state_subtract(again, one), TSR_OK);
    tsr_state_show(again, 1);
    assert_int_equal(tsr_state_find(again, 1)[1], 202);
    free(words);
    tsr_state_destroy(&again);
    tsr_state_destroy(&two);
    tsr_state_destroy(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_begin_at_zero_and_cost_nothing_until_asked_for),
        cmocka_unit_test(test_packed_row_is_the_documented_one),
        cmocka_unit_test(test_unpacking_a_packed_row_gives_the_state),
        cmocka_unit_test(test_unpacking_adds_like_add),
        cmocka_unit_test(test_sums_that_cancel_pack_like_pages_never_touched),
        cmocka_unit_test(test_adding_leaves_untouched_pages_unheld),
        cmocka_unit_test(test_record_keeps_the_larger_key_then_the_lower_item),
        cmocka_unit_test(test_a_group_keeps_the_best_whatever_the_split),
        cmocka_unit_test(test_what_is_taken_back_can_be_added_again_among_more),
        cmocka_unit_test(test_rows_that_no_state_packs_are_refused),
        cmocka_unit_test(test_windows_do_not_see_each_other),
        cmocka_unit_test(test_a_look_has_a_window_of_its_own),
        cmocka_unit_test(test_all_windows_are_added_packed_and_taken_back_whichever_is_shown),
        cmocka_unit_test(test_keys_order_like_the_doubles_they_stand_for),
        cmocka_unit_test(test_zeros_share_a_key_and_nan_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
