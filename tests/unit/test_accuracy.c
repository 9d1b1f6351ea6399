/* What accuracy costs: the numbers of a textbook's worth of Monte Carlo, by hand. */
#include "engine/accuracy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_the_cost_does_not_depend_on_the_length_of_a_run(void **state) {
    (void)state;
    assert_true(tsr_accuracy_cost(0.5, 8) == 2);
    assert_true(tsr_accuracy_cost(0.25, 32) == 2); /* four times the work, half the error */
    assert_true(isnan(tsr_accuracy_cost(NAN, 1)));
}

static void test_the_gain_is_one_for_independent_items(void **state) {
    (void)state;
    assert_true(tsr_accuracy_gain(16, 400, 0.2) > 1 - 1e-12 && tsr_accuracy_gain(16, 400, 0.2) < 1 + 1e-12);
    assert_true(fabs(tsr_accuracy_gain(16, 400, 0.1) - 4) < 1e-12);
    assert_true(isnan(tsr_accuracy_gain(16, 400, NAN)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cost_does_not_depend_on_the_length_of_a_run),
        cmocka_unit_test(test_the_gain_is_one_for_independent_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
