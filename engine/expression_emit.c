#include "engine/expression_parser.h"
#include "engine/expression_step.h"

#include <string.h>

static const double E = 0x1.5bf0a8b145769p+1;

/* Operands that are all constant are computed at once: the last steps become one constant. */
static bool fold(tsr_expression *out, int code, int operands) {
    double given[3];
    if (operands == 0) return false;
    tsr_step *first = &out->step[out->steps - operands];
    for (int k = 0; k < operands; k++) {
        if (first[k].code != TSR_STEP_CONSTANT) return false;
        given[k] = first[k].constant;
    }
    first->constant = tsr_step_value(code, given);
    out->steps -= operands - 1;
    return true;
}

static bool emit(tsr_parser *self, tsr_step step) {
    const int operands = tsr_step_operands(step.code);
    if (fold(self->out, step.code, operands)) {
        self->depth -= operands - 1;
        return true;
    }
    if (self->out->steps == TSR_EXPRESSION_STEPS)
        return tsr_parser_refuse(self, self->at,
                                 "the expression has more than %d operations; define a part of it first",
                                 TSR_EXPRESSION_STEPS);
    self->out->step[self->out->steps++] = step;
    self->depth += 1 - operands;
    if (self->depth > TSR_EXPRESSION_DEPTH)
        return tsr_parser_refuse(self, self->at,
                                 "more than %d intermediate values at a time; define a part of it first",
                                 TSR_EXPRESSION_DEPTH);
    return true;
}

bool tsr_parser_emit(tsr_parser *self, int code) { return emit(self, (tsr_step){.code = code}); }

bool tsr_parser_emit_constant(tsr_parser *self, double value) {
    return emit(self, (tsr_step){.code = TSR_STEP_CONSTANT, .constant = value});
}

bool tsr_parser_emit_variable(tsr_parser *self, int variable) {
    return emit(self, (tsr_step){.code = TSR_STEP_VARIABLE, .variable = variable});
}

static void drop_last_constant(tsr_parser *self) {
    self->out->steps--;
    self->depth--;
}

bool tsr_parser_emit_power(tsr_parser *self, int base, int exponent) {
    tsr_expression *out = self->out;
    const tsr_step first = out->step[base], last = out->step[out->steps - 1];
    const bool constant_base = exponent == base + 1 && first.code == TSR_STEP_CONSTANT;
    const bool constant_exponent = out->steps == exponent + 1 && last.code == TSR_STEP_CONSTANT;
    if (constant_exponent && !constant_base && last.constant == 2.0) {
        drop_last_constant(self);
        return tsr_parser_emit(self, TSR_STEP_SQUARE);
    }
    if (constant_exponent && fabs(last.constant) < 64.0 && floor(last.constant) == last.constant)
        return tsr_parser_emit(self, TSR_STEP_POWER_WHOLE);
    if (constant_exponent || !constant_base || first.constant != E) return tsr_parser_emit(self, TSR_STEP_POWER);
    memmove(&out->step[base], &out->step[exponent], (size_t)(out->steps - exponent) * sizeof(*out->step));
    drop_last_constant(self);
    return tsr_parser_emit(self, TSR_STEP_EXP);
}
