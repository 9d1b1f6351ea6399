/* How far a stage of a run that was stopped had come, as it stands in a checkpoint: group /progress/<stage>. Internal
 * to io/result.
 * Not thread-safe. */
#ifndef TSR_IO_STORED_PROGRESS_H
#define TSR_IO_STORED_PROGRESS_H

#include "engine/comm.h"
#include "io/result/stored_stage.h"

/* Adds the group to a group; what is in the stage is borrowed. Not collective. */
void tsr_stored_progress_add(const tsr_stored_stage *stage, tsr_contents *contents, int group);

/* Reads it back into a stage whose state has been read. room: as for the state. Not collective; allocates, also when it
 * fails. TSR_EDATA: incomplete or impossible; TSR_EIO; TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_progress_read(hid_t group, int64_t *room, tsr_stored_stage *stage);

/* Rank 0's for every rank: collective; the verdict is agreed. TSR_ERUNTIME. */
tsr_status tsr_stored_progress_share(tsr_comm *comm, tsr_stored_stage *stage);

#endif
