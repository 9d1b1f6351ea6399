#include "engine/tallies/products.h"

#include "engine/tallies/lanes.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double sum[TSR_PRODUCTS][TSR_LANES];
} lanes;

/* rows x width elements from item on of one column times those of four others; rows and width are constants wherever
 * it matters. */
TSR_UNROLLED void batch_rows(int rows, int width, int64_t item, const double *a,
                             const double *const b[TSR_PRODUCTS_BATCH], lanes *restrict out) {
    const double *b0 = b[0], *b1 = b[1], *b2 = b[2], *b3 = b[3];
    for (int l = 0; l < width; l++) {
        double s0 = out->sum[0][l], s1 = out->sum[1][l], s2 = out->sum[2][l], s3 = out->sum[3][l];
        for (int r = 0; r < rows; r++) {
            const int64_t i = item + r * TSR_LANES + l;
            s0 = fma(a[i], b0[i], s0);
            s1 = fma(a[i], b1[i], s1);
            s2 = fma(a[i], b2[i], s2);
            s3 = fma(a[i], b3[i], s3);
        }
        out->sum[0][l] = s0;
        out->sum[1][l] = s1;
        out->sum[2][l] = s2;
        out->sum[3][l] = s3;
    }
}

/* The lanes are a local variable, which nothing else can point to. */
void tsr_products_batch(int64_t items, const double *a, const double *const b[TSR_PRODUCTS_BATCH],
                        double out[TSR_PRODUCTS_BATCH]) {
    lanes lane = {0};
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        batch_rows(TSR_LANE_ROWS, TSR_LANES, i, a, b, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES) batch_rows(1, TSR_LANES, i, a, b, &lane);
    batch_rows(1, (int)(items - i), i, a, b, &lane);
    for (int k = 0; k < TSR_PRODUCTS_BATCH; k++) out[k] = tsr_lanes_fold(lane.sum[k]);
}

/* One row of the patch, the product of an element with those of three columns. */
TSR_UNROLLED void add_row(double x, const double y[TSR_PATCH_COLUMNS], double sum[TSR_PATCH_COLUMNS]) {
    for (int k = 0; k < TSR_PATCH_COLUMNS; k++) sum[k] = fma(x, y[k], sum[k]);
}

typedef struct {
    double sum[TSR_PATCH_ROWS][TSR_PATCH_COLUMNS][TSR_LANES];
} patch;

/* rows x width elements from item on; rows and width are constants wherever it matters. */
TSR_UNROLLED void patch_rows(int rows, int width, int64_t item, const double *const a[TSR_PATCH_ROWS],
                             const double *const b[TSR_PATCH_COLUMNS], patch *restrict out) {
    const double *a0 = a[0] + item, *a1 = a[1] + item, *a2 = a[2] + item, *a3 = a[3] + item;
    const double *b0 = b[0] + item, *b1 = b[1] + item, *b2 = b[2] + item;
    for (int l = 0; l < width; l++) {
        double sum[TSR_PATCH_ROWS][TSR_PATCH_COLUMNS];
        for (int i = 0; i < TSR_PATCH_ROWS; i++)
            for (int k = 0; k < TSR_PATCH_COLUMNS; k++) sum[i][k] = out->sum[i][k][l];
        for (int r = 0; r < rows; r++) {
            const int e = r * TSR_LANES + l;
            const double y[TSR_PATCH_COLUMNS] = {b0[e], b1[e], b2[e]};
            add_row(a0[e], y, sum[0]);
            add_row(a1[e], y, sum[1]);
            add_row(a2[e], y, sum[2]);
            add_row(a3[e], y, sum[3]);
        }
        for (int i = 0; i < TSR_PATCH_ROWS; i++)
            for (int k = 0; k < TSR_PATCH_COLUMNS; k++) out->sum[i][k][l] = sum[i][k];
    }
}

_Static_assert(TSR_PATCH_ROWS == 4 && TSR_PATCH_COLUMNS == 3, "columns of a patch are named one by one");

/* The lanes are a local variable, which nothing else can point to. */
void tsr_products_patch(int64_t items, const double *const a[TSR_PATCH_ROWS], const double *const b[TSR_PATCH_COLUMNS],
                        double out[TSR_PATCH_ROWS][TSR_PATCH_COLUMNS]) {
    patch lane = {0};
    int64_t item = 0;
    for (; item + TSR_LANE_ROWS * TSR_LANES <= items; item += TSR_LANE_ROWS * TSR_LANES)
        patch_rows(TSR_LANE_ROWS, TSR_LANES, item, a, b, &lane);
    /* Blocks of many columns have few rows. */
    for (; item + TSR_LANE_ROWS / 2 * TSR_LANES <= items; item += TSR_LANE_ROWS / 2 * TSR_LANES)
        patch_rows(TSR_LANE_ROWS / 2, TSR_LANES, item, a, b, &lane);
    for (; item + TSR_LANES <= items; item += TSR_LANES) patch_rows(1, TSR_LANES, item, a, b, &lane);
    patch_rows(1, (int)(items - item), item, a, b, &lane);
    for (int i = 0; i < TSR_PATCH_ROWS; i++)
        for (int k = 0; k < TSR_PATCH_COLUMNS; k++) out[i][k] = tsr_lanes_fold(lane.sum[i][k]);
}

/* c: the product a b, times the square of a weight */
TSR_UNROLLED void fold_rows(bool weighted, int rows, int width, int64_t item, const double *a, const double *b,
                            const double *weight, lanes *restrict out) {
    for (int l = 0; l < width; l++) {
        double s11 = out->sum[0][l], s21 = out->sum[1][l], s12 = out->sum[2][l];
        double s22 = out->sum[3][l], s31 = out->sum[4][l], s13 = out->sum[5][l];
        for (int r = 0; r < rows; r++) {
            const int64_t i = item + r * TSR_LANES + l;
            const double x = a[i], y = b[i], product = x * y;
            const double c = weighted ? weight[i] * weight[i] * product : product;
            s11 = weighted ? s11 + c : fma(x, y, s11);
            s21 = fma(c, x, s21);
            s12 = fma(c, y, s12);
            s22 = fma(c, product, s22);
            s31 = fma(c, x * x, s31);
            s13 = fma(c, y * y, s13);
        }
        out->sum[0][l] = s11;
        out->sum[1][l] = s21;
        out->sum[2][l] = s12;
        out->sum[3][l] = s22;
        out->sum[4][l] = s31;
        out->sum[5][l] = s13;
    }
}

TSR_UNROLLED void fold_lanes(bool weighted, int64_t items, const double *a, const double *b, const double *weight,
                             double out[TSR_PRODUCTS]) {
    lanes lane = {0};
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS * TSR_LANES <= items; i += TSR_LANE_ROWS * TSR_LANES)
        fold_rows(weighted, TSR_LANE_ROWS, TSR_LANES, i, a, b, weight, &lane);
    for (; i + TSR_LANES <= items; i += TSR_LANES) fold_rows(weighted, 1, TSR_LANES, i, a, b, weight, &lane);
    fold_rows(weighted, 1, (int)(items - i), i, a, b, weight, &lane);
    for (int k = 0; k < TSR_PRODUCTS; k++) out[k] = tsr_lanes_fold(lane.sum[k]);
}

void tsr_products_fold(int64_t items, const double *a, const double *b, const double *weight,
                       double out[TSR_PRODUCTS]) {
    if (weight == NULL) {
        fold_lanes(false, items, a, b, NULL, out);
    } else {
        fold_lanes(true, items, a, b, weight, out);
    }
}
