/* A grid: two axes, and in which of its cells a pair of numbers lies.
 * Layer 2. */
#ifndef TSR_ENGINE_GRID_H
#define TSR_ENGINE_GRID_H

#include "engine/tallies/axis.h"
#include "engine/tallies/slots.h"

enum { TSR_GRID_AXES = 2, TSR_GRID_CELLS_MAX = 4000000, TSR_GRID_OUTSIDE = 15 };

/* Owns its axes. Cleared memory is none. Cells are [bins of axis 0, bins of axis 1]; after them come the slots of what
 * is not in a cell. */
typedef struct {
    tsr_axis axis[TSR_GRID_AXES];
    int64_t cells;
} tsr_grid;

/* Reads the rows bins, range, scale, edges_x and edges_y. Bins, range and scale are those of the axes that have no
 * edges, in this order; one number of bins and one scale will do for both.
 * Not collective; allocates; cleared by the caller also when it fails. TSR_EUSAGE: whatever is missing, impossible, or
 * said twice; TSR_ERUNTIME: no memory. */
tsr_status tsr_grid_read(const tsr_params *params, tsr_grid *out);
void tsr_grid_clear(tsr_grid *grid);

/* The slot of each pair: its cell; or cells + which of the places outside. items: up to a block. Thread-safe. */
void tsr_grid_find(const tsr_grid *grid, const double *x, const double *y, int64_t items, int32_t *slots);

/* Of the i-th place outside: where it lies on an axis, TSR_BINS_BELOW ..., or -1: within its bins. */
int tsr_grid_place(int outside, int axis);

#endif
