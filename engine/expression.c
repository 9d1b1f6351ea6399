#include "engine/expression_step.h"

#include <string.h>

/* Columns are worked on in strips, whose intermediate values stay in the innermost cache. Each level of the stack has
 * two places, so that a result never overwrites its own operand and loops need not look out for that. */
enum { STRIP = 256, PLACES = 2 };

typedef struct {
    _Alignas(64) double place[TSR_EXPRESSION_DEPTH][PLACES][STRIP];
} strips;

/* A value of every item of the strip; value NULL: the same for all. */
typedef struct {
    const double *value;
    double constant;
} operand;

/* What a step does with one value per operand; how its value changes with theirs; and what it does with columns. */
typedef struct {
    int operands;
    double (*value)(const double *operand);
    double (*change)(const double *operand, double r, const double *change);
    void (*each)(const operand *x, int64_t items, double *restrict out);
} step_row;

/* A slope that meets no change counts for nothing, also where it is infinite: sqrt(x) at 0 by y. */
static double scaled(double slope, double change) { return change == 0.0 ? 0.0 : slope * change; }

/* Each step from its one row of the list. The operands of one step are never all constant: the compiler has computed
 * that. */
#define UNARY(NAME, VALUE, SLOPE)                                                                                      \
    static double value_##NAME(const double *given) {                                                                  \
        const double a = given[0];                                                                                     \
        return VALUE;                                                                                                  \
    }                                                                                                                  \
    static double change_##NAME(const double *given, double r, const double *change) {                                 \
        const double a = given[0];                                                                                     \
        (void)a;                                                                                                       \
        (void)r;                                                                                                       \
        return scaled(SLOPE, change[0]);                                                                               \
    }                                                                                                                  \
    static void each_##NAME(const operand *x, int64_t items, double *restrict out) {                                   \
        const double *first = x[0].value;                                                                              \
        for (int64_t i = 0; i < items; i++) {                                                                          \
            const double a = first[i];                                                                                 \
            out[i] = VALUE;                                                                                            \
        }                                                                                                              \
    }

#define BINARY_LOOP(FIRST, SECOND, VALUE)                                                                              \
    for (int64_t i = 0; i < items; i++) {                                                                              \
        const double a = (FIRST), b = (SECOND);                                                                        \
        out[i] = VALUE;                                                                                                \
    }
#define BINARY(NAME, VALUE, SLOPE_A, SLOPE_B)                                                                          \
    static double value_##NAME(const double *given) {                                                                  \
        const double a = given[0], b = given[1];                                                                       \
        return VALUE;                                                                                                  \
    }                                                                                                                  \
    static double change_##NAME(const double *given, double r, const double *change) {                                 \
        const double a = given[0], b = given[1];                                                                       \
        (void)a;                                                                                                       \
        (void)b;                                                                                                       \
        (void)r;                                                                                                       \
        return scaled(SLOPE_A, change[0]) + scaled(SLOPE_B, change[1]);                                                \
    }                                                                                                                  \
    static void each_##NAME(const operand *x, int64_t items, double *restrict out) {                                   \
        const double *first = x[0].value, *second = x[1].value, left = x[0].constant, right = x[1].constant;           \
        if (first == NULL)                                                                                             \
            BINARY_LOOP(left, second[i], VALUE)                                                                        \
        else if (second == NULL)                                                                                       \
            BINARY_LOOP(first[i], right, VALUE)                                                                        \
        else                                                                                                           \
            BINARY_LOOP(first[i], second[i], VALUE)                                                                    \
    }
TSR_STEP_LIST(UNARY, BINARY)
#undef UNARY
#undef BINARY

static double choose(double c, double a, double b) { return c != c ? NAN : c != 0.0 ? a : b; }

static double value_CONDITION(const double *given) { return choose(given[0], given[1], given[2]); }

static double change_CONDITION(const double *given, double r, const double *change) {
    (void)r;
    return choose(given[0], change[1], change[2]);
}

static void each_CONDITION(const operand *x, int64_t items, double *restrict out) {
    const double *c = x[0].value, *a = x[1].value, *b = x[2].value;
    for (int64_t i = 0; i < items; i++) out[i] = choose(c[i], a[i], b[i]);
}

#define UNARY(NAME, VALUE, SLOPE)             [TSR_STEP_##NAME] = {1, value_##NAME, change_##NAME, each_##NAME},
#define BINARY(NAME, VALUE, SLOPE_A, SLOPE_B) [TSR_STEP_##NAME] = {2, value_##NAME, change_##NAME, each_##NAME},
static const step_row rows[] = {[TSR_STEP_CONDITION] = {3, value_CONDITION, change_CONDITION, each_CONDITION},
                                TSR_STEP_LIST(UNARY, BINARY)};
