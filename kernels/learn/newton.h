/* Newton's method for the coefficients of a logistic regression, from sums that a pass over all items gives.
 * Layer 1. */
#ifndef TSR_KERNELS_NEWTON_H
#define TSR_KERNELS_NEWTON_H

#include "kernels/learn/least_squares.h"

#include <stdbool.h>
#include <stdint.h>

/* What one pass at some coefficients has found. */
typedef struct {
    int64_t items;
    int64_t wrong;     /* items on the wrong side of probability 1/2, or on it */
    double likelihood; /* its logarithm */
    double gradient[TSR_TERMS_MAX];
    double curvature[TSR_TERMS_MAX][TSR_TERMS_MAX]; /* minus the second derivatives; row <= column is read */
} tsr_newton_look;

typedef enum { TSR_NEWTON_GOES_ON, TSR_NEWTON_CONVERGED, TSR_NEWTON_SEPARATED, TSR_NEWTON_STUCK } tsr_newton_state;

/* On its way; the first `terms` of each array. */
typedef struct {
    int terms;
    double tolerance;
    tsr_newton_state state;
    int looks;                   /* so far */
    int slow;                    /* steps in a row that came hardly nearer, as they do where there is no maximum */
    bool is_used[TSR_TERMS_MAX]; /* terms that are no linear function of those before them */
    double next[TSR_TERMS_MAX];  /* where to look next; once converged, the result */
    double base[TSR_TERMS_MAX];  /* the best so far */
    double step[TSR_TERMS_MAX];  /* from there */
    double likelihood;           /* there */
    double distance;             /* from the maximum, in standard errors, squared: g' H^-1 g */
    double error[TSR_TERMS_MAX]; /* standard errors there */
} tsr_newton;

/* All are thread-safe and allocate nothing. */

void tsr_newton_begin(int terms, double tolerance, tsr_newton *out);

/* Takes what was found at `next`. A step that makes things worse is halved. */
void tsr_newton_advance(const tsr_newton_look *look, tsr_newton *self);

#endif
