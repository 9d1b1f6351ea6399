/* The input files of a stage as a result file or checkpoint names them. Internal to io/result.
 * Not thread-safe. */
#ifndef TSR_IO_STORED_INPUTS_H
#define TSR_IO_STORED_INPUTS_H

#include "engine/comm.h"
#include "engine/stored.h"
#include "io/result/h5_read.h"

/* Reads what the group /inputs has of a stage, into stage->inputs and stage->input; without such a group (a file of
 * an early version) stage->inputs is -1: not known. room: as of tsr_h5_take. Not collective; allocates, also when it
 * fails. TSR_EDATA: incomplete; TSR_EIO; TSR_ERUNTIME: no memory. */
tsr_status tsr_stored_inputs_read(hid_t file, int64_t index, int64_t *room, tsr_stored_stage *stage);

/* Rank 0's for every rank. Collective; the verdict is agreed. TSR_ERUNTIME. */
tsr_status tsr_stored_inputs_share(tsr_comm *comm, tsr_stored_stage *stage);

#endif
