/* Weighted sums of lines of pixels: out[j] = sum of weight[t] * line[t][j], t ascending, by fused multiply-adds.
 * Whatever the length, the bits of an element depend on its own terms only. */
#ifndef TSR_KERNELS_IMAGES_TAPS_H
#define TSR_KERNELS_IMAGES_TAPS_H

#include <stdint.h>

/* line: [taps], each [length]; weight: [taps], taps > 0; out: [length], none of the lines. Thread-safe, allocates
 * nothing. */
void tsr_taps_sum(int taps, const double *const *line, const double *weight, int64_t length, double *out);

/* The same, added to what is in out. */
void tsr_taps_add(int taps, const double *const *line, const double *weight, int64_t length, double *out);

/* Symmetric: weight[0] * line[pairs][j] + sum of weight[p] * (line[pairs - p][j] + line[pairs + p][j]), p = 1 ...
 * line: [2 pairs + 1]; weight: [pairs + 1]. */
void tsr_taps_fold(int pairs, const double *const *line, const double *weight, int64_t length, double *out);

#endif
