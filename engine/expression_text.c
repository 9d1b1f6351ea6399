#include "engine/expression_step.h"
#include "engine/number.h"
#include "engine/param.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Recursive descent, one function a level of the language. All return false once the mistake is told. */
typedef struct {
    const char *text;
    const char *at; /* the next character */
    const char *const *names;
    tsr_terms *terms; /* NULL: no means, or within one */
    tsr_expression *out;
    int depth;   /* of the stack, after the steps so far */
    int nesting; /* of parentheses and signs */
    tsr_mistake *mistake;
} parser;

static const double E = 0x1.5bf0a8b145769p+1, PI = 0x1.921fb54442d18p+1;

static bool parse_choice(parser *self);

__attribute__((format(printf, 3, 4))) static bool refuse(parser *self, const char *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    self->mistake->place = (int)(at - self->text) + 1;
    vsnprintf(self->mistake->text, sizeof(self->mistake->text), format, arguments);
    va_end(arguments);
    return false;
}

/* ---- steps ---- */

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

static bool emit(parser *self, tsr_step step) {
    const int operands = tsr_step_operands(step.code);
    if (fold(self->out, step.code, operands)) {
        self->depth -= operands - 1;
        return true;
    }
    if (self->out->steps == TSR_EXPRESSION_STEPS)
        return refuse(self, self->at, "the expression has more than %d operations; define a part of it first",
                      TSR_EXPRESSION_STEPS);
    self->out->step[self->out->steps++] = step;
    self->depth += 1 - operands;
    if (self->depth > TSR_EXPRESSION_DEPTH)
        return refuse(self, self->at, "more than %d intermediate values at a time; define a part of it first",
                      TSR_EXPRESSION_DEPTH);
    return true;
}

static bool emit_code(parser *self, int code) { return emit(self, (tsr_step){.code = code}); }

static bool emit_constant(parser *self, double value) {
    return emit(self, (tsr_step){.code = TSR_STEP_CONSTANT, .constant = value});
}

static void drop_last_constant(parser *self) {
    self->out->steps--;
    self->depth--;
}

/* The steps of the base go from `base` to `exponent`, those of the exponent from there to the end. */
static bool emit_power(parser *self, int base, int exponent) {
    tsr_expression *out = self->out;
    const tsr_step first = out->step[base], last = out->step[out->steps - 1];
    const bool constant_base = exponent == base + 1 && first.code == TSR_STEP_CONSTANT;
    const bool constant_exponent = out->steps == exponent + 1 && last.code == TSR_STEP_CONSTANT;
    if (constant_exponent && !constant_base && last.constant == 2.0) {
        drop_last_constant(self);
        return emit_code(self, TSR_STEP_SQUARE);
    }
    if (constant_exponent && fabs(last.constant) < 64.0 && floor(last.constant) == last.constant)
        return emit_code(self, TSR_STEP_POWER_WHOLE);
    if (constant_exponent || !constant_base || first.constant != E) return emit_code(self, TSR_STEP_POWER);
    memmove(&out->step[base], &out->step[exponent], (size_t)(out->steps - exponent) * sizeof(*out->step));
    drop_last_constant(self);
    return emit_code(self, TSR_STEP_EXP);
}

/* ---- words ---- */

