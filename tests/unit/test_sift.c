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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_values_pass_where_they_are_taken_and_infinities_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
