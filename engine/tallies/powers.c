#include "engine/tallies/powers.h"

#include "engine/tallies/lanes.h"

#include <math.h>

typedef struct {
    double first[TSR_ORDER_MAX][TSR_LANES];
    double second[TSR_POWERS_MAX][TSR_LANES];
    double least[TSR_LANES];
    double greatest[TSR_LANES];
} lanes;

/* Only the sums that are in use: [powers]. */
TSR_UNROLLED void clear(int powers, double sum[][TSR_LANES]) {
    for (int k = 0; k < powers; k++)
        for (int l = 0; l < TSR_LANES; l++) sum[k][l] = 0;
}

TSR_UNROLLED void collect(int powers, double sum[][TSR_LANES], double *out) {
    for (int k = 0; k < powers; k++) out[k] = tsr_lanes_fold(sum[k]);
}

TSR_UNROLLED void begin(int order, lanes *out) {
    clear(2 * order, out->second);
    for (int l = 0; l < TSR_LANES; l++) {
        out->least[l] = INFINITY;
        out->greatest[l] = -INFINITY;
    }
}

/* The extremes of the upper half of the lanes join those of the lower one. */
TSR_UNROLLED void halve_ends(int half, lanes *lane) {
    for (int l = 0; l < half; l++) {
        const double least = lane->least[l + half], greatest = lane->greatest[l + half];
        lane->least[l] = least < lane->least[l] ? least : lane->least[l];
        lane->greatest[l] = greatest > lane->greatest[l] ? greatest : lane->greatest[l];
    }
}

_Static_assert(TSR_LANES == 32, "lanes are halved five times");

TSR_UNROLLED void end(int order, lanes *lane, tsr_powers *out) {
    collect(2 * order, lane->second, out->second);
    halve_ends(16, lane);
    halve_ends(8, lane);
    halve_ends(4, lane);
    halve_ends(2, lane);
    halve_ends(1, lane);
    out->least = lane->least[0];
    out->greatest = lane->greatest[0];
}

/* rows x width elements; order, rows and width are constants wherever it matters, so that this becomes straight vector
 * code with all sums of a lane in registers. */
TSR_UNROLLED void fold_rows(int order, int rows, int width, const double *value, double centre, lanes *restrict out) {
    for (int l = 0; l < width; l++) {
        double s1 = out->second[0][l], s2 = out->second[1][l], s3 = out->second[2][l], s4 = out->second[3][l];
        double s5 = out->second[4][l], s6 = out->second[5][l], s7 = out->second[6][l], s8 = out->second[7][l];
        double least = out->least[l], greatest = out->greatest[l];
        for (int r = 0; r < rows; r++) {
            const double x = value[r * TSR_LANES + l];
            const double d = x - centre, d2 = d * d, d3 = d2 * d, d4 = d2 * d2;
            s1 += d;
            s2 = fma(d, d, s2);
            if (order >= 2) s3 = fma(d2, d, s3);
            if (order >= 2) s4 = fma(d2, d2, s4);
            if (order >= 3) s5 = fma(d4, d, s5);
            if (order >= 3) s6 = fma(d4, d2, s6);
            if (order >= 4) s7 = fma(d4, d3, s7);
            if (order >= 4) s8 = fma(d4, d4, s8);
            least = x < least ? x : least; /* a NaN is never less nor greater */
            greatest = x > greatest ? x : greatest;
        }
        out->second[0][l] = s1;
        out->second[1][l] = s2;
        if (order >= 2) out->second[2][l] = s3;
        if (order >= 2) out->second[3][l] = s4;
        if (order >= 3) out->second[4][l] = s5;
        if (order >= 3) out->second[5][l] = s6;
        if (order >= 4) out->second[6][l] = s7;
        if (order >= 4) out->second[7][l] = s8;
        out->least[l] = least;
        out->greatest[l] = greatest;
    }
}

/* The lanes are a local variable, which nothing else can point to. */
TSR_UNROLLED void fold_lanes(int order, const double *value, int64_t items, double centre, tsr_powers *out) {
    lanes lane;
    begin(order, &lane);
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        fold_rows(order, TSR_LANE_ROWS, TSR_LANES, value + i, centre, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES) fold_rows(order, 1, TSR_LANES, value + i, centre, &lane);
    fold_rows(order, 1, (int)(items - i), value + i, centre, &lane);
    end(order, &lane, out);
}

