#include "kernels/registry.h"

#include <stddef.h>

/* One row a kernel, a list for each folder: its file defines tsr_source_<row>, tsr_map_<row> or
 * tsr_tally_<row>. */
#define FINANCE(ROW)     ROW(asian) ROW(european) ROW(gbm_euler) ROW(heston) ROW(portfolio_t)
#define INTEGRALS(ROW)   ROW(ball) ROW(cuba) ROW(genz) ROW(integrand) ROW(pi)
#define LAWS(ROW)        ROW(lognormal) ROW(normal) ROW(pareto) ROW(shifted_normal) ROW(student)
#define PHYSICS(ROW)     ROW(ising) ROW(vmc_hydrogen)
#define SOURCE_LIST(ROW) FINANCE(ROW) INTEGRALS(ROW) LAWS(ROW) PHYSICS(ROW)

#define SOURCE_DECLARE(name) extern const tsr_source tsr_source_##name;
SOURCE_LIST(SOURCE_DECLARE)

#define SOURCE_ROW(name) &tsr_source_##name,
const tsr_source *const tsr_kernel_sources[] = {SOURCE_LIST(SOURCE_ROW) NULL};

#define COLUMNS(ROW) ROW(derive) ROW(portfolio_loss) ROW(select)
#define SERIES(ROW)                                                                                                    \
    ROW(diff) ROW(fill) ROW(lag) ROW(log_return) ROW(power_spectrum) ROW(resample) ROW(rolling) ROW(segment)
#define IMAGES(ROW)       ROW(convolve) ROW(gaussian) ROW(laplace) ROW(median) ROW(resize) ROW(sobel)
#define MAP_LIST(ROW)     COLUMNS(ROW) SERIES(ROW) IMAGES(ROW)
#define MAP_DECLARE(name) extern const tsr_map tsr_map_##name;
MAP_LIST(MAP_DECLARE)

#define MAP_ROW(name) &tsr_map_##name,
const tsr_map *const tsr_kernel_maps[] = {MAP_LIST(MAP_ROW) NULL};

#define TALLY_LIST(ROW)                                                                                                \
    ROW(anova) ROW(autocorrelation) ROW(distinct) ROW(k_means) ROW(logistic) ROW(pca) ROW(regression)
#define TALLY_DECLARE(name) extern const tsr_tally tsr_tally_##name;
TALLY_LIST(TALLY_DECLARE)

#define TALLY_ROW(name) &tsr_tally_##name,
const tsr_tally *const tsr_kernel_tallies[] = {TALLY_LIST(TALLY_ROW) NULL};
