/* The map join: columns of a small table, by a key that the dataset has, too.
 *
 * In a job:
 *     maps: [join: {table: airports.csv, on: origin, columns: [lat, lon]}] */
#ifndef TSR_IO_JOIN_H
#define TSR_IO_JOIN_H

#include "engine/map.h"

extern const tsr_map tsr_map_join;

#endif
