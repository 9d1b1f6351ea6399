#include "engine/multilevel.h"

#include <math.h>

static double variance_of(const tsr_level *level) { return level->error * level->error * level->items; }

/* The slowest order that is assumed, and the fastest, whatever the first levels look like. */
static const double ORDER_MIN = 0.5, ORDER_MAX = 1;

/* How fast the means fall: minus the slope of log2 |mean| over levels 1 .. levels - 1. */
static double weak_order(const tsr_level *level, int levels) {
    double count = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (int l = 1; l < levels; l++) {
        if (level[l].mean == 0) continue;
        const double y = log2(fabs(level[l].mean));
        count += 1;
        sum_x += l;
        sum_y += y;
        sum_xx += (double)l * l;
        sum_xy += l * y;
    }
    const double spread = count * sum_xx - sum_x * sum_x;
    if (!(spread > 0)) return ORDER_MIN;
    return fmin(ORDER_MAX, fmax(ORDER_MIN, (sum_x * sum_y - count * sum_xy) / spread));
}

static double bias_of(const tsr_level *level, int levels) {
    if (levels < TSR_LEVELS_MIN) return INFINITY;
    const double fall = exp2(weak_order(level, levels));
    return fmax(fabs(level[levels - 2].mean) / fall, fabs(level[levels - 1].mean)) / (fall - 1);
}

void tsr_multilevel_solve(const tsr_level *level, int levels, tsr_multilevel *out) {
    double square = 0;
    *out = (tsr_multilevel){.bias = bias_of(level, levels)};
    for (int l = 0; l < levels; l++) {
        out->value += level[l].mean;
        square += level[l].error * level[l].error;
        out->cost += level[l].items * level[l].cost;
    }
    out->error = sqrt(square);
    out->saving = variance_of(&level[0]) * level[levels - 1].cost / square / out->cost;
}

void tsr_multilevel_allocate(const tsr_level *level, int levels, double error, double *items) {
    double sum = 0;
    for (int l = 0; l < levels; l++) sum += sqrt(variance_of(&level[l]) * level[l].cost);
    for (int l = 0; l < levels; l++) {
        const double root = sqrt(variance_of(&level[l]) / level[l].cost);
        items[l] = root == 0 ? 0 : root / error * (sum / error); /* error * error may be too small for a double */
    }
}
