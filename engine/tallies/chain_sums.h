/* The exact sums over all chains of a column, and what they say.
 * Layer 1. Formulas: docs/numerics.md, Time series. */
#ifndef TSR_ENGINE_CHAIN_SUMS_H
#define TSR_ENGINE_CHAIN_SUMS_H

#include "engine/tallies/bank.h"
#include "engine/tallies/chain.h"

/* Where the sums stand: those of column c begin at c tsr_chain_sums_count(plan). A value type. */
typedef struct {
    tsr_chain_plan plan;
    tsr_bank bank;
} tsr_chain_sums;

/* Of one column. */
int64_t tsr_chain_sums_count(tsr_chain_plan plan);

/* Adds a chain that has ended. finite: false if it holds what is not finite, or too large to be squared; the column's
 * sums mean nothing then. TSR_ERUNTIME: no memory. Thread-safe on different states and chains. */
tsr_status tsr_chain_sums_add(const tsr_chain_sums *sums, int64_t column, tsr_chain *chain, tsr_state *state,
                              bool *finite);

/* All chains have the same length. */
typedef struct {
    int64_t chains;    /* 1 or more */
    int64_t rows;      /* of each, 1 or more */
    int64_t half_rows; /* of each half of one */
} tsr_chain_shape;

/* covariance, level_error: the caller's. */
typedef struct {
    double mean;
    double *covariance;   /* [lags + 1] of rows so far apart, about the common mean; NaN from `rows` on */
    double *level_error;  /* [levels] of the mean, from bins of 2^level rows; NaN where there are not two bins */
    int64_t *level_bins;  /* [levels] how many they are */
    double between_error; /* of the mean, from whole chains; NaN for one */
    double split_r_hat;   /* NaN where halves have less than two rows */
} tsr_chain_numbers;

/* Thread-safe; allocates GMP temporaries. */
void tsr_chain_sums_solve(const tsr_chain_sums *sums, int64_t column, const tsr_state *state, tsr_chain_shape shape,
                          tsr_chain_numbers *out);

#endif
