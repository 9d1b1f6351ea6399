/* The legs of a pass: from pause to pause.
 * Layer 5. */
#ifndef TSR_ENGINE_LEGS_H
#define TSR_ENGINE_LEGS_H

#include "engine/stage_run.h"

/* Reads what is left of a pass, with pauses in which the run is put on record. partial: made here, of what is stored of
 * the pass, if anything is; cleared by the caller in any case. Collective; the verdict is agreed. */
tsr_status tsr_legs_run(tsr_stage_run *run, const tsr_pass *pass, tsr_partial *partial);

#endif
