/* What designs share: the dimensions of a kernel, and independent numbers for them.
 * Layer 2, internal to engine/designs/. */
#ifndef TSR_ENGINE_DESIGN_GRID_H
#define TSR_ENGINE_DESIGN_GRID_H

#include "engine/design.h"

/* A kernel's dimensions and their stream. A value type. */
typedef struct {
    tsr_stream stream;
    int64_t uniforms;
    int64_t dimensions; /* uniforms and normals together */
} tsr_grid;

/* TSR_EUSAGE: the kernel takes as many draws as it likes. */
tsr_status tsr_grid_make(const tsr_params *params, const tsr_demand *demand, const tsr_stream *stream, tsr_grid *out);

/* Coordinates of independent items, as tsr_design.coordinates. portion.items may be any number. */
void tsr_grid_uniforms(const tsr_grid *grid, const tsr_portion *portion, int64_t stride, double *out);

/* A uniform of 52 digits pushed into the stratum'th of 2^digits equal strata: its digits, moved down, follow those of
 * the stratum. */
TSR_INLINE double tsr_stratify(double uniform, uint64_t stratum, int digits) {
    const uint64_t rest = tsr_bits_from_double(uniform + (1.0 - 0x1p-53)) << 12;
    return tsr_uniform_from_bits(stratum << (64 - digits) | rest >> digits);
}

#endif
