/* For tests of elementary functions: how far from the truth on a grid of arguments, and the same bits everywhere. */
#ifndef TSR_TESTS_ACCURACY_H
#define TSR_TESTS_ACCURACY_H

#include "engine/vmath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* Arguments of a test and what the function made of them in one loop, which an optimising compiler vectorises. */
enum { GRID = 1 << 17 };
static double argument[GRID], result[GRID], second[GRID];

typedef double (*function_fn)(double x);
typedef long double (*truth_fn)(long double x);

/* Distance from the truth in units of the truth's last place. */
static inline double ulps(double value, long double truth) {
    const int exponent = truth == 0.0L || ilogbl(truth) < -1022 ? -1022 : ilogbl(truth);
    return (double)(fabsl((long double)value - truth) / ldexpl(1.0L, exponent - 52));
}

static inline void assert_within(double bound, truth_fn truth) {
    for (int i = 0; i < GRID; i++) {
        const double distance = ulps(result[i], truth((long double)argument[i]));
        if (distance <= bound) continue;
        fail_msg("%.3f ulp from the truth at %a, allowed are %.3f", distance, argument[i], bound);
    }
}

/* FNV-1a over the bits: one number by which compilers, vector widths and levels of optimisation are compared. */
static inline void assert_bits(const double *values, uint64_t golden) {
    uint64_t digest = 0xcbf29ce484222325u;
    for (int i = 0; i < GRID; i++) digest = (digest ^ tsr_bits_from_double(values[i])) * 0x100000001b3u;
    if (digest != golden) fail_msg("the bits give 0x%016llx", (unsigned long long)digest);
}

/* A lone call gives the bits of the loop. The pointer is volatile, so that the call stays a call. */
static inline void assert_alone(function_fn function, const double *values) {
    const volatile function_fn lone = function;
    for (int i = 0; i < GRID; i += 37)
        assert_true(tsr_bits_from_double(lone(argument[i])) == tsr_bits_from_double(values[i]));
}

/* Evenly from first to last, both included. */
static inline void spread(double first, double last) {
    for (int i = 0; i < GRID; i++) argument[i] = fma(last - first, (double)i / (GRID - 1), first);
    argument[GRID - 1] = last;
}

/* Every binade of the positive normal numbers, from DBL_MIN to DBL_MAX, with changing low bits. */
static inline void spread_over_binades(void) {
    const uint64_t first = tsr_bits_from_double(DBL_MIN), last = tsr_bits_from_double(DBL_MAX);
    const uint64_t step = (last - first) / GRID;
    for (int i = 0; i < GRID; i++)
        argument[i] = tsr_double_from_bits(first + (uint64_t)i * step + (uint64_t)i * 0x9e3779b97f4a7c15u % step);
    argument[0] = DBL_MIN;
    argument[GRID - 1] = DBL_MAX;
}

/* Both signs, from 1 down to 2^-60. */
static inline void spread_near_zero(void) {
    for (int i = 0; i < GRID; i++) argument[i] = ldexp((double)(i - GRID / 2) / GRID, -(i % 60));
}

#endif
