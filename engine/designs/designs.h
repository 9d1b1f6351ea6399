/* All sampling designs.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGNS_H
#define TSR_ENGINE_DESIGNS_H

#include "engine/design.h"

/* Ends with NULL. */
extern const tsr_design *const tsr_designs[];

#endif
