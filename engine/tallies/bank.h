/* A bank: many exact sums in one state, limb by limb. Limb p of all of them is a page, so that sums of ordinary size
 * take a sixth of the memory of as many accumulators: pages that nobody touches do not exist.
 * Layer 1. */
#ifndef TSR_ENGINE_BANK_H
#define TSR_ENGINE_BANK_H

#include "engine/exact.h"
#include "engine/state.h"

/* The pages that a bank takes, each with a word for every sum. */
enum { TSR_BANK_PAGES = TSR_EXACT_LIMBS };

/* Where it stands in a state: pages first .. first + TSR_BANK_PAGES - 1 of at least `count` words. A value type. */
typedef struct {
    int64_t first;
    int64_t count;
} tsr_bank;

/* A bank must be settled after so many additions at the latest. */
enum { TSR_BANK_PENDING_MAX = 1 << 20 };

/* Adds a sum of at most 512 terms that has not been settled, its counts of what is not finite left out. TSR_ERUNTIME:
 * no memory. Thread-safe on different states. */
tsr_status tsr_bank_add(tsr_state *state, tsr_bank bank, int64_t index, const tsr_exact *sum);

/* The canonical form: equal words for equal numbers, limbs in [-2^31, 2^31). 2^31 banks can be added after it.
 * Limbs of either sign, lest a negative sum fill all pages above it. */
void tsr_bank_settle(tsr_state *state, tsr_bank bank);

/* One sum as an accumulator. */
void tsr_bank_get(const tsr_state *state, tsr_bank bank, int64_t index, tsr_exact *out);

#endif
