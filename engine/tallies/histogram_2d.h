/* The tally "histogram_2d": how many items fall into the cells of a grid over two columns, or what these items weigh.
 * Layer 2.
 *
 * Each axis has bins as in engine/tallies/histogram.h; cell (i, j) is bin i of the first column and bin j of the second
 * one. An item that lies outside on either axis is in no cell; it is counted for each axis that it misses (result
 * "histogram_2d_outside": below, above, not a number). Counts of cells that no item has met take no memory, in runs of
 * 2048 cells along the second axis.
 *
 * Error bars are those of engine/tallies/share.h; the density is a share per area of the cell, with all items
 * counting that are numbers on both axes. There is no automatic range. */
#ifndef TSR_ENGINE_HISTOGRAM_2D_H
#define TSR_ENGINE_HISTOGRAM_2D_H

#include "engine/tally.h"

extern const tsr_tally tsr_tally_histogram_2d;

#endif