static void skip_spaces(parser *self) {
    while (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r') self->at++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80); }

static bool is_of_word(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

/* Takes a sign if it comes next. */
static bool take(parser *self, const char *sign) {
    skip_spaces(self);
    const size_t length = strlen(sign);
    if (strncmp(self->at, sign, length) != 0) return false;
    if (is_letter(*sign) && is_of_word(self->at[length])) return false;
    self->at += length;
    return true;
}

enum { WORD_BYTES = 128 };

/* Copies what lies from begin to end. */
static bool copy_word(parser *self, const char *begin, const char *end, char out[WORD_BYTES]) {
    if (end - begin >= WORD_BYTES) return refuse(self, begin, "a name of more than %d letters", WORD_BYTES - 1);
    memcpy(out, begin, (size_t)(end - begin));
    out[end - begin] = '\0';
    return true;
}

static int find(const char *const *words, const char *word) {
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0) return i;
    return -1;
}

/* ---- atoms ---- */

static const char *const functions[] = {"abs",   "atan", "ceil", "cos", "exp", "expm1", "floor", "if",   "ln",   "log",
                                        "log1p", "max",  "min",  "pow", "sin", "sqrt",  "tan",   "tanh", "mean", NULL};
static const int function_steps[] = {TSR_STEP_ABS,   TSR_STEP_ATAN,    TSR_STEP_CEIL,      TSR_STEP_COS,   TSR_STEP_EXP,
                                     TSR_STEP_EXPM1, TSR_STEP_FLOOR,   TSR_STEP_CONDITION, TSR_STEP_LOG,   TSR_STEP_LOG,
                                     TSR_STEP_LOG1P, TSR_STEP_MAXIMUM, TSR_STEP_MINIMUM,   TSR_STEP_POWER, TSR_STEP_SIN,
                                     TSR_STEP_SQRT,  TSR_STEP_TAN,     TSR_STEP_TANH};
enum { FUNCTION_MEAN = 18 };

static bool parse_number(parser *self) {
    const char *begin = self->at, *end = begin;
    while (is_digit(*end) || *end == '.') end++;
    if (*end == 'e' || *end == 'E') {
        const char *digits = end + 1 + (end[1] == '+' || end[1] == '-');
        if (is_digit(*digits)) end = digits;
        while (end == digits && is_digit(*digits)) end = ++digits;
    }
    char word[WORD_BYTES];
    if (!copy_word(self, begin, end, word)) return false;
    double value;
    const tsr_number read = tsr_number_read_real(word, &value);
    if (read != TSR_NUMBER_OK) return refuse(self, begin, "'%s' is no number that a double holds", word);
    self->at = end;
    if (is_letter(*end)) return refuse(self, end, "an operator is missing after '%s', such as *", word);
    return emit_constant(self, value);
}

/* The place of a mean among the terms: an equal one, or the last. */
static int place_of_term(tsr_terms *terms) {
    const tsr_expression *last = &terms->term[terms->count];
    for (int t = 0; t < terms->count; t++) {
        const tsr_expression *term = &terms->term[t];
        const bool same = term->steps == last->steps &&
                          memcmp(term->step, last->step, (size_t)last->steps * sizeof(*last->step)) == 0;
        if (same) return t;
    }
    return terms->count++;
}

/* What a mean is of goes to a program of its own; `begin`: where the mean stands. content: parses it. */
static bool parse_term(parser *self, const char *begin, bool (*content)(parser *self, int variable), int variable) {
    tsr_terms *terms = self->terms;
    tsr_expression *out = self->out;
    const int depth = self->depth;
    if (terms->count == TSR_TERMS_MAX)
        return refuse(self, begin, "more than %d different means; use fewer, or a second stage", TSR_TERMS_MAX);
    self->out = &terms->term[terms->count];
    self->out->steps = 0;
    self->terms = NULL;
    self->depth = 0;
    const bool parsed = content(self, variable);
    self->out = out;
    self->terms = terms;
    self->depth = depth;
    return parsed && emit(self, (tsr_step){.code = TSR_STEP_VARIABLE, .variable = place_of_term(terms)});
}

static bool parse_variable(parser *self, int variable) {
    return emit(self, (tsr_step){.code = TSR_STEP_VARIABLE, .variable = variable});
}

static bool parse_mean_of(parser *self, int variable) {
    (void)variable;
    if (!parse_choice(self)) return false;
    return take(self, ")") || refuse(self, self->at, "a ')' is missing after what the mean is of");
}

static bool parse_arguments(parser *self, const char *name, int code) {
    const int base = self->out->steps;
    int last; /* where the last argument begins */
    const int wanted = code == TSR_STEP_POWER ? 2 : tsr_step_operands(code);
    for (int given = 1;; given++) {
        last = self->out->steps;
        if (!parse_choice(self)) return false;
        if (take(self, ",")) {
            if (given == wanted)
                return refuse(self, self->at - 1, "%s takes %d argument%s", name, wanted, wanted > 1 ? "s" : "");
            continue;
        }
        if (!take(self, ")")) return refuse(self, self->at, "a ')' is missing after the arguments of %s", name);
        if (given < wanted) return refuse(self, self->at - 1, "%s takes %d arguments, not %d", name, wanted, given);
        return code == TSR_STEP_POWER ? emit_power(self, base, last) : emit_code(self, code);
    }
}

static bool parse_call(parser *self, const char *begin, const char *name) {
    const int function = find(functions, name);
    if (function == FUNCTION_MEAN && self->terms != NULL) return parse_term(self, begin, parse_mean_of, 0);
    if (function == FUNCTION_MEAN)
        return refuse(self, begin, "mean(...) is for functions of means, and not within a mean");
    if (function >= 0) return parse_arguments(self, name, function_steps[function]);
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, functions, hint);
    return refuse(self, begin, "there is no function '%s'%s", name, hint);
}

static bool parse_name(parser *self, const char *begin, const char *name) {
    const int variable = find(self->names, name);
    if (variable >= 0 && self->terms != NULL) return parse_term(self, begin, parse_variable, variable);
    if (variable >= 0) return parse_variable(self, variable);
    if (strcmp(name, "pi") == 0) return emit_constant(self, PI);
    if (strcmp(name, "e") == 0) return emit_constant(self, E);
    if (find(functions, name) >= 0) return refuse(self, begin, "%s is a function: write %s(...)", name, name);
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, self->names, hint);
    return refuse(self, begin, "'%s' is not known here%s", name, hint);
}

