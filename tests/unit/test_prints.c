/* Prints are the same however the tiles were shared out, and in however many steps they came. */
#include "engine/prints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { POINTS = 3 };

static uint64_t print_of(int64_t point, int64_t tile) {
    return ((uint64_t)tile * 0x9e3779b97f4a7c15u + (uint64_t)point) * 0xbf58476d1ce4e5b9u;
}

static void add_tiles(tsr_prints *prints, const int64_t *begin, const int64_t *end) {
    for (int64_t p = 0; p < POINTS; p++)
        for (int64_t tile = begin[p]; tile < end[p]; tile++) tsr_prints_add(prints, p, tile, print_of(p, tile));
}

static tsr_prints make(const int64_t *begin, const int64_t *end, int64_t group_tiles) {
    tsr_prints prints = {0};
    assert_int_equal(tsr_prints_create(POINTS, begin, end, group_tiles, &prints), TSR_OK);
    return prints;
}

static void assert_same(const tsr_prints *a, const tsr_prints *b) {
    assert_int_equal(a->points, b->points);
    assert_int_equal(a->group_tiles, b->group_tiles);
    for (int64_t p = 0; p < a->points; p++) {
        assert_int_equal(tsr_prints_groups(a, p), tsr_prints_groups(b, p));
        for (int64_t g = 0; g < tsr_prints_groups(a, p); g++)
            assert_true(tsr_prints_at(a, p, g) == tsr_prints_at(b, p, g));
    }
}

static const int64_t none[POINTS];

/* All at once. */
static tsr_prints whole(const int64_t *end) {
    tsr_prints prints = make(NULL, end, 0);
    add_tiles(&prints, none, end);
    return prints;
}

static void groups_are_as_small_as_can_be_kept(void **unused) {
    (void)unused;
    static const int64_t cases[][POINTS + 1] = {{0, 0, 0, 1},           {65536, 0, 0, 1},     {65539, 0, 0, 1},
                                                {65540, 0, 0, 2},       {131078, 0, 0, 2},    {131079, 0, 0, 4},
                                                {65537, 1, 1, 1},       {65538, 1, 1, 2},     {1, 1, INT64_MAX / 2, 1},
                                                {1000000, 1, 7000, 16}, {30000, 30000, 1, 1}, {40000, 40000, 1, 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int64_t found = tsr_prints_group(POINTS, cases[i]);
        if (cases[i][2] < INT64_MAX / 4) assert_int_equal(found, cases[i][POINTS]);
        int64_t groups = 0;
        for (int p = 0; p < POINTS; p++) groups += (cases[i][p] - 1 + found) / found;
        assert_true(groups <= TSR_PRINTS_GROUPS_MAX + POINTS);
    }
}

static void parts_of_any_cut_add_up(void **unused) {
    (void)unused;
    static const int64_t end[POINTS] = {200001, 5, 77777}, half[POINTS] = {99999, 3, 0};
    tsr_prints direct = whole(end);
    assert_int_equal(direct.group_tiles, 8);
    for (int64_t group_tiles = 1; group_tiles <= 8; group_tiles *= 2) {
        tsr_prints sum = make(NULL, end, 0);
        tsr_prints first = make(NULL, half, group_tiles), second = make(half, end, group_tiles);
        add_tiles(&first, none, half);
        add_tiles(&second, half, end);
        tsr_prints_merge(&sum, &second);
        tsr_prints_merge(&sum, &first);
        assert_same(&sum, &direct);
        tsr_prints_subtract(&sum, &second);
        tsr_prints_merge(&sum, &second);
        assert_same(&sum, &direct);
        tsr_prints_clear(&sum);
        tsr_prints_clear(&first);
        tsr_prints_clear(&second);
    }
    tsr_prints_clear(&direct);
}

static void growing_in_steps_gives_what_one_step_gives(void **unused) {
    (void)unused;
    static const int64_t steps[][POINTS] = {{0, 0, 0}, {1, 1, 1}, {7, 5, 64}, {70000, 5, 64}, {140001, 9, 300000}};
    tsr_prints grown = make(NULL, NULL, 0);
    const int64_t *begin = none;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(tsr_prints_fit(&grown, steps[i]), TSR_OK);
        add_tiles(&grown, begin, steps[i]);
        tsr_prints direct = whole(steps[i]);
        assert_same(&grown, &direct);
        tsr_prints_clear(&direct);
        begin = steps[i];
    }
    tsr_prints_clear(&grown);
}

/* A tile that was read in part is taken back, and read as a whole. */
static void a_tile_can_be_taken_back(void **unused) {
    (void)unused;
    static const int64_t end[POINTS] = {10, 20, 30}, begin[POINTS] = {9, 20, 29};
    tsr_prints prints = make(NULL, end, 0), direct = whole(end), part = make(begin, end, 1);
    add_tiles(&prints, none, begin);
    tsr_prints_add(&prints, 0, 9, 4711);
    tsr_prints_add(&prints, 2, 29, 815);
    tsr_prints_add(&part, 0, 9, 4711);
    tsr_prints_add(&part, 2, 29, 815);
    tsr_prints_subtract(&prints, &part);
    add_tiles(&prints, begin, end);
    assert_same(&prints, &direct);
    tsr_prints_clear(&prints);
    tsr_prints_clear(&direct);
    tsr_prints_clear(&part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_as_small_as_can_be_kept),
        cmocka_unit_test(parts_of_any_cut_add_up),
        cmocka_unit_test(growing_in_steps_gives_what_one_step_gives),
        cmocka_unit_test(a_tile_can_be_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
