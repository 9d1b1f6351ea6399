/* Variates that take more than one draw: a gamma for every item of a block, with the same bits on every machine.
 * Layer 2. Hides rejection: a later draw of an item never depends on how often it was rejected. */
#ifndef TSR_ENGINE_VARIATE_H
#define TSR_ENGINE_VARIATE_H

#include "engine/draws.h"

#include <stdint.h>

/* Gamma variates of a shape > 0 (infinity, NaN and the rest give NaN) and of scale 1: density x^(shape - 1) e^-x.
 * Half the chi-square of 2 shape degrees of freedom. out: [items of the block]; values below 3e-308, which small shapes
 * bring, count as 0. Not collective; allocates nothing.
 *
 * Takes normal `draw` and uniform `draw` of every item and, for a shape below 1, uniform `draw + 1`. Rejected items go
 * on alone with draws of both kinds from 2^48 + 256 draw on, where ordinary draws never are. So variates of draw
 * numbers 2 apart share nothing, and the variate of an item depends on the item alone.
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000) 363-372. */
void tsr_gamma(tsr_draws *draws, double shape, int64_t draw, double *out);

#endif
