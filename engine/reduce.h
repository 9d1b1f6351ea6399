/* Reduction: the states of all ranks become one, and every rank holds it.
 * Layer 3. */
#ifndef TSR_ENGINE_REDUCE_H
#define TSR_ENGINE_REDUCE_H

#include "engine/comm.h"
#include "engine/state.h"

/* Adds states[i] over all ranks, in place. Collective; every rank passes the same number of states with the same
 * layouts (settled, so that sums of limbs cannot overflow). Only pages that some rank touched travel. Allocates a
 * buffer. TSR_ERUNTIME: no memory (agreed by all ranks). */
tsr_status tsr_reduce_states(tsr_comm *comm, tsr_state *const *states, int64_t count);

#endif
