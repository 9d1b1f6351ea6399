#include "kernels/registry.h"

#include <stddef.h>

/* One row a kernel: its file defines tsr_source_<row>. */
#define SOURCE_LIST(ROW) ROW(european) ROW(pi) ROW(portfolio_t)

#define SOURCE_DECLARE(name) extern const tsr_source tsr_source_##name;
SOURCE_LIST(SOURCE_DECLARE)

#define SOURCE_ROW(name) &tsr_source_##name,
const tsr_source *const tsr_kernel_sources[] = {SOURCE_LIST(SOURCE_ROW) NULL};

const tsr_map *const tsr_kernel_maps[] = {NULL};
