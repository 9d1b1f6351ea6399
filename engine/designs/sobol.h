/* Sobol points, randomised: randomised quasi-Monte Carlo.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_SOBOL_H
#define TSR_ENGINE_DESIGN_SOBOL_H

#include "engine/design.h"

extern const tsr_design tsr_design_sobol;

#endif
