#include "kernels/learn/newton.h"

#include <math.h>

/* Of its curvature, a term must have so much that is not that of the terms before it. A likelihood may fall by so much
 * of itself through rounding. Near a maximum the distance falls ever faster; where
 * there is none, by a factor of e a step. */
static const double OWN_MIN = 0x1p-40, ROUNDING = 1e-13, FACTOR_SLOW = 0.1;
enum { SLOW_MAX = 8 };

/* Cholesky's factor of the curvature, scaled to a diagonal of 1. */
typedef struct {
    const tsr_newton *self;
    double scale[TSR_TERMS_MAX];
    double factor[TSR_TERMS_MAX][TSR_TERMS_MAX]; /* lower triangle */
} decomposition;

void tsr_newton_begin(int terms, double tolerance, tsr_newton *out) {
    *out = (tsr_newton){.terms = terms, .tolerance = tolerance, .distance = NAN, .likelihood = NAN};
    for (int t = 0; t < terms; t++) {
        out->is_used[t] = true;
        out->error[t] = NAN;
    }
}

/* False: a term that was its own is none any more. The first look says which terms are. */
static bool decompose(const tsr_newton_look *look, tsr_newton *self, decomposition *out) {
    *out = (decomposition){.self = self};
    for (int k = 0; k < self->terms; k++) {
        out->scale[k] = sqrt(look->curvature[k][k]);
        double own = look->curvature[k][k] > 0 ? 1.0 : 0.0;
        for (int j = 0; j < k && self->is_used[k] && own > 0; j++) {
            if (!self->is_used[j]) continue;
            double rest = look->curvature[j][k] / (out->scale[j] * out->scale[k]);
            for (int i = 0; i < j; i++) rest -= out->factor[k][i] * out->factor[j][i];
            out->factor[k][j] = rest / out->factor[j][j];
            own -= out->factor[k][j] * out->factor[k][j];
        }
        if (self->looks == 0) self->is_used[k] = own > OWN_MIN;
        if (!self->is_used[k]) {
            for (int j = 0; j < k; j++) out->factor[k][j] = 0;
        } else if (!(own > 0)) {
            return false;
        }
        out->factor[k][k] = self->is_used[k] ? sqrt(own) : 1.0;
    }
    return true;
}

/* x = H^-1 b, 0 for terms that are not used; returns b' H^-1 b. */
static double solve(const decomposition *of, const double *b, double *x) {
    double square = 0;
    const int terms = of->self->terms;
    for (int k = 0; k < terms; k++) {
        x[k] = of->self->is_used[k] ? b[k] / of->scale[k] : 0.0;
        for (int j = 0; j < k; j++) x[k] -= of->factor[k][j] * x[j];
        x[k] = of->self->is_used[k] ? x[k] / of->factor[k][k] : 0.0;
        square = fma(x[k], x[k], square);
    }
    for (int k = terms; k-- > 0;) {
        for (int j = k + 1; j < terms; j++) x[k] -= of->factor[j][k] * x[j];
        x[k] = of->self->is_used[k] ? x[k] / of->factor[k][k] : 0.0;
    }
    for (int k = 0; k < terms; k++) x[k] = of->self->is_used[k] ? x[k] / of->scale[k] : 0.0;
    return square;
}

static void find_errors(const decomposition *of, tsr_newton *self) {
    for (int k = 0; k < self->terms; k++) {
        double unit[TSR_TERMS_MAX] = {0}, column[TSR_TERMS_MAX];
        unit[k] = 1;
        self->error[k] = self->is_used[k] ? sqrt(solve(of, unit, column)) : (double)NAN;
    }
}

static void go_from_base(tsr_newton *self) {
    for (int k = 0; k < self->terms; k++) self->next[k] = self->base[k] + self->step[k];
}

static bool is_worse(const tsr_newton_look *look, const tsr_newton *self) {
    return self->looks > 0 && !(look->likelihood >= self->likelihood + ROUNDING * self->likelihood);
}

static void judge(double before, tsr_newton *self) {
    self->slow = self->distance > FACTOR_SLOW * before && self->distance < 1 ? self->slow + 1 : 0;
    if (self->slow >= SLOW_MAX) self->state = TSR_NEWTON_STUCK;
    if (self->slow < SLOW_MAX / 2 && self->distance <= self->tolerance * self->tolerance)
        self->state = TSR_NEWTON_CONVERGED;
}

void tsr_newton_advance(const tsr_newton_look *look, tsr_newton *self) {
    decomposition factors;
    if (self->state != TSR_NEWTON_GOES_ON) return;
    if (look->wrong == 0) {
        self->state = TSR_NEWTON_SEPARATED;
    } else if (is_worse(look, self)) {
        for (int k = 0; k < self->terms; k++) self->step[k] *= 0.5;
        go_from_base(self);
    } else if (!decompose(look, self, &factors)) {
        self->state = TSR_NEWTON_STUCK;
    } else {
        const double before = self->distance;
        for (int k = 0; k < self->terms; k++) self->base[k] = self->next[k];
        self->likelihood = look->likelihood;
        self->distance = solve(&factors, look->gradient, self->step);
        find_errors(&factors, self);
        go_from_base(self);
        judge(before, self);
    }
    self->looks++;
}
