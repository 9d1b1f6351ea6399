/* Antithetic pairs: for every item one that mirrors it.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_ANTITHETIC_H
#define TSR_ENGINE_DESIGN_ANTITHETIC_H

#include "engine/design.h"

extern const tsr_design tsr_design_antithetic;

#endif
