/* The ball: darts count what they should, and their mean is the volume in few and in many dimensions. */
#include "drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 18, SEED = 20261121 };

static void open_ball(int dimensions, const char *darts, tsr_drive *drive) {
    tsr_setting *settings =
        tree(TSR_MAP, "test", number("dimensions", dimensions), keyed("darts", scalar("test", darts)), NULL);
    assert_int_equal(drive_open(drive_find("ball"), settings, NULL, SEED, drive), TSR_OK);
}

static void test_ball_in_the_cube_is_hit_or_missed(void **state) {
    (void)state;
    tsr_drive drive;
    double value[1000];
    open_ball(3, "uniform", &drive);
    assert_int_equal(drive_column(&drive, 0, 0, 1000, value), TSR_OK);
    tsr_draws_begin(drive.draws, &drive.sampling, 0, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        double square = 0.0;
        for (int j = 0; j < 3; j++) square += pow(2.0 * tsr_uniform_of(drive.draws, i, j) - 1.0, 2.0);
        assert_true(value[i] == (square < 1.0 ? 8.0 : 0.0));
    }
    drive_close(&drive);
}

static void test_ball_counts_a_normal_dart_over_its_density(void **state) {
    (void)state;
    tsr_drive drive;
    double value[1000];
    open_ball(5, "normal", &drive);
    assert_int_equal(drive_column(&drive, 0, 0, 1000, value), TSR_OK);
    tsr_draws_begin(drive.draws, &drive.sampling, 0, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        double square = 0.0, density = 1.0;
        for (int j = 0; j < 5; j++) {
            const double x = tsr_normal_of(drive.draws, i, j) / sqrt(5.0);
            square += x * x;
            density *= sqrt(5.0 / (2.0 * M_PI)) * exp(-2.5 * x * x);
        }
        assert_true(fabs(value[i] - (square < 1.0 ? 1.0 / density : 0.0)) <= 1e-13 * value[i]);
    }
    drive_close(&drive);
}

static void assert_volume(int dimensions, const char *darts) {
    const double volume = pow(M_PI, 0.5 * dimensions) / tgamma(0.5 * dimensions + 1.0);
    tsr_drive drive;
    double *value = malloc(ITEMS * sizeof(double));
    open_ball(dimensions, darts, &drive);
    assert_int_equal(drive_column(&drive, 0, 0, ITEMS, value), TSR_OK);
    const tsr_sample sample = sample_of(value, ITEMS);
    print_message("ball of %d dimensions, %s darts: z = %.2f, variance %.2f volumes squared\n", dimensions, darts,
                  (sample.mean - volume) / sample.mean_error, sample.variance / (volume * volume));
    assert_true(fabs(sample.mean - volume) <= 4.0 * sample.mean_error);
    if (strcmp(darts, "normal") == 0) assert_true(sample.variance < 0.5 * sqrt(M_PI * dimensions) * volume * volume);
    drive_close(&drive);
    free(value);
}

static void test_ball_has_its_volume(void **state) {
    (void)state;
    const int dimensions[] = {2, 3, 8, 20, 100};
    for (size_t i = 0; i < sizeof(dimensions) / sizeof(*dimensions); i++) {
        if (dimensions[i] <= 8) assert_volume(dimensions[i], "uniform");
        assert_volume(dimensions[i], "normal");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ball_in_the_cube_is_hit_or_missed),
        cmocka_unit_test(test_ball_counts_a_normal_dart_over_its_density),
        cmocka_unit_test(test_ball_has_its_volume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
