/* For tests: means over the replicates of a design, as the engine takes them, of sources whose exact means are known.
 */
#ifndef TSR_TESTS_REPLICATES_H
#define TSR_TESTS_REPLICATES_H

#include "design.h"
#include "drive.h"
#include "kernels/finance/black.h"

#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

enum { REPLICATES_MAX = 64 };

/* What is estimated by what, and what should come out. */
typedef struct {
    const char *source; /* or "put": european, of that type */
    int dimensions;     /* of genz, fixings of asian; others: 0 */
    int column;
    const char *design;
    const char *key; /* a setting of the design, or NULL */
    const char *value;
    int replicates;
    int64_t groups; /* of 1024 items, in each replicate */
} experiment;

static inline tsr_setting *settings_of_source(const experiment *e) {
    if (strcmp(e->source, "genz") == 0)
        return tree(TSR_MAP, "test", number("a", 1.3), number("u", 0.4), number("dimensions", e->dimensions), NULL);
    if (strcmp(e->source, "asian") == 0) return tree(TSR_MAP, "test", number("fixings", e->dimensions), NULL);
    if (strcmp(e->source, "put") == 0) return tree(TSR_MAP, "test", keyed("type", scalar("test", "put")), NULL);
    return NULL;
}

static inline tsr_setting *settings_of_design(const experiment *e) {
    tsr_setting *replicates = number("replicates", e->replicates);
    return tree(TSR_MAP, "test", replicates, e->key ? keyed(e->key, scalar("test", e->value)) : NULL, NULL);
}

static inline void open_experiment(const experiment *e, tsr_drive *drive) {
    const char *name = strcmp(e->source, "put") == 0 ? "european" : e->source;
    assert_int_equal(drive_open(drive_find(name), settings_of_source(e), NULL, 1, drive), TSR_OK);
    assert_int_equal(design_open(e->design, settings_of_design(e), &drive->sampling), TSR_OK);
    assert_int_equal(tsr_draws_reserve(drive->draws, &drive->sampling), TSR_OK);
}

static inline void close_experiment(tsr_drive *drive) {
    design_close(&drive->sampling);
    drive_close(drive);
}

/* Another seed for the same model. */
static inline void reseed_experiment(const experiment *e, uint64_t seed, tsr_drive *drive) {
    design_close(&drive->sampling);
    drive->sampling.stream = tsr_stream_make(seed, "test", 0);
    assert_int_equal(design_open(e->design, settings_of_design(e), &drive->sampling), TSR_OK);
}

static inline double exact_mean(const experiment *e, const tsr_drive *drive) {
    const bool put = strcmp(e->source, "put") == 0;
    if (put || strcmp(e->source, "european") == 0) return tsr_black_mean(100.0, 100.0 * exp(-0.05), 0.2, put);
    if (strcmp(e->source, "asian") == 0) return drive->fields[e->column].expectation;
    return pow(0.5 * sqrt(M_PI) / 1.3 * (erf(1.3 * 0.4) + erf(1.3 * 0.6)), e->dimensions);
}

/* Means of the replicates; out [replicates]. As the engine does: groups of the design in turn. */
static inline void means_of(const experiment *e, const tsr_drive *drive, double *out) {
    static double value[2 * TSR_GROUP_ITEMS];
    const int64_t unit = drive->sampling.design->group_items, units = e->groups * TSR_GROUP_ITEMS / unit;
    for (int r = 0; r < e->replicates; r++) out[r] = 0.0;
    for (int64_t u = 0; u < units * e->replicates; u++) {
        assert_int_equal(drive_column(drive, e->column, u * unit, unit, value), TSR_OK);
        for (int64_t i = 0; i < unit; i++) out[u % e->replicates] += value[i] / (double)(units * unit);
    }
}

/* Mean of the replicates and its standard error, which has replicates - 1 degrees of freedom. */
static inline tsr_sample run_experiment(const experiment *e, const tsr_drive *drive) {
    double mean[REPLICATES_MAX];
    means_of(e, drive, mean);
    return sample_of(mean, e->replicates);
}

/* How often the interval of Student's t law with replicates - 1 degrees of freedom holds the exact mean. out:
 * frequencies at the levels 0.68, 0.95 and 0.99. */
enum { LEVELS = 3 };
static const double levels[LEVELS] = {0.68, 0.95, 0.99};

static inline void coverage_of(const experiment *e, int repetitions, double out[LEVELS]) {
    tsr_drive drive;
    open_experiment(e, &drive);
    for (int l = 0; l < LEVELS; l++) out[l] = 0.0;
    for (int seed = 0; seed < repetitions; seed++) {
        reseed_experiment(e, (uint64_t)seed, &drive);
        const tsr_sample sample = run_experiment(e, &drive);
        const double t = fabs(sample.mean - exact_mean(e, &drive)) / sample.mean_error;
        for (int l = 0; l < LEVELS; l++)
            if (t <= gsl_cdf_tdist_Pinv(0.5 + 0.5 * levels[l], e->replicates - 1.0)) out[l] += 1.0 / repetitions;
    }
    close_experiment(&drive);
}

#endif
