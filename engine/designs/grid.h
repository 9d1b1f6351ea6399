/* What designs share: the dimensions of a kernel, independent numbers for them, and the construction of paths.
 * Layer 2, internal to engine/designs/. */
#ifndef TSR_ENGINE_DESIGN_GRID_H
#define TSR_ENGINE_DESIGN_GRID_H

#include "engine/design.h"

#include <stddef.h>

/* The row of a design that lets paths be built in some order. */
#define TSR_PARAM_PATH(default_order)                                                                                  \
    {                                                                                                                  \
        .name = "path", .type = TSR_CHOICE, .unit = "1", .preset = (default_order),                                    \
        .choices = "increments|bridge|pca",                                                                            \
        .help = "what the normals of a Brownian path decide: each its own step; the end, the middle, the quarters "    \
                "...; or one of its principal components"                                                              \
    }

/* A kernel's dimensions. The first member of every model that has one. */
typedef struct {
    tsr_stream stream;
    int64_t uniforms;
    int64_t dimensions; /* uniforms and normals together */
    tsr_path *path;     /* NULL: normals are increments */
} tsr_grid;

/* A model of `bytes` bytes that begins with a grid, zero behind it. A table without the row of TSR_PARAM_PATH leaves
 * paths as they are. TSR_EUSAGE: the kernel takes as many draws as it likes, or has no paths; TSR_ERUNTIME. */
tsr_status tsr_grid_create(const tsr_params *params, const tsr_demand *demand, const tsr_stream *stream, size_t bytes,
                           void **model);
void tsr_grid_destroy(void *model); /* accepts NULL */
const tsr_path *tsr_grid_path(const void *model);

/* Coordinates of independent items, as tsr_design.coordinates. portion.items may be any number. */
void tsr_grid_uniforms(const tsr_grid *grid, const tsr_portion *portion, int64_t stride, double *out);

/* A uniform of 52 digits pushed into the stratum'th of 2^digits equal strata: its digits, moved down, follow those of
 * the stratum. */
TSR_INLINE double tsr_stratify(double uniform, uint64_t stratum, int digits) {
    const uint64_t rest = tsr_bits_from_double(uniform + (1.0 - 0x1p-53)) << 12;
    return tsr_uniform_from_bits(stratum << (64 - digits) | rest >> digits);
}

#endif
