/* Sums of products of the items of a series with those behind them: a tile's, what they add to exact sums, and the
 * correlations these give. */
#ifndef TSR_KERNELS_DATA_LAGGED_H
#define TSR_KERNELS_DATA_LAGGED_H

#include "engine/exact.h"
#include "engine/tallies/lanes.h"

#include <stdbool.h>

/* Of pairs (x, y), y being the item some lag behind x: how many there are, and the sums of x y, x and y. Zeroed memory:
 * none. */
typedef struct {
    int64_t pairs;
    tsr_exact product;
    tsr_exact first;
    tsr_exact second;
} tsr_lag_state;

_Static_assert(sizeof(tsr_lag_state) == (1 + 3 * TSR_EXACT_WORDS) * sizeof(int64_t), "a state is plain int64 words");

/* The same of a tile, about its centre. */
typedef struct {
    int64_t pairs;
    tsr_pair product;
    tsr_pair first;
    tsr_pair second;
} tsr_lag_tile;

/* A stretch of a series: `items` of its own, and those behind them, `there` altogether. */
typedef struct {
    int64_t items;
    int64_t there;
    const double *deviation; /* [there] from the tile's centre */
    const tsr_pair *before;  /* [there + 1] sums of the deviations before each */
} tsr_stretch;

/* None of these functions allocates but GMP temporaries, or can fail; all are thread-safe. Arrays of lags: [lags + 1],
 * lag 0 first. */

/* The value nearest to the mean of [items], so that differences from it are exact where data have few digits. */
double tsr_lagged_centre(const double *value, int64_t items);

/* Adds the pairs whose first item is one of the stretch's own. */
void tsr_lagged_add(const tsr_stretch *stretch, int64_t lags, tsr_lag_tile *lag);

/* Adds a tile, once it is whole. */
void tsr_lagged_end(const tsr_lag_tile *lag, int64_t lags, double centre, tsr_lag_state *state);

/* The sum of (x - m)(y - m) over that of lag 0, where m is the mean of all items; each correctly rounded from the sums.
 * NaN where there are no pairs, or sums are not finite, or all items are equal. */
void tsr_lagged_solve(const tsr_lag_state *state, int64_t lags, double *correlation);

#endif
