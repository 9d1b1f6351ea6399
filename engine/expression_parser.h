/* The parser of expressions: what its parts, a file each, share.
 * Layer 2, internal to expression*.c. All functions that give a bool return false once the mistake is told. */
#ifndef TSR_ENGINE_EXPRESSION_PARSER_H
#define TSR_ENGINE_EXPRESSION_PARSER_H

#include "engine/expression.h"

/* Recursive descent, one function a level of the language. */
typedef struct {
    const char *text;
    const char *at; /* the next character */
    const char *const *names;
    const tsr_field *fields; /* of the same names, or NULL: no categories */
    tsr_terms *terms;        /* NULL: no means, or within one */
    tsr_expression *out;
    int depth;   /* of the stack, after the steps so far */
    int nesting; /* of parentheses and signs */
    tsr_mistake *mistake;
} tsr_parser;

/* The whole text. */
bool tsr_parser_read(tsr_parser *parser);

bool tsr_parser_refuse(tsr_parser *parser, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes a sign or a word if it comes next. */
void tsr_parser_skip_spaces(tsr_parser *parser);
bool tsr_parser_take(tsr_parser *parser, const char *sign);

/* c ? a : b, and all that binds before it; a number, a name, a call or a parenthesis. */
bool tsr_parser_choice(tsr_parser *parser);
bool tsr_parser_atom(tsr_parser *parser);

/* A label of the column of categories that `variable` is: the number that stands for it. */
bool tsr_parser_label(tsr_parser *parser, int variable);

/* Steps, behind those that are there. */
bool tsr_parser_emit(tsr_parser *parser, int code);
bool tsr_parser_emit_constant(tsr_parser *parser, double value);
bool tsr_parser_emit_variable(tsr_parser *parser, int variable);

/* A power: the steps of the base go from `base` to `exponent`, those of the exponent from there to the end. */
bool tsr_parser_emit_power(tsr_parser *parser, int base, int exponent);

#endif
