/* Heston's model sampled: prices against those of Fourier integrals, the martingale at any number of steps, single
 * paths against the scheme written out with libm. */
#include "drive.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 14, SEED = 20261121, PAYOFF = 0, TERMINAL = 1 };

typedef struct {
    double rate, dividend, maturity, v0, kappa, theta, xi, rho;
} market;

/* Broadie and Kaya 2006, Andersen 2008, van Haastrecht and Pelsser 2010, A. Lewis. */
static const market bk1 = {0.0319, 0, 1, 0.010201, 6.21, 0.019, 0.61, -0.7};
static const market bk2 = {0.05, 0, 5, 0.09, 2, 0.09, 1, -0.3};
static const market andersen1 = {0, 0, 10, 0.04, 0.5, 0.04, 1, -0.9};
static const market andersen2 = {0, 0, 15, 0.04, 0.3, 0.04, 0.9, -0.5};
static const market andersen3 = {0, 0, 5, 0.09, 1, 0.09, 1, -0.3};
static const market vhp3 = {0.05, 0, 5, 0.09, 1, 0.09, 1, -0.3};
static const market lewis = {0.01, 0.02, 1, 0.04, 4, 0.25, 1, -0.5};

static tsr_setting *settings_of(const market *set, double strike, double steps, bool put) {
    return tree(TSR_MAP, "test", number("spot", 100), number("strike", strike), number("rate", set->rate),
                number("dividend", set->dividend), number("maturity", set->maturity), number("v0", set->v0),
                number("kappa", set->kappa), number("theta", set->theta), number("xi", set->xi),
                number("rho", set->rho), number("steps", steps), keyed("type", scalar("test", put ? "put" : "call")),
                NULL);
}

/* One column of the first ITEMS items; expectation: of the control, or NULL. */
static double *column_of(tsr_setting *settings, int column, double *expectation) {
    tsr_drive drive;
    double *value = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find("heston"), settings, NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive.columns, 2);
    assert_true(drive.fields[TERMINAL].is_control && !drive.fields[PAYOFF].is_control);
    assert_int_equal(drive_column(&drive, column, 0, ITEMS, value), TSR_OK);
    if (expectation) *expectation = drive.fields[column].expectation;
    drive_close(&drive);
    return value;
}

static void assert_mean(const char *what, const double *value, double expected) {
    const tsr_sample sample = sample_of(value, ITEMS);
    const double z = (sample.mean - expected) / sample.mean_error;
    print_message("%s: %.6f, expected %.6f, z = %.2f\n", what, sample.mean, expected, z);
    assert_true(fabs(z) <= 4.0);
}

/* A put is bounded; a long-dated call may have no variance. Put-call parity turns one price into the other. The payoffs
 * of all strikes come from the same terminal prices. */
static void assert_prices(const market *set, double steps, int prices, const double strike[], const double call[]) {
    double *terminal = column_of(settings_of(set, 100, steps, false), TERMINAL, NULL);
    double *put = malloc(ITEMS * sizeof(double));
    for (int k = 0; k < prices; k++) {
        const double discounted = strike[k] * exp(-set->rate * set->maturity);
        for (int64_t i = 0; i < ITEMS; i++) put[i] = fmax(discounted - terminal[i], 0.0);
        assert_mean("put", put, call[k] - 100 * exp(-set->dividend * set->maturity) + discounted);
    }
    free(terminal);
    free(put);
}

static void test_heston_has_the_prices_of_the_reference(void **state) {
    (void)state;
    assert_prices(&bk1, 16, 1, (double[]){100}, (double[]){6.8061133135});
    assert_prices(&bk2, 40, 1, (double[]){100}, (double[]){34.9997583512});
    assert_prices(&andersen1, 80, 3, (double[]){70, 100, 140}, (double[]){35.8497697038, 13.084670137, 0.2957744358});
    assert_prices(&andersen2, 120, 2, (double[]){100, 140}, (double[]){16.6492229204, 5.1381904938});
    assert_prices(&andersen3, 40, 1, (double[]){70}, (double[]){38.772044103});
    assert_prices(&vhp3, 40, 2, (double[]){100, 140}, (double[]){33.5968180646, 18.1569568933});
    assert_prices(&lewis, 16, 4, (double[]){80, 100, 110, 120},
                  (double[]){26.774758744, 16.070154917, 12.1322115167, 9.0249134835});
}

/* Without the correction the mean would be off by several standard errors at these steps. */
static void test_heston_price_is_a_martingale_at_any_number_of_steps(void **state) {
    (void)state;
    const market *const sets[] = {&bk1, &bk2, &andersen1, &lewis};
    const double steps[] = {1, 2, 8};
    for (int k = 0; k < 4; k++)
        for (int j = 0; j < 3; j++) {
            double expectation;
            double *terminal = column_of(settings_of(sets[k], 100, steps[j], false), TERMINAL, &expectation);
            assert_true(fabs(expectation - 100 * exp(-sets[k]->dividend * sets[k]->maturity)) < 1e-12);
            assert_mean("terminal", terminal, expectation);
            free(terminal);
        }
    market rising = lewis;
    rising.rho = 0.5;
    double expectation;
    double *terminal = column_of(settings_of(&rising, 100, 8, false), TERMINAL, &expectation);
    assert_mean("terminal, rho > 0", terminal, expectation);
    free(terminal);
}

