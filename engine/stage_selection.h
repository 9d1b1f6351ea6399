/* What of a stage reaches the tallies: its filter, and the groups that its items are told apart by.
 * Layer 4. Internal to stage.c. */
#ifndef TSR_ENGINE_STAGE_SELECTION_H
#define TSR_ENGINE_STAGE_SELECTION_H

#include "engine/stage.h"

/* Once its columns are known. Allocates. TSR_EUSAGE, TSR_ERUNTIME. */
tsr_status tsr_stage_make_selection(tsr_bound_stage *stage);

#endif
