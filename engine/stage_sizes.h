/* The sizes of a stage: items of a tile and of a block, what its links hold, its grain and its workspace.
 * Layer 4. Internal to stage.c. Pure arithmetic. */
#ifndef TSR_ENGINE_STAGE_SIZES_H
#define TSR_ENGINE_STAGE_SIZES_H

#include "engine/stage.h"

/* Once its models are made. TSR_EUSAGE: tiles or windows too large. */
tsr_status tsr_stage_choose_sizes(tsr_bound_stage *stage);

#endif
