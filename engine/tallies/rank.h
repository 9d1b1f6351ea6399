/* Ranks: which order statistics a quantile and its error bar are made of.
 * Layer 0. Pure arithmetic; nothing allocates or fails; thread-safe. */
#ifndef TSR_ENGINE_RANK_H
#define TSR_ENGINE_RANK_H

#include <stdbool.h>
#include <stdint.h>

/* A point between two order statistics: (1 - weight) x[low] + weight x[high]. Ranks begin with 1. */
typedef struct {
    int64_t low;
    int64_t high; /* low or low + 1 */
    double weight;
} tsr_rank;

/* numbers x probability; a product within rounding (4 epsilon) of a whole number is that number, so that 0.07 x 100 is
 * 7 although the double 0.07 is a little more. */
double tsr_rank_product(double probability, int64_t numbers);

/* Type 1 of Hyndman and Fan (1996), the inverse of the empirical distribution: x[ceil(n p)], x[1] for p = 0. */
tsr_rank tsr_rank_inverse(double probability, int64_t numbers);

/* Type 7, linear between x[1 + floor((n - 1) p)] and the next: what R, numpy and spreadsheets do unless told. */
tsr_rank tsr_rank_linear(double probability, int64_t numbers);

/* The points n p + 1/2 -+ sqrt(n p (1 - p)), cut off at 1 and n: half their distance in value is the standard error of
 * the quantile, whatever the distribution. False: both were cut off at one end, so that nothing is known of it. */
bool tsr_rank_span(double probability, int64_t numbers, tsr_rank *low, tsr_rank *high);

/* Ranks of the order statistics that hold the quantile of any law between them with a probability of 95 % at least:
 * each is missed with one of 2.5 % at most (David and Nagaraja, 7.1). The number of items up to the quantile is
 * binomial; its law is summed where its variance is below 10^6, and expanded to the third cumulant beyond. low 0, or
 * high numbers + 1: so few numbers have no such order statistic. */
void tsr_rank_interval(double probability, int64_t numbers, int64_t *low, int64_t *high);

#endif
