#include "engine/tallies/points.h"

#include "engine/tallies/rank.h"

#include <float.h>
#include <math.h>
#include <string.h>

static tsr_point point_of(tsr_rank rank) {
    return (tsr_point){.low = (double)rank.low, .high = (double)rank.high, .weight = rank.weight};
}

static tsr_points find_ranks(int64_t numbers, double probability, bool linear) {
    tsr_points out;
    tsr_rank begin, end;
    int64_t low, high;
    out.value = point_of(linear ? tsr_rank_linear(probability, numbers) : tsr_rank_inverse(probability, numbers));
    out.has_error = tsr_rank_span(probability, numbers, &begin, &end);
    out.begin = point_of(begin);
    out.end = point_of(end);
    tsr_rank_interval(probability, numbers, &low, &high);
    out.low = (double)low;
    out.high = high <= numbers ? (double)high : 0.0;
    return out;
}

/* The place of a share of the weight, cut off at both ends. */
static double place_of(const tsr_distribution *distribution, double share) {
    static const double SLACK = 1.0 - 0x1p-40;
    return fmax(DBL_TRUE_MIN, fmin(share, 1.0) * distribution->total * SLACK);
}

static tsr_points find_places(const tsr_distribution *distribution, double probability) {
    static const double DEVIATIONS = 1.959963984540054;
    const double place = place_of(distribution, probability);
    const double error = tsr_distribution_error(distribution, place);
    const double begin = probability - error, end = probability + error;
    const double low = probability - DEVIATIONS * error, high = probability + DEVIATIONS * error;
    tsr_points out = {.value = {place, place, 0.0}, .has_error = begin > 0.0 || end < 1.0};
    out.begin.low = out.begin.high = place_of(distribution, begin);
    out.end.low = out.end.high = place_of(distribution, end);
    out.low = low > 0.0 ? place_of(distribution, low) : 0.0;
    out.high = high < 1.0 ? place_of(distribution, high) : 0.0;
    return out;
}

tsr_points tsr_points_find(const tsr_distribution *distribution, double probability, bool linear) {
    tsr_points out = distribution->weighted ? find_places(distribution, probability)
                                            : find_ranks(distribution->sketch.numbers, probability, linear);
    out.has_error = out.has_error && probability > 0.0 && probability < 1.0 && distribution->sketch.numbers > 1;
    return out;
}

void tsr_points_list(const tsr_points *points, double places[TSR_POINTS_PLACES]) {
    const double all[TSR_POINTS_PLACES] = {
        points->value.low,
        points->value.high,
        points->begin.low,
        points->begin.high,
        points->end.low,
        points->end.high,
        points->low > 0.0 ? points->low : points->value.low,
        points->high > 0.0 ? points->high : points->value.low,
    };
    memcpy(places, all, sizeof(all));
}
