/* The Ising magnet against exact results for finite lattices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chains.h"

enum { SEED = 20261121 };

static tsr_setting *magnet(int size, double temperature, int rows, int discard, const char *start) {
    return tree(TSR_MAP, "test", number("size", size), number("temperature", temperature), number("rows", rows),
                number("discard", discard), keyed("start", scalar("test", start)), NULL);
}

/* Energy: B. Kaufman, Phys. Rev. 76 (1949) 1232, and A. E. Ferdinand and M. E. Fisher, Phys. Rev. 185 (1969) 832.
 * Magnetisation: transfer matrix, equal to the sum over all states for size 4. NAN: not known. */
typedef struct {
    int size;
    double temperature;
    double energy, abs_m, m2, m4;
} exact_case;

static const double critical = 2.269185314213022;

static const exact_case cases[] = {
    {4, 2.0, NAN, 0.9189432674, 0.86892168164, 0.80453007869},
    {4, 2.5, NAN, 0.76471239322, 0.65482575694, 0.53831876676},
    {4, 3.0, -1.017069626955, NAN, NAN, NAN},
    {6, critical, NAN, 0.80497655844, 0.69331659114, 0.55612286353},
    {6, 2.0, NAN, 0.91309392413, 0.84990523179, 0.75776978998},
    {6, 2.5, NAN, 0.67741376377, 0.52862075114, 0.37388436682},
    {6, 3.0, NAN, 0.44892540832, 0.27137421423, 0.13788542358},
    {8, critical, -1.49158910744, 0.77733109279, 0.64691157499, 0.48581523413},
    {8, 2.2, -1.56804176306, NAN, NAN, NAN},
    {8, 2.5, -1.222320643251, 0.60312897941, 0.43209907858, 0.26655251326},
    {8, 1.5, -1.951115430855, NAN, NAN, NAN},
    {16, 2.0, -1.745530668991, NAN, NAN, NAN},
    {16, 2.5, -1.131317984411, NAN, NAN, NAN},
    {16, 3.0, -0.8176893678696, NAN, NAN, NAN},
    {32, 3.0, -0.8173097389342, NAN, NAN, NAN},
};

/* Adds z^2 to a sum over all comparisons. */
static void compare(const tsr_results *results, const char *name, double expected, double *squares, int *count) {
    if (isnan(expected)) return;
    const double mean = chains_value(results, "chain_mean", name), error = chains_value(results, "error_of_mean", name);
    const double z = (mean - expected) / error;
    print_message("%s: %.6f, exact %.6f, z = %.2f, tau = %.1f\n", name, mean, expected, z,
                  chains_value(results, "tau", name));
    assert_true(fabs(z) <= 4.0);
    *squares += z * z;
    *count += 1;
}

static void test_ising_agrees_with_exact_finite_lattices(void **state) {
    (void)state;
    double squares = 0.0;
    int count = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const exact_case *lattice = &cases[i];
        const int rows = 80000 / (lattice->size * lattice->size);
        tsr_chains chains =
            chains_make("ising", magnet(lattice->size, lattice->temperature, rows, 300, "hot"), 40, SEED + i);
        tsr_results *results = chains_series(&chains);
        print_message("size %d, temperature %.4g\n", lattice->size, lattice->temperature);
        compare(results, "energy", lattice->energy, &squares, &count);
        compare(results, "abs_m", lattice->abs_m, &squares, &count);
        compare(results, "m2", lattice->m2, &squares, &count);
        compare(results, "m4", lattice->m4, &squares, &count);
        tsr_results_destroy(&results);
        chains_clear(&chains);
    }
    print_message("%d comparisons, mean z^2 = %.2f\n", count, squares / count);
    /* Numbers of one case depend on each other, so that these are worth one for each case: 1 -+ 2.5 sqrt(2 / cases). */
    const double slack = 2.5 * sqrt(2.0 / (double)(sizeof(cases) / sizeof(*cases)));
    assert_true(fabs(squares / count - 1.0) <= slack);
}

