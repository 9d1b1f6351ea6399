/* The steps of the stack machine of expressions: what each computes, and its slopes.
 * Layer 2, internal to expression*.c. */
#ifndef TSR_ENGINE_EXPRESSION_STEP_H
#define TSR_ENGINE_EXPRESSION_STEP_H

#include "engine/angle.h"
#include "engine/error_function.h"
#include "engine/expression.h"
#include "engine/normal.h"
#include "engine/power.h"
#include "engine/rounding.h"
#include "engine/trigonometry.h"

/* One row a step: name, value of operands a (and b), derivatives by a (and b), in which r is the value. */
#define TSR_STEP_LIST(UNARY, BINARY)                                                                                   \
    UNARY(NEGATE, -a, -1.0)                                                                                            \
    UNARY(NOT, a != a ? NAN : a == 0.0 ? 1.0 : 0.0, 0.0)                                                               \
    UNARY(SQUARE, (a) * (a), 2.0 * a)                                                                                  \
    UNARY(ABS, fabs(a), a < 0.0 ? -1.0 : 1.0)                                                                          \
    UNARY(ATAN, tsr_atan(a), 1.0 / (1.0 + a * a))                                                                      \
    UNARY(CEIL, ceil(a), 0.0)                                                                                          \
    UNARY(COS, tsr_cos(a), -tsr_sin(a))                                                                                \
    UNARY(EXP, tsr_exp(a), r)                                                                                          \
    UNARY(EXPM1, tsr_expm1(a), r + 1.0)                                                                                \
    UNARY(FLOOR, floor(a), 0.0)                                                                                        \
    UNARY(LOG, tsr_log(a), 1.0 / a)                                                                                    \
    UNARY(LOG1P, tsr_log1p(a), 1.0 / (1.0 + a))                                                                        \
    UNARY(SIN, tsr_sin(a), tsr_cos(a))                                                                                 \
    UNARY(SQRT, sqrt(a), 0.5 / r)                                                                                      \
    UNARY(TAN, tsr_tan(a), 1.0 + r * r)                                                                                \
    UNARY(TANH, tsr_tanh(a), 1.0 - r * r)                                                                              \
    UNARY(IS_NAN, a != a ? 1.0 : 0.0, 0.0)                                                                             \
    UNARY(SIGN, tsr_sign(a), 0.0)                                                                                      \
    UNARY(ROUND, tsr_round(a), 0.0)                                                                                    \
    UNARY(TRUNC, trunc(a), 0.0)                                                                                        \
    UNARY(FLOAT, (double)(float)(a), 1.0)                                                                              \
    UNARY(CBRT, tsr_cbrt(a), r / (3.0 * a))                                                                            \
    UNARY(LOG10, tsr_log10(a), 0x1.bcb7b1526e50ep-2 / a)                                                               \
    UNARY(LOG2, tsr_log2(a), 0x1.71547652b82fep+0 / a)                                                                 \
    UNARY(ACOS, tsr_acos(a), -1.0 / sqrt(1.0 - a * a))                                                                 \
    UNARY(ASIN, tsr_asin(a), 1.0 / sqrt(1.0 - a * a))                                                                  \
    UNARY(COSH, tsr_cosh(a), tsr_sinh(a))                                                                              \
    UNARY(SINH, tsr_sinh(a), tsr_cosh(a))                                                                              \
    UNARY(ERF, tsr_erf(a), 0x1.20dd750429b6dp+0 * tsr_gauss(a, 1.0))                                                   \
    UNARY(ERFC, tsr_erfc(a), -0x1.20dd750429b6dp+0 * tsr_gauss(a, 1.0))                                                \
    UNARY(NORMAL_CDF, tsr_normal_cdf(a), 0x1.9884533d43651p-2 * tsr_gauss(a, 0.5))                                     \
    UNARY(NORMAL_QUANTILE, tsr_normal_quantile(a), 0x1.40d931ff62706p+1 / tsr_gauss(r, 0.5))                           \
    BINARY(ADD, a + b, 1.0, 1.0)                                                                                       \
    BINARY(SUBTRACT, a - b, 1.0, -1.0)                                                                                 \
    BINARY(MULTIPLY, (a) * (b), b, a)                                                                                  \
    BINARY(DIVIDE, a / b, 1.0 / b, -r / b)                                                                             \
    BINARY(POWER, tsr_pow(a, b), (b)*tsr_pow(a, b - 1.0), (r)*tsr_log(a))                                              \
    BINARY(POWER_WHOLE, tsr_pow_whole(a, b), (b)*tsr_pow(a, b - 1.0), 0.0)                                             \
    BINARY(ATAN2, tsr_atan2(a, b), b / (a * a + b * b), -a / (a * a + b * b))                                          \
    BINARY(HYPOT, tsr_hypot(a, b), a / r, b / r)                                                                       \
    BINARY(MOD, tsr_mod(a, b), 1.0, -floor(a / b))                                                                     \
    BINARY(MINIMUM, a == a && b == b ? (a < b ? a : b) : NAN, a < b ? 1.0 : 0.0, a < b ? 0.0 : 1.0)                    \
    BINARY(MAXIMUM, a == a && b == b ? (a > b ? a : b) : NAN, a > b ? 1.0 : 0.0, a > b ? 0.0 : 1.0)                    \
    BINARY(LESS, a < b ? 1.0 : 0.0, 0.0, 0.0)                                                                          \
    BINARY(LESS_OR_EQUAL, a <= b ? 1.0 : 0.0, 0.0, 0.0)                                                                \
    BINARY(GREATER, a > b ? 1.0 : 0.0, 0.0, 0.0)                                                                       \
    BINARY(GREATER_OR_EQUAL, a >= b ? 1.0 : 0.0, 0.0, 0.0)                                                             \
    BINARY(EQUAL, a == b ? 1.0 : 0.0, 0.0, 0.0)                                                                        \
    BINARY(NOT_EQUAL, a != b ? 1.0 : 0.0, 0.0, 0.0)                                                                    \
    BINARY(AND, a == a && b == b ? (a != 0.0 && b != 0.0 ? 1.0 : 0.0) : NAN, 0.0, 0.0)                                 \
    BINARY(OR, a == a && b == b ? (a != 0.0 || b != 0.0 ? 1.0 : 0.0) : NAN, 0.0, 0.0)

#define TSR_STEP_UNARY(name, value, slope)             TSR_STEP_##name,
#define TSR_STEP_BINARY(name, value, slope_a, slope_b) TSR_STEP_##name,
enum {
    TSR_STEP_CONSTANT,
    TSR_STEP_VARIABLE,
    TSR_STEP_CONDITION, /* of three operands: c, a, b */
    TSR_STEP_LIST(TSR_STEP_UNARY, TSR_STEP_BINARY)
};
#undef TSR_STEP_UNARY
#undef TSR_STEP_BINARY

/* How many values the step takes from the stack. */
int tsr_step_operands(int code);

/* Its value of so many operands. */
double tsr_step_value(int code, const double *operand);

#endif
