/* The mean payoff of an option on a lognormal price, with the same bits on every machine: what kernels declare as the
 * expectation of a control. Source: F. Black, J. Financial Economics 3 (1976) 167. */
#ifndef TSR_KERNELS_FINANCE_BLACK_H
#define TSR_KERNELS_FINANCE_BLACK_H

#include <stdbool.h>

/* Mean of max(price - strike, 0), for a put of max(strike - price, 0), where log price is normal with this standard
 * deviation (>= 0) and price has the mean forward (> 0). strike: > 0, in the unit of forward and of the result.
 * Relative to forward + strike the error is below 1e-14. Thread-safe, allocates nothing. */
double tsr_black_mean(double forward, double strike, double deviation, bool put);

#endif
