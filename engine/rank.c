#include "engine/rank.h"

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

/* The point at a real rank. */
static tsr_rank at(double position, int64_t numbers) {
    if (position <= 1.0) return (tsr_rank){.low = 1, .high = 1};
    if (position >= (double)numbers) return (tsr_rank){.low = numbers, .high = numbers};
    double whole = floor(position);
    return (tsr_rank){.low = (int64_t)whole, .high = (int64_t)whole + 1, .weight = position - whole};
}

tsr_rank tsr_rank_linear(double probability, int64_t numbers) {
    return at(1.0 + tsr_rank_product(probability, numbers - 1), numbers);
}

void tsr_rank_span(double probability, int64_t numbers, tsr_rank *low, tsr_rank *high) {
    double middle = tsr_rank_product(probability, numbers);
    double deviation = sqrt(middle * (1.0 - probability));
    *low = at(middle - deviation, numbers);
    *high = at(middle + deviation, numbers);
}
