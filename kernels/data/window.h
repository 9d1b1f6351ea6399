/* Statistics of windows of a column, each computed afresh in the order of its items: no drift, and the same bits
 * wherever a window lies in its block. A missing value makes the statistic missing. */
#ifndef TSR_KERNELS_DATA_WINDOW_H
#define TSR_KERNELS_DATA_WINDOW_H

#include "engine/param.h"

#include <stdint.h>

/* Window i is x[i * step] to x[i * step + length - 1]. */
typedef struct {
    int64_t count;
    int64_t step;
    int64_t length;
} tsr_windows;

typedef struct {
    const char *name;
    const char *meaning;
    const char *unit;    /* NULL: that of the column */
    int64_t longest;     /* window that it can do; 0: any */
    bool keeps_category; /* of a column of categories it makes one */
    void (*strip)(const double *x, tsr_windows windows, double *restrict out); /* of few windows */
} tsr_window_statistic;

/* out: [windows.count]. Allocates nothing. */
void tsr_window_apply(const tsr_window_statistic *statistic, const double *x, tsr_windows windows,
                      double *restrict out);

#define TSR_WINDOW_STATISTICS "mean, sd, min, max, sum, median, first, last, count, open, high, low, close, ohlc"

/* The statistics that row `with` names; "ohlc" are four of them. length: of the windows. TSR_EUSAGE: unknown, twice,
 * too long a window. */
enum { TSR_WINDOW_STATISTICS_MAX = 16 };
tsr_status tsr_window_statistics(const tsr_params *given, int64_t length,
                                 const tsr_window_statistic *out[TSR_WINDOW_STATISTICS_MAX], int *count);

#endif
