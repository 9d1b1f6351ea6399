#include "engine/tallies/regression.h"

#include <math.h>

/* Digits of the squares that covariances are made of end at 2^-47 of them. */
static const double OWN_VARIANCE_MIN = 0x1p-36;

/* Row k of the factor from its correlations with the rows before it; what remains is the variance of its own. */
static double factor_row(int k, const double *correlation, tsr_regression *out) {
    double own = 1.0;
    for (int j = 0; j < k; j++) {
        if (!out->is_used[j]) continue;
        double rest = correlation[j];
        for (int i = 0; i < j; i++) rest -= out->factor[k][i] * out->factor[j][i];
        out->factor[k][j] = rest / out->factor[j][j];
        own -= out->factor[k][j] * out->factor[k][j];
    }
    return own;
}

void tsr_regression_make(const tsr_group *group, int first, int count, const bool *is_allowed, tsr_regression *out) {
    *out = (tsr_regression){.first = first, .count = count};
    for (int k = 0; k < count; k++) {
        double correlation[TSR_BATCH_COLUMNS_MAX] = {0};
        out->deviation[k] = sqrt(tsr_group_covariance(group, first + k, first + k));
        if (!(out->deviation[k] > 0.0) || (is_allowed != NULL && !is_allowed[k])) continue;
        for (int j = 0; j < k; j++)
            if (out->is_used[j])
                correlation[j] =
                    tsr_group_covariance(group, first + k, first + j) / (out->deviation[k] * out->deviation[j]);
        const double own = factor_row(k, correlation, out);
        if (own >= OWN_VARIANCE_MIN) {
            out->is_used[k] = true;
            out->factor[k][k] = sqrt(own);
            out->used++;
        } else {
            for (int j = 0; j < k; j++) out->factor[k][j] = 0.0;
        }
    }
}

/* L x = b in place, over the columns used. */
static void solve_lower(const tsr_regression *self, double *x) {
    for (int k = 0; k < self->count; k++) {
        if (!self->is_used[k]) {
            x[k] = 0.0;
            continue;
        }
        for (int j = 0; j < k; j++) x[k] -= self->factor[k][j] * x[j];
        x[k] /= self->factor[k][k];
    }
}

/* L' x = b likewise. */
static void solve_upper(const tsr_regression *self, double *x) {
    for (int k = self->count; k-- > 0;) {
        if (!self->is_used[k]) continue;
        for (int j = k + 1; j < self->count; j++) x[k] -= self->factor[j][k] * x[j];
        x[k] /= self->factor[k][k];
    }
}

void tsr_regression_fit(const tsr_regression *self, const tsr_group *group, int y, double *coefficient) {
    for (int k = 0; k < self->count; k++)
        coefficient[k] = self->is_used[k] ? tsr_group_covariance(group, self->first + k, y) / self->deviation[k] : 0.0;
    solve_lower(self, coefficient);
    solve_upper(self, coefficient);
    for (int k = 0; k < self->count; k++)
        if (self->is_used[k]) coefficient[k] /= self->deviation[k];
}

double tsr_regression_distance(const tsr_regression *self, const double *d) {
    double x[TSR_BATCH_COLUMNS_MAX], sum = 0.0;
    for (int k = 0; k < self->count; k++) x[k] = self->is_used[k] ? d[k] / self->deviation[k] : 0.0;
    solve_lower(self, x);
    for (int k = 0; k < self->count; k++) sum = fma(x[k], x[k], sum);
    return sum;
}
