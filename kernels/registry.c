#include "kernels/registry.h"

#include <stddef.h>

/* One row a kernel: its file defines tsr_source_<row> or tsr_map_<row>. */
#define SOURCE_LIST(ROW)                                                                                               \
    ROW(asian) ROW(ball) ROW(cuba) ROW(european) ROW(genz) ROW(ising) ROW(pi) ROW(portfolio_t) ROW(vmc_hydrogen)

#define SOURCE_DECLARE(name) extern const tsr_source tsr_source_##name;
SOURCE_LIST(SOURCE_DECLARE)

#define SOURCE_ROW(name) &tsr_source_##name,
const tsr_source *const tsr_kernel_sources[] = {SOURCE_LIST(SOURCE_ROW) NULL};

#define MAP_LIST(ROW)     ROW(log_return) ROW(portfolio_loss)
#define MAP_DECLARE(name) extern const tsr_map tsr_map_##name;
MAP_LIST(MAP_DECLARE)

#define MAP_ROW(name) &tsr_map_##name,
const tsr_map *const tsr_kernel_maps[] = {MAP_LIST(MAP_ROW) NULL};
