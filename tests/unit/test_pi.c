/* The darts: every sample is 0 or 4, with mean pi and variance pi (4 - pi). */
#include "drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 20 };

static void test_pi_has_the_mean_and_variance_of_a_dart(void **state) {
    (void)state;
    tsr_drive drive;
    double *dart = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find("pi"), NULL, NULL, 20261121, &drive), TSR_OK);
    assert_int_equal(drive_column(&drive, 0, 0, ITEMS, dart), TSR_OK);
    for (int64_t i = 0; i < ITEMS; i++) assert_true(dart[i] == 0.0 || dart[i] == 4.0);
    const tsr_sample sample = sample_of(dart, ITEMS);
    print_message("pi: z = %.2f, variance z = %.2f\n", (sample.mean - M_PI) / sample.mean_error,
                  (sample.variance - M_PI * (4.0 - M_PI)) / sample.variance_error);
    assert_true(fabs(sample.mean - M_PI) <= 4.0 * sample.mean_error);
    assert_true(fabs(sample.variance - M_PI * (4.0 - M_PI)) <= 4.0 * sample.variance_error);
    drive_close(&drive);
    free(dart);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pi_has_the_mean_and_variance_of_a_dart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
