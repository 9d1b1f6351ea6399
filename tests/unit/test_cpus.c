/* Sets of CPUs: written as people write them, and the system's answers fit together. */
#include "engine/cpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static tsr_cpus set_of(const int *cpus, int count) {
    tsr_cpus set = {0};
    for (int i = 0; i < count; i++) tsr_cpus_set(&set, cpus[i]);
    return set;
}

static void assert_written(const tsr_cpus *cpus, size_t bytes, const char *expected) {
    char text[256];
    tsr_cpus_write(cpus, text, bytes);
    assert_string_equal(text, expected);
}

static void test_runs_are_written_as_ranges(void **state) {
    (void)state;
    const int cpus[] = {0, 1, 2, 3, 8, 63, 64, 65, TSR_CPUS_MAX - 1};
    tsr_cpus set = set_of(cpus, 9);
    assert_written(&set, 256, "0-3,8,63-65,4095");
    assert_int_equal(tsr_cpus_count(&set), 9);
    assert_written(&(tsr_cpus){0}, 256, "");
}

static void test_a_list_that_does_not_fit_says_so(void **state) {
    (void)state;
    tsr_cpus set = {0};
    for (int cpu = 0; cpu < TSR_CPUS_MAX; cpu += 2) tsr_cpus_set(&set, cpu);
    assert_written(&set, 16, "0,2,4,6,8,...");
}

static void test_sets_overlap_only_where_they_share_a_cpu(void **state) {
    (void)state;
    const int low[] = {0, 64}, high[] = {1, 65}, both[] = {64, 65};
    tsr_cpus a = set_of(low, 2), b = set_of(high, 2), c = set_of(both, 2);
    assert_false(tsr_cpus_overlap(&a, &b));
    assert_true(tsr_cpus_overlap(&a, &c));
    tsr_cpus_add(&a, &b);
    assert_written(&a, 256, "0-1,64-65");
}

static void test_what_the_system_says_fits_together(void **state) {
    (void)state;
    tsr_cpus allowed, available, again;
    tsr_cpus_allowed(&allowed);
    tsr_cpus_available(&available);
    tsr_cpus_allowed(&again);
    assert_memory_equal(&allowed, &again, sizeof(allowed)); /* asking changes nothing */
    assert_true(tsr_cpus_count(&allowed) >= 1);
    assert_true(tsr_cpus_overlap(&allowed, &available));
    assert_in_range(tsr_cpus_cores(&available), 1, tsr_cpus_count(&available));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_are_written_as_ranges),
        cmocka_unit_test(test_a_list_that_does_not_fit_says_so),
        cmocka_unit_test(test_sets_overlap_only_where_they_share_a_cpu),
        cmocka_unit_test(test_what_the_system_says_fits_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
