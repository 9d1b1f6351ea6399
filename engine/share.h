/* Rank 0's memory for every rank.
 * Layer 3. Collective; the verdict is agreed. */
#ifndef TSR_ENGINE_SHARE_H
#define TSR_ENGINE_SHARE_H

#include "engine/comm.h"

/* bytes: the same on all ranks. Allocates *data on all ranks but 0, also for 0 bytes. TSR_ERUNTIME: no memory. */
tsr_status tsr_share_bytes(tsr_comm *comm, int64_t bytes, void **data);

/* A copy of rank 0's text for every rank, which the others need not have. Allocates *out. As above. */
tsr_status tsr_share_text(tsr_comm *comm, const char *text, char **out);

#endif
