/* The engine's own tallies: of items that were left out because a column was not finite, and of those that `where` and
 * `group_by` have let through.
 * Layer 4. They are not shown blocks, but told. */
#ifndef TSR_ENGINE_SKIPPED_H
#define TSR_ENGINE_SKIPPED_H

#include "engine/tally.h"

/* Results "skipped" (how many) and "skipped_item" (the first one, -1: none); "selected" and "selected_item". */
extern const tsr_tally tsr_tally_skipped;
extern const tsr_tally tsr_tally_selected;

/* Counts so many items, of which the first is the lowest. TSR_ERUNTIME: no memory. */
tsr_status tsr_skipped_add(tsr_state *state, int64_t items, int64_t first);

/* How many a settled state has counted. */
int64_t tsr_skipped_count(const tsr_state *state);

#endif
