/* Linear regression on a few columns of a group: coefficients from its covariances.
 * Layer 2. */
#ifndef TSR_ENGINE_REGRESSION_H
#define TSR_ENGINE_REGRESSION_H

#include "engine/tallies/group.h"

/* Cholesky factor of the correlations of columns first .. first + count - 1. Immutable once made; a value type. */
typedef struct {
    int first;
    int count;
    int used; /* how many are */
    bool is_used[TSR_BATCH_COLUMNS_MAX];
    double deviation[TSR_BATCH_COLUMNS_MAX];
    double factor[TSR_BATCH_COLUMNS_MAX][TSR_BATCH_COLUMNS_MAX]; /* lower triangle */
} tsr_regression;

/* Leaves out what is not allowed (NULL: all are), constant, not finite, or a linear function of those before it: of its
 * variance less than 2^-36 is its own. Thread-safe; allocates GMP temporaries. */
void tsr_regression_make(const tsr_group *group, int first, int count, const bool *is_allowed, tsr_regression *out);

/* coefficient [count] of the least-squares fit of column y of the group; 0 for columns left out. */
void tsr_regression_fit(const tsr_regression *regression, const tsr_group *group, int y, double *coefficient);

/* d' C^-1 d for the covariance matrix C of the columns used; d: [count]. Not negative. */
double tsr_regression_distance(const tsr_regression *regression, const double *d);

#endif
