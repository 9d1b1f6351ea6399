/* Trigonometric and hyperbolic functions of radians, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_ENGINE_TRIGONOMETRY_H
#define TSR_ENGINE_TRIGONOMETRY_H

#include "engine/vmath.h"

/* sin and cos of x radians; 1 ulp, also near their zeros. Domain: |x| <= 2^30; NaN outside it.
 * x is reduced by a whole number of quarter turns to |r| <= pi/4, r as a pair of doubles, with pi/2 in three parts (161
 * bits): W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980). n times the first part leaves x
 * exactly, since fma rounds only once. Polynomials: Sun Microsystems, fdlibm 5.3, k_sin.c and k_cos.c. */
TSR_INLINE void tsr_sincos(double x, double *sine, double *cosine) {
    const double magic = 0x1.8p52;
    const double shifted = fma(x, 0x1.45f306dc9c883p-1, magic), n = shifted - magic;
    const uint64_t quadrant = tsr_bits_from_double(shifted);
    const double first = fma(-n, 0x1.921fb54442d18p+0, x), second = n * 0x1.1a62633145c07p-54;
    const double r = first - second, taken = r - first;
    const double lost = (first - (r - taken)) - (second + taken);
    const double below = fma(n, 0x1.1a62633145c07p-54, -second);
    const double low = lost - fma(n, -0x1.f1976b7ed8fbcp-110, below);
    const double z = r * r, v = z * r;
    double p = 1.58969099521155010221e-10;
    p = fma(p, z, -2.50507602534068634195e-08);
    p = fma(p, z, 2.75573137070700676789e-06);
    p = fma(p, z, -1.98412698298579493134e-04);
    p = fma(p, z, 8.33333333332248946124e-03);
    const double s = r - ((z * (0.5 * low - v * p) - low) - v * -1.66666666666666324348e-01);
    double q = -1.13596475577881948265e-11;
    q = fma(q, z, 2.08757232129817482790e-09);
    q = fma(q, z, -2.75573143513906633035e-07);
    q = fma(q, z, 2.48015872894767294178e-05);
    q = fma(q, z, -1.38888888888741095749e-03);
    q = fma(q, z, 4.16666666666666019037e-02);
    const double half_square = 0.5 * z, w = 1.0 - half_square;
    const double c = w + (((1.0 - w) - half_square) + (z * (z * q) - r * low));
    const uint64_t odd = quadrant & 1u;
    const double a = odd ? c : s, b = odd ? s : c;
    const double signed_a = tsr_double_from_bits(tsr_bits_from_double(a) ^ (quadrant >> 1 << 63));
    const double signed_b = tsr_double_from_bits(tsr_bits_from_double(b) ^ ((quadrant + 1) >> 1 << 63));
    *sine = fabs(x) <= 0x1p30 ? signed_a : NAN;
    *cosine = fabs(x) <= 0x1p30 ? signed_b : NAN;
}

TSR_INLINE double tsr_sin(double x) {
    double sine, cosine;
    tsr_sincos(x, &sine, &cosine);
    return sine;
}

TSR_INLINE double tsr_cos(double x) {
    double sine, cosine;
    tsr_sincos(x, &sine, &cosine);
    return cosine;
}

/* tan of x radians; 2.5 ulp. Domain: |x| <= 2^30; NaN outside it. */
TSR_INLINE double tsr_tan(double x) {
    double sine, cosine;
    tsr_sincos(x, &sine, &cosine);
    return sine / cosine;
}

/* The angle in radians whose tangent is x, in [-pi/2, pi/2]; 1 ulp. Domain: all doubles; NaN stays NaN.
 * atan x = atan c + atan((x - c)/(1 + c x)) with c = 0, 1/2, 1, 3/2 or infinity. Method and coefficients: Sun
 * Microsystems, fdlibm 5.3, s_atan.c. */
TSR_INLINE double tsr_atan(double x) {
    const double a = fabs(x);
    const int wide = a >= 0.4375, half = a < 0.6875, one = a < 1.1875, more = a < 2.4375;
    const double top = !wide ? a : half ? 2.0 * a - 1.0 : one ? a - 1.0 : more ? a - 1.5 : -1.0;
    const double bottom = !wide ? 1.0 : half ? 2.0 + a : one ? a + 1.0 : more ? 1.0 + 1.5 * a : a;
    const double high = !wide  ? 0.0
                        : half ? 4.63647609000806093515e-01
                        : one  ? 7.85398163397448278999e-01
                        : more ? 9.82793723247329054082e-01
                               : 1.57079632679489655800e+00;
    const double low = !wide  ? 0.0
                       : half ? 2.26987774529616870924e-17
                       : one  ? 3.06161699786838301793e-17
                       : more ? 1.39033110312309984516e-17
                              : 6.12323399573676603587e-17;
    const double t = top / bottom, z = t * t, w = z * z;
    double even = 1.62858201153657823623e-02;
    even = fma(even, w, 4.97687799461593236017e-02);
    even = fma(even, w, 6.66107313738753120669e-02);
    even = fma(even, w, 9.09088713343650656196e-02);
    even = fma(even, w, 1.42857142725034663711e-01);
    even = fma(even, w, 3.33333333333329318027e-01);
    double odd = -3.65315727442169155270e-02;
    odd = fma(odd, w, -5.83357013379057348645e-02);
    odd = fma(odd, w, -7.69187620504482999495e-02);
    odd = fma(odd, w, -1.11111104054623557880e-01);
    odd = fma(odd, w, -1.99999999998764832476e-01);
    const double angle = high - ((t * (z * even + w * odd) - low) - t);
    return copysign(angle, x);
}

/* tanh x = (1 - e^-2|x|)/(1 + e^-2|x|) with the sign of x; 5 ulp, also for small x. Domain: all doubles; NaN stays NaN.
 */
TSR_INLINE double tsr_tanh(double x) {
    const double t = tsr_expm1(-2.0 * fabs(x));
    return copysign(t / (t + 2.0), x);
}

#endif
