/* The history of a stage: how its headline results converged.
 * Layer 5. */
#ifndef TSR_ENGINE_HISTORY_H
#define TSR_ENGINE_HISTORY_H

#include "engine/outcome.h"

/* Appends the headline results, as solved, to the history at `items` per point. rounds: the most there will be; the
 * first call counts. TSR_ERUNTIME: no memory. */
tsr_status tsr_history_note(tsr_stage_record *record, int64_t items, int64_t rounds);

/* Gives back the room for rounds that there was no need for: only now the history can be read. */
void tsr_history_end(tsr_stage_record *record);

/* Takes up what a run that was stopped had noted, once its results are solved; room: for so many rounds, at least those
 * that are stored. TSR_ECHECKPOINT: it is damaged; TSR_ERUNTIME: no memory. */
tsr_status tsr_history_restore(tsr_stage_record *record, const tsr_stored_history *stored, int64_t room);

#endif
