/* Powers, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_ENGINE_POWER_H
#define TSR_ENGINE_POWER_H

#include "engine/vmath.h"

/* y log(a) for a positive normal a: the rounded product, and in *low what it lacks, to about 2^-65 of it.
 * a = 2^k m as in tsr_log_of_normal; log m = 2 s (1 + z/3 + z^2 (1/5 + z/7 + ...)) with z = s^2 <= 0.0295, everything
 * before the bracket's last term in pairs of doubles (T. J. Dekker, Numer. Math. 18 (1971) 224-242). The series is cut
 * off at 2^-65 of the bracket. */
TSR_INLINE double tsr_log_times(double a, double y, double *low) {
    const uint64_t root_half = 0x3fe6a09e667f3bcdu, one = 0x3ff0000000000000u, mantissa = 0x000fffffffffffffu;
    const uint64_t shifted = tsr_bits_from_double(a) + (one - root_half);
    const double m = tsr_double_from_bits((shifted & mantissa) + root_half);
    const double k = tsr_double_from_bits((shifted >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
    const double f = m - 1.0, u = 2.0 + f, u_low = f - (u - 2.0);
    const double s = f / u, s_low = (fma(-s, u, f) - s * u_low) / u;
    const double z = s * s, z_low = fma(s, s, -z) + 2.0 * s * s_low;
    const double third = 0x1.5555555555555p-2, third_low = 0x1.5555555555555p-56;
    const double w = z * third, w_low = fma(z, third, -w) + fma(z, third_low, z_low * third);
    double p = 1.0 / 23.0;
    p = fma(p, z, 1.0 / 21.0);
    p = fma(p, z, 1.0 / 19.0);
    p = fma(p, z, 1.0 / 17.0);
    p = fma(p, z, 1.0 / 15.0);
    p = fma(p, z, 1.0 / 13.0);
    p = fma(p, z, 1.0 / 11.0);
    p = fma(p, z, 1.0 / 9.0);
    p = fma(p, z, 1.0 / 7.0);
    p = fma(p, z, 1.0 / 5.0);
    const double q = z * z * p, t = w + q, t_low = ((w - t) + q) + w_low;
    const double g = s * t, g_low = fma(s, t, -g) + fma(s, t_low, s_low * t);
    const double half = s + g, half_low = ((s - half) + g) + (s_low + g_low); /* of log m */
    const double twos = k * 6.93147180369123816490e-01;                       /* exact */
    const double sum = twos + 2.0 * half;
    const double sum_low = ((twos - sum) + 2.0 * half) + fma(k, 1.90821492927058770002e-10, 2.0 * half_low);
    const double product = y * sum, product_low = fma(y, sum, -product) + y * sum_low;
    const double correction = fabs(product) < 2048.0 ? product_low : 0.0; /* beyond it there is nothing to correct */
    const double high = product + correction;
    *low = fabs(product) < 2048.0 ? (product - high) + correction : 0.0;
    return high;
}

/* x^y; 1.5 ulp. Domain: x = 0 and normal x; y any number. A negative x has powers of whole y only. 0^0 = 1, 0^y is
 * infinite for y < 0; results under 3.1e-308 count as 0, above the largest double as infinite. Otherwise NaN. */
TSR_INLINE double tsr_pow(double x, double y) {
    const double magnitude = fabs(x);
    double low;
    const double high = tsr_log_times(magnitude, y, &low), power = tsr_exp(high);
    const double normal = power <= DBL_MAX ? fma(power, low, power) : power;
    const double half = 0.5 * y, whole_sign = floor(half) == half ? 1.0 : -1.0;
    const double sign = x >= 0.0 ? 1.0 : floor(y) == y ? whole_sign : NAN;
    const double of_zero = y > 0.0 ? 0.0 : y < 0.0 ? INFINITY : y + 1.0;
    const double result = magnitude >= DBL_MIN && magnitude <= DBL_MAX ? sign * normal : NAN;
    return magnitude == 0.0 ? of_zero : result;
}

/* x^n for a whole number |n| < 64, by squaring; at most 13 roundings. x^0 = 1 for every x. */
TSR_INLINE double tsr_pow_whole(double x, double n) {
    const int64_t exponent = (int64_t)fabs(n);
    double square = x, product = 1.0;
    for (int bit = 0; bit < 6; bit++) {
        product = (exponent >> bit & 1) != 0 ? product * square : product;
        square *= square;
    }
    return n < 0.0 ? 1.0 / product : product;
}

/* The logarithm to the base 10 or 2 of a positive normal number; 0.51 ulp, so that powers of the base give whole
 * numbers. NaN for all other numbers. 1 / log(base) is a pair of doubles. */
TSR_INLINE double tsr_log10(double x) {
    double low;
    const double high = tsr_log_times(x, 0x1.bcb7b1526e50ep-2, &low);
    const double result = high + fma(0x1.95355baaafad3p-57, tsr_log_of_normal(x), low);
    return x >= DBL_MIN && x <= DBL_MAX ? result : NAN;
}

TSR_INLINE double tsr_log2(double x) {
    double low;
    const double high = tsr_log_times(x, 0x1.71547652b82fep+0, &low);
    const double result = high + fma(0x1.777d0ffda0d24p-56, tsr_log_of_normal(x), low);
    return x >= DBL_MIN && x <= DBL_MAX ? result : NAN;
}

/* The cube root, with the sign of x; 0.7 ulp, exact for cubes. Domain: 0 and normal numbers; infinities and NaN stay
 * what they are; NaN for what is smaller than 2.2e-308. One step of Newton from e^(log(x) / 3). */
TSR_INLINE double tsr_cbrt(double x) {
    const double a = fabs(x), root = tsr_exp(tsr_log_of_normal(a) * (1.0 / 3.0));
    const double square = root * root, square_low = fma(root, root, -square);
    const double cube = square * root, cube_low = fma(square, root, -cube) + square_low * root;
    const double result = root - ((cube - a) + cube_low) / (3.0 * square);
    return a >= DBL_MIN && a <= DBL_MAX ? copysign(result, x) : a >= DBL_MIN || a == 0.0 || x != x ? x : NAN;
}

#endif
