/* A group of items, known by exact sums: means, covariances and variances of linear combinations, solved in integers
 * and rounded once. Groups add and subtract, so that all items without one batch are a group.
 * Layer 2. Formulas: docs/numerics.md. */
#ifndef TSR_ENGINE_GROUP_H
#define TSR_ENGINE_GROUP_H

#include "engine/status.h"
#include "engine/tallies/batches.h"

#include <gmp.h>
#include <stdbool.h>

/* sum, is_finite: [tsr_batch_sums]. */
typedef struct {
    int columns;
    int64_t items;
    mpz_t *sum; /* in units of 2^-TSR_EXACT_BIAS */
    bool *is_finite;
} tsr_group;

/* All items, those of each batch, and all but those. */
typedef struct {
    tsr_group total;
    tsr_group batch[TSR_BATCHES];
    tsr_group rest[TSR_BATCHES];
    int batches; /* that have items */
} tsr_groups;

/* words: those of the state, settled; NULL: no items. Allocates. TSR_ERUNTIME: no memory. */
tsr_status tsr_groups_create(int columns, const int64_t *words, tsr_groups **out);
void tsr_groups_destroy(tsr_groups **groups);

/* None of these is collective or can fail; all are thread-safe and allocate GMP temporaries. NaN: no items, a value
 * that is not finite in a column that is asked for, or beyond the range of a double. */

/* The mean minus `from`, correctly rounded. */
double tsr_group_mean(const tsr_group *group, int column, double from);

/* The sum of a column divided by that of another, correctly rounded; NaN where this one is 0 or negative. */
double tsr_group_ratio(const tsr_group *group, int column, int other);

/* The sample covariance, divided by items - 1, correctly rounded; NaN below two items. */
double tsr_group_covariance(const tsr_group *group, int a, int b);

/* The sample variance of sum over c of coefficient[c] x_c. Only sums of squares of a tile are rounded: to 2^-47 of the
 * square of tsr_group_scale. A variance below that cannot be told from 0, and is exactly 0. */
double tsr_group_variance(const tsr_group *group, const double *coefficient);

/* Sum over c of |coefficient[c]| times the deviation of x_c. */
double tsr_group_scale(const tsr_group *group, const double *coefficient);

#endif
