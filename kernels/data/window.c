#include "kernels/data/window.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

/* Windows are worked on side by side, so that loops over them become vector instructions; at most STRIP of them at a
 * time, which together stay in the first cache. */
enum { STRIP = 256, STRIP_ITEMS = 2048, MEDIAN_MAX = 4096 };

static void sum(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) out[i] = x[i * windows.step];
    for (int64_t k = 1; k < windows.length; k++)
        for (int64_t i = 0; i < windows.count; i++) out[i] += x[i * windows.step + k];
}

static void mean(const double *x, tsr_windows windows, double *restrict out) {
    sum(x, windows, out);
    for (int64_t i = 0; i < windows.count; i++) out[i] /= (double)windows.length;
}

/* Of the deviations from the mean; n - 1. */
static void sd(const double *x, tsr_windows windows, double *restrict out) {
    double square[STRIP] = {0};
    mean(x, windows, out);
    for (int64_t k = 0; k < windows.length; k++)
        for (int64_t i = 0; i < windows.count; i++) {
            const double deviation = x[i * windows.step + k] - out[i];
            square[i] += deviation * deviation;
        }
    for (int64_t i = 0; i < windows.count; i++)
        out[i] = windows.length > 1 ? sqrt(square[i] / (double)(windows.length - 1)) : NAN;
}

/* Once it is NaN it stays NaN. */
static void minimum(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) out[i] = x[i * windows.step];
    for (int64_t k = 1; k < windows.length; k++)
        for (int64_t i = 0; i < windows.count; i++) {
            const double a = x[i * windows.step + k];
            out[i] = a < out[i] || a != a ? a : out[i];
        }
}

static void maximum(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) out[i] = x[i * windows.step];
    for (int64_t k = 1; k < windows.length; k++)
        for (int64_t i = 0; i < windows.count; i++) {
            const double a = x[i * windows.step + k];
            out[i] = a > out[i] || a != a ? a : out[i];
        }
}

static void first_item(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) out[i] = x[i * windows.step];
}

static void last_item(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) out[i] = x[i * windows.step + windows.length - 1];
}

static void count_items(const double *x, tsr_windows windows, double *restrict out) {
    for (int64_t i = 0; i < windows.count; i++) {
        out[i] = 0.0;
        for (int64_t k = 0; k < windows.length; k++) out[i] += isnan(x[i * windows.step + k]) ? 0.0 : 1.0;
    }
}

/* ---- the median: values of the window in ascending order, from which those that leave it are taken ---- */

typedef struct {
    int64_t known; /* values */
    int64_t missing;
    double value[MEDIAN_MAX];
} sorted_window;