#undef UNARY
#undef BINARY

int tsr_step_operands(int code) { return rows[code].operands; }

double tsr_step_value(int code, const double *given) { return rows[code].value(given); }

bool tsr_expression_uses(const tsr_expression *expression, int variable) {
    for (int s = 0; s < expression->steps; s++) {
        const tsr_step *step = &expression->step[s];
        if (step->code == TSR_STEP_VARIABLE && step->variable == variable) return true;
    }
    return false;
}

/* ---- a number ---- */

double tsr_expression_value(const tsr_expression *expression, const double *value) {
    double stack[TSR_EXPRESSION_DEPTH] = {NAN};
    int top = 0;
    for (int s = 0; s < expression->steps; s++) {
        const tsr_step *step = &expression->step[s];
        if (step->code == TSR_STEP_CONSTANT) {
            stack[top++] = step->constant;
        } else if (step->code == TSR_STEP_VARIABLE) {
            stack[top++] = value[step->variable];
        } else {
            top -= rows[step->code].operands;
            stack[top] = rows[step->code].value(&stack[top]);
            top++;
        }
    }
    return stack[0];
}

/* ---- its slopes ---- */

/* The value, and its derivative by one variable. */
static double slope_by(const tsr_expression *expression, int variable, const double *value, double *slope) {
    double stack[TSR_EXPRESSION_DEPTH + 2] = {0}, change[TSR_EXPRESSION_DEPTH + 2] = {0};
    int top = 0;
    for (int s = 0; s < expression->steps; s++) {
        const tsr_step *step = &expression->step[s];
        double result = step->constant, moved = 0.0;
        if (step->code == TSR_STEP_VARIABLE) {
            result = value[step->variable];
            moved = step->variable == variable ? 1.0 : 0.0;
        } else if (step->code != TSR_STEP_CONSTANT) {
            top -= rows[step->code].operands;
            result = rows[step->code].value(&stack[top]);
            moved = rows[step->code].change(&stack[top], result, &change[top]);
        }
        stack[top] = result;
        change[top++] = moved;
    }
    *slope = change[0];
    return stack[0];
}

double tsr_expression_gradient(const tsr_expression *expression, int variables, const double *value, double *gradient) {
    for (int v = 0; v < variables; v++) slope_by(expression, v, value, &gradient[v]);
    return tsr_expression_value(expression, value);
}

/* ---- columns ---- */

/* The operands of a condition as columns, each at its own level. */
static void spread_constants(operand *x, int64_t items, double (*level)[PLACES][STRIP]) {
    for (int k = 0; k < 3; k++) {
        if (x[k].value != NULL) continue;
        for (int64_t i = 0; i < items; i++) level[k][0][i] = x[k].constant;
        x[k].value = level[k][0];
    }
}

static void run_strip(const tsr_expression *expression, const tsr_block *block, tsr_range strip, strips *memory,
                      double *out) {
    operand stack[TSR_EXPRESSION_DEPTH] = {{.constant = NAN}};
    const int64_t items = strip.end - strip.begin;
    int top = 0;
    for (int s = 0; s < expression->steps; s++) {
        const tsr_step *step = &expression->step[s];
        if (step->code == TSR_STEP_CONSTANT) {
            stack[top++] = (operand){.constant = step->constant};
        } else if (step->code == TSR_STEP_VARIABLE) {
            stack[top++] = (operand){.value = tsr_column(block, step->variable) + strip.begin};
        } else {
            top -= rows[step->code].operands;
            double(*place)[STRIP] = memory->place[top];
            if (step->code == TSR_STEP_CONDITION) spread_constants(&stack[top], items, &memory->place[top]);
            double *target = stack[top].value == place[0] ? place[1] : place[0];
            if (s + 1 == expression->steps) target = out;
            rows[step->code].each(&stack[top], items, target);
            stack[top++] = (operand){.value = target};
        }
    }
    if (stack[0].value == NULL)
        for (int64_t i = 0; i < items; i++) out[i] = stack[0].constant;
    else if (stack[0].value != out)
        memcpy(out, stack[0].value, (size_t)items * sizeof(*out));
}

void tsr_expression_apply(const tsr_expression *expression, const tsr_block *block, double *out) {
    strips memory;
    for (int64_t begin = 0; begin < block->items; begin += STRIP) {
        const tsr_range strip = {begin, begin + STRIP < block->items ? begin + STRIP : block->items};
        run_strip(expression, block, strip, &memory, out + begin);
    }
}
