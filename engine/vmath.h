/* Elementary functions with the same bits on every machine, compiler and level of optimisation.
 * Layer 0. Plain scalar C without branches, calls or tables, which compilers vectorise inside loops: only + - * /,
 * sqrt, fma and integer operations on the bits, each of which IEEE 754 defines to the last bit.
 *
 * Nothing here allocates, can fail or keeps state; all is thread-safe. Bounds are in units of the last place (ulp) of
 * the result and are tested. What lies outside a domain gives NaN unless said otherwise, never a plausible number.
 *
 * Coefficients: "fitted" ones are minimax polynomials by the exchange algorithm of Remez at 60 digits (Muller,
 * "Elementary Functions", 3rd ed., ch. 3), rounded to double; the relative error of the fit follows in brackets. */
#ifndef TSR_ENGINE_VMATH_H
#define TSR_ENGINE_VMATH_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* A call that was left standing would keep the loop around it from being vectorised. */
#define TSR_INLINE static inline __attribute__((always_inline))

TSR_INLINE uint64_t tsr_bits_from_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

TSR_INLINE double tsr_double_from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Natural logarithm of a positive normal number; 1 ulp. Not checked: any other x gives a meaningless finite number.
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)); log m = log((1 + s)/(1 - s)) with s = f/(2 + f), f = m - 1. Method and
 * coefficients: Sun Microsystems, fdlibm 5.3, e_log.c. */