static void test_errors_of_a_critical_magnet_know_its_memory(void **state) {
    (void)state;
    tsr_chains chains = chains_make("ising", magnet(16, critical, 1000, 300, "hot"), 50, SEED);
    tsr_results *results = chains_series(&chains);
    const tsr_sample between = chains_mean(&chains, "energy");
    const double error = chains_value(results, "error_of_mean", "energy");
    const double naive = sqrt(sample_of(chains_column(&chains, "energy"), chains.rows).variance / (double)chains.rows);
    print_message("error %.6f, between chains %.6f, naive %.6f\n", error, between.mean_error, naive);
    assert_true(error > 3.0 * naive);
    assert_true(fabs(error / between.mean_error - 1.0) < 0.3); /* 3 errors of the error of 50 chains */
    tsr_results_destroy(&results);
    chains_clear(&chains);
}

static void test_powers_are_those_of_energy_and_magnetisation(void **state) {
    (void)state;
    tsr_chains chains = chains_make("ising", magnet(8, 2.3, 50, 0, "hot"), 2, SEED);
    const double *energy = chains_column(&chains, "energy"), *m = chains_column(&chains, "m");
    for (int64_t i = 0; i < chains.rows; i++) {
        assert_true(chains_column(&chains, "energy2")[i] == energy[i] * energy[i]);
        assert_true(chains_column(&chains, "abs_m")[i] == fabs(m[i]));
        assert_true(chains_column(&chains, "m2")[i] == m[i] * m[i]);
        assert_true(chains_column(&chains, "m4")[i] == m[i] * m[i] * (m[i] * m[i]));
        assert_true(energy[i] * 64.0 == rint(energy[i] * 64.0) && fabs(energy[i]) <= 2.0);
    }
    chains_clear(&chains);
}

static void test_a_cold_magnet_stays_as_it_is_and_a_hot_one_has_no_order(void **state) {
    (void)state;
    tsr_chains cold = chains_make("ising", magnet(10, 0.05, 20, 0, "cold"), 1, SEED);
    for (int64_t i = 0; i < cold.rows; i++) {
        assert_true(chains_column(&cold, "energy")[i] == -2.0);
        assert_true(chains_column(&cold, "m")[i] == 1.0);
    }
    chains_clear(&cold);
    tsr_chains hot = chains_make("ising", magnet(16, 1e6, 200, 0, "hot"), 20, SEED);
    const tsr_sample m = chains_mean(&hot, "m"), energy = chains_mean(&hot, "energy");
    assert_true(fabs(m.mean) <= 4.0 * m.mean_error && fabs(energy.mean) <= 4.0 * energy.mean_error);
    chains_clear(&hot);
}

/* Stride s gives every s-th measurement of the same chain, if the first row's sweeps are counted. */
static void test_stride_and_discard_count_sweeps(void **state) {
    (void)state;
    tsr_setting *with_stride = tree(TSR_MAP, "test", number("size", 8), number("rows", 500), number("discard", 10),
                                    number("stride", 7), number("temperature", 3.0), NULL);
    tsr_chains sparse = chains_make("ising", with_stride, 60, SEED);
    tsr_chains dense = chains_make("ising", magnet(8, 3.0, 500, 10, "cold"), 60, SEED + 1);
    const tsr_sample a = chains_mean(&sparse, "energy"), b = chains_mean(&dense, "energy");
    assert_true(fabs(a.mean - b.mean) <= 4.0 * hypot(a.mean_error, b.mean_error));
    assert_true(a.mean_error < 0.85 * b.mean_error);
    chains_clear(&sparse);
    chains_clear(&dense);
}

static void test_an_odd_size_is_refused(void **state) {
    (void)state;
    tsr_drive drive;
    tsr_error_clear();
    assert_int_equal(drive_open(drive_find("ising"), magnet(7, 2.0, 10, 0, "hot"), NULL, SEED, &drive), TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "7 is odd"));
}

static void test_more_sweeps_than_draws_are_refused(void **state) {
    (void)state;
    tsr_drive drive;
    tsr_error_clear();
    assert_int_equal(drive_open(drive_find("ising"), magnet(4096, 2.0, 10, 100000000, "hot"), NULL, SEED, &drive),
                     TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "random numbers"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ising_agrees_with_exact_finite_lattices),
        cmocka_unit_test(test_errors_of_a_critical_magnet_know_its_memory),
        cmocka_unit_test(test_powers_are_those_of_energy_and_magnetisation),
        cmocka_unit_test(test_a_cold_magnet_stays_as_it_is_and_a_hot_one_has_no_order),
        cmocka_unit_test(test_stride_and_discard_count_sweeps),
        cmocka_unit_test(test_an_odd_size_is_refused),
        cmocka_unit_test(test_more_sweeps_than_draws_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
