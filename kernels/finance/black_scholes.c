#include "kernels/finance/black_scholes.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* The terminal asset is spot exp(drift + deviation z); the option pays where sign z > sign bound. */
typedef struct {
    double sign;      /* +1 for a call, -1 for a put */
    double deviation; /* of the log of the terminal asset */
    double distance;  /* d2: how many deviations the median ends beyond the strike */
    double forward;   /* discounted */
    double strike;    /* discounted */
} lognormal;

static lognormal lognormal_of(const tsr_option *option) {
    const double deviation = option->volatility * sqrt(option->maturity);
    const double carry = (option->rate - option->dividend) * option->maturity;
    const double moneyness = log(option->spot / option->strike);
    return (lognormal){
        .sign = option->put ? -1.0 : 1.0,
        .deviation = deviation,
        .distance = (moneyness + carry) / deviation - 0.5 * deviation,
        .forward = option->spot * exp(-option->dividend * option->maturity),
        .strike = option->strike * exp(-option->rate * option->maturity),
    };
}

/* Probability of paying when each power of the asset moves the median by one deviation. */
static double exercise(const lognormal *law, int power) {
    return gsl_cdf_ugaussian_P(law->sign * (law->distance + power * law->deviation));
}

double tsr_black_scholes_price(const tsr_option *option) {
    const lognormal law = lognormal_of(option);
    return law.sign * (law.forward * exercise(&law, 1) - law.strike * exercise(&law, 0));
}

double tsr_black_scholes_variance(const tsr_option *option) {
    const lognormal law = lognormal_of(option);
    const double price = law.sign * (law.forward * exercise(&law, 1) - law.strike * exercise(&law, 0));
    const double square = law.forward * law.forward * exp(law.deviation * law.deviation);
    return square * exercise(&law, 2) - 2.0 * law.forward * law.strike * exercise(&law, 1) +
           law.strike * law.strike * exercise(&law, 0) - price * price;
}
