/* For tests: columns of numbers that are hard on whoever orders them. All are pure functions of seed and index. */
#ifndef TSR_TESTS_SAMPLES_H
#define TSR_TESTS_SAMPLES_H

#include "engine/block.h"
#include "engine/stream.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline double *sample_uniforms(uint64_t seed, int64_t items) {
    const tsr_stream stream = tsr_stream_make(seed, "sample", 0);
    const int64_t quads = (items / TSR_QUAD + 8) / 8 * 8;
    double *values = aligned_alloc(64, (size_t)(TSR_QUAD * quads) * sizeof(double));
    tsr_stream_uniforms(&stream, 0, quads, 0, quads, values);
    return values;
}

static inline double *sample_normal(uint64_t seed, int64_t items) {
    const tsr_stream stream = tsr_stream_make(seed, "sample", 0);
    const int64_t quads = (items / TSR_QUAD + 8) / 8 * 8;
    double *values = aligned_alloc(64, (size_t)(TSR_QUAD * quads) * sizeof(double));
    tsr_stream_normals(&stream, 0, quads, 0, quads, values);
    return values;
}

/* Student's t with four degrees of freedom, by inversion: W. T. Shaw, J. Comput. Finance 9 (2006) 37, eq. 37. */
static inline double *sample_t4(uint64_t seed, int64_t items) {
    double *values = sample_uniforms(seed, items);
    for (int64_t i = 0; i < items; i++) {
        double root = sqrt(4.0 * values[i] * (1.0 - values[i]));
        double size = 2.0 * sqrt(fmax(0.0, cos(acos(fmin(1.0, root)) / 3.0) / root - 1.0));
        values[i] = values[i] < 0.5 ? -size : size;
    }
    return values;
}

static inline int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The numbers among the values, in ascending order; their count. */
static inline double *sorted(const double *values, int64_t items, int64_t *numbers) {
    double *copy = malloc((size_t)(items + 1) * sizeof(*copy));
    *numbers = 0;
    for (int64_t i = 0; i < items; i++)
        if (!isnan(values[i])) copy[(*numbers)++] = values[i];
    qsort(copy, (size_t)*numbers, sizeof(*copy), ascending);
    return copy;
}

enum {
    SAMPLE_NORMAL,
    SAMPLE_T4,
    SAMPLE_TIES,
    SAMPLE_CENTS,
    SAMPLE_ASCENDING,
    SAMPLE_DESCENDING,
    SAMPLE_EQUAL,
    SAMPLE_EQUAL_NEGATIVE,
    SAMPLE_NEGATIVE,
    SAMPLE_SUBNORMAL,
    SAMPLE_HUGE,
    SAMPLE_NARROW,
    SAMPLE_MIXED,
    SAMPLE_PAYOFF,
    SAMPLES
};

static inline double sample_mixed(int64_t i, double u, double z) {
    static const double special[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, DBL_MAX, -DBL_MAX, 0x1p-1074, -0x1p-1074};
    if (i % 16 < 9 && u < 0.5) return special[i % 16];
    return ldexp(z, (int)(i % 1900) - 950);
}

/* Value i of a kind, from a uniform and a normal of its own. */
static inline double sample_value(int kind, int64_t i, double u, double z) {
    switch (kind) {
    case SAMPLE_NORMAL: return z;
    case SAMPLE_T4: return z / sqrt(fmax(u, 1e-9));
    case SAMPLE_TIES: return floor(20.0 * u) - 10.0;
    case SAMPLE_CENTS: return rint(1e4 * u) / 100.0;
    case SAMPLE_ASCENDING: return (double)i * 1.1 - 7.0;
    case SAMPLE_DESCENDING: return 1e3 - (double)i;
    case SAMPLE_EQUAL: return 0.1;
    case SAMPLE_EQUAL_NEGATIVE: return -5.0;
    case SAMPLE_NEGATIVE: return -100.0 * exp(0.2 * z);
    case SAMPLE_SUBNORMAL: return z * 0x1p-1050;
    case SAMPLE_HUGE: return z * 0x1p1019;
    case SAMPLE_NARROW: return 1e9 + z;
    case SAMPLE_MIXED: return sample_mixed(i, u, z);
    default: return fmax(0.0, 100.0 * exp(0.2 * z) - 100.0);
    }
}

static inline double *sample(int kind, uint64_t seed, int64_t items) {
    double *uniform = sample_uniforms(seed, items), *value = sample_normal(seed + 1, items);
    for (int64_t i = 0; i < items; i++) value[i] = sample_value(kind, i, uniform[i], value[i]);
    free(uniform);
    return value;
}

#endif
