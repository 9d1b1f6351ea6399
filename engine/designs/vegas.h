/* The sampling design "vegas": importance sampling along each coordinate, learned before the first pass.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_VEGAS_H
#define TSR_ENGINE_DESIGN_VEGAS_H

#include "engine/design.h"

extern const tsr_design tsr_design_vegas;

#endif
