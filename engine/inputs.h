/* The input files of a stage: which ones its sources and maps have read, and whether they are still what they were.
 * Layer 4. */
#ifndef TSR_ENGINE_INPUTS_H
#define TSR_ENGINE_INPUTS_H

#include "engine/comm.h"
#include "engine/input.h"
#include "engine/stage.h"

/* Every file that the sources and maps of a stage have read, once, in the order of the points: [*count], whose paths
 * are borrowed from the models; the caller frees *out. A stage whose models are made. Not collective; allocates.
 * TSR_EDATA: two points have read different bytes of one file; TSR_ERUNTIME: no memory. */
tsr_status tsr_inputs_collect(const tsr_bound_stage *stage, tsr_input **out, int *count);

/* Whether all ranks have read the same bytes; who has not says so. Collective; the verdict is agreed. TSR_EDATA. */
tsr_status tsr_inputs_agree(tsr_comm *comm, const tsr_input *input, int count);

/* Looks at the files once more, at their sizes and times only. Not collective. TSR_EDATA: one has changed, or is gone.
 */
tsr_status tsr_inputs_look(const tsr_input *input, int count);

/* Compares with the files that an earlier run of the stage has read, wherever they were then. Not collective.
 * TSR_ECHECKPOINT: another number of files, or other bytes. */
tsr_status tsr_inputs_compare(const tsr_input *input, int count, const tsr_input *stored, int64_t stored_count);

#endif
