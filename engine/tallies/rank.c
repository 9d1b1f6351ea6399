#include "engine/tallies/rank.h"

#include <float.h>
#include <math.h>

static const double MISS = 0.025, DEVIATIONS = 1.959963984540054;

double tsr_rank_product(double probability, int64_t numbers) {
    double product = probability * (double)numbers;
    double whole = nearbyint(product);
    return fabs(product - whole) <= 4.0 * DBL_EPSILON * product ? whole : product;
}

tsr_rank tsr_rank_inverse(double probability, int64_t numbers) {
    int64_t rank = (int64_t)ceil(tsr_rank_product(probability, numbers));
    if (rank < 1) rank = 1;
    if (rank > numbers) rank = numbers;
    return (tsr_rank){.low = rank, .high = rank};
}

/* The point so far above the first rank. */
static tsr_rank above_first(double distance, int64_t numbers) {
    if (distance <= 0.0) return (tsr_rank){.low = 1, .high = 1};
    if (distance >= (double)(numbers - 1)) return (tsr_rank){.low = numbers, .high = numbers};
    double whole = floor(distance);
    return (tsr_rank){.low = 1 + (int64_t)whole, .high = 2 + (int64_t)whole, .weight = distance - whole};
}

tsr_rank tsr_rank_linear(double probability, int64_t numbers) {
    return above_first(tsr_rank_product(probability, numbers - 1), numbers);
}

bool tsr_rank_span(double probability, int64_t numbers, tsr_rank *low, tsr_rank *high) {
    double product = tsr_rank_product(probability, numbers);
    double middle = product - 0.5; /* above the first rank */
    double deviation = sqrt(product * (1.0 - probability));
    *low = above_first(middle - deviation, numbers);
    *high = above_first(middle + deviation, numbers);
    return middle + deviation > 0.0 && middle - deviation < (double)(numbers - 1);
}

/* Ratio of the binomial probability of k hits to that of k - 1. */
static double step_up(double k, double numbers, double probability) {
    return (numbers - k + 1.0) / k * (probability / (1.0 - probability));
}

/* Sums outwards from the mode, in units of its probability, as far as terms count; then again from the lowest of those
 * terms up to the shares that are missed. */
static void sum_binomial(double probability, double numbers, double *low, double *high) {
    const double mode = fmin(numbers, floor((numbers + 1.0) * probability));
    double total = 1.0, term = 1.0, first = mode;
    for (; first > 0.0 && term > 1e-20; first -= 1.0) {
        term /= step_up(first, numbers, probability);
        total += term;
    }
    const double lowest = term;
    term = 1.0;
    for (double k = mode + 1.0; k <= numbers && term > 1e-20; k += 1.0) {
        term *= step_up(k, numbers, probability);
        total += term;
    }
    double below = 0.0, k = first; /* P(hits < k), in units of total */
    for (term = lowest; below + term <= MISS * total; k += 1.0) {
        below += term;
        term *= step_up(k + 1.0, numbers, probability);
    }
    *low = k;
    for (; k <= numbers && below < (1.0 - MISS) * total; k += 1.0) {
        below += term;
        term *= step_up(k + 1.0, numbers, probability);
    }
    *high = k;
}

/* Cornish and Fisher's expansion with the correction for whole numbers. */
static void expand_binomial(double probability, double numbers, double *low, double *high) {
    const double deviation = sqrt(numbers * probability * (1.0 - probability));
    const double skewed = (DEVIATIONS * DEVIATIONS - 1.0) * (1.0 - 2.0 * probability) / 6.0;
    const double middle = numbers * probability + skewed + 0.5;
    *low = floor(middle - DEVIATIONS * deviation);
    *high = ceil(middle + DEVIATIONS * deviation);
}

void tsr_rank_interval(double probability, int64_t numbers, int64_t *low, int64_t *high) {
    static const double VARIANCE_MAX = 1e6;
    double first = probability < 1.0 ? 0.0 : (double)numbers, last = probability > 0.0 ? (double)numbers + 1.0 : 1.0;
    const double variance = (double)numbers * probability * (1.0 - probability);
    if (variance > VARIANCE_MAX)
        expand_binomial(probability, (double)numbers, &first, &last);
    else if (variance > 0.0)
        sum_binomial(probability, (double)numbers, &first, &last);
    *low = (int64_t)first;
    *high = (int64_t)last;
}
