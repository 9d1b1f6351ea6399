/* Fixed lanes: how a loop over the items of a block sums, so that the compiler can use vectors of any width and the
 * bits stay the same: element i goes to lane i mod 32, and lanes are added 16 apart, then 8, 4, 2, 1.
 * Layer 0. */
#ifndef TSR_ENGINE_LANES_H
#define TSR_ENGINE_LANES_H

#include <stdint.h>

/* TSR_LANE_ROWS: how many rows of 32 items a loop takes per visit of its lanes, to keep sums in registers. */
enum { TSR_LANES = 32, TSR_LANE_ROWS = 8 };

/* For loops that become vector code only where they see their constants. */
#define TSR_UNROLLED static inline __attribute__((always_inline))

/* A sum of about twice the digits of a double: high + low, high being the rounded sum. */
typedef struct {
    double high;
    double low;
} tsr_pair;

/* Adds a term; the rounding error of high goes to low. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.
 * A term that is not finite makes low or both a NaN. */
static inline void tsr_pair_add(tsr_pair *sum, double term) {
    const double high = sum->high + term;
    const double taken = high - sum->high;
    sum->low += (sum->high - (high - taken)) + (term - taken);
    sum->high = high;
}

/* None of these functions is collective, allocates or can fail; all are thread-safe. */

/* The sum of the lanes. */
double tsr_lanes_fold(const double lane[TSR_LANES]);

/* A number close to the mean of value [items], items > 0: exactly the value if all are equal, 0 if it is not finite.
 * Where a tile's differences are taken from. */
double tsr_lanes_centre(const double *value, int64_t items);

#endif
