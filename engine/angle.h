/* Angles from their sines, cosines and sides, and hyperbolic functions, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_ENGINE_ANGLE_H
#define TSR_ENGINE_ANGLE_H

#include "engine/trigonometry.h"

/* The angle in radians of the point (x, y), in [-pi, pi], signs of zeros as in C; 2 ulp. Domain: all doubles but NaN.
 * The arctangent of the smaller side over the larger one, and its place in the circle. */
TSR_INLINE double tsr_atan2(double y, double x) {
    const double up = fabs(y), right = fabs(x), larger = up > right ? up : right, smaller = up > right ? right : up;
    const double ratio = larger == 0.0 ? 0.0 : smaller == larger ? 1.0 : smaller / larger;
    const double angle = tsr_atan(ratio);
    const double steep = up > right ? 0x1.921fb54442d18p+0 - (angle - 0x1.1a62633145c07p-54) : angle;
    const double left = signbit(x) ? 0x1.921fb54442d18p+1 - (steep - 0x1.1a62633145c07p-53) : steep;
    return x == x && y == y ? copysign(left, y) : NAN;
}

/* asin and acos in radians; 3 ulp. Domain: -1 .. 1; NaN outside it. 1 - x and 1 + x lose nothing near the ends. */
TSR_INLINE double tsr_asin(double x) { return tsr_atan2(x, sqrt((1.0 - x) * (1.0 + x))); }

TSR_INLINE double tsr_acos(double x) { return tsr_atan2(sqrt((1.0 - x) * (1.0 + x)), x); }

/* sqrt(x^2 + y^2), 1 ulp, without overflow or underflow on the way. Infinite if a side is, and the other no NaN. */
TSR_INLINE double tsr_hypot(double x, double y) {
    const double a = fabs(x), b = fabs(y), larger = a > b ? a : b;
    const double scale = larger > 0x1p500 ? 0x1p-600 : larger < 0x1p-400 ? 0x1p600 : 1.0;
    const double back = larger > 0x1p500 ? 0x1p600 : larger < 0x1p-400 ? 0x1p-600 : 1.0;
    const double p = a * scale, q = b * scale, square = p * p, other = q * q, sum = square + other;
    const double high = square > other ? square : other, low = square > other ? other : square;
    const double lost = (low - (sum - high)) + (fma(p, p, -square) + fma(q, q, -other));
    const double root = sqrt(sum);
    const double better = root + (fma(-root, root, sum) + lost) / (2.0 * root);
    return (sum > 0.0 && sum <= DBL_MAX ? better : root) * back;
}

/* sinh x; 3 ulp, also for small x. Infinite beyond +-709.78; NaN stays NaN. */
TSR_INLINE double tsr_sinh(double x) {
    const double t = tsr_expm1(fabs(x));
    return copysign(0.5 * (t <= DBL_MAX ? t + t / (t + 1.0) : t), x);
}

/* cosh x; 2 ulp. Infinite beyond +-709.78; NaN stays NaN. */
TSR_INLINE double tsr_cosh(double x) {
    const double t = tsr_exp(fabs(x));
    return 0.5 * t + 0.5 / t;
}

#endif
