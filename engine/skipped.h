/* The engine's own tally of items that were left out because a column was not finite.
 * Layer 4. It is shown the left-out items alone, in blocks of one. */
#ifndef TSR_ENGINE_SKIPPED_H
#define TSR_ENGINE_SKIPPED_H

#include "engine/tally.h"

/* Results "skipped" (how many) and "skipped_item" (the first one, -1: none). */
extern const tsr_tally tsr_tally_skipped;

/* How many a settled state has counted. */
int64_t tsr_skipped_count(const tsr_state *state);

#endif
