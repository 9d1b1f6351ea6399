/* Orders in which independent normals make a Brownian path, so that the first few of them decide most of it.
 * Layer 1. Each is an orthogonal map from the normals of a path to its increments over equal steps, in units of their
 * deviation: as many independent normals, with the same law.
 * Sources: B. Moskowitz and R. Caflisch, Math. Comput. Modelling 23 (1996) 37 (bridge); P. Acworth, M. Broadie and
 * P. Glasserman, Monte Carlo and Quasi-Monte Carlo Methods 1996 (1998) 1, F. Akesson and J. Lehoczky, ibid. 44 (1998)
 * 1365 (principal components); P. Glasserman, Monte Carlo Methods in Financial Engineering (2004), 3.1. */
#ifndef TSR_ENGINE_PATH_H
#define TSR_ENGINE_PATH_H

#include "engine/status.h"

#include <stdint.h>

/* bridge: the first normal decides the end of the path, the second its middle, then the quarters, and so on; an
 * interval of odd length has its middle half a step early. pca: the normals belong to the principal components of the
 * path, those of the largest variance first. */
typedef enum { TSR_PATH_BRIDGE, TSR_PATH_PCA } tsr_path_order;

/* Immutable, for paths of a number of steps. */
typedef struct tsr_path tsr_path;

/* Not collective; allocates. TSR_ERUNTIME: no memory. steps >= 1. */
tsr_status tsr_path_create(tsr_path_order order, int64_t steps, tsr_path **out);
void tsr_path_destroy(tsr_path **path);

/* Replaces normals by increments: number k of item i, and then step k, is at normals[k * stride + i]. Items are built
 * in runs of TSR_PATH_LANES, so that what lies between the last one and the end of its run is overwritten. An item does
 * not depend on the others. scratch: [steps][TSR_PATH_LANES]. Thread-safe; allocates nothing. */
enum { TSR_PATH_LANES = 16 };
void tsr_path_build(const tsr_path *path, int64_t items, int64_t stride, double *normals, double *scratch);

#endif
