/* The tally "exceedance": how likely a column lies above, or below, given thresholds.
 * Layer 2.
 *
 * P(X > c) is estimated by h / n, h of n numbers being above c (NaNs left out and counted: result "exceedance_nans"),
 * with the binomial standard error sqrt(P (1 - P) / n) and the 95 % bounds of Clopper and Pearson (binomial.h), which
 * say something also when nothing was above.
 *
 * With weights w (column `weight`), A = sum of w and B = sum of w^2 over the items above, W and V over all:
 *     normalised:      P = A / W,  error^2 = ((1 - P)^2 B + P^2 (V - B)) / W^2,
 * the ratio of two means by linearisation, for weights known up to a factor (surveys, posteriors);
 *     not normalised:  P = A / n,  error^2 = (B / n - P^2) / (n - 1),
 * the unbiased mean of w 1(x > c), for importance sampling with weights f / g whose expectation is 1. It is the better
 * one where the sampler was made for the event: its error does not know of the weights elsewhere. Bounds are those of
 * the effective number of trials that has the same error, P (1 - P) / error^2, or W^2 / V where there is no error.
 * Sums of a tile are rounded once or twice, all the rest is exact. */
#ifndef TSR_ENGINE_EXCEEDANCE_H
#define TSR_ENGINE_EXCEEDANCE_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_exceedance;

#endif
