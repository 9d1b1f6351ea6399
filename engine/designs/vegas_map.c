#include "engine/designs/vegas_map.h"

#include "engine/power.h"

#include <stdbool.h>
#include <string.h>

enum { SLICE = 256, GRADINGS = 200 };
static const double WIDER = 2.0;

void tsr_vegas_begin(int bins, double *edge) {
    for (int i = 0; i <= bins; i++) edge[i] = (double)i / bins;
}

void tsr_vegas_intervals(int bins, const double *edge, tsr_vegas_interval *out) {
    for (int i = 0; i < bins; i++) out[i] = (tsr_vegas_interval){edge[i], edge[i + 1] - edge[i]};
}

static void find_bins(int bins, int items, const double *y, int *bin) {
    for (int i = 0; i < items; i++) bin[i] = tsr_vegas_bin(bins, y[i]);
}

/* In three loops: what is looked up in a table cannot be vector code, what comes before and after it can. */
static void map_slice(int bins, const tsr_vegas_interval *interval, int items, double *point) {
    const double largest = 1.0 - 0x1p-53, smallest = 0x1p-1000;
    int bin[SLICE];
    tsr_vegas_interval found[SLICE];
    find_bins(bins, items, point, bin);
    for (int i = 0; i < items; i++) found[i] = interval[bin[i]];
    for (int i = 0; i < items; i++) {
        const double x = fma(point[i] * bins - bin[i], found[i].width, found[i].begin);
        const double below_one = x < largest ? x : largest;
        point[i] = below_one > smallest ? below_one : smallest;
    }
}

void tsr_vegas_map(int bins, const tsr_vegas_interval *interval, int64_t items, double *point) {
    for (int64_t i = 0; i < items; i += SLICE)
        map_slice(bins, interval, items - i < SLICE ? (int)(items - i) : SLICE, point + i);
}

static void weigh_slice(int bins, const tsr_vegas_interval *interval, int items, const double *y, double *weight) {
    int bin[SLICE];
    find_bins(bins, items, y, bin);
    for (int i = 0; i < items; i++) weight[i] *= bins * interval[bin[i]].width;
}

void tsr_vegas_weigh(int bins, const tsr_vegas_interval *interval, int64_t items, const double *y, double *weight) {
    for (int64_t i = 0; i < items; i += SLICE)
        weigh_slice(bins, interval, items - i < SLICE ? (int)(items - i) : SLICE, y + i, weight + i);
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

/* New edges, with as much importance between each two of them; sum: of all. */
static void divide(int bins, const double *importance, double sum, double *edge, double *old) {
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

/* How much too wide each bin is beside its narrower neighbour, at least 1 and at most 2; returns the sum, 0 if none is.
 */
static double find_excess(int bins, const double *edge, double *excess) {
    double sum = 0;
    bool any = false;
    for (int i = 0; i < bins; i++) {
        const double width = edge[i + 1] - edge[i];
        const double left = i > 0 ? edge[i] - edge[i - 1] : width;
        const double right = i + 1 < bins ? edge[i + 2] - edge[i + 1] : width;
        const double ratio = width / (WIDER * (left < right ? left : right));
        excess[i] = ratio > 2.0 ? 2.0 : ratio > 1.0 ? ratio : 1.0;
        any = any || ratio > 1.0;
        sum += excess[i];
    }
    return any ? sum : 0.0;
}

void tsr_vegas_refine(int bins, const double *square, double damping, double *edge, double *scratch) {
    double *importance = scratch, *old = scratch + bins;
    const double sum = find_importance(bins, square, damping, importance);
    if (!(sum > 0.0)) return;
    divide(bins, importance, sum, edge, old);
    for (int i = 0; i < GRADINGS; i++) {
        const double excess = find_excess(bins, edge, importance);
        if (excess == 0.0) break;
        divide(bins, importance, excess, edge, old);
    }
}
