/* The law of one day's log returns of several assets: a multivariate Student t, read from an earlier stage's results or
 * from numbers in the job. Hides GSL's matrices and root finding. */
#ifndef TSR_KERNELS_FINANCE_RETURN_LAW_H
#define TSR_KERNELS_FINANCE_RETURN_LAW_H

#include "engine/kernel.h"

/* A day's log returns are mean + sqrt((dof - 2) / dof) factor t, where t is the standard Student t of `assets`
 * dimensions: so their covariance is factor factor', whatever the degrees of freedom. */
typedef struct {
    int64_t assets;
    double *mean;   /* [assets] */
    double *factor; /* [assets, assets], lower triangular; zero above the diagonal */
    double dof;     /* degrees of freedom, > 2 */
    bool fitted;    /* dof was read off quantiles */
} tsr_return_law;

/* The rows that a kernel's table needs for it. */
#define TSR_PARAM_RETURNS                                                                                              \
    { "returns", TSR_STAGE, "1", "", 0, 0, false, false, NULL, "earlier stage with the daily log returns to imitate" }
#define TSR_PARAM_RETURN_MEAN                                                                                          \
    { "mean", TSR_REAL_LIST, "1", "", 0, 0, false, false, NULL, "instead of returns: mean daily log returns" }
#define TSR_PARAM_RETURN_COVARIANCE                                                                                    \
    { "covariance", TSR_REAL_LIST, "1", "", 0, 0, false, false, NULL, "instead of returns: their covariance, by rows" }
#define TSR_PARAM_RETURN_DOF                                                                                           \
    { "dof", TSR_TEXT, "1", "fit", 0, 0, false, false, NULL, "degrees of freedom above 2, or fit: from quantiles" }

/* What can be refused before the earlier stage has run: neither or both ways given, dof not above 2. */
tsr_status tsr_return_law_check(const tsr_params *params);

/* Reads the four rows. Not collective; allocates *out; thread-safe, but turns off GSL's error handler, which would end
 * the process, for good.
 * Assets are the columns of the stage's result "covariance", in that order, or the rows of the given matrix.
 * TSR_EUSAGE: as the check, wrong shapes, not symmetric, not positive definite (with the smallest
 * eigenvalue), results that the stage does not have (with what to add); TSR_ERUNTIME: no memory. */
tsr_status tsr_return_law_create(const tsr_params *params, tsr_return_law **out);
void tsr_return_law_destroy(tsr_return_law **law);

#endif
