/* The standard normal law: numbers from uniforms, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_ENGINE_NORMAL_H
#define TSR_ENGINE_NORMAL_H

#include "engine/vmath.h"

/* Two independent normals from two independent uniforms in (0, 1), in place. |z| <= 8.57 for uniforms of 52 bits.
 * Source: Box and Muller, Ann. Math. Statist. 29 (1958) 610-611. */
TSR_INLINE void tsr_normal_pair(double *u, double *v) {
    double sine, cosine;
    const double radius = sqrt(-2.0 * tsr_log_of_normal(*u));
    tsr_sincos_turns(*v, &sine, &cosine);
    *u = radius * cosine;
    *v = radius * sine;
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
