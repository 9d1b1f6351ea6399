/* Probes: tiles that are computed again and compared with their prints, to find a run whose numbers are not those that
 * this program on this machine gives.
 * Layer 5. */
#ifndef TSR_ENGINE_PROBE_H
#define TSR_ENGINE_PROBE_H

#include "engine/stage_run.h"

/* A group of tiles, and what came of it. */
typedef struct {
    int64_t point;
    int64_t group;
    bool differs;   /* from what is stored */
    bool is_steady; /* computed once more, it gave the same once more; of groups that differ */
} tsr_probe;

/* A range of a group: of its tiles, or of its items. stored: of the stage. */
tsr_range tsr_probe_tiles(const tsr_stored_stage *stored, const tsr_probe *probe);
tsr_range tsr_probe_items(const tsr_stored_stage *stored, const tsr_probe *probe);

/* Computes the columns of groups [count] again, on all ranks and threads; those that differ a second time, each by
 * another thread. stage: ready and trained. Each probe once. Collective; the verdict is agreed; all ranks get the same
 * answers. Failures of the kernel; TSR_ERUNTIME. */
tsr_status tsr_probe_run(const tsr_bound_stage *stage, const tsr_stored_stage *stored, tsr_comm *comm, int threads,
                         tsr_probe *probe, int64_t count);

/* Before a stage that was restored goes on: one group for each rank. Collective; the verdict is agreed.
 * TSR_ECHECKPOINT: another version of the program, another input, or a faulty machine. */
tsr_status tsr_probe_restored(const tsr_stage_run *run);

#endif
