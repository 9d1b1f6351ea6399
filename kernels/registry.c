#include "kernels/registry.h"

#include <stddef.h>

/* One row a kernel: its file defines tsr_source_<row> or tsr_map_<row>. */
