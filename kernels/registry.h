/* Every source and map that is built in, by name. */
#ifndef TSR_KERNELS_REGISTRY_H
#define TSR_KERNELS_REGISTRY_H

#include "engine/map.h"
#include "engine/source.h"

/* Both end with NULL. */
extern const tsr_source *const tsr_kernel_sources[];
extern const tsr_map *const tsr_kernel_maps[];

#endif
