/* The chain of maps: which items of a link are needed for those of the next. */
#include "engine/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const tsr_link links[] = {
    {.step = 1},
    {.step = 1, .halo = 1},
    {.step = 3, .halo = 0},
    {.step = 4, .halo = 2},
    {.step = 1, .reach = {.before = 5, .after = 2}},
    {.step = 2, .halo = 1, .reach = {.before = 1, .after = 7}},
};
enum { LINKS = sizeof(links) / sizeof(links[0]), ITEMS = 60 };

/* Every output that there is needs only inputs that there are, and one more would need one too many. */
static void outputs_are_as_many_as_the_items_allow(void **unused) {
    (void)unused;
    for (int k = 0; k < LINKS; k++)
        for (int64_t items = links[k].halo; items <= ITEMS; items++) {
            const int64_t made = tsr_link_output(&links[k], items);
            assert_true(tsr_link_core(&links[k], (tsr_range){0, made}).end <= items || made == 0);
            assert_true(tsr_link_core(&links[k], (tsr_range){0, made + 1}).end > items);
        }
    assert_true(tsr_link_output(&links[3], INT64_MAX) == INT64_MAX);
}

/* What two neighbours need is what both need together. */
static void cores_of_neighbours_meet(void **unused) {
    (void)unused;
    for (int k = 0; k < LINKS; k++)
        for (int64_t cut = 1; cut < 9; cut++) {
            const tsr_range whole = tsr_link_core(&links[k], (tsr_range){0, 10});
            const tsr_range left = tsr_link_core(&links[k], (tsr_range){0, cut});
            const tsr_range right = tsr_link_core(&links[k], (tsr_range){cut, 10});
            assert_int_equal(left.begin, whole.begin);
            assert_int_equal(right.end, whole.end);
            assert_int_equal(left.end - right.begin, links[k].halo);
        }
}

static void reach_goes_beyond_the_core_and_not_beyond_the_ends(void **unused) {
    (void)unused;
    for (int k = 0; k < LINKS; k++) {
        const int64_t made = tsr_link_output(&links[k], ITEMS);
        for (int64_t begin = 0; begin < made; begin++)
            for (int64_t end = begin + 1; end <= made; end++) {
                const tsr_range core = tsr_link_core(&links[k], (tsr_range){begin, end});
                const tsr_range reach = tsr_link_reach(&links[k], (tsr_range){begin, end}, ITEMS);
                const int64_t first = core.begin - links[k].reach.before, last = core.end + links[k].reach.after;
                assert_int_equal(reach.begin, first > 0 ? first : 0);
                assert_int_equal(reach.end, last < ITEMS ? last : ITEMS);
            }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_as_many_as_the_items_allow),
        cmocka_unit_test(cores_of_neighbours_meet),
        cmocka_unit_test(reach_goes_beyond_the_core_and_not_beyond_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
