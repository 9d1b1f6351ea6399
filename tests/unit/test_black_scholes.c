/* Closed-form European prices: published values to 12 digits, parity, and the variance against quadrature. */
#include "kernels/finance/black_scholes.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct {
    tsr_option option; /* spot, strike, rate, dividend, volatility, maturity, put */
    double price;
} priced_option;

/* The formula at 30 digits, checked by quadrature of the lognormal density; the third is J. Hull's worked example. */
static const priced_option references[] = {
    {{100, 100, 0.05, 0, 0.2, 1, false}, 10.450583572186},   {{100, 100, 0.05, 0, 0.2, 1, true}, 5.573526022257},
    {{42, 40, 0.1, 0, 0.2, 0.5, true}, 0.80859937290009},    {{100, 80, 0.01, 0, 0.6, 0.25, false}, 23.679223327306},
    {{50, 60, 0.08, 0.03, 0.45, 3, false}, 13.346041227356}, {{50, 60, 0.08, 0.03, 0.45, 3, true}, 14.847153627787},
    {{36, 40, 0.06, 0, 0.2, 1, true}, 3.8443077915968},
};
enum { REFERENCES = sizeof(references) / sizeof(*references) };

static void test_black_scholes_price_matches_references(void **state) {
    (void)state;
    for (int i = 0; i < REFERENCES; i++)
        assert_true(fabs(tsr_black_scholes_price(&references[i].option) / references[i].price - 1.0) < 1e-12);
}

static void test_black_scholes_call_less_put_is_the_forward(void **state) {
    (void)state;
    for (int i = 0; i < REFERENCES; i++) {
        tsr_option call = references[i].option, put = references[i].option;
        call.put = false;
        put.put = true;
        const double forward =
            call.spot * exp(-call.dividend * call.maturity) - call.strike * exp(-call.rate * call.maturity);
        assert_true(fabs(tsr_black_scholes_price(&call) - tsr_black_scholes_price(&put) - forward) < 1e-12 * call.spot);
    }
}

/* Squared distance of the discounted payoff from its mean, times the density of z. */
static double scatter(double z, void *data) {
    const tsr_option *option = data;
    const double volatility = option->volatility;
    const double drift = (option->rate - option->dividend - 0.5 * volatility * volatility) * option->maturity;
    const double asset = option->spot * exp(drift + volatility * sqrt(option->maturity) * z);
    const double payoff = fmax(option->put ? option->strike - asset : asset - option->strike, 0.0);
    const double distance = payoff * exp(-option->rate * option->maturity) - tsr_black_scholes_price(option);
    return distance * distance * gsl_ran_ugaussian_pdf(z);
}

static void test_black_scholes_variance_matches_quadrature(void **state) {
    (void)state;
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    for (int i = 0; i < REFERENCES; i++) {
        tsr_option option = references[i].option;
        const gsl_function integrand = {.function = scatter, .params = &option};
        double variance, error;
        gsl_integration_qag(&integrand, -12, 14, 0, 1e-10, 1000, GSL_INTEG_GAUSS61, workspace, &variance, &error);
        assert_true(fabs(tsr_black_scholes_variance(&option) / variance - 1.0) < 1e-9);
    }
    gsl_integration_workspace_free(workspace);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_black_scholes_price_matches_references),
        cmocka_unit_test(test_black_scholes_call_less_put_is_the_forward),
        cmocka_unit_test(test_black_scholes_variance_matches_quadrature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
