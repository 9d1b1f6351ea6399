#include "engine/expression_parser.h"
#include "engine/expression_step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool tsr_parser_refuse(tsr_parser *self, const char *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    self->mistake->place = (int)(at - self->text) + 1;
    vsnprintf(self->mistake->text, sizeof(self->mistake->text), format, arguments);
    va_end(arguments);
    return false;
}

/* ---- operators, from what binds first to what binds last ---- */

static bool parse_unary(tsr_parser *self);

/* Every way to go deeper passes here. */
static bool enter(tsr_parser *self) {
    if (self->nesting == TSR_EXPRESSION_NESTING)
        return tsr_parser_refuse(self, self->at, "more than %d signs and parentheses within each other",
                                 TSR_EXPRESSION_NESTING);
    self->nesting++;
    return true;
}

static bool parse_power(tsr_parser *self) {
    const int base = self->out->steps;
    if (!tsr_parser_atom(self)) return false;
    if (!tsr_parser_take(self, "^") && !tsr_parser_take(self, "**")) return true;
    const int exponent = self->out->steps;
    return parse_unary(self) && tsr_parser_emit_power(self, base, exponent);
}

static bool parse_unary(tsr_parser *self) {
    if (!enter(self)) return false;
    const bool minus = tsr_parser_take(self, "-"), plus = !minus && tsr_parser_take(self, "+");
    if (!(minus || plus ? parse_unary(self) : parse_power(self))) return false;
    self->nesting--;
    return !minus || tsr_parser_emit(self, TSR_STEP_NEGATE);
}

static bool parse_product(tsr_parser *self) {
    if (!parse_unary(self)) return false;
    for (;;) {
        const bool times = tsr_parser_take(self, "*"), over = !times && tsr_parser_take(self, "/");
        if (!times && !over) return true;
        if (!parse_unary(self) || !tsr_parser_emit(self, times ? TSR_STEP_MULTIPLY : TSR_STEP_DIVIDE)) return false;
    }
}

static bool parse_sum(tsr_parser *self) {
    if (!parse_product(self)) return false;
    for (;;) {
        const bool plus = tsr_parser_take(self, "+"), minus = !plus && tsr_parser_take(self, "-");
        if (!plus && !minus) return true;
        if (!parse_product(self) || !tsr_parser_emit(self, plus ? TSR_STEP_ADD : TSR_STEP_SUBTRACT)) return false;
    }
}

static bool take_comparison(tsr_parser *self, int *code) {
    static const struct {
        const char *sign;
        int code;
    } signs[] = {{"<=", TSR_STEP_LESS_OR_EQUAL}, {">=", TSR_STEP_GREATER_OR_EQUAL},
                 {"==", TSR_STEP_EQUAL},         {"!=", TSR_STEP_NOT_EQUAL},
                 {"<", TSR_STEP_LESS},           {">", TSR_STEP_GREATER}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        *code = signs[i].code;
        if (tsr_parser_take(self, signs[i].sign)) return true;
    }
    return false;
}

/* The column of categories that the steps from `begin` on are, or -1. */
static int categories_from(const tsr_parser *self, int begin) {
    const tsr_step *last = &self->out->step[begin];
    if (self->fields == NULL || self->out->steps != begin + 1 || last->code != TSR_STEP_VARIABLE) return -1;
    return self->fields[last->variable].categories != NULL ? last->variable : -1;
}

/* What a column is compared with: of categories, also a label. */
static bool parse_compared(tsr_parser *self, int categories) {
    tsr_parser_skip_spaces(self);
    const bool quoted = *self->at == '"' || *self->at == '\'';
    return quoted && categories >= 0 ? tsr_parser_label(self, categories) : parse_sum(self);
}

