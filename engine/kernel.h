/* Everything a kernel author needs, and nothing else: include this one header.
 * A source or a map is one C file with one table in it: no MPI, no OpenMP, no files, no global state. */
#ifndef TSR_ENGINE_KERNEL_H
#define TSR_ENGINE_KERNEL_H

#include "engine/block.h"
#include "engine/draws.h"
#include "engine/map.h"
#include "engine/normal.h"
#include "engine/param.h"
#include "engine/result.h"
#include "engine/source.h"
#include "engine/status.h"
#include "engine/variate.h"
#include "engine/vmath.h"

#endif
