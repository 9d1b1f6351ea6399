/* Items of a tile brought together by their groups. */
#include "engine/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ITEMS = 5000, COLUMNS = 3, STEP = 700 };

/* Column c of item i is 10 i + c; the group of an item is given, those below zero are left out before. */
static void fill(tsr_gather *gather, int64_t begin, const int64_t *group, int64_t *kept) {
    static double data[COLUMNS * 1024];
    static int64_t number[1024], of[1024];
    tsr_gather_begin(gather);
    *kept = 0;
    for (int64_t first = 0; first < ITEMS; first += STEP) {
        tsr_block block = {.stride = 1024, .columns = COLUMNS, .data = data, .number = number};
        for (int64_t i = first; i < first + STEP && i < ITEMS; i++) {
            if (group != NULL && group[i] < 0) continue;
            for (int c = 0; c < COLUMNS; c++) data[c * 1024 + block.items] = (double)(10 * (begin + i) + c);
            of[block.items] = group != NULL ? group[i] : 0;
            number[block.items++] = begin + i;
        }
        block.item = block.items > 0 ? number[0] : begin;
        if (block.items > 0) tsr_gather_add(gather, &block, group != NULL ? of : NULL);
        *kept += block.items;
    }
}

static void check_block(const tsr_block *block) {
    for (int64_t i = 0; i < block->items; i++)
        for (int c = 0; c < COLUMNS; c++)
            assert_true(tsr_column(block, c)[i] == (double)(10 * tsr_block_item(block, i) + c));
}

/* Groups ascend, items of a group ascend, and all of them come once. */
static void comes_in_order(tsr_gather *gather, int64_t begin, const int64_t *group) {
    int64_t kept, seen = 0, before = -1;
    fill(gather, begin, group, &kept);
    tsr_gather_sort(gather);
    for (int64_t g; (g = tsr_gather_group(gather)) >= 0; before = g) {
        tsr_block block;
        int64_t last = -1;
        assert_true(g > before);
        while (tsr_gather_block(gather, &block)) {
            assert_in_range(block.items, 1, TSR_BLOCK_ITEMS_MAX);
            assert_int_equal(block.item, tsr_block_item(&block, 0));
            check_block(&block);
            for (int64_t i = 0; i < block.items; i++) {
                assert_true(tsr_block_item(&block, i) > last);
                last = tsr_block_item(&block, i);
                assert_int_equal(group[last - begin], g);
                seen++;
            }
        }
    }
    assert_int_equal(seen, kept);
}

static void groups_and_their_items_ascend(void **unused) {
    (void)unused;
    static const int64_t spreads[] = {1, 2, 7, 4096, 5000, 9999999};
    static int64_t group[ITEMS];
    tsr_gather *gather;
    assert_int_equal(tsr_gather_create(COLUMNS, ITEMS, &gather), TSR_OK);
    for (size_t k = 0; k < sizeof(spreads) / sizeof(spreads[0]); k++) {
        uint64_t random = 12345 + k;
        for (int64_t i = 0; i < ITEMS; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            group[i] = (int64_t)((random >> 33) % (uint64_t)spreads[k]);
            if (random >> 60 == 3) group[i] = -1;
        }
        comes_in_order(gather, (int64_t)k * 1000003, group);
    }
    tsr_gather_destroy(&gather);
    assert_null(gather);
}

static void a_tile_without_items_has_no_group(void **unused) {
    (void)unused;
    static int64_t group[ITEMS];
    tsr_gather *gather;
    for (int64_t i = 0; i < ITEMS; i++) group[i] = -1;
    assert_int_equal(tsr_gather_create(COLUMNS, ITEMS, &gather), TSR_OK);
    comes_in_order(gather, 5, group);
    assert_int_equal(tsr_gather_whole(gather).items, 0);
    tsr_gather_destroy(&gather);
}

static void the_whole_is_what_came_in_its_order(void **unused) {
    (void)unused;
    static int64_t group[ITEMS];
    tsr_gather *gather;
    int64_t kept;
    for (int64_t i = 0; i < ITEMS; i++) group[i] = i % 5 == 2 ? -1 : ITEMS - i;
    assert_int_equal(tsr_gather_create(COLUMNS, ITEMS, &gather), TSR_OK);
    for (int twice = 0; twice < 2; twice++) {
        fill(gather, 77, group, &kept);
        const tsr_block whole = tsr_gather_whole(gather);
        assert_int_equal(whole.items, kept);
        assert_int_equal(kept, ITEMS - ITEMS / 5);
        check_block(&whole);
        for (int64_t i = 1; i < kept; i++) assert_true(whole.number[i] > whole.number[i - 1]);
        fill(gather, 0, NULL, &kept);
        assert_int_equal(tsr_gather_whole(gather).items, ITEMS);
    }
    tsr_gather_destroy(&gather);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_and_their_items_ascend),
        cmocka_unit_test(a_tile_without_items_has_no_group),
        cmocka_unit_test(the_whole_is_what_came_in_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
