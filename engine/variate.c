#include "engine/variate.h"

#include "engine/vmath.h"

enum { ATTEMPTS = 256 };

/* d (1 + c x)^3 with a normal x is nearly the variate; what is too much is rejected. */
typedef struct {
    double d;
    double c;
} method;

/* The variate, or a negative number if x is rejected (a logarithm of what is not positive is NaN, and rejects). */
TSR_INLINE double attempt(method by, double x, double u) {
    const double root = fma(by.c, x, 1.0), v = root * root * root;
    const double slack = fma(by.d, fma(3.0, tsr_log(root), 1.0 - v), 0.5 * x * x);
    return tsr_log_of_normal(u) < slack ? by.d * v : -1.0;
}

/* Attempts fail with a chance below 1/20, unless the shape is none. */
static double attempt_alone(method by, const tsr_draws *draws, int64_t index, int64_t draw) {
    for (int64_t next = (INT64_C(1) << 48) + ATTEMPTS * draw, end = next + ATTEMPTS; next < end; next++) {
        const double value = attempt(by, tsr_normal_of(draws, index, next), tsr_uniform_of(draws, index, next));
        if (value >= 0.0) return value;
    }
    return NAN;
}

/* From shape + 1 to a shape below 1. */
static void boost(double shape, const double *restrict u, int64_t items, double *restrict out) {
    for (int64_t i = 0; i < items; i++) out[i] *= tsr_exp(tsr_log_of_normal(u[i]) / shape);
}

void tsr_gamma(tsr_draws *draws, double shape, int64_t draw, double *restrict out) {
    const int64_t items = tsr_draws_items(draws);
    const double d = shape > 0.0 ? (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0 : NAN;
    const method by = {.d = d, .c = 1.0 / sqrt(9.0 * d)};
    const double *x = tsr_normal(draws, draw), *u = tsr_uniform(draws, draw);
    for (int64_t i = 0; i < items; i++) out[i] = attempt(by, x[i], u[i]);
    for (int64_t i = 0; i < items; i++)
        if (out[i] < 0.0) out[i] = attempt_alone(by, draws, i, draw);
    if (shape < 1.0) boost(shape, tsr_uniform(draws, draw + 1), items, out);
}
