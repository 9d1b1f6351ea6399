/* The tail of the standard normal law, with the same bits on every machine.
 * As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_KERNELS_LAWS_NORMAL_TAIL_H
#define TSR_KERNELS_LAWS_NORMAL_TAIL_H

#include "engine/vmath.h"

/* P(Z > z) for a standard normal Z; relative error below 3e-15 for |z| <= 9. Beyond that an upper tail keeps its order
 * of magnitude until it underflows to 0 at 37.6; NaN stays NaN.
 * The tail is the density times Mills' ratio, which is smooth in s = (|z| - 5) / (|z| + 5), as in Shepherd and
 * Laframboise, Math. Comp. 36 (1981) 249. Fitted: e^(z^2 / 2) P(Z > z) (z + 5) in s, for 0 <= z <= 9, by interpolation
 * at Chebyshev's nodes [2^-56]. */
TSR_INLINE double tsr_normal_tail(double z) {
    const double x = fabs(z), inverse = 1.0 / (x + 5.0), s = (x - 5.0) * inverse;
    double p = 0x1.446a30a7933f5p-25;
    p = fma(p, s, 0x1.40105f8dda433p-22);
    p = fma(p, s, 0x1.9923c37cef9c4p-21);
    p = fma(p, s, -0x1.a3327f75b82a5p-24);
    p = fma(p, s, -0x1.68e1aa37568b9p-19);
    p = fma(p, s, 0x1.0a5210950b195p-18);
    p = fma(p, s, 0x1.177cdfcb68f69p-16);
    p = fma(p, s, -0x1.a17f69afdd97bp-15);
    p = fma(p, s, -0x1.f212eb7ea310dp-15);
    p = fma(p, s, 0x1.1daf3ab5d0b78p-11);
    p = fma(p, s, -0x1.a250338649a5bp-11);
    p = fma(p, s, -0x1.88590ef20acdap-9);
    p = fma(p, s, 0x1.54b4d4f1d3c74p-6);
    p = fma(p, s, -0x1.1b1c254c992c4p-4);
    p = fma(p, s, 0x1.51f6329f04209p-3);
    p = fma(p, s, -0x1.410ed5f87594cp-2);
    p = fma(p, s, 0x1.fb31653876f5ap-2);
    p = fma(p, s, -0x1.54ad03f27ca18p-1);
    p = fma(p, s, 0x1.89d3abe1f95aep-1);
    const double square = x * x, lost = fma(x, x, -square); /* x^2 = square + lost */
    const double density = fma(-0.5 * lost, tsr_exp(-0.5 * square), tsr_exp(-0.5 * square));
    const double tail = density * (p * inverse);
    return z < 0.0 ? 1.0 - tail : tail;
}

#endif
