#include "kernels/integrals/genz_exact.h"

#include <math.h>

/* (1 + s)^-(d + 1) is 1/d! times the integral of t^d e^-t e^-st over t > 0, and e^-st integrates to a product over the
 * cube. What is left is positive, so nothing cancels, unlike in the sum over the 2^d corners. With t = e^y it falls off
 * exponentially to the left and doubly so to the right, where the trapezoidal rule converges faster than any power of
 * its step (L. N. Trefethen and J. A. C. Weideman, SIAM Review 56 (2014) 385). */
static double corner_peak(int64_t dimensions, const double *a) {
    const double power = (double)dimensions + 1.0, step = 0.25 / sqrt(power);
    const double begin = log(power) - 45.0, end = log(power + 40.0 * sqrt(power) + 400.0);
    const int64_t terms = (int64_t)((end - begin) / step);
    double sum = 0.0;
    for (int64_t term = 0; term < terms; term++) {
        const double y = begin + (double)term * step, t = exp(y);
        double log_term = y - t;
        for (int64_t i = 0; i < dimensions; i++) log_term += log(-expm1(-a[i] * t) / (a[i] * (double)(i + 1)));
        sum += exp(log_term);
    }
    return step * sum;
}

static double oscillatory(int64_t dimensions, const double *a, const double *u) {
    double phase = 2.0 * M_PI * u[0], product = 1.0;
    for (int64_t i = 0; i < dimensions; i++) {
        phase += 0.5 * a[i];
        product *= sin(0.5 * a[i]) / (0.5 * a[i]);
    }
    return product * cos(phase);
}

/* The integral over one dimension of a family that is a product. */
static double factor(tsr_genz_family family, int64_t dimension, double a, double u) {
    switch (family) {
    case TSR_GENZ_PRODUCT_PEAK: return a * (atan(a * (1.0 - u)) + atan(a * u));
    case TSR_GENZ_GAUSSIAN: return 0.5 * sqrt(M_PI) / a * (erf(a * (1.0 - u)) + erf(a * u));
    case TSR_GENZ_C0: return -(expm1(-a * u) + expm1(-a * (1.0 - u))) / a;
    default: return expm1(dimension < 2 ? a * u : a) / a;
    }
}

double tsr_genz_exact(tsr_genz_family family, int64_t dimensions, const double *a, const double *u) {
    if (family == TSR_GENZ_OSCILLATORY) return oscillatory(dimensions, a, u);
    if (family == TSR_GENZ_CORNER_PEAK) return corner_peak(dimensions, a);
    double product = 1.0;
    for (int64_t i = 0; i < dimensions; i++) product *= factor(family, i, a[i], u[i]);
    return product;
}
