/* Euler steps at two levels: single paths against the formula, levels that telescope to the price, variances that
 * halve.
 */
#include "drive.h"
#include "kernels/finance/black_scholes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 13, SEED = 20261121, DIFFERENCE = 0, FINE = 1 };

static tsr_setting *settings_of(const tsr_option *option, int level) {
    return tree(TSR_MAP, "test", number("level", level), number("spot", option->spot), number("strike", option->strike),
                number("rate", option->rate), number("dividend", option->dividend),
                number("volatility", option->volatility), number("maturity", option->maturity),
                keyed("type", scalar("test", option->put ? "put" : "call")), NULL);
}

static double *column_of(const tsr_option *option, int level, uint64_t seed, int column) {
    tsr_drive drive;
    double *value = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find("gbm_euler"), settings_of(option, level), NULL, seed, &drive), TSR_OK);
    assert_int_equal(drive.sampling.demand.normals, 1 << level);
    assert_int_equal(drive.sampling.demand.paths, 1);
    assert_int_equal(drive_column(&drive, column, 0, ITEMS, value), TSR_OK);
    drive_close(&drive);
    return value;
}

/* z: [steps] normals of the finest level, of which each step here is the sum of `share`. */
static double payoff_of(const tsr_option *option, const double *z, int steps, int share) {
    const double time = option->maturity * share / steps, carry = (option->rate - option->dividend) * time;
    double asset = option->spot;
    for (int step = 0; step < steps; step += share) {
        double sum = 0.0;
        for (int j = 0; j < share; j++) sum += z[step + j];
        asset *= 1.0 + carry + option->volatility * sqrt(time) * sum / sqrt(share);
    }
    const double gain = option->put ? option->strike - asset : asset - option->strike;
    return exp(-option->rate * option->maturity) * fmax(gain, 0.0);
}

static void test_gbm_euler_follows_the_formula_on_each_path(void **state) {
    (void)state;
    const tsr_option options[] = {{50, 55, 0.08, 0.03, 0.45, 3, false}, {50, 55, 0.08, 0.03, 0.45, 3, true}};
    for (int k = 0; k < 2; k++)
        for (int level = 0; level < 6; level++) {
            const int steps = 1 << level;
            double *difference = column_of(&options[k], level, SEED, DIFFERENCE), z[32];
            double *fine = column_of(&options[k], level, SEED, FINE);
            tsr_sampling sampling = drive_sampling(SEED);
            sampling.demand = (tsr_demand){.normals = steps, .paths = 1};
            tsr_draws *draws = NULL;
            assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
            tsr_draws_begin(draws, &sampling, 0, 256);
            for (int64_t i = 0; i < 256; i++) {
                for (int step = 0; step < steps; step++) z[step] = tsr_normal_of(draws, i, step);
                const double below = level == 0 ? 0.0 : payoff_of(&options[k], z, steps, 2);
                assert_true(fabs(fine[i] - payoff_of(&options[k], z, steps, 1)) < 1e-11);
                assert_true(fabs(fine[i] - below - difference[i]) < 1e-11);
            }
            tsr_draws_destroy(&draws);
            free(difference);
            free(fine);
        }
}

/* Independent levels add up to the price of the finest one, whose bias is below a tenth of the error. */
static void test_gbm_euler_levels_telescope_to_the_price(void **state) {
    (void)state;
    const tsr_option option = {100, 100, 0.05, 0, 0.2, 1, false};
    double mean = 0.0, variance = 0.0;
    for (int level = 0; level < 7; level++) {
        double *difference = column_of(&option, level, SEED + (uint64_t)level, DIFFERENCE);
        const tsr_sample sample = sample_of(difference, ITEMS);
        mean += sample.mean;
        variance += sample.mean_error * sample.mean_error;
        free(difference);
    }
    const double z = (mean - tsr_black_scholes_price(&option)) / sqrt(variance);
    print_message("sum of levels: %.4f, z = %.2f\n", mean, z);
    assert_true(fabs(z) <= 4.0);
}

static void test_gbm_euler_variance_halves_with_each_level(void **state) {
    (void)state;
    const tsr_option option = {100, 100, 0.05, 0, 0.2, 1, false};
    double above = NAN;
    for (int level = 2; level < 8; level++) {
        double *difference = column_of(&option, level, SEED, DIFFERENCE);
        const double variance = sample_of(difference, ITEMS).variance;
        print_message("level %d: variance %.4g, %.2f times less\n", level, variance, above / variance);
        assert_true(level == 2 || (above / variance > 1.7 && above / variance < 2.3));
        above = variance;
        free(difference);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gbm_euler_follows_the_formula_on_each_path),
        cmocka_unit_test(test_gbm_euler_levels_telescope_to_the_price),
        cmocka_unit_test(test_gbm_euler_variance_halves_with_each_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
