/* Edges: an ascending table of them, and between which two a number lies.
 * Layer 1. Immutable once made. */
#ifndef TSR_ENGINE_EDGES_H
#define TSR_ENGINE_EDGES_H

#include "engine/status.h"

#include <stdint.h>

/* Bin i is [edge i, edge i + 1). A search begins in a cell of the range of keys (engine/state.h) that tells it a first
 * bin and goes on by halving, as often as the cell that meets most edges needs: once or twice where edges are spaced
 * like logarithms, log2 of the bins at worst. */
typedef struct {
    int32_t count; /* bins */
    int32_t cells; /* whose first bins are known */
    int32_t most;  /* edges in one cell, at most */
    int shift;     /* key bits within a cell */
    uint64_t first_key;
    uint64_t span;      /* from the first key to the last */
    double *edge;       /* [count + 1] */
    int64_t *first_bin; /* [cells] */
} tsr_edges;

/* Copies edges [count + 1], finite and strictly increasing. Not collective; allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_edges_create(const double *edge, int32_t count, tsr_edges **out);
void tsr_edges_destroy(tsr_edges **edges);

/* The bin of each value: 0 .. count - 1, the outer ones also for all that lies beyond, any for NaN. Vectorises;
 * thread-safe; allocates nothing. */
void tsr_edges_find(const tsr_edges *edges, const double *values, int64_t items, int32_t *bins);

/* Edges [count + 1] in geometric progression, 0 < begin < end within TSR_EDGES_LEAST .. 1 / TSR_EDGES_LEAST. Those
 * between the ends are rounded to 15 significant digits, so that decades are decades: edge i is within 6e-15 of
 * begin (end / begin)^(i / count), relatively, with the same bits on every machine. Thread-safe; allocates nothing.
 * Whether they increase is for the caller to see: too many do not. */
#define TSR_EDGES_LEAST 1e-150
void tsr_edges_space(double begin, double end, int32_t count, double *edge);

#endif
