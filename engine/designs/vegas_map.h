/* The map of VEGAS: each coordinate of the unit cube is stretched where a function is small and pressed together where
 * it is large, so that points follow the function. Layer 1, internal to engine/designs/. Source: G. P. Lepage, J.
 * Comput. Phys. 27 (1978) 192, equations 11 to 17. */
#ifndef TSR_ENGINE_VEGAS_MAP_H
#define TSR_ENGINE_VEGAS_MAP_H

#include <stdint.h>

/* A coordinate's bins: edge [bins + 1] ascends from 0 to 1. Points that are uniform in y fall into each bin equally
 * often. None of these functions allocates or can fail; all are thread-safe and give the same bits on every machine. */

/* A bin as points need it: what lies together is found with one look. */
typedef struct {
    double begin;
    double width;
} tsr_vegas_interval;

/* Equal bins. */
void tsr_vegas_begin(int bins, double *edge);

/* The intervals between the edges: out [bins]. */
void tsr_vegas_intervals(int bins, const double *edge, tsr_vegas_interval *out);

/* From uniforms y to points x, in place: x in (0, 1). */
void tsr_vegas_map(int bins, const tsr_vegas_interval *interval, int64_t items, double *point);

/* Multiplies each weight by the width of its bin times the number of bins, the density of y over that of x. */
void tsr_vegas_weigh(int bins, const tsr_vegas_interval *interval, int64_t items, const double *y, double *weight);

/* The bin of y in (0, 1). */
static inline int tsr_vegas_bin(int bins, double y) {
    const int bin = (int)(y * bins);
    return bin < bins ? bin : bins - 1;
}

/* New edges, for which each bin has about the same share of square [bins], the sums of squares that were found in the
 * old ones: smoothed over neighbours, and damped by the exponent `damping` (0: nothing changes). Sums that are all zero
 * leave the edges alone. Then the edges are graded: no bin is more than twice as wide as a neighbour, or a kink beside
 * nothing would lie in a bin that is nearly never seen. scratch: [2 bins + 1]. */
void tsr_vegas_refine(int bins, const double *square, double damping, double *edge, double *scratch);

#endif
