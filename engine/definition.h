/* Definitions: a text that gives an expression a name, and perhaps a unit.
 * Layer 2. */
#ifndef TSR_ENGINE_DEFINITION_H
#define TSR_ENGINE_DEFINITION_H

#include "engine/expression.h"

enum { TSR_DEFINITION_BYTES = 64 };

typedef struct {
    char name[TSR_DEFINITION_BYTES];
    char unit[TSR_DEFINITION_BYTES]; /* "1" if none */
    const char *expression;          /* points into the text */
} tsr_definition;

/* "name = expression" or "name [unit] = expression". A name has letters, digits, _ and '.', no digit first. False:
 * *mistake tells. Thread-safe, allocates nothing. */
bool tsr_definition_read(const char *text, tsr_definition *out, tsr_mistake *mistake);

#endif
