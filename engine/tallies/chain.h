/* One column of one chain on its way through a tile: products with earlier rows, sums of bins, sums of segments, in
 * plain doubles about a centre; in the end they are made exact. Layer 1. Formulas: docs/numerics.md, Time series. */
#ifndef TSR_ENGINE_CHAIN_H
#define TSR_ENGINE_CHAIN_H

#include "engine/exact.h"
#include "engine/tallies/lanes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_CHAIN_ROWS = 1024, TSR_CHAIN_LEVELS_MAX = 40, TSR_CHAIN_LAGS_MAX = 65536, TSR_CHAIN_SEGMENTS = 1024 };

/* What is measured. A value type. */
typedef struct {
    int64_t lags; /* 1 .. TSR_CHAIN_LAGS_MAX: products of rows up to so far apart */
    int levels;   /* 1 .. TSR_CHAIN_LEVELS_MAX: bins of 2^level rows */
} tsr_chain_plan;

typedef struct tsr_chain tsr_chain;

/* Bytes of a chain, a multiple of 64. */
size_t tsr_chain_bytes(tsr_chain_plan plan);

/* At 64-byte aligned memory of that size. */
tsr_chain *tsr_chain_begin(tsr_chain_plan plan, void *memory);

/* The next rows in time. How they are cut into calls does not change a bit of what follows. */
void tsr_chain_add(tsr_chain *chain, const double *value, int64_t rows);

/* The last rows: after it come only the functions below. */
void tsr_chain_end(tsr_chain *chain);

int64_t tsr_chain_rows(const tsr_chain *chain);

/* Rows of each of two halves, the first from the beginning on, the second one near the end: all of a chain of up to
 * 1023 rows but for the middle one, and of a longer one more than 0.498 each. */
int64_t tsr_chain_half_rows(const tsr_chain *chain);

/* What leaves, added to exact sums, which become not finite where values are not or are too large for their squares. */
void tsr_chain_add_sum(const tsr_chain *chain, tsr_exact *sum);
void tsr_chain_add_whole_square(const tsr_chain *chain, tsr_exact *square); /* of the sum */

/* Bins of 2^level rows: the sum of their sums and of their squares. */
void tsr_chain_add_bins(const tsr_chain *chain, int level, tsr_exact *sum, tsr_exact *square);

/* The sum of both halves' sums, of the squares of these, and of the squares of their rows. */
void tsr_chain_add_halves(const tsr_chain *chain, tsr_exact *sum, tsr_exact *square, tsr_exact *rows_square);

/* Lag 1 <= lag < rows: the sum of x(t) x(t + lag), and the lag-th value from either end: x(lag - 1) + x(rows - lag). In
 * ascending order of lags. */
void tsr_chain_add_lag(tsr_chain *chain, int64_t lag, tsr_exact *product, tsr_exact *edges);

#endif
