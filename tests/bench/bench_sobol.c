/* Nanoseconds per Sobol point of 6 and of 40 coordinates, beside GSL's generator: medians of interleaved rounds. */
#include "engine/sobol.h"

#include <gsl/gsl_qrng.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 15, BLOCKS = 64, POINTS = BLOCKS * TSR_SOBOL_BLOCK, DIMENSIONS_MAX = 40 };

static tsr_directions directions[DIMENSIONS_MAX];

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A sum of all coordinates, so that none is left out. */
static double sum_ours(unsigned dimensions) {
    _Alignas(64) double point[TSR_SOBOL_BLOCK];
    double sum = 0.0;
    for (uint32_t block = 0; block < BLOCKS; block++)
        for (unsigned d = 0; d < dimensions; d++) {
            tsr_sobol_points(&directions[d], block, UINT64_C(1) << 31, point);
            for (int i = 0; i < TSR_SOBOL_BLOCK; i += 64) sum += point[i];
        }
    return sum;
}

static double sum_gsl(unsigned dimensions) {
    double sum = 0.0, point[DIMENSIONS_MAX];
    gsl_qrng *generator = gsl_qrng_alloc(gsl_qrng_sobol, dimensions);
    for (int64_t i = 0; i < POINTS; i++) {
        gsl_qrng_get(generator, point);
        if (i % 64 == 0) sum += point[dimensions - 1];
    }
    gsl_qrng_free(generator);
    return sum;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(unsigned dimensions) {
    double (*const sum[2])(unsigned) = {sum_ours, sum_gsl};
    double taken[2][ROUNDS], sink = 0.0;
    for (int round = 0; round < ROUNDS; round++)
        for (int who = 0; who < 2; who++) {
            const double begin = seconds_now();
            sink += sum[who](dimensions);
            taken[who][round] = (seconds_now() - begin) / POINTS * 1e9;
        }
    for (int who = 0; who < 2; who++) qsort(taken[who], ROUNDS, sizeof(double), compare);
    const double ours = taken[0][ROUNDS / 2], gsl = taken[1][ROUNDS / 2];
    printf("%2u dimensions: %6.2f ns per point, gsl_qrng_sobol %6.1f ns: %.1f times as fast (checked %.3g)\n",
           dimensions, ours, gsl, gsl / ours, sink);
}

int main(void) {
    tsr_sobol_directions(DIMENSIONS_MAX, directions);
    report(6);
    report(40);
    return 0;
}
