/* Variational Monte Carlo of hydrogen against closed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chains.h"

enum { SEED = 20261121, CHAINS = 100 };

static tsr_setting *atom(double a, double step, int rows, int discard) {
    return tree(TSR_MAP, "test", number("a", a), number("step", step), number("rows", rows), number("discard", discard),
                NULL);
}

static void assert_near(const tsr_chains *chains, const char *name, double expected) {
    tsr_results *results = chains_series(chains);
    const double mean = chains_value(results, "chain_mean", name), error = chains_value(results, "error_of_mean", name);
    const double z = (mean - expected) / error;
    print_message("%s: %.6f, exact %.6f, z = %.2f, tau = %.1f, R-hat %.4f\n", name, mean, expected, z,
                  chains_value(results, "tau", name), chains_value(results, "R_hat", name));
    assert_true(fabs(z) <= 4.0);
    tsr_results_destroy(&results);
}

/* The sample variance of the local energy has an infinite variance: a loose bound. */
static void assert_variance(const tsr_chains *chains, double expected) {
    const tsr_sample sample = sample_of(chains_column(chains, "energy"), chains->rows);
    print_message("variance: %.6f, exact %.6f\n", sample.variance, expected);
    assert_true(fabs(sample.variance / expected - 1.0) < 0.15);
}

static void test_energy_and_radius_agree_with_closed_forms(void **state) {
    (void)state;
    const double decays[] = {0.8, 0.9, 1.3};
    for (int i = 0; i < 3; i++) {
        const double a = decays[i];
        tsr_chains chains = chains_make("vmc_hydrogen", atom(a, 1.5, 4000, 200), CHAINS, SEED + (uint64_t)i);
        assert_near(&chains, "energy", a * a / 2 - a);
        assert_near(&chains, "r", 1.5 / a);
        assert_variance(&chains, a * a * (1 - a) * (1 - a));
        chains_clear(&chains);
    }
}

static void test_the_exact_trial_function_has_the_same_energy_everywhere(void **state) {
    (void)state;
    tsr_chains chains = chains_make("vmc_hydrogen", atom(1.0, 1.5, 1000, 0), 3, SEED);
    for (int64_t i = 0; i < chains.rows; i++) assert_true(chains_column(&chains, "energy")[i] == -0.5);
    tsr_results *results = chains_series(&chains);
    assert_true(chains_value(results, "chain_mean", "energy") == -0.5);
    assert_true(chains_value(results, "error_of_mean", "energy") == 0);
    assert_true(chains_value(results, "error_by_binning", "energy") == 0);
    assert_true(chains_value(results, "error_of_mean", "r") > 0);
    tsr_results_destroy(&results);
    chains_clear(&chains);
}

static void test_a_walker_moves_exactly_where_a_step_is_accepted(void **state) {
    (void)state;
    tsr_chains chains = chains_make("vmc_hydrogen", atom(0.9, 1.5, 1000, 10), 2, SEED);
    const double *r = chains_column(&chains, "r"), *accepted = chains_column(&chains, "accepted");
    for (int64_t i = 1; i < chains.drive.rows; i++) assert_true((r[i] != r[i - 1]) == (accepted[i] == 1.0));
    assert_true(r[0] != r[chains.drive.rows]); /* chains are different */
    chains_clear(&chains);
}

static void test_acceptance_falls_with_the_step(void **state) {
    (void)state;
    const double steps[] = {0.1, 1.0, 10.0}, least[] = {0.9, 0.4, 0.0}, most[] = {1.0, 0.8, 0.1};
    for (int i = 0; i < 3; i++) {
        tsr_chains chains = chains_make("vmc_hydrogen", atom(0.9, steps[i], 1000, 100), 10, SEED);
        const double acceptance = chains_mean(&chains, "accepted").mean;
        assert_true(acceptance > least[i] && acceptance < most[i]);
        chains_clear(&chains);
    }
}

/* More discarded steps than are drawn at once: the same law. */
static void test_discarded_steps_reach_equilibrium(void **state) {
    (void)state;
    tsr_chains chains = chains_make("vmc_hydrogen", atom(0.9, 1.5, 2, 333), 4000, SEED);
    assert_near(&chains, "r", 1.5 / 0.9);
    chains_clear(&chains);
    chains = chains_make("vmc_hydrogen", atom(0.9, 1.5, 2, 0), 4000, SEED);
    const tsr_sample start = chains_mean(&chains, "r");
    assert_true(start.mean - 1.5 / 0.9 > 10.0 * start.mean_error);
    chains_clear(&chains);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy_and_radius_agree_with_closed_forms),
        cmocka_unit_test(test_the_exact_trial_function_has_the_same_energy_everywhere),
        cmocka_unit_test(test_a_walker_moves_exactly_where_a_step_is_accepted),
        cmocka_unit_test(test_acceptance_falls_with_the_step),
        cmocka_unit_test(test_discarded_steps_reach_equilibrium),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
