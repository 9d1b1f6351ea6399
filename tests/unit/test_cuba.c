/* The integrands of the Cuba library: single points against the published formulas, means against the integrals. */
#include "drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 18, SEED = 20261121, INTEGRANDS = 11, POINTS = 1000 };

static void open_integrand(int integrand, tsr_drive *drive) {
    tsr_setting *settings = tree(TSR_MAP, "test", number("integrand", integrand), NULL);
    assert_int_equal(drive_open(drive_find("cuba"), settings, NULL, (uint64_t)(SEED + integrand), drive), TSR_OK);
}

static double formula(int integrand, double x, double y, double z) {
    const double square = x * x + y * y + z * z, volume = x * y * z;
    switch (integrand) {
    case 1: return sin(x) * cos(y) * exp(z);
    case 2: return 1 / (pow(x + y, 2) + 0.003) * cos(y) * exp(z);
    case 3: return 1 / (3.75 - cos(M_PI * x) - cos(M_PI * y) - cos(M_PI * z));
    case 4: return fabs(square - 0.125);
    case 5: return exp(-square);
    case 6: return 1 / (1 - volume + 1e-10);
    case 7: return sqrt(fabs(x - y - z));
    case 8: return exp(-volume);
    case 9: return x * x / (cos(x + y + z + 1) + 5);
    case 10: return x > 0.5 ? 1 / sqrt(volume + 1e-5) : sqrt(volume);
    default: return square < 1 ? 1 : 0;
    }
}

static void test_cuba_at_a_point_is_the_formula(void **state) {
    (void)state;
    for (int integrand = 1; integrand <= INTEGRANDS; integrand++) {
        tsr_drive drive;
        double value[POINTS];
        open_integrand(integrand, &drive);
        assert_int_equal(drive_column(&drive, 0, 0, POINTS, value), TSR_OK);
        tsr_draws_begin(drive.draws, &drive.sampling, 0, POINTS);
        for (int64_t i = 0; i < POINTS; i++) {
            const double x = tsr_uniform_of(drive.draws, i, 0), y = tsr_uniform_of(drive.draws, i, 1);
            const double expected = formula(integrand, x, y, tsr_uniform_of(drive.draws, i, 2));
            if (fabs(value[i] - expected) > 1e-13 * fmax(fabs(expected), 0.1))
                fail_msg("integrand %d, item %d: %.17g instead of %.17g", integrand, (int)i, value[i], expected);
        }
        drive_close(&drive);
    }
}

/* 1, 5, 6 (zeta(3)), 8 and 11 (pi / 6) in closed form, 7 and 9 by Gauss quadrature, the others from the reference
 * values. */
static const double integrals[INTEGRANDS] = {0.6646696797813771, 5.2685200884, 0.30780740962,      0.87731400153,
                                             0.4165383858866381, 1.202056903,  0.7096158856369343, 0.8912127981113024,
                                             0.0801855650524102, 2.3962437643, 0.5235987755982988};

static void test_cuba_mean_is_the_integral(void **state) {
    (void)state;
    double *value = malloc(ITEMS * sizeof(double));
    for (int integrand = 1; integrand <= INTEGRANDS; integrand++) {
        tsr_drive drive;
        open_integrand(integrand, &drive);
        assert_int_equal(drive_column(&drive, 0, 0, ITEMS, value), TSR_OK);
        const tsr_sample sample = sample_of(value, ITEMS);
        const double z = (sample.mean - integrals[integrand - 1]) / sample.mean_error;
        print_message("cuba %d: z = %.2f\n", integrand, z);
        assert_true(fabs(z) <= 4.0);
        drive_close(&drive);
    }
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuba_at_a_point_is_the_formula),
        cmocka_unit_test(test_cuba_mean_is_the_integral),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
