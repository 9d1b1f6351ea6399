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

/* c0 + c1 x + ... + c7 x^7 */
TSR_INLINE double tsr_polynomial7(double x, double c0, double c1, double c2, double c3, double c4, double c5, double c6,
                                  double c7) {
    return fma(fma(fma(fma(fma(fma(fma(c7, x, c6), x, c5), x, c4), x, c3), x, c2), x, c1), x, c0);
}

/* The z with P(Z < z) = u for a standard normal Z; relative error below 1e-15. Domain: DBL_MIN <= u < 1; NaN outside
 * it. Exactly antisymmetric: z(1 - u) = -z(u) where 1 - u is exact. Method and coefficients: M. J. Wichura, "Algorithm
 * AS 241", Appl. Statist. 37 (1988) 477-484, routine PPND16. All three of its rational functions are evaluated. */
TSR_INLINE double tsr_normal_quantile(double u) {
    const double q = u - 0.5, nearer = u < 1.0 - u ? u : 1.0 - u;
    const double r = fma(-q, q, 0.180625), root = sqrt(-tsr_log(nearer)), t = root - 1.6, v = root - 5.0;
    const double central_top = tsr_polynomial7(
        r, 3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3);
    const double central_bottom = tsr_polynomial7(
        r, 1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
        3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3);
    const double near_top = tsr_polynomial7(
        t, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4);
    const double near_bottom = tsr_polynomial7(
        t, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9);
    const double far_top = tsr_polynomial7(
        v, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7);
    const double far_bottom = tsr_polynomial7(
        v, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15);
    const double tail_top = root <= 5.0 ? near_top : far_top, tail_bottom = root <= 5.0 ? near_bottom : far_bottom;
    const double top = fabs(q) <= 0.425 ? q * central_top : copysign(tail_top, q);
    return top / (fabs(q) <= 0.425 ? central_bottom : tail_bottom);
}

#endif
