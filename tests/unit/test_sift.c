/* The sieve: which items reach the tallies. */
#include "engine/sift.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tsr_sifted sifted_of(bool takes_missing, double second, tsr_sift **sift) {
    static double data[3 * 8];
    static tsr_stage spec = {.nonfinite = TSR_NONFINITE_ABORT};
    static tsr_bound_stage stage = {.spec = &spec, .link[0] = {.columns = 1}};
    const tsr_block block = {.items = 3, .stride = 8, .columns = 1, .data = data};
    data[0] = NAN;
    data[1] = second;
    stage.takes_missing = takes_missing;
    tsr_sifted out;
    assert_int_equal(tsr_sift_create(&stage, sift), TSR_OK);
    tsr_sift_block(*sift, &block, false, &out);
    return out;
}

static void test_missing_values_pass_where_they_are_taken_and_infinities_never(void **unused) {
    (void)unused;
    static const struct {
        bool takes;
        double second;
        int64_t spoilt;
    } cases[] = {{false, 1, 0}, {true, 1, -1}, {true, -INFINITY, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tsr_sift *sift;
        const tsr_sifted out = sifted_of(cases[i].takes, cases[i].second, &sift);
        assert_int_equal(out.spoilt, cases[i].spoilt);
        if (cases[i].spoilt < 0) assert_int_equal(out.block.items, 3);
        tsr_sift_destroy(&sift);
    }
}

/* ---- where, groups and the policy together ---- */

/* x, k and what becomes of the item: the group that it goes on in, or why it does not. */
enum { NOT_WANTED = -1, NO_GROUP = -2, SPOILT = -3 };
static const struct {
    double x;
    double k;
    int group; /* with where: x < 5 (or x is missing), group_by: {k: [1, 3]} */
} items[] = {
    {1, 1, 0},          {2, 3, 2},          {9, 1, NOT_WANTED},       {NAN, 2, NOT_WANTED},
    {3, 0, NO_GROUP},   {4, 2.5, NO_GROUP}, {-INFINITY, 2, SPOILT},   {INFINITY, 2, NOT_WANTED},
    {1, NAN, NO_GROUP}, {0, 2, 1},          {-INFINITY, 7, NO_GROUP}, {-INFINITY, 3, SPOILT},
    {4, 3, 2},
};
enum { ITEMS = sizeof(items) / sizeof(items[0]) };

static tsr_sifted sift_all(tsr_nonfinite policy, tsr_sift **sift) {
    static const tsr_field fields[] = {{.name = "x", .unit = "1"}, {.name = "k", .unit = "1"}, {.name = NULL}};
    static double data[2 * 16];
    static tsr_stage spec;
    static tsr_expression filter;
    static tsr_group_key key = {.column = 1, .count = 3, .first = 1};
    static tsr_bound_stage stage = {
        .spec = &spec, .filter = &filter, .groups = {.keys = 1, .key = &key, .count = 3}, .link[0] = {.columns = 2}};
    tsr_mistake mistake;
    tsr_sifted out;
    assert_true(tsr_expression_compile_fields("x < 5", fields, &filter, &mistake));
    spec.nonfinite = policy;
    for (int i = 0; i < ITEMS; i++) {
        data[i] = items[i].x;
        data[16 + i] = items[i].k;
    }
    const tsr_block block = {.item = 1000, .items = ITEMS, .stride = 16, .columns = 2, .data = data};
    assert_int_equal(tsr_sift_create(&stage, sift), TSR_OK);
    tsr_sift_block(*sift, &block, false, &out);
    return out;
}

/* Whether the item goes on when what is not finite is kept, or left out. */
static bool goes_on(int i, bool keeps) { return items[i].group >= 0 || (keeps && items[i].group == SPOILT); }

static void test_items_are_wanted_then_grouped_then_finite(void **unused) {
    (void)unused;
    for (int keeps = 0; keeps < 2; keeps++) {
        tsr_sift *sift;
        const tsr_sifted out = sift_all(keeps ? TSR_NONFINITE_KEEP : TSR_NONFINITE_SKIP, &sift);
        int64_t at = 0;
        for (int i = 0; i < ITEMS; i++) {
            if (!goes_on(i, keeps)) continue;
            assert_int_equal(tsr_block_item(&out.block, at), 1000 + i);
            assert_true(tsr_column(&out.block, 0)[at] == items[i].x && tsr_column(&out.block, 1)[at] == items[i].k);
            assert_int_equal(out.group[at], (int64_t)items[i].k - 1);
            at++;
        }
        assert_int_equal(out.block.items, at);
        assert_int_equal(out.dropped, keeps ? 0 : 2);
        if (!keeps) assert_int_equal(out.first, 1006);
        assert_int_equal(out.spoilt, -1);
        tsr_sift_destroy(&sift);
    }
}

static void test_the_stage_ends_for_the_first_item_that_is_wanted_and_not_finite(void **unused) {
    (void)unused;
    tsr_sift *sift;
    assert_int_equal(sift_all(TSR_NONFINITE_ABORT, &sift).spoilt, 6);
    tsr_sift_destroy(&sift);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_values_pass_where_they_are_taken_and_infinities_never),
        cmocka_unit_test(test_items_are_wanted_then_grouped_then_finite),
        cmocka_unit_test(test_the_stage_ends_for_the_first_item_that_is_wanted_and_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