/* A name, a call, or a name in quotes, which is never a call. */
static bool parse_word(parser *self) {
    const char *begin = self->at, *end = begin;
    char word[WORD_BYTES];
    const char quote = *begin == '\'' || *begin == '"' || *begin == '`' ? *begin : '\0';
    if (quote != '\0') {
        end = strchr(begin + 1, quote);
        if (end == NULL) return refuse(self, begin, "the quote that begins here does not end");
        if (!copy_word(self, begin + 1, end, word)) return false;
        self->at = end + 1;
        return parse_name(self, begin, word);
    }
    while (is_of_word(*end)) end++;
    if (!copy_word(self, begin, end, word)) return false;
    self->at = end;
    return take(self, "(") ? parse_call(self, begin, word) : parse_name(self, begin, word);
}

static bool parse_atom(parser *self) {
    skip_spaces(self);
    const char c = *self->at;
    if (is_digit(c) || c == '.') return parse_number(self);
    if (is_letter(c) || c == '\'' || c == '"' || c == '`') return parse_word(self);
    const char *begin = self->at;
    if (take(self, "(")) {
        if (!parse_choice(self)) return false;
        return take(self, ")") || refuse(self, begin, "this parenthesis is not closed");
    }
    if (c == '\0') return refuse(self, self->at, "the expression ends where a number or a name is expected");
    return refuse(self, self->at, "a number or a name is expected before '%.1s'", self->at);
}

/* ---- operators, from what binds first to what binds last ---- */

static bool parse_unary(parser *self);

/* Every way to go deeper passes here. */
static bool enter(parser *self) {
    if (self->nesting == TSR_EXPRESSION_NESTING)
        return refuse(self, self->at, "more than %d signs and parentheses within each other", TSR_EXPRESSION_NESTING);
    self->nesting++;
    return true;
}

static bool parse_power(parser *self) {
    const int base = self->out->steps;
    if (!parse_atom(self)) return false;
    if (!take(self, "^") && !take(self, "**")) return true;
    const int exponent = self->out->steps;
    return parse_unary(self) && emit_power(self, base, exponent);
}

static bool parse_unary(parser *self) {
    if (!enter(self)) return false;
    const bool minus = take(self, "-"), plus = !minus && take(self, "+");
    if (!(minus || plus ? parse_unary(self) : parse_power(self))) return false;
    self->nesting--;
    return !minus || emit_code(self, TSR_STEP_NEGATE);
}

