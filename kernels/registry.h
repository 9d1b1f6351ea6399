/* Every source, map and tally of the trade that is built in, by name. */
#ifndef TSR_KERNELS_REGISTRY_H
#define TSR_KERNELS_REGISTRY_H

#include "engine/map.h"
#include "engine/source.h"
#include "engine/tally.h"

/* All end with NULL. */
extern const tsr_source *const tsr_kernel_sources[];
extern const tsr_map *const tsr_kernel_maps[];
extern const tsr_tally *const tsr_kernel_tallies[];

#endif
