/* Rounding, signs and remainders, with the same bits on every machine.
 * Layer 0. As engine/vmath.h: scalar code without branches, for loops. */
#ifndef TSR_ENGINE_ROUNDING_H
#define TSR_ENGINE_ROUNDING_H

#include "engine/vmath.h"

/* The nearest whole number, of two the one further from zero; exact. */
TSR_INLINE double tsr_round(double x) {
    const double whole = trunc(x);
    return fabs(x - whole) >= 0.5 ? whole + copysign(1.0, x) : whole;
}

/* -1, 0 or 1; NaN stays NaN. */
TSR_INLINE double tsr_sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }

/* a - b floor(a / b), rounded once: in [0, b) or (b, 0], with the sign of b. NaN if b is 0 or a is infinite. fmod is
 * exact by its definition, on every machine. */
TSR_INLINE double tsr_mod(double a, double b) {
    const double rest = fmod(a, b);
    return rest != 0.0 && (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

#endif
