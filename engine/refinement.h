/* Refinement: further readings of all items, for tallies that narrow a bracket.
 * Layer 5. */
#ifndef TSR_ENGINE_REFINEMENT_H
#define TSR_ENGINE_REFINEMENT_H

#include "engine/stage_run.h"

/* Reads the items of a stage until every tally has read enough; after run->passes readings, or the first if that is 0.
 * Collective; the verdict is agreed. As a pass; TSR_EINTERNAL: a tally does not come to an end. */
tsr_status tsr_refinement_run(tsr_stage_run *run);

#endif