/* How many of them are less than a. */
static int64_t place_of(const sorted_window *sorted, double a) {
    int64_t low = 0, high = sorted->known;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (sorted->value[middle] < a)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_sorted(sorted_window *sorted, const double *x, int64_t length) {
    sorted->known = sorted->missing = 0;
    for (int64_t k = 0; k < length; k++)
        if (isnan(x[k]))
            sorted->missing++;
        else
            sorted->value[sorted->known++] = x[k];
    gsl_sort(sorted->value, 1, (size_t)sorted->known);
}

static void put(sorted_window *sorted, double a) {
    if (isnan(a)) {
        sorted->missing++;
        return;
    }
    double *place = sorted->value + place_of(sorted, a);
    memmove(place + 1, place, (size_t)(sorted->value + sorted->known++ - place) * sizeof(*place));
    *place = a;
}

static void take(sorted_window *sorted, double a) {
    if (isnan(a)) {
        sorted->missing--;
        return;
    }
    double *place = sorted->value + place_of(sorted, a);
    memmove(place, place + 1, (size_t)(sorted->value + --sorted->known - place) * sizeof(*place));
}

/* A zero is taken for positive: which of the two left a sorted window is not known. */
static double middle_of(const sorted_window *sorted) {
    const int64_t n = sorted->known;
    if (sorted->missing > 0) return NAN;
    const double low = sorted->value[(n - 1) / 2], high = sorted->value[n / 2];
    return (low == high ? low : 0.5 * low + 0.5 * high) + 0.0;
}

static void median(const double *x, tsr_windows windows, double *restrict out) {
    sorted_window sorted;
    for (int64_t i = 0; i < windows.count; i++) {
        const double *window = x + i * windows.step;
        if (i == 0 || windows.step > 1) {
            fill_sorted(&sorted, window, windows.length);
        } else {
            take(&sorted, window[-1]);
            put(&sorted, window[windows.length - 1]);
        }
        out[i] = middle_of(&sorted);
    }
}

void tsr_window_apply(const tsr_window_statistic *statistic, const double *x, tsr_windows windows,
                      double *restrict out) {
    int64_t strip = STRIP_ITEMS / windows.step;
    strip = strip < 1 ? 1 : strip > STRIP ? STRIP : strip;
    for (int64_t begin = 0; begin < windows.count; begin += strip) {
        const int64_t count = begin + strip < windows.count ? strip : windows.count - begin;
        statistic->strip(x + begin * windows.step, (tsr_windows){count, windows.step, windows.length}, out + begin);
    }
}

/* ---- the table ---- */

static const tsr_window_statistic statistics[] = {
    {"mean", "mean of", NULL, 0, false, mean},
    {"sd", "standard deviation of", NULL, 0, false, sd},
    {"min", "least", NULL, 0, false, minimum},
    {"max", "greatest", NULL, 0, false, maximum},
    {"sum", "sum of", NULL, 0, false, sum},
    {"median", "median of", NULL, MEDIAN_MAX, false, median},
    {"first", "first", NULL, 0, true, first_item},
    {"last", "last", NULL, 0, true, last_item},
    {"count", "values that are not missing of", "1", 0, false, count_items},
    {"open", "first", NULL, 0, true, first_item},
    {"high", "greatest", NULL, 0, false, maximum},
    {"low", "least", NULL, 0, false, minimum},
    {"close", "last", NULL, 0, true, last_item},
};
enum { STATISTICS = sizeof(statistics) / sizeof(statistics[0]), OPEN = STATISTICS - 4 };

static const char *const names[] = {"mean",  "sd",   "min",  "max", "sum",   "median", "first", "last",
                                    "count", "open", "high", "low", "close", "ohlc",   NULL};

static tsr_status add(const tsr_params *given, int64_t length, const tsr_window_statistic *row,
                      const tsr_window_statistic **out, int *count) {
    for (int i = 0; i < *count; i++)
        if (out[i] == row) return tsr_params_fail(given, "with", "%s is named twice", row->name);
    if (row->longest > 0 && length > row->longest)
        return tsr_params_fail(given, "with", "the %s is of at most %lld items; make the window smaller", row->name,
                               (long long)row->longest);
    out[(*count)++] = row;
    return TSR_OK;
}

static tsr_status add_named(const tsr_params *given, int64_t length, const char *name, const tsr_window_statistic **out,
                            int *count) {
    if (strcmp(name, "ohlc") == 0) {
        for (int i = OPEN; i < STATISTICS; i++) TSR_TRY(add(given, length, &statistics[i], out, count));
        return TSR_OK;
    }
    for (int i = 0; i < STATISTICS; i++)
        if (strcmp(name, statistics[i].name) == 0) return add(given, length, &statistics[i], out, count);
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, names, hint);
    return tsr_params_fail(given, "with", "there is no statistic '%.80s'%s", name, hint);
}

tsr_status tsr_window_statistics(const tsr_params *given, int64_t length,
                                 const tsr_window_statistic *out[TSR_WINDOW_STATISTICS_MAX], int *count) {
    int64_t named = 0;
    const char *const *name = tsr_params_texts(given, "with", &named);
    *count = 0;
    for (int64_t i = 0; i < named; i++) TSR_TRY(add_named(given, length, name[i], out, count));
    return *count > 0 ? TSR_OK : tsr_params_fail(given, "with", "name at least one statistic");
}
