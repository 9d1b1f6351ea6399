/* Arithmetic expressions over named variables, compiled once and evaluated many times: for a number, for its slopes,
 * and for whole columns. The same bits in all three ways, with every compiler and vector width.
 * Layer 2. Hides the language and the stack machine behind it. Nothing here allocates or keeps state; all is
 * thread-safe.
 *
 * The language, from what binds last to what binds first:
 *     c ? a : b             a where c is not 0, else b; both are evaluated
 *     a or b   a and b   not a
 *     a < b   <=  >  >=  ==  !=      1 or 0, also with a NaN; not to be chained
 *     a in (b, c)           a == b or a == c; a is a name
 *     a + b   a - b
 *     a * b   a / b
 *     -a   +a
 *     a ^ b                 also a ** b; right to left: 2^3^2 = 2^9, -a^2 = -(a^2), a^-1
 *     numbers, names, 'names of any letters', f(a, b), (a)
 * Functions: abs acos asin atan atan2 cbrt ceil cos cosh erf erfc exp expm1 float floor hypot if int is_missing isnan
 * log (or ln) log10 log1p log2 max min mod normal_cdf normal_quantile pow round sign sin sinh sqrt tan tanh trunc;
 * angles in radians; if(c, a, b) is c ? a : b; int is trunc; float rounds to 24 bits; round goes away from zero at
 * halves; mod(a, b) has the sign of b. Constants: pi, e, unless a variable is called so. A NaN is neither true nor
 * false: or, and, not, ? and if of it are NaN, and so are min and max; isnan (or is_missing) finds it.
 *
 * Accuracy is that of engine/{vmath,power,trigonometry,angle,rounding,error_function,normal}.h, and so are the domains:
 * log of what is not a positive normal number is NaN. x^n with a whole constant |n| < 64 is a product; e^x is exp(x).
 */
#ifndef TSR_ENGINE_EXPRESSION_H
#define TSR_ENGINE_EXPRESSION_H

#include "engine/block.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TSR_EXPRESSION_BYTES = 4096, /* of text */
    TSR_EXPRESSION_STEPS = 512,
    TSR_EXPRESSION_DEPTH = 32, /* intermediate values at a time */
    TSR_EXPRESSION_NESTING = 128,
    TSR_MISTAKE_BYTES = 640,
    TSR_TERMS_MAX = 15
};

/* One step of a postfix program: takes its operands from a stack and leaves its value there. */
typedef struct {
    double constant;
    int32_t code;
    int32_t variable;
} tsr_step;

/* A value type; may be copied. */
typedef struct {
    int steps;
    tsr_step step[TSR_EXPRESSION_STEPS];
} tsr_expression;

/* What is wrong with a text: the character (counted from 1) and a sentence that says what is known or allowed. */
typedef struct {
    int place;
    char text[TSR_MISTAKE_BYTES];
} tsr_mistake;

/* names: variables, ending with NULL; variable i is names[i]. False: *mistake tells. */
bool tsr_expression_compile(const char *text, const char *const *names, tsr_expression *out, tsr_mistake *mistake);

/* The same over columns; ends with a NULL name. A word in quotes that a column of categories is compared with is the
 * value that stands for it: origin == "ORD", origin in ("ORD", "DFW"). */
bool tsr_expression_compile_fields(const char *text, const tsr_field *fields, tsr_expression *out,
                                   tsr_mistake *mistake);

/* Means that functions of means are made of, each the mean of an expression over columns. */
typedef struct {
    int count;
    tsr_expression term[TSR_TERMS_MAX];
} tsr_terms;

/* A function of means: mean(...) of any expression over the columns `names`, and a column's bare name for its mean.
 * Every mean becomes a variable of `out`: the place of its term, which is appended to `terms` unless it is there. */
bool tsr_expression_compile_means(const char *text, const char *const *names, tsr_terms *terms, tsr_expression *out,
                                  tsr_mistake *mistake);

/* True if the value depends on the variable, as far as one sees from the text. */
bool tsr_expression_uses(const tsr_expression *expression, int variable);

/* value: of each variable. */
double tsr_expression_value(const tsr_expression *expression, const double *value);

/* The value, and its partial derivatives: gradient [variables]. Forward differentiation: R. E. Wengert, Commun. ACM 7
 * (1964) 463-464. Comparisons, floor and ceil have slope 0; abs, min and max the slope of the side taken. */
double tsr_expression_gradient(const tsr_expression *expression, int variables, const double *value, double *gradient);

/* For every item of a block, whose columns are the variables: out [block->items]. Only columns that it uses are read;
 * out must not be one of them. */
void tsr_expression_apply(const tsr_expression *expression, const tsr_block *block, double *out);

#endif
