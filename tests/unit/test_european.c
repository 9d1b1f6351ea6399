/* The European option sampled: mean and variance of the payoff against the closed form, single paths
 * against the formula. */
#include "drive.h"
#include "kernels/finance/black_scholes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ITEMS = 1 << 17, SEED = 20261121 };

static tsr_setting *settings_of(const tsr_option *option) {
    return tree(TSR_MAP, "test", number("spot", option->spot), number("strike", option->strike),
                number("rate", option->rate), number("dividend", option->dividend),
                number("volatility", option->volatility), number("maturity", option->maturity),
                keyed("type", scalar("test", option->put ? "put" : "call")), NULL);
}

static double *payoffs_of(tsr_setting *settings) {
    tsr_drive drive;
    double *payoff = malloc(ITEMS * sizeof(double));
    assert_int_equal(drive_open(drive_find("european"), settings, NULL, SEED, &drive), TSR_OK);
    assert_int_equal(drive_column(&drive, 0, 0, ITEMS, payoff), TSR_OK);
    drive_close(&drive);
    return payoff;
}

/* Within 4 standard errors of the closed form, with the standard errors of the closed form too. */
static void assert_is_priced(const tsr_option *option, const double *payoff) {
    const tsr_sample sample = sample_of(payoff, ITEMS);
    const double variance = tsr_black_scholes_variance(option);
    const double error = sqrt(variance / ITEMS);
    print_message("european: z = %.2f, variance z = %.2f\n", (sample.mean - tsr_black_scholes_price(option)) / error,
                  (sample.variance - variance) / sample.variance_error);
    assert_true(fabs(sample.mean - tsr_black_scholes_price(option)) <= 4.0 * error);
    assert_true(fabs(sample.variance - variance) <= 4.0 * sample.variance_error);
}

static void test_european_by_default_is_the_textbook_call(void **state) {
    (void)state;
    const tsr_option option = {100, 100, 0.05, 0, 0.2, 1, false};
    double *payoff = payoffs_of(NULL);
    assert_is_priced(&option, payoff);
    free(payoff);
}

static void test_european_has_the_mean_and_variance_of_the_closed_form(void **state) {
    (void)state;
    const tsr_option options[] = {
        {42, 40, 0.1, 0, 0.2, 0.5, true},     {100, 80, 0.01, 0, 0.6, 0.25, false},
        {50, 60, 0.08, 0.03, 0.45, 3, false}, {50, 60, 0.08, 0.03, 0.45, 3, true},
        {36, 40, 0.06, 0, 0.2, 1, true},      {100, 110, -0.01, 0.02, 0.1, 2, false},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        double *payoff = payoffs_of(settings_of(&options[i]));
        assert_is_priced(&options[i], payoff);
        free(payoff);
    }
}

static void test_european_pays_on_each_path_what_the_formula_says(void **state) {
    (void)state;
    const tsr_option option = {50, 60, 0.08, 0.03, 0.45, 3, false};
    tsr_option opposite = option;
    opposite.put = true;
    double *call = payoffs_of(settings_of(&option)), *put = payoffs_of(settings_of(&opposite));
    tsr_sampling sampling = drive_sampling(SEED);
    sampling.demand = (tsr_demand){.normals = 1};
    tsr_draws *draws = NULL;
    assert_int_equal(tsr_draws_create(0, &draws), TSR_OK);
    tsr_draws_begin(draws, &sampling, 0, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        const double z = tsr_normal_of(draws, i, 0);
        const double asset = 50 * exp((0.08 - 0.03 - 0.5 * 0.45 * 0.45) * 3 + 0.45 * sqrt(3) * z);
        assert_true(fabs(call[i] - exp(-0.08 * 3) * fmax(asset - 60, 0.0)) < 1e-12 * asset);
        assert_true(fabs(put[i] - exp(-0.08 * 3) * fmax(60 - asset, 0.0)) < 1e-12 * 60);
    }
    tsr_draws_destroy(&draws);
    free(call);
    free(put);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_european_by_default_is_the_textbook_call),
        cmocka_unit_test(test_european_has_the_mean_and_variance_of_the_closed_form),
        cmocka_unit_test(test_european_pays_on_each_path_what_the_formula_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
