#include "engine/tallies/rank.h"

#include <float.h>
#include <math.h>

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
