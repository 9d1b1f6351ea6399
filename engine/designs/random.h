/* Independent items, with error bars from replicates.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_RANDOM_H
#define TSR_ENGINE_DESIGN_RANDOM_H

#include "engine/design.h"

extern const tsr_design tsr_design_random;

#endif