void tsr_powers_fold(int order, const double *value, int64_t items, double centre, tsr_powers *out) {
    switch (order) {
    case 1: fold_lanes(1, value, items, centre, out); break;
    case 2: fold_lanes(2, value, items, centre, out); break;
    case 3: fold_lanes(3, value, items, centre, out); break;
    default: fold_lanes(4, value, items, centre, out);
    }
}

/* As above; with weights of 1 also to the bit. v: weight times d */
TSR_UNROLLED void weigh_rows(int order, int rows, int width, const double *value, const double *weight, double centre,
                             lanes *restrict out) {
    for (int l = 0; l < width; l++) {
        double t1 = out->first[0][l], t2 = out->first[1][l], t3 = out->first[2][l], t4 = out->first[3][l];
        double s1 = out->second[0][l], s2 = out->second[1][l], s3 = out->second[2][l], s4 = out->second[3][l];
        double s5 = out->second[4][l], s6 = out->second[5][l], s7 = out->second[6][l], s8 = out->second[7][l];
        double least = out->least[l], greatest = out->greatest[l];
        for (int r = 0; r < rows; r++) {
            const double w = weight[r * TSR_LANES + l], x = w > 0 ? value[r * TSR_LANES + l] : NAN;
            const double d = w > 0 ? value[r * TSR_LANES + l] - centre : 0, d2 = d * d, d3 = d2 * d, d4 = d2 * d2;
            const double v = w * d, v2 = v * v, v4 = v2 * d2;
            t1 += v;
            t2 = fma(v, d, t2);
            if (order >= 3) t3 = fma(v * d, d, t3);
            if (order >= 4) t4 = fma(v * d, d2, t4);
            s1 = fma(w, v, s1);
            s2 = fma(v, v, s2);
            if (order >= 2) s3 = fma(v2, d, s3);
            if (order >= 2) s4 = fma(v2, d2, s4);
            if (order >= 3) s5 = fma(v4, d, s5);
            if (order >= 3) s6 = fma(v4, d2, s6);
            if (order >= 4) s7 = fma(v4, d3, s7);
            if (order >= 4) s8 = fma(v4, d4, s8);
            least = x < least ? x : least;
            greatest = x > greatest ? x : greatest;
        }
        out->first[0][l] = t1;
        out->first[1][l] = t2;
        if (order >= 3) out->first[2][l] = t3;
        if (order >= 4) out->first[3][l] = t4;
        out->second[0][l] = s1;
        out->second[1][l] = s2;
        if (order >= 2) out->second[2][l] = s3;
        if (order >= 2) out->second[3][l] = s4;
        if (order >= 3) out->second[4][l] = s5;
        if (order >= 3) out->second[5][l] = s6;
        if (order >= 4) out->second[6][l] = s7;
        if (order >= 4) out->second[7][l] = s8;
        out->least[l] = least;
        out->greatest[l] = greatest;
    }
}

TSR_UNROLLED void weigh_lanes(int order, const double *value, const double *weight, int64_t items, double centre,
                              tsr_powers *out) {
    lanes lane;
    begin(order, &lane);
    clear(order < 2 ? 2 : order, lane.first);
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        weigh_rows(order, TSR_LANE_ROWS, TSR_LANES, value + i, weight + i, centre, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES)
        weigh_rows(order, 1, TSR_LANES, value + i, weight + i, centre, &lane);
    weigh_rows(order, 1, (int)(items - i), value + i, weight + i, centre, &lane);
    end(order, &lane, out);
    collect(order < 2 ? 2 : order, lane.first, out->first);
}

void tsr_powers_fold_weighted(int order, const double *value, const double *weight, int64_t items, double centre,
                              tsr_powers *out) {
    switch (order) {
    case 1: weigh_lanes(1, value, weight, items, centre, out); break;
    case 2: weigh_lanes(2, value, weight, items, centre, out); break;
    case 3: weigh_lanes(3, value, weight, items, centre, out); break;
    default: weigh_lanes(4, value, weight, items, centre, out);
    }
}
