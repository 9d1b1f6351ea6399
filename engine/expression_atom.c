#include "engine/expression_parser.h"
#include "engine/expression_step.h"
#include "engine/number.h"
#include "engine/param.h"

#include <string.h>

static const double E = 0x1.5bf0a8b145769p+1, PI = 0x1.921fb54442d18p+1;

/* ---- words ---- */

void tsr_parser_skip_spaces(tsr_parser *self) {
    while (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r') self->at++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80); }

static bool is_of_word(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

/* Takes a sign if it comes next. */
bool tsr_parser_take(tsr_parser *self, const char *sign) {
    tsr_parser_skip_spaces(self);
    const size_t length = strlen(sign);
    if (strncmp(self->at, sign, length) != 0) return false;
    if (is_letter(*sign) && is_of_word(self->at[length])) return false;
    self->at += length;
    return true;
}

enum { WORD_BYTES = 128 };

/* Copies what lies from begin to end. */
static bool copy_word(tsr_parser *self, const char *begin, const char *end, char out[WORD_BYTES]) {
    if (end - begin >= WORD_BYTES)
        return tsr_parser_refuse(self, begin, "a name of more than %d letters", WORD_BYTES - 1);
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

/* One row a function: its name, its step. */
#define FUNCTIONS(ROW)                                                                                                 \
    ROW(abs, ABS)                                                                                                      \
    ROW(acos, ACOS)                                                                                                    \
    ROW(asin, ASIN)                                                                                                    \
    ROW(atan, ATAN)                                                                                                    \
    ROW(atan2, ATAN2)                                                                                                  \
    ROW(cbrt, CBRT)                                                                                                    \
    ROW(ceil, CEIL)                                                                                                    \
    ROW(cos, COS)                                                                                                      \
    ROW(cosh, COSH)                                                                                                    \
    ROW(erf, ERF)                                                                                                      \
    ROW(erfc, ERFC)                                                                                                    \
    ROW(exp, EXP)                                                                                                      \
    ROW(expm1, EXPM1)                                                                                                  \
    ROW(float, FLOAT)                                                                                                  \
    ROW(floor, FLOOR)                                                                                                  \
    ROW(hypot, HYPOT)                                                                                                  \
    ROW(if, CONDITION)                                                                                                 \
    ROW(int, TRUNC)                                                                                                    \
    ROW(is_missing, IS_NAN)                                                                                            \
    ROW(isnan, IS_NAN)                                                                                                 \
    ROW(ln, LOG)                                                                                                       \
    ROW(log, LOG)                                                                                                      \
    ROW(log10, LOG10)                                                                                                  \
    ROW(log1p, LOG1P)                                                                                                  \
    ROW(log2, LOG2)                                                                                                    \
    ROW(max, MAXIMUM)                                                                                                  \
    ROW(min, MINIMUM)                                                                                                  \
    ROW(mod, MOD)                                                                                                      \
    ROW(normal_cdf, NORMAL_CDF)                                                                                        \
    ROW(normal_quantile, NORMAL_QUANTILE)                                                                              \
    ROW(pow, POWER)                                                                                                    \
    ROW(round, ROUND)                                                                                                  \
    ROW(sign, SIGN)                                                                                                    \
    ROW(sin, SIN)                                                                                                      \
    ROW(sinh, SINH)                                                                                                    \
    ROW(sqrt, SQRT)                                                                                                    \
    ROW(tan, TAN)                                                                                                      \
    ROW(tanh, TANH)                                                                                                    \
    ROW(trunc, TRUNC)

#define NAME_OF(name, step) #name,
#define STEP_OF(name, step) TSR_STEP_##step,
static const char *const functions[] = {FUNCTIONS(NAME_OF) "mean", NULL};
static const int function_steps[] = {FUNCTIONS(STEP_OF)};
enum { FUNCTION_MEAN = sizeof(function_steps) / sizeof(function_steps[0]) };

static bool parse_number(tsr_parser *self) {
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
    if (read != TSR_NUMBER_OK) return tsr_parser_refuse(self, begin, "'%s' is no number that a double holds", word);
    self->at = end;
    if (is_letter(*end)) return tsr_parser_refuse(self, end, "an operator is missing after '%s', such as *", word);
    return tsr_parser_emit_constant(self, value);
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
static bool parse_term(tsr_parser *self, const char *begin, bool (*content)(tsr_parser *self, int variable),
                       int variable) {
    tsr_terms *terms = self->terms;
    tsr_expression *out = self->out;
    const int depth = self->depth;
    if (terms->count == TSR_TERMS_MAX)
        return tsr_parser_refuse(self, begin, "more than %d different means; use fewer, or a second stage",
                                 TSR_TERMS_MAX);
    self->out = &terms->term[terms->count];
    self->out->steps = 0;
    self->terms = NULL;
    self->depth = 0;
    const bool parsed = content(self, variable);
    self->out = out;
    self->terms = terms;
    self->depth = depth;
    return parsed && tsr_parser_emit_variable(self, place_of_term(terms));
}

static bool parse_mean_of(tsr_parser *self, int variable) {
    (void)variable;
    if (!tsr_parser_choice(self)) return false;
    return tsr_parser_take(self, ")") ||
           tsr_parser_refuse(self, self->at, "a ')' is missing after what the mean is of");
}

static bool parse_arguments(tsr_parser *self, const char *name, int code) {
    const int base = self->out->steps;
    int last; /* where the last argument begins */
    const int wanted = code == TSR_STEP_POWER ? 2 : tsr_step_operands(code);
    for (int given = 1;; given++) {
        last = self->out->steps;
        if (!tsr_parser_choice(self)) return false;
        if (tsr_parser_take(self, ",")) {
            if (given == wanted)
                return tsr_parser_refuse(self, self->at - 1, "%s takes %d argument%s", name, wanted,
                                         wanted > 1 ? "s" : "");
            continue;
        }
        if (!tsr_parser_take(self, ")"))
            return tsr_parser_refuse(self, self->at, "a ')' is missing after the arguments of %s", name);
        if (given < wanted)
            return tsr_parser_refuse(self, self->at - 1, "%s takes %d arguments, not %d", name, wanted, given);
        return code == TSR_STEP_POWER ? tsr_parser_emit_power(self, base, last) : tsr_parser_emit(self, code);
    }
}

static bool parse_call(tsr_parser *self, const char *begin, const char *name) {
    const int function = find(functions, name);
    if (function == FUNCTION_MEAN && self->terms != NULL) return parse_term(self, begin, parse_mean_of, 0);
    if (function == FUNCTION_MEAN)
        return tsr_parser_refuse(self, begin, "mean(...) is for functions of means, and not within a mean");
    if (function >= 0) return parse_arguments(self, name, function_steps[function]);
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, functions, hint);
    return tsr_parser_refuse(self, begin, "there is no function '%s'%s", name, hint);
}

static bool parse_name(tsr_parser *self, const char *begin, const char *name) {
    const int variable = find(self->names, name);
    if (variable >= 0 && self->terms != NULL) return parse_term(self, begin, tsr_parser_emit_variable, variable);
    if (variable >= 0) return tsr_parser_emit_variable(self, variable);
    if (strcmp(name, "pi") == 0) return tsr_parser_emit_constant(self, PI);
    if (strcmp(name, "e") == 0) return tsr_parser_emit_constant(self, E);
    if (find(functions, name) >= 0)
        return tsr_parser_refuse(self, begin, "%s is a function: write %s(...)", name, name);
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, self->names, hint);
    return tsr_parser_refuse(self, begin, "'%s' is not known here%s", name, hint);
}

/* What stands in quotes. */
static bool take_quoted(tsr_parser *self, char word[WORD_BYTES]) {
    const char *begin = self->at, *end = strchr(begin + 1, *begin);
    if (end == NULL) return tsr_parser_refuse(self, begin, "the quote that begins here does not end");
    if (!copy_word(self, begin + 1, end, word)) return false;
    self->at = end + 1;
    return true;
}

bool tsr_parser_label(tsr_parser *self, int variable) {
    const tsr_field *field = &self->fields[variable];
    const char *begin = self->at;
    char word[WORD_BYTES], hint[TSR_HINT_BYTES];
    if (!take_quoted(self, word)) return false;
    const int label = find(field->categories, word);
    if (label >= 0) return tsr_parser_emit_constant(self, label);
    tsr_nearest_hint(word, field->categories, hint);
    return tsr_parser_refuse(self, begin, "column %.80s holds no '%s'%s", field->name, word, hint);
}

/* A name, a call, or a name in quotes, which is never a call. */
static bool parse_word(tsr_parser *self) {
    const char *begin = self->at, *end = begin;
    char word[WORD_BYTES];
    if (*begin == '\'' || *begin == '"' || *begin == '`')
        return take_quoted(self, word) && parse_name(self, begin, word);
    while (is_of_word(*end)) end++;
    if (!copy_word(self, begin, end, word)) return false;
    self->at = end;
    return tsr_parser_take(self, "(") ? parse_call(self, begin, word) : parse_name(self, begin, word);
}

bool tsr_parser_atom(tsr_parser *self) {
    tsr_parser_skip_spaces(self);
    const char c = *self->at;
    if (is_digit(c) || c == '.') return parse_number(self);
    if (is_letter(c) || c == '\'' || c == '"' || c == '`') return parse_word(self);
    const char *begin = self->at;
    if (tsr_parser_take(self, "(")) {
        if (!tsr_parser_choice(self)) return false;
        return tsr_parser_take(self, ")") || tsr_parser_refuse(self, begin, "this parenthesis is not closed");
    }
    if (c == '\0') return tsr_parser_refuse(self, self->at, "the expression ends where a number or a name is expected");
    return tsr_parser_refuse(self, self->at, "a number or a name is expected before '%.1s'", self->at);
}