TSR_INLINE double tsr_log_of_normal(double x) {
    const uint64_t root_half = 0x3fe6a09e667f3bcdu, one = 0x3ff0000000000000u, mantissa = 0x000fffffffffffffu;
    const uint64_t shifted = tsr_bits_from_double(x) + (one - root_half); /* exponent field: k + 1023 */
    const double m = tsr_double_from_bits((shifted & mantissa) + root_half);
    const double k = tsr_double_from_bits((shifted >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
    const double f = m - 1.0, s = f / (2.0 + f), half_square = 0.5 * f * f;
    const double z = s * s, w = z * z;
    const double even = fma(w, fma(w, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01);
    const double odd =
        fma(w, fma(w, fma(w, 1.479819860511658591e-01, 1.818357216161805012e-01), 2.857142874366239149e-01),
            6.666666666666735130e-01);
    const double r = fma(z, odd, w * even);
    const double tail = fma(s, half_square + r, k * 1.90821492927058770002e-10);
    return fma(k, 6.93147180369123816490e-01, f - (half_square - tail));
}

/* Natural logarithm; 1 ulp. Domain: DBL_MIN .. DBL_MAX; NaN outside it. */
TSR_INLINE double tsr_log(double x) {
    const double result = tsr_log_of_normal(x);
    return x >= DBL_MIN && x <= DBL_MAX ? result : NAN;
}

/* log(1 + x); 1.5 ulp, also for small x. Domain: x > -1 up to DBL_MAX; NaN outside it.
 * The rounding error of 1 + x is put back to first order. */
TSR_INLINE double tsr_log1p(double x) {
    const double sum = 1.0 + x;
    return tsr_log(sum) + (x - (sum - 1.0)) / sum;
}

/* exp(x) - 1 = (scale * (1 + fraction) - 1/2) * 2, with scale = 2^(n - 1), n = x / log 2 to the nearest integer.
 * Arguments beyond -708.4 .. 710 are moved to these ends (scale 0, or an infinite product); NaN stays NaN. Fitted:
 * (e^r - 1 - r)/r^2 for |r| <= log(2)/2 [2^-55]; log 2 in two parts as in fdlibm 5.3, e_exp.c, so that n times the
 * upper one is exact. */
TSR_INLINE double tsr_exp_fraction(double x, double *scale) {
    x = -708.4 > x ? -708.4 : x;
    x = 710.0 < x ? 710.0 : x;
    const double magic = 0x1.8p52 + 1022.0; /* adding it leaves n + 1022 in the low bits */
    const double shifted = fma(x, 1.44269504088896338700, magic), n = shifted - magic;
    const double r = fma(-n, 1.90821492927058770002e-10, fma(-n, 6.93147180369123816490e-01, x));
    double q = 0x1.ae6bbbfa67a2cp-26;
    q = fma(q, r, 0x1.28a1e86e3f8b7p-22);
    q = fma(q, r, 0x1.71de880438012p-19);
    q = fma(q, r, 0x1.a019a767cfb42p-16);
    q = fma(q, r, 0x1.a01a01751227fp-13);
    q = fma(q, r, 0x1.6c16c17eddb4ap-10);
    q = fma(q, r, 0x1.1111111118fbbp-7);
    q = fma(q, r, 0x1.55555555522b2p-5);
    q = fma(q, r, 0x1.5555555555539p-3);
    q = fma(q, r, 0x1.0000000000005p-1);
    *scale = tsr_double_from_bits(tsr_bits_from_double(shifted) << 52);
    return fma(r * r, q, r);
}

/* e^x; 1.1 ulp. Domain: all doubles. Infinity above 709.78; 0 below -708.05 (results under 3.1e-308 count as 0);
 * NaN stays NaN. */
TSR_INLINE double tsr_exp(double x) {
    double scale;
    const double fraction = tsr_exp_fraction(x, &scale);
    return fma(2.0, fraction, 2.0) * scale;
}

/* e^x - 1; 2.5 ulp, also for small x. Domain: all doubles. Infinity above 709.78; NaN stays NaN. */
TSR_INLINE double tsr_expm1(double x) {
    double scale;
    const double fraction = tsr_exp_fraction(x, &scale);
    return 2.0 * fma(scale, fraction, scale - 0.5);
}

/* sin and cos of 2 pi turns; 1.1 ulp, exact zeros and ones at quarter turns. Domain: |turns| < 2^48 (a larger finite
 * number gives meaningless ones); NaN and infinities give NaN. Reduced to an eighth of a turn r exactly; then fitted:
 * (sin(2 pi r)/r - 2 pi)/r^2 [2^-57] and (cos(2 pi r) - 1)/r^2 [2^-64] in powers of r^2. */
TSR_INLINE void tsr_sincos_turns(double turns, double *sine, double *cosine) {
    const double magic = 0x1.8p52;
    const double shifted = fma(turns, 4.0, magic), quarters = shifted - magic;
    const uint64_t quadrant = tsr_bits_from_double(shifted);
    const double r = fma(quarters, -0.25, turns), z = r * r;
    double p = 0x1.e3ff2795fe6e7p+1;
    p = fma(p, z, -0x1.e30098976cb6ep+3);
    p = fma(p, z, 0x1.5078300c42dd1p+5);
    p = fma(p, z, -0x1.32d2cce32414ep+6);
    p = fma(p, z, 0x1.466bc67758cb2p+6);
    p = fma(p, z, -0x1.4abbce625be46p+5);
    p = fma(p, z, 0x1.1a62633145c07p-52);                 /* 2 pi below the last bit of ... */
    const double s = fma(r, 0x1.921fb54442d18p+2, r * p); /* ... 2 pi */
    double q = -0x1.b263c2602500fp+0;
    q = fma(q, z, 0x1.f9cc40a9d8fcfp+2);
    q = fma(q, z, -0x1.a6d1ec7e0844dp+4);
    q = fma(q, z, 0x1.e1f5068367ae8p+5);
    q = fma(q, z, -0x1.55d3c7e3c9280p+6);
    q = fma(q, z, 0x1.03c1f081b5aaep+6);
    q = fma(q, z, -0x1.3bd3cc9be45dep+4);
    const double c = fma(q, z, 1.0);
    const uint64_t odd = quadrant & 1u;
    const double a = odd ? c : s, b = odd ? s : c;
    *sine = tsr_double_from_bits(tsr_bits_from_double(a) ^ (quadrant >> 1 << 63));
    *cosine = tsr_double_from_bits(tsr_bits_from_double(b) ^ ((quadrant + 1) >> 1 << 63));
}

#endif
