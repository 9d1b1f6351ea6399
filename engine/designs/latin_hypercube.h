/* Latin hypercubes: every coordinate of a group of items has one item in each of its strata.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_LATIN_HYPERCUBE_H
#define TSR_ENGINE_DESIGN_LATIN_HYPERCUBE_H

#include "engine/design.h"

extern const tsr_design tsr_design_latin_hypercube;

#endif
