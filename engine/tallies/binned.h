/* Binned items, solved: what is in each cell, what lies outside, with error bars.
 * Layer 2. Slots hold the cells first and then whatever lies outside of them. */
#ifndef TSR_ENGINE_BINNED_H
#define TSR_ENGINE_BINNED_H

#include "engine/tallies/share.h"
#include "engine/tallies/slots.h"

/* Where they lie. Borrows all. */
typedef struct {
    tsr_slots slots;
    const tsr_state *state;
    int64_t first;        /* page */
    int64_t cells;        /* slots before those outside */
    uint32_t not_numbers; /* bit i: the i-th slot outside holds items that count for nothing else */
    double weight;        /* of every item, 1 without weights; NaN: they differ */
} tsr_binned;

/* [cells] each; share and share_error NULL: not wanted. outside: [slots - cells], sums of weights. */
typedef struct {
    double *value;
    double *error;
    double *share;
    double *share_error;
    double *outside;
} tsr_binned_values;

/* Shares are those of all numbers, also outside of the cells. Returns how many items of equal weight would say as much
 * of these shares, (sum of weights)^2 / sum of squares; below TSR_BINNED_FEW, error bars of shares are rough, mostly
 * too small. Thread-safe; allocates nothing. */
enum { TSR_BINNED_FEW = 100 };
double tsr_binned_solve(const tsr_binned *binned, const tsr_binned_values *out);

#endif
