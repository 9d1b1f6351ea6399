#include "engine/designs/vegas_map.h"

#include "engine/power.h"

#include <string.h>

void tsr_vegas_begin(int bins, double *edge) {
    for (int i = 0; i <= bins; i++) edge[i] = (double)i / bins;
}

void tsr_vegas_map(int bins, const double *edge, int64_t items, double *point) {
    const double largest = 1.0 - 0x1p-53, smallest = 0x1p-1000;
    for (int64_t i = 0; i < items; i++) {
        const int bin = tsr_vegas_bin(bins, point[i]);
        const double x = fma(point[i] * bins - bin, edge[bin + 1] - edge[bin], edge[bin]);
        const double below_one = x < largest ? x : largest;
        point[i] = below_one > smallest ? below_one : smallest;
    }
}

void tsr_vegas_weigh(int bins, const double *edge, int64_t items, const double *y, double *weight) {
    for (int64_t i = 0; i < items; i++) {
        const int bin = tsr_vegas_bin(bins, y[i]);
        weight[i] *= bins * (edge[bin + 1] - edge[bin]);
    }
}

/* How strongly each bin is to be divided: ((1 - d) / -log d)^damping for its share d of the smoothed squares. */
static double find_importance(int bins, const double *square, double damping, double *importance) {
    double all = 0, sum = 0;
    for (int i = 0; i < bins; i++) {
        const int left = i > 0 ? i - 1 : i, right = i + 1 < bins ? i + 1 : i;
        importance[i] = (square[left] + square[i] + square[right]) / 3.0;
        all += importance[i];
    }
    if (!(all > 0.0 && all <= DBL_MAX)) return 0.0;
    for (int i = 0; i < bins; i++) {
        const double share = importance[i] / all;
        const double strength = share >= 1.0 ? 1.0 : share > DBL_MIN ? (1.0 - share) / -tsr_log(share) : 0.0;
        importance[i] = tsr_pow(strength, damping);
        sum += importance[i];
    }
    return sum;
}

void tsr_vegas_refine(int bins, const double *square, double damping, double *edge, double *scratch) {
    double *importance = scratch, *old = scratch + bins;
    const double sum = find_importance(bins, square, damping, importance);
    if (!(sum > 0.0)) return;
    memcpy(old, edge, (size_t)(bins + 1) * sizeof(*edge));
    double passed = 0.0; /* importance of the old bins before `bin` */
    for (int i = 1, bin = 0; i < bins; i++) {
        const double wanted = sum * i / bins;
        while (bin < bins - 1 && passed + importance[bin] < wanted) passed += importance[bin++];
        const double part = importance[bin] > 0.0 ? (wanted - passed) / importance[bin] : 1.0;
        const double place = fma(part < 1.0 ? part : 1.0, old[bin + 1] - old[bin], old[bin]);
        edge[i] = place > edge[i - 1] ? place : edge[i - 1];
    }
}
