/* The clock runs forward in nanoseconds and every phase has a name. */
#include "engine/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static void test_time_counts_nanoseconds_and_never_runs_back(void **unused) {
    (void)unused;
    const struct timespec nap = {.tv_nsec = 2000000};
    const int64_t before = tsr_clock_ns();
    nanosleep(&nap, NULL);
    const int64_t after = tsr_clock_ns();
    assert_true(after - before >= nap.tv_nsec);
    assert_true(after - before < INT64_C(60000000000));
}

static void test_phases_have_their_names(void **unused) {
    (void)unused;
    assert_string_equal(tsr_phase_name(TSR_PHASE_start), "start");
    assert_string_equal(tsr_phase_name(TSR_PHASE_solve), "solve");
    for (int phase = 0; phase < TSR_PHASES; phase++) assert_non_null(tsr_phase_name((tsr_phase)phase));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_counts_nanoseconds_and_never_runs_back),
        cmocka_unit_test(test_phases_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
