/* European options in closed form: what the samplers are tested against, and what control variates expect.
 * Source: F. Black and M. Scholes, J. Political Economy 81 (1973) 637; with dividends: R. Merton, Bell J. Economics 4
 * (1973) 141. */
#ifndef TSR_KERNELS_FINANCE_BLACK_SCHOLES_H
#define TSR_KERNELS_FINANCE_BLACK_SCHOLES_H

#include <stdbool.h>

/* A European option on a lognormal asset. A value type. */
typedef struct {
    double spot;       /* currency, > 0 */
    double strike;     /* currency, > 0 */
    double rate;       /* 1/year, continuously compounded */
    double dividend;   /* 1/year, continuous yield */
    double volatility; /* 1/sqrt(year), > 0 */
    double maturity;   /* year, > 0 */
    bool put;          /* a put instead of a call */
} tsr_option;

/* Thread-safe, allocates nothing, cannot fail. */

/* Price in currency: the mean of the discounted payoff. */
double tsr_black_scholes_price(const tsr_option *option);

/* Variance of the discounted payoff of one path, in currency^2. */
double tsr_black_scholes_variance(const tsr_option *option);

#endif
