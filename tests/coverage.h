/* For tests: how often intervals of 68, 95 and 99 % hold the truth over many independent repetitions. */
#ifndef TSR_TESTS_COVERAGE_H
#define TSR_TESTS_COVERAGE_H

#include <math.h>
#include <stdio.h>

enum { COVERAGE_LEVELS = 3 };
static const double coverage_levels[COVERAGE_LEVELS] = {68.27, 95, 99};

/* Half widths of these intervals in standard errors: of a normal law, and of Student's t with 31 degrees of freedom. */
static const double coverage_normal[COVERAGE_LEVELS] = {1.0, 1.9600, 2.5758};
static const double coverage_t31[COVERAGE_LEVELS] = {1.0165, 2.0395, 2.7440};

typedef struct {
    int repetitions;
    int inside[COVERAGE_LEVELS];
    double sum;    /* of value - truth */
    double square; /* of its square */
    double error_square;
} coverage;

static inline void coverage_add(coverage *into, const double *widths, double difference, double error) {
    into->repetitions++;
    into->sum += difference;
    into->square += difference * difference;
    into->error_square += error * error;
    for (int k = 0; k < COVERAGE_LEVELS; k++) into->inside[k] += fabs(difference) <= widths[k] * error;
}

/* In percent. */
static inline double coverage_at(const coverage *of, int level) { return 100.0 * of->inside[level] / of->repetitions; }

static inline double coverage_bias(const coverage *of) { return of->sum / of->repetitions; }

static inline double coverage_spread(const coverage *of) {
    const double mean = coverage_bias(of);
    return sqrt((of->square / of->repetitions - mean * mean) * of->repetitions / (of->repetitions - 1.0));
}

/* Bias in its own standard errors, and root mean squared error bar over the spread of the values. */
static inline double coverage_bias_z(const coverage *of) {
    return coverage_bias(of) / coverage_spread(of) * sqrt(of->repetitions);
}
static inline double coverage_error_ratio(const coverage *of) {
    return sqrt(of->error_square / of->repetitions) / coverage_spread(of);
}

static inline void coverage_print(const coverage *of, const char *name) {
    printf("%-28s %5.1f %5.1f %5.1f %%   bias %+.2f %% of the spread (z = %+.1f)   error/spread %.3f\n", name,
           coverage_at(of, 0), coverage_at(of, 1), coverage_at(of, 2), 100.0 * coverage_bias(of) / coverage_spread(of),
           coverage_bias_z(of), coverage_error_ratio(of));
}

/* True if each level is hit but for `slack` (in percent, how far the asymptotics may be off) and four deviations of
 * the count itself. */
static inline int coverage_holds(const coverage *of, double slack) {
    for (int k = 0; k < COVERAGE_LEVELS; k++) {
        const double p = coverage_levels[k] / 100.0, deviation = 100.0 * sqrt(p * (1.0 - p) / of->repetitions);
        if (fabs(coverage_at(of, k) - coverage_levels[k]) > slack + 4.0 * deviation) return 0;
    }
    return 1;
}

#endif
