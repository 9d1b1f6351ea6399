#include "kernels/learn/nearest.h"

#include "engine/tallies/lanes.h"

#include <math.h>

/* Items and points at a time: their sums stay in registers. Vectors hold items; told so, or gcc would take points and
 * turn them round all the time, at six times the cost. */
enum { WIDTH = 8, BATCH = 5 };

void tsr_nearest_prepare(int count, int columns, const double *point, double *origin, double *centred, double *square) {
    for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int c = 0; c < count; c++) sum += (point[(int64_t)c * columns + j] - point[j]) / count;
        origin[j] = point[j] + sum;
    }
    for (int c = 0; c < count; c++) {
        const int64_t row = (int64_t)c * columns;
        square[c] = 0;
        for (int j = 0; j < columns; j++) {
            centred[row + j] = point[row + j] - origin[j];
            square[c] = fma(centred[row + j], centred[row + j], square[c]);
        }
    }
}

/* Scalar products of `width` items from `item` on with points c .. c + count - 1; constants wherever it matters. */
TSR_UNROLLED void multiply(const tsr_points_near *points, const tsr_block *block, int64_t item, int width, int c,
                           int count, double out[BATCH][WIDTH]) {
    double sum[BATCH][WIDTH] = {{0}};
    const double *centred = points->centred + (int64_t)c * points->columns;
    for (int j = 0; j < points->columns; j++) {
        const double *value = block->data + points->index[j] * block->stride + item;
        const double origin = points->origin[j];
        double apart[WIDTH];
#pragma omp simd
        for (int l = 0; l < width; l++) apart[l] = value[l] - origin;
        for (int k = 0; k < count; k++) {
            const double factor = centred[(int64_t)k * points->columns + j];
#pragma omp simd
            for (int l = 0; l < width; l++) sum[k][l] = fma(factor, apart[l], sum[k][l]);
        }
    }
    for (int k = 0; k < count; k++)
        for (int l = 0; l < width; l++) out[k][l] = sum[k][l];
}

/* Squared lengths of the items, from the origin. */
TSR_UNROLLED void measure(const tsr_points_near *points, const tsr_block *block, int64_t item, int width,
                          double out[WIDTH]) {
    double sum[WIDTH] = {0};
    for (int j = 0; j < points->columns; j++) {
        const double *value = block->data + points->index[j] * block->stride + item;
        const double origin = points->origin[j];
#pragma omp simd
        for (int l = 0; l < width; l++) {
            const double apart = value[l] - origin;
            sum[l] = fma(apart, apart, sum[l]);
        }
    }
    for (int l = 0; l < width; l++) out[l] = sum[l];
}

static void multiply_whole(const tsr_points_near *points, const tsr_block *block, int64_t item, int c, int count,
                           double out[BATCH][WIDTH]) {
    switch (count) {
    case 1: multiply(points, block, item, WIDTH, c, 1, out); break;
    case 2: multiply(points, block, item, WIDTH, c, 2, out); break;
    case 3: multiply(points, block, item, WIDTH, c, 3, out); break;
    case 4: multiply(points, block, item, WIDTH, c, 4, out); break;
    default: multiply(points, block, item, WIDTH, c, BATCH, out);
    }
}

static void find(const tsr_points_near *points, const tsr_block *block, int64_t item, int width, int *label,
                 double *distance) {
    double least[WIDTH], length[WIDTH], product[BATCH][WIDTH];
    if (width == WIDTH)
        measure(points, block, item, WIDTH, length);
    else
        measure(points, block, item, width, length);
    for (int l = 0; l < width; l++) {
        least[l] = INFINITY;
        label[l] = 0;
    }
    for (int c = 0; c < points->count; c += BATCH) {
        const int count = points->count - c < BATCH ? points->count - c : BATCH;
        if (width == WIDTH)
            multiply_whole(points, block, item, c, count, product);
        else
            multiply(points, block, item, width, c, count, product);
        for (int k = 0; k < count; k++)
            for (int l = 0; l < width; l++) {
                const double rest = fma(-2.0, product[k][l], points->square[c + k]);
                label[l] = rest < least[l] ? c + k : label[l];
                least[l] = rest < least[l] ? rest : least[l];
            }
    }
    for (int l = 0; l < width; l++) {
        const double sum = length[l] + least[l];
        distance[l] = sum < 0 ? 0 : sum;
    }
}

void tsr_nearest_find(const tsr_points_near *points, const tsr_block *block, int *label, double *distance) {
    for (int64_t i = 0; i < block->items; i += WIDTH) {
        const int width = block->items - i < WIDTH ? (int)(block->items - i) : WIDTH;
        find(points, block, i, width, label + i, distance + i);
    }
}
