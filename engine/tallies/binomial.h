/* Binomial confidence bounds: what so many hits in so many trials say about the probability of a hit.
 * Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_BINOMIAL_H
#define TSR_ENGINE_BINOMIAL_H

/* The interval of Clopper and Pearson, Biometrika 26 (1934) 404: each bound is missed with a probability of at most
 * `miss` (0 .. 1/2), whatever the true probability. No hits still have an upper bound, about 3.7 / trials for miss =
 * 0.025. With more than 10,000 hits and as many failures it is replaced by the score interval of Wilson, J. American
 * Statistical Association 22 (1927) 209, which lies within 1 % of its width.
 * 0 <= hits <= trials, trials > 0; effective numbers of weighted items may be fractions (Korn and Graubard, Survey
 * Methodology 24 (1998) 193). */
void tsr_binomial_bounds(double hits, double trials, double miss, double *low, double *high);

#endif
