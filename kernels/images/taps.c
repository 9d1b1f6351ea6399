#include "kernels/images/taps.h"

#include "engine/kernel.h"

/* Terms that a loop takes at once: between them the sum stays in a register. */
enum { TAPS_AT_ONCE = 9, PAIRS_AT_ONCE = 4 };

/* Vector loops without branches, as taps and is_first are constants where they are called. */
TSR_INLINE void add_taps(int taps, bool is_first, const double *const *line, const double *weight, int64_t length,
                         double *restrict out) {
    for (int64_t j = 0; j < length; j++) {
        double sum = is_first ? weight[0] * line[0][j] : fma(weight[0], line[0][j], out[j]);
#pragma GCC unroll 9
        for (int t = 1; t < taps; t++) sum = fma(weight[t], line[t][j], sum);
        out[j] = sum;
    }
}

TSR_INLINE void add_some_taps(int taps, bool is_first, const double *const *line, const double *weight, int64_t length,
                              double *out) {
    switch (taps) {
    case 1: add_taps(1, is_first, line, weight, length, out); break;
    case 2: add_taps(2, is_first, line, weight, length, out); break;
    case 3: add_taps(3, is_first, line, weight, length, out); break;
    case 4: add_taps(4, is_first, line, weight, length, out); break;
    case 5: add_taps(5, is_first, line, weight, length, out); break;
    case 6: add_taps(6, is_first, line, weight, length, out); break;
    case 7: add_taps(7, is_first, line, weight, length, out); break;
    case 8: add_taps(8, is_first, line, weight, length, out); break;
    default: add_taps(TAPS_AT_ONCE, is_first, line, weight, length, out); break;
    }
}

void tsr_taps_add(int taps, const double *const *line, const double *weight, int64_t length, double *out) {
    for (int t = 0; t < taps; t += TAPS_AT_ONCE) add_some_taps(taps - t, false, line + t, weight + t, length, out);
}

void tsr_taps_sum(int taps, const double *const *line, const double *weight, int64_t length, double *out) {
    add_some_taps(taps, true, line, weight, length, out);
    if (taps > TAPS_AT_ONCE) tsr_taps_add(taps - TAPS_AT_ONCE, line + TAPS_AT_ONCE, weight + TAPS_AT_ONCE, length, out);
}

/* Pairs `first` .. first + pairs - 1, counted from 0 next to the middle. */
TSR_INLINE void add_pairs(int first, int pairs, const double *const *middle, const double *weight, int64_t length,
                          double *restrict out) {
    const double *const *left = middle - first, *const *right = middle + first;
    for (int64_t j = 0; j < length; j++) {
        double sum = first == 0 ? weight[0] * middle[0][j] : out[j];
#pragma GCC unroll 4
        for (int p = 1; p <= pairs; p++) sum = fma(weight[first + p], left[-p][j] + right[p][j], sum);
        out[j] = sum;
    }
}

TSR_INLINE void add_some_pairs(int first, int pairs, const double *const *middle, const double *weight, int64_t length,
                               double *out) {
    switch (pairs) {
    case 0: add_pairs(first, 0, middle, weight, length, out); break;
    case 1: add_pairs(first, 1, middle, weight, length, out); break;
    case 2: add_pairs(first, 2, middle, weight, length, out); break;
    case 3: add_pairs(first, 3, middle, weight, length, out); break;
    default: add_pairs(first, PAIRS_AT_ONCE, middle, weight, length, out); break;
    }
}

void tsr_taps_fold(int pairs, const double *const *line, const double *weight, int64_t length, double *out) {
    add_some_pairs(0, pairs, line + pairs, weight, length, out);
    for (int p = PAIRS_AT_ONCE; p < pairs; p += PAIRS_AT_ONCE)
        add_some_pairs(p, pairs - p, line + pairs, weight, length, out);
}
