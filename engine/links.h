/* The chain source -> maps -> tallies of a stage: how many items each of its links has, and which of them are needed
 * for those of the last.
 * Layer 4. Pure arithmetic. */
#ifndef TSR_ENGINE_LINKS_H
#define TSR_ENGINE_LINKS_H

#include "engine/block.h"
#include "engine/map.h"

/* Columns, and what the map behind it does with its items. */
typedef struct {
    int columns;
    int64_t step;
    int64_t halo;
    tsr_reach reach;
    int64_t room; /* items that its block holds */
} tsr_link;

/* Items that a map of n input items gives. */
int64_t tsr_link_output(const tsr_link *link, int64_t items);

/* The input items that a map must have for some output items, and those that it would look at of `items` that there
 * are. */
tsr_range tsr_link_core(const tsr_link *link, tsr_range output);
tsr_range tsr_link_reach(const tsr_link *link, tsr_range output, int64_t items);

#endif