/* x in (a, b) is x == a or x == b. */
static bool parse_list(tsr_parser *self, int begin, int categories) {
    const char *at = self->at;
    const int variable = self->out->step[begin].variable;
    if (self->out->steps != begin + 1 || self->out->step[begin].code != TSR_STEP_VARIABLE)
        return tsr_parser_refuse(self, at, "only a name stands before in; define the formula before it first");
    if (!tsr_parser_take(self, "("))
        return tsr_parser_refuse(self, self->at, "a list is missing after in: x in (1, 2)");
    for (int given = 0;; given++) {
        if (given > 0 && !tsr_parser_emit_variable(self, variable)) return false;
        if (!parse_compared(self, categories) || !tsr_parser_emit(self, TSR_STEP_EQUAL)) return false;
        if (given > 0 && !tsr_parser_emit(self, TSR_STEP_OR)) return false;
        if (tsr_parser_take(self, ")")) return true;
        if (!tsr_parser_take(self, ",")) return tsr_parser_refuse(self, self->at, "a ')' is missing after the list");
    }
}

static bool parse_comparison(tsr_parser *self) {
    int code, next;
    const int begin = self->out->steps;
    if (!parse_sum(self)) return false;
    const int categories = categories_from(self, begin);
    if (tsr_parser_take(self, "in")) return parse_list(self, begin, categories);
    if (!take_comparison(self, &code)) return true;
    const bool equality = code == TSR_STEP_EQUAL || code == TSR_STEP_NOT_EQUAL;
    if (!parse_compared(self, equality ? categories : -1) || !tsr_parser_emit(self, code)) return false;
    const char *at = self->at;
    return !take_comparison(self, &next) ||
           tsr_parser_refuse(self, at, "comparisons cannot be chained: write a < b and b < c");
}

static bool parse_not(tsr_parser *self) {
    if (!tsr_parser_take(self, "not")) return parse_comparison(self);
    if (!enter(self) || !parse_not(self)) return false;
    self->nesting--;
    return tsr_parser_emit(self, TSR_STEP_NOT);
}

static bool parse_and(tsr_parser *self) {
    if (!parse_not(self)) return false;
    while (tsr_parser_take(self, "and"))
        if (!parse_not(self) || !tsr_parser_emit(self, TSR_STEP_AND)) return false;
    return true;
}

static bool parse_or(tsr_parser *self) {
    if (!parse_and(self)) return false;
    while (tsr_parser_take(self, "or"))
        if (!parse_and(self) || !tsr_parser_emit(self, TSR_STEP_OR)) return false;
    return true;
}

bool tsr_parser_choice(tsr_parser *self) {
    if (!enter(self) || !parse_or(self)) return false;
    if (tsr_parser_take(self, "?")) {
        if (!tsr_parser_choice(self)) return false;
        if (!tsr_parser_take(self, ":"))
            return tsr_parser_refuse(self, self->at, "a ':' is missing after '?': write c ? a : b");
        if (!tsr_parser_choice(self) || !tsr_parser_emit(self, TSR_STEP_CONDITION)) return false;
    }
    self->nesting--;
    return true;
}

/* ---- the whole ---- */

static bool parse_end(tsr_parser *self) {
    static const char *const advice[] = {"=to compare, write ==", "&write and", "|write or, or abs(...)",
                                         "!write not, or !=", ")it closes no parenthesis"};
    tsr_parser_skip_spaces(self);
    if (*self->at == '\0') return true;
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (*self->at == *advice[i])
            return tsr_parser_refuse(self, self->at, "'%c' has no meaning here: %s", *self->at, advice[i] + 1);
    return tsr_parser_refuse(self, self->at, "an operator is expected before '%.20s'", self->at);
}

bool tsr_parser_read(tsr_parser *self) {
    self->at = self->text;
    self->out->steps = 0;
    if (strlen(self->text) > TSR_EXPRESSION_BYTES)
        return tsr_parser_refuse(self, self->text, "the expression has more than %d characters", TSR_EXPRESSION_BYTES);
    return tsr_parser_choice(self) && parse_end(self);
}

bool tsr_expression_compile_means(const char *text, const char *const *names, tsr_terms *terms, tsr_expression *out,
                                  tsr_mistake *mistake) {
    tsr_parser self = {.text = text, .names = names, .terms = terms, .out = out, .mistake = mistake};
    return tsr_parser_read(&self);
}

bool tsr_expression_compile(const char *text, const char *const *names, tsr_expression *out, tsr_mistake *mistake) {
    return tsr_expression_compile_means(text, names, NULL, out, mistake);
}
