/* Training: a sampling design that learns reads items before the first pass.
 * Layer 5. */
#ifndef TSR_ENGINE_TRAINING_H
#define TSR_ENGINE_TRAINING_H

#include "engine/pass.h"

/* Trains the designs of all points, one after the other; does nothing where there is nothing to learn. What is learned
 * comes from merged integers and is the same on every rank. Collective; allocates. The verdict is agreed. */
tsr_status tsr_training_run(tsr_bound_stage *stage, tsr_comm *comm, const tsr_run_options *options,
                            tsr_rank_account *account);

#endif
