/* The error function and the normal distribution, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops.
 *
 * exp(x^2) erfc(x) = g(t)/(1 + 2x), t = (x - 3.75)/(x + 3.75), and g is a short series of Chebyshev polynomials for all
 * x >= 0: M. M. Shepherd and J. G. Laframboise, Math. Comp. 36 (1981) 249-253. Coefficients: their integrals at 60
 * digits, rounded; what is left out is below 2^-58. */
#ifndef TSR_ENGINE_ERROR_FUNCTION_H
#define TSR_ENGINE_ERROR_FUNCTION_H

#include "engine/vmath.h"

/* exp(x^2) erfc(x); 4 ulp. Domain: 0 .. 2^500. */
TSR_INLINE double tsr_erfcx(double x) {
    static const double chebyshev[] = {
        0x1.2d75d0246cee8p+0,   -0x1.2cd0564f8c1b7p-8,  -0x1.59159e8868995p-4,  0x1.e50c3e7c7dccep-5,
        -0x1.b4c68f4569326p-6,  0x1.295e991a7d82dp-7,   -0x1.3c4c54f8d419dp-9,  0x1.014ed1572209ap-11,
        -0x1.221e6f70130b5p-14, 0x1.15c3f597f0492p-18,  0x1.9f8f03ca86fc1p-21,  -0x1.d601c320c8f9cp-23,
        0x1.71e1efca86cf9p-27,  0x1.36bf2885524c9p-28,  -0x1.aa4d7b1cdf20ap-31, -0x1.15df59ca6082bp-34,
        0x1.f8af0a9aa6d31p-36,  0x1.b61b723941781p-43,  -0x1.0fc16c00b50f2p-40, 0x1.24f6a772cbc36p-45,
        0x1.2d8b49ab5f72bp-45,  -0x1.0cb63a80de2c5p-49, -0x1.6884628ace07ap-50, 0x1.561b105822235p-54,
        0x1.d3744857e262bp-55,  -0x1.4a219c71bb4d2p-59};
    const double t = (x - 3.75) / (x + 3.75), twice = 2.0 * t;
    double next = 0.0, last = 0.0;
    for (int k = 25; k > 0; k--) {
        const double here = fma(twice, next, chebyshev[k] - last);
        last = next;
        next = here;
    }
    return fma(t, next, chebyshev[0] - last) / fma(2.0, x, 1.0);
}

/* exp(-scale x^2) for scale 1 or 1/2, without the rounding of the square. */
TSR_INLINE double tsr_gauss(double x, double scale) {
    const double square = x * x, low = fma(x, x, -square), e = tsr_exp(-scale * square);
    return fma(-scale * low, e, e);
}

/* 1 - erf(x); 6 ulp, also where it is small. Domain: all doubles; 0 beyond 26.6; NaN stays NaN. */
TSR_INLINE double tsr_erfc(double x) {
    const double a = fabs(x) < 27.0 ? fabs(x) : x == x ? 27.0 : x;
    const double tail = tsr_gauss(a, 1.0) * tsr_erfcx(a);
    return x < 0.0 ? 2.0 - tail : tail;
}

/* 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x; 2 ulp. Domain: all doubles; NaN stays NaN. Up to 1 a
 * polynomial that interpolates erf(x)/x in x^2 [2^-56]. */
TSR_INLINE double tsr_erf(double x) {
    const double a = fabs(x), z = a < 1.0 ? x * x : 1.0;
    double p = -0x1.ac9585a44fe29p-31;
    p = fma(p, z, 0x1.d76af6ca49787p-27);
    p = fma(p, z, -0x1.5c131500d3f88p-23);
    p = fma(p, z, 0x1.b981d78881a5dp-20);
    p = fma(p, z, -0x1.f4ca838adb73bp-17);
    p = fma(p, z, 0x1.f9a2be4f731a1p-14);
    p = fma(p, z, -0x1.c02db0665e53dp-11);
    p = fma(p, z, 0x1.565bccfa44156p-8);
    p = fma(p, z, -0x1.b82ce31203772p-6);
    p = fma(p, z, 0x1.ce2f21a040f66p-4);
    p = fma(p, z, -0x1.812746b0379c1p-2);
    p = fma(p, z, 0x1.20dd750429b6dp+0);
    return a < 1.0 ? x * p : copysign(1.0 - tsr_erfc(a), x);
}

/* The probability that a standard normal number is below x; 6 ulp, also where it is small. Domain: all doubles; 0 below
 * -37.6; NaN stays NaN. */
TSR_INLINE double tsr_normal_cdf(double x) {
    const double a = fabs(x) < 38.0 ? fabs(x) : x == x ? 38.0 : x;
    const double tail = 0.5 * tsr_gauss(a, 0.5) * tsr_erfcx(a * 0x1.6a09e667f3bcdp-1);
    return x > 0.0 ? 1.0 - tail : tail;
}

#endif