static bool parse_product(parser *self) {
    if (!parse_unary(self)) return false;
    for (;;) {
        const bool times = take(self, "*"), over = !times && take(self, "/");
        if (!times && !over) return true;
        if (!parse_unary(self) || !emit_code(self, times ? TSR_STEP_MULTIPLY : TSR_STEP_DIVIDE)) return false;
    }
}

static bool parse_sum(parser *self) {
    if (!parse_product(self)) return false;
    for (;;) {
        const bool plus = take(self, "+"), minus = !plus && take(self, "-");
        if (!plus && !minus) return true;
        if (!parse_product(self) || !emit_code(self, plus ? TSR_STEP_ADD : TSR_STEP_SUBTRACT)) return false;
    }
}

static bool take_comparison(parser *self, int *code) {
    static const struct {
        const char *sign;
        int code;
    } signs[] = {{"<=", TSR_STEP_LESS_OR_EQUAL}, {">=", TSR_STEP_GREATER_OR_EQUAL},
                 {"==", TSR_STEP_EQUAL},         {"!=", TSR_STEP_NOT_EQUAL},
                 {"<", TSR_STEP_LESS},           {">", TSR_STEP_GREATER}};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        *code = signs[i].code;
        if (take(self, signs[i].sign)) return true;
    }
    return false;
}

static bool parse_comparison(parser *self) {
    int code, next;
    if (!parse_sum(self)) return false;
    if (!take_comparison(self, &code)) return true;
    if (!parse_sum(self) || !emit_code(self, code)) return false;
    const char *at = self->at;
    return !take_comparison(self, &next) || refuse(self, at, "comparisons cannot be chained: write a < b and b < c");
}

static bool parse_not(parser *self) {
    if (!take(self, "not")) return parse_comparison(self);
    if (!enter(self) || !parse_not(self)) return false;
    self->nesting--;
    return emit_code(self, TSR_STEP_NOT);
}

static bool parse_and(parser *self) {
    if (!parse_not(self)) return false;
    while (take(self, "and"))
        if (!parse_not(self) || !emit_code(self, TSR_STEP_AND)) return false;
    return true;
}

static bool parse_or(parser *self) {
    if (!parse_and(self)) return false;
    while (take(self, "or"))
        if (!parse_and(self) || !emit_code(self, TSR_STEP_OR)) return false;
    return true;
}

static bool parse_choice(parser *self) {
    if (!enter(self) || !parse_or(self)) return false;
    if (take(self, "?")) {
        if (!parse_choice(self)) return false;
        if (!take(self, ":")) return refuse(self, self->at, "a ':' is missing after '?': write c ? a : b");
        if (!parse_choice(self) || !emit_code(self, TSR_STEP_CONDITION)) return false;
    }
    self->nesting--;
    return true;
}

/* ---- the whole ---- */

static bool parse_end(parser *self) {
    static const char *const advice[] = {"=to compare, write ==", "&write and", "|write or, or abs(...)",
                                         "!write not, or !=", ")it closes no parenthesis"};
    skip_spaces(self);
    if (*self->at == '\0') return true;
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (*self->at == *advice[i])
            return refuse(self, self->at, "'%c' has no meaning here: %s", *self->at, advice[i] + 1);
    return refuse(self, self->at, "an operator is expected before '%.20s'", self->at);
}

bool tsr_expression_compile_means(const char *text, const char *const *names, tsr_terms *terms, tsr_expression *out,
                                  tsr_mistake *mistake) {
    parser self = {.text = text, .at = text, .names = names, .terms = terms, .out = out, .mistake = mistake};
    out->steps = 0;
    if (strlen(text) > TSR_EXPRESSION_BYTES)
        return refuse(&self, text, "the expression has more than %d characters", TSR_EXPRESSION_BYTES);
    return parse_choice(&self) && parse_end(&self);
}

bool tsr_expression_compile(const char *text, const char *const *names, tsr_expression *out, tsr_mistake *mistake) {
    return tsr_expression_compile_means(text, names, NULL, out, mistake);
}
