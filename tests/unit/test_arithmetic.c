/* Whoever changes how a thread rounds is noticed, and it is set back: for the thread, for threads that it makes, and
 * for those of a team that exist already. */
#include "engine/arithmetic.h"
#include "engine/team.h"

#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#ifdef __x86_64__
#include <xmmintrin.h>
enum { FLUSHES = 0x8000, DENORMALS_ARE_ZERO = 0x0040, ROUNDS_UP = 0x4000 };
static const unsigned changes[] = {FLUSHES, DENORMALS_ARE_ZERO, FLUSHES | DENORMALS_ARE_ZERO, ROUNDS_UP};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };
static void change(int which) { _mm_setcsr(_mm_getcsr() | changes[which]); }
#else
static const int changes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };
static void change(int which) { fesetround(changes[which]); }
#endif

static void test_a_change_is_noticed_and_set_back(void **state) {
    (void)state;
    assert_int_equal(tsr_arithmetic_check(), TSR_OK);
    for (int i = 0; i < CHANGES; i++) {
        change(i);
        const tsr_status noticed = tsr_arithmetic_check();
        tsr_arithmetic_restore();
        assert_int_equal(noticed, TSR_ERUNTIME);
        assert_non_null(strstr(tsr_error_get()->message, "-ffast-math"));
        tsr_error_clear();
        assert_int_equal(tsr_arithmetic_check(), TSR_OK);
    }
    fesetround(FE_DOWNWARD);
    tsr_arithmetic_restore();
    assert_int_equal(fegetround(), FE_TONEAREST);
}

static void test_what_is_standard_stays_as_it_is(void **state) {
    (void)state;
    feraiseexcept(FE_OVERFLOW);
    tsr_arithmetic_restore();
    assert_true(fetestexcept(FE_OVERFLOW));
    feclearexcept(FE_ALL_EXCEPT);
}

enum { THREADS = 3 };

static tsr_status check_or_change(int thread, void *data) {
    const int *changing = data;
    TSR_TRY(tsr_arithmetic_check());
    if (thread == *changing) change(0);
    return TSR_OK;
}

static void test_a_team_begins_with_the_standard_and_notices_who_changes_it(void **state) {
    (void)state;
    for (int changing = 0; changing < THREADS; changing++) {
        int nobody = THREADS;
        change(CHANGES - 1); /* the caller's, before the threads of the team are made */
        assert_int_equal(tsr_team_run(THREADS, check_or_change, &nobody), TSR_OK);
        assert_int_equal(tsr_team_run(THREADS, check_or_change, &changing), TSR_ERUNTIME);
        tsr_error_clear();
        assert_int_equal(tsr_team_run(THREADS, check_or_change, &nobody), TSR_OK);
    }
    tsr_arithmetic_restore();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_is_noticed_and_set_back),
        cmocka_unit_test(test_what_is_standard_stays_as_it_is),
        cmocka_unit_test(test_a_team_begins_with_the_standard_and_notices_who_changes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
