/* What the parts of the tally "bootstrap" share.
 * Layer 2. Internal to it. */
#ifndef TSR_ENGINE_BOOTSTRAP_MODEL_H
#define TSR_ENGINE_BOOTSTRAP_MODEL_H

#include "engine/definition.h"
#include "engine/tallies/bank.h"
#include "engine/tallies/columns.h"

typedef enum {
    TSR_BOOTSTRAP_MEAN,
    TSR_BOOTSTRAP_VARIANCE,
    TSR_BOOTSTRAP_SD,
    TSR_BOOTSTRAP_FUNCTION
} tsr_bootstrap_kind;

typedef enum { TSR_INTERVAL_PERCENTILE, TSR_INTERVAL_BASIC, TSR_INTERVAL_NORMAL } tsr_interval_kind;

/* One of every column, or a function of means. */
typedef struct {
    tsr_bootstrap_kind kind;
    tsr_definition definition; /* of a function, over the means of the terms; otherwise its name alone */
    tsr_expression function;
} tsr_bootstrap_statistic;

enum { TSR_BOOTSTRAP_STATISTICS_MAX = 16 };

/* Statistics are functions of exact sums of w x, for variances also of w x^2, of values x: columns, as far as any
 * statistic is of them, then the terms of functions. Replicate 0 is the sample itself, with weights of 1; others
 * follow.
 *
 * Page 0: the sum of weights of each replicate; the additions since banks were settled; of each value, the items it
 * cannot be told for. Then a bank of [replicates + 1] sums for each power of each value. */
typedef struct {
    tsr_columns *columns;
    int64_t replicates;
    double interval;
    tsr_interval_kind interval_kind;
    int count;
    tsr_bootstrap_statistic *statistic; /* [count] */
    tsr_terms terms;
    int plain;  /* values that are columns */
    int powers; /* of these: 1 or 2; terms have 1 */
    int values;
} tsr_bootstrap_model;

static inline int tsr_bootstrap_powers(const tsr_bootstrap_model *model, int value) {
    return value < model->plain ? model->powers : 1;
}

/* Words of page 0. */
static inline int64_t tsr_bootstrap_pending_at(const tsr_bootstrap_model *model) { return model->replicates + 1; }
static inline int64_t tsr_bootstrap_spoilt_at(const tsr_bootstrap_model *model) { return model->replicates + 2; }

/* Sums of values before one, over all its powers. */
static inline int64_t tsr_bootstrap_sums(const tsr_bootstrap_model *model, int value) {
    const int plain = value < model->plain ? value : model->plain;
    return (int64_t)plain * model->powers + value - plain;
}

/* The sums of value^power, power 1 or 2. */
static inline tsr_bank tsr_bootstrap_bank(const tsr_bootstrap_model *model, int value, int power) {
    const int64_t place = tsr_bootstrap_sums(model, value) + power - 1;
    return (tsr_bank){.first = 1 + place * TSR_BANK_PAGES, .count = model->replicates + 1};
}

/* The function solve of the tally. */
tsr_status tsr_bootstrap_solve(const void *model, const tsr_state *state, tsr_results *results);

#endif
