/* Takes a stage up where an earlier run has left it, so that going on gives the bits of a run that was never
 * interrupted. Internal to run.c.
 * Layer 5. */
#ifndef TSR_ENGINE_RESTORE_H
#define TSR_ENGINE_RESTORE_H

#include "engine/stage_run.h"

/* Restores run->stored into run->record: states, items and results. run->reads: whether there are items left to read;
 * then the states are those of the first reading, and begin, end and met tell where it goes on. Collective; the verdict
 * is agreed. TSR_ECHECKPOINT: what is stored does not fit the stage; TSR_EUSAGE: fewer items are asked for than were
 * read, or a tally cannot be extended; TSR_ERUNTIME. */
tsr_status tsr_restore_stage(tsr_stage_run *run);

/* Before the first round: a tile that the earlier run had to leave unfinished is read as far as it had come, and taken
 * back, since it will be read as a whole. After this, run->round is the first one to read. Collective. */
tsr_status tsr_restore_tiles(tsr_stage_run *run);

#endif
