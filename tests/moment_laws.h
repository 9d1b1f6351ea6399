/* For tests: laws whose moments are known, drawn as columns of a tally, and how often the error bars of moments and
 * covariances hold them. */
#ifndef TSR_TESTS_MOMENT_LAWS_H
#define TSR_TESTS_MOMENT_LAWS_H

#include "coverage.h"
#include "engine/tallies/covariance.h"
#include "engine/tallies/moments.h"
#include "fold.h"
#include "samples.h"

#include <math.h>

enum { LAW_NORMAL, LAW_EXPONENTIAL, LAW_LOGNORMAL, LAW_T5, LAW_T3, LAWS };

static const char *const law_names[LAWS] = {"normal", "exponential", "lognormal 0.5", "Student t 5", "Student t 3"};

/* mean, variance, skewness, excess kurtosis; NAN: infinite, or does not exist */
typedef struct {
    double mean, variance, skewness, kurtosis;
} law_moments;

static inline law_moments lognormal_moments(double location, double square) {
    const double q = exp(square);
    return (law_moments){.mean = exp(location + square / 2),
                         .variance = (q - 1) * exp(2 * location + square),
                         .skewness = (q + 2) * sqrt(q - 1),
                         .kurtosis = q * q * q * q + 2 * q * q * q + 3 * q * q - 6};
}

/* Of a law, or of the law that its weights make of it: N(1/2, 1), rate 0.7, location 1/4, and the t laws themselves. */
static inline law_moments law_truth(int law, bool weighted) {
    switch (law) {
    case LAW_NORMAL: return (law_moments){weighted ? 0.5 : 0, 1, 0, 0};
    case LAW_EXPONENTIAL: {
        const double scale = weighted ? 1 / 0.7 : 1;
        return (law_moments){scale, scale * scale, 2, 6};
    }
    case LAW_LOGNORMAL: return lognormal_moments(weighted ? 0.25 : 0, 0.25);
    case LAW_T5: return (law_moments){0, 5.0 / 3, 0, 6};
    default: return (law_moments){0, 3, NAN, NAN};
    }
}

static inline double law_value(int law, const double *normal, double uniform) {
    if (law == LAW_NORMAL) return normal[0];
    if (law == LAW_EXPONENTIAL) return -log(uniform);
    if (law == LAW_LOGNORMAL) return exp(0.5 * normal[0]);
    const int freedom = law == LAW_T5 ? 5 : 3;
    double square = 0;
    for (int k = 1; k <= freedom; k++) square += normal[k] * normal[k];
    return normal[0] / sqrt(square / freedom);
}

/* A likelihood ratio, or weights that have nothing to do with the value. */
static inline double law_weight(int law, double value, double uniform) {
    switch (law) {
    case LAW_NORMAL: return exp(0.5 * value);
    case LAW_EXPONENTIAL: return exp(0.3 * value);
    case LAW_LOGNORMAL: return value;
    default: return -log(uniform);
    }
}

enum { LAW_COLUMNS = 3, LAW_NORMALS = 6 };
static const tsr_field law_fields[] = {{.name = "a", .unit = "1", .long_name = ""},
                                       {.name = "b", .unit = "1", .long_name = ""},
                                       {.name = "w", .unit = "1", .long_name = ""},
                                       {.name = NULL}};

/* a of the law; b = a / 2 + another of the law, without weights; w. value: [3, items] */
static inline void law_fill(int law, uint64_t seed, int64_t items, double *value) {
    double *normal = sample_normal(2 * seed, 2 * LAW_NORMALS * items),
           *uniform = sample_uniforms(2 * seed + 1, 3 * items);
    for (int64_t i = 0; i < items; i++) {
        const double *own = normal + 2 * LAW_NORMALS * i;
        const double a = law_value(law, own, uniform[3 * i]);
        value[i] = a;
        value[items + i] = a / 2 + law_value(law, own + LAW_NORMALS, uniform[3 * i + 1]);
        value[2 * items + i] = law_weight(law, a, uniform[3 * i + 2]);
    }
    free(normal);
    free(uniform);
}

/* ---- what is told of a sample, and the truth ---- */

enum { TOLD_MEAN, TOLD_VARIANCE, TOLD_SD, TOLD_SKEWNESS, TOLD_KURTOSIS, TOLD_COVARIANCE, TOLD_CORRELATION, TOLD };

static const char *const told_names[TOLD] = {"mean",     "variance",   "sd",         "skewness",
                                             "kurtosis", "covariance", "correlation"};

static inline void told_truth(int law, bool weighted, double out[TOLD]) {
    const law_moments a = law_truth(law, weighted), c = law_truth(law, false);
    out[TOLD_MEAN] = a.mean;
    out[TOLD_VARIANCE] = a.variance;
    out[TOLD_SD] = sqrt(a.variance);
    out[TOLD_SKEWNESS] = a.skewness;
    out[TOLD_KURTOSIS] = a.kurtosis;
    out[TOLD_COVARIANCE] = a.variance / 2;
    out[TOLD_CORRELATION] = a.variance / 2 / sqrt(a.variance * (a.variance / 4 + c.variance));
}

static inline tsr_results *told_fold(const tsr_tally *tally, const tsr_table *table, bool weighted) {
    const bool is_moments = tally == &tsr_tally_moments;
    tsr_setting *of = tree(TSR_LIST, "test", scalar("test", "a"), is_moments ? NULL : scalar("test", "b"), NULL);
    tsr_setting *settings = tree(TSR_MAP, "test", keyed("of", of), keyed("weight", scalar("test", weighted ? "w" : "")),
                                 is_moments ? keyed("order", scalar("test", "4")) : NULL, NULL);
    return fold_table(tally, settings, table);
}

/* One repetition: a sample, and whether its intervals hold the truth. */
static inline void told_repeat(int law, bool weighted, int64_t items, uint64_t seed, double *value,
                               coverage into[TOLD]) {
    double truth[TOLD];
    told_truth(law, weighted, truth);
    law_fill(law, seed, items, value);
    const tsr_table table = {.fields = law_fields, .columns = LAW_COLUMNS, .items = items, .value = value};
    tsr_results *moments = told_fold(&tsr_tally_moments, &table, weighted);
    tsr_results *matrix = told_fold(&tsr_tally_covariance, &table, weighted);
    for (int s = 0; s < TOLD; s++) {
        const bool in_matrix = s >= TOLD_COVARIANCE;
        const tsr_result *result = fold_result(in_matrix ? matrix : moments, told_names[s]);
        coverage_add(&into[s], coverage_normal, result->value[in_matrix] - truth[s], result->error[in_matrix]);
    }
    tsr_results_destroy(&matrix);
    tsr_results_destroy(&moments);
}

static inline void told_measure(int law, bool weighted, int64_t items, int repetitions, coverage into[TOLD]) {
    double *value = calloc((size_t)(LAW_COLUMNS * items), sizeof(*value));
    assert_non_null(value);
    memset(into, 0, TOLD * sizeof(*into));
    for (int r = 0; r < repetitions; r++) told_repeat(law, weighted, items, (uint64_t)(law * 1000000 + r), value, into);
    free(value);
}

#endif
