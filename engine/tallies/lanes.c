#include "engine/tallies/lanes.h"

#include <math.h>
#include <string.h>

_Static_assert(TSR_LANES == 32, "lanes are halved five times");

TSR_UNROLLED void halve(int half, double *sum) {
    for (int l = 0; l < half; l++) sum[l] += sum[l + half];
}

/* Written out, so that each step becomes vector code. */
double tsr_lanes_fold(const double lane[TSR_LANES]) {
    double sum[TSR_LANES];
    memcpy(sum, lane, sizeof(sum));
    halve(16, sum);
    halve(8, sum);
    halve(4, sum);
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

double tsr_lanes_centre(const double *value, int64_t items) {
    const double origin = value[0];
    double lane[TSR_LANES] = {0};
    for (int64_t i = 0; i < items; i += TSR_LANES) {
        const int64_t width = items - i < TSR_LANES ? items - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) lane[l] += value[i + l] - origin;
    }
    const double centre = origin + tsr_lanes_fold(lane) / (double)items;
    return isfinite(centre) ? centre : 0;
}
