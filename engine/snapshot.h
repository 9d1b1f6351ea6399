/* The snapshot: a run in the midst of its work, packed for the keeper.
 * Layer 5. */
#ifndef TSR_ENGINE_SNAPSHOT_H
#define TSR_ENGINE_SNAPSHOT_H

#include "engine/partial.h"
#include "engine/stage_run.h"

/* After a pass was paused: agrees what is wished, and has rank 0 hand a snapshot of the run to the keeper. Collective;
 * the verdict is agreed: TSR_OK: go on; TSR_ESTOPPED or whatever else the keeper says; TSR_ERUNTIME: no memory. */
tsr_status tsr_snapshot_keep(const tsr_stage_run *run, const tsr_partial *partial);

#endif