static void test_heston_call_minus_put_is_terminal_minus_strike_on_each_path(void **state) {
    (void)state;
    double *call = column_of(settings_of(&lewis, 110, 8, false), PAYOFF, NULL);
    double *put = column_of(settings_of(&lewis, 110, 8, true), PAYOFF, NULL);
    double *terminal = column_of(settings_of(&lewis, 110, 8, true), TERMINAL, NULL);
    for (int64_t i = 0; i < ITEMS; i++) {
        assert_true(call[i] == 0.0 || put[i] == 0.0);
        assert_true(fabs(call[i] - put[i] - terminal[i] + 110 * exp(-0.01)) < 1e-12 * (110 + terminal[i]));
    }
    free(call);
    free(put);
    free(terminal);
}

/* QE-M in Andersen's own letters, with gamma1 = gamma2 = 1/2 and psi_c = 3/2: a uniform from the normal law, logarithms
 * summed step by step. Returns log S' - log S without the carry. */
static double step_by_the_paper(const market *set, double h, double z, double z_price, double *variance) {
    const double v = *variance, e = exp(-set->kappa * h), xi = set->xi, kappa = set->kappa, rho = set->rho;
    const double m = set->theta + (v - set->theta) * e;
    const double s2 = v * xi * xi * e / kappa * (1 - e) + set->theta * xi * xi / (2 * kappa) * (1 - e) * (1 - e);
    const double psi = s2 / (m * m);
    const double k1 = 0.5 * h * (kappa * rho / xi - 0.5) - rho / xi, k2 = 0.5 * h * (kappa * rho / xi - 0.5) + rho / xi;
    const double k3 = 0.5 * h * (1 - rho * rho), k4 = k3, tilt = k2 + 0.5 * k4;
    double next, log_mean; /* V', and log E exp(tilt V') */
    if (psi <= 1.5) {
        const double b2 = 2 / psi - 1 + sqrt(2 / psi) * sqrt(2 / psi - 1), a = m / (1 + b2);
        next = a * pow(sqrt(b2) + z, 2);
        log_mean = tilt * b2 * a / (1 - 2 * tilt * a) - 0.5 * log(1 - 2 * tilt * a);
    } else {
        const double p = (psi - 1) / (psi + 1), beta = (1 - p) / m, u = gsl_cdf_ugaussian_P(z);
        next = u <= p ? 0 : log((1 - p) / (1 - u)) / beta;
        log_mean = log(p + beta * (1 - p) / (beta - tilt));
    }
    const double k0 = -log_mean - (k1 + 0.5 * k3) * v;
    *variance = next;
    return k0 + k1 * v + k2 * next + sqrt(k3 * v + k4 * next) * z_price;
}

/* 40 steps, so that the correction's product is turned into a sum twice on the way. */
static void test_heston_follows_the_scheme_of_the_paper_on_each_path(void **state) {
    (void)state;
    const market *const sets[] = {&bk1, &andersen1, &lewis};
    for (int k = 0; k < 3; k++) {
        double *terminal = column_of(settings_of(sets[k], 100, 40, false), TERMINAL, NULL);
        tsr_sampling sampling = drive_sampling(SEED);
        tsr_draws *draws = NULL;
        assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
        tsr_draws_begin(draws, &sampling, 0, 500);
        for (int64_t i = 0; i < 500; i++) {
            double variance = sets[k]->v0, log_price = log(100) - sets[k]->dividend * sets[k]->maturity;
            for (int64_t step = 0; step < 40; step++)
                log_price += step_by_the_paper(sets[k], sets[k]->maturity / 40, tsr_normal_of(draws, i, 2 * step),
                                               tsr_normal_of(draws, i, 2 * step + 1), &variance);
            assert_true(fabs(terminal[i] / exp(log_price) - 1.0) < 1e-9);
        }
        tsr_draws_destroy(&draws);
        free(terminal);
    }
}

static void test_heston_declares_two_paths(void **state) {
    (void)state;
    tsr_drive drive;
    assert_int_equal(drive_open(drive_find("heston"), settings_of(&bk1, 100, 7, false), NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive.sampling.demand.normals, 14);
    assert_int_equal(drive.sampling.demand.uniforms, 0);
    assert_int_equal(drive.sampling.demand.paths, 2);
    drive_close(&drive);
}

static void test_heston_refuses_steps_without_a_martingale(void **state) {
    (void)state;
    tsr_drive drive;
    market rising = lewis;
    rising.rho = 0.9, rising.xi = 3;
    tsr_error_clear();
    assert_int_equal(drive_open(drive_find("heston"), settings_of(&rising, 100, 1, false), NULL, SEED, &drive),
                     TSR_EUSAGE);
    assert_non_null(strstr(tsr_error_get()->message, "steps: 1 steps are too long"));
    print_message("%s\n", tsr_error_get()->message);
    assert_int_equal(drive_open(drive_find("heston"), settings_of(&rising, 100, 4, false), NULL, SEED, &drive), TSR_OK);
    drive_close(&drive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heston_has_the_prices_of_the_reference),
        cmocka_unit_test(test_heston_price_is_a_martingale_at_any_number_of_steps),
        cmocka_unit_test(test_heston_call_minus_put_is_terminal_minus_strike_on_each_path),
        cmocka_unit_test(test_heston_follows_the_scheme_of_the_paper_on_each_path),
        cmocka_unit_test(test_heston_declares_two_paths),
        cmocka_unit_test(test_heston_refuses_steps_without_a_martingale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
