#include "engine/tallies/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_one(const char *unit) { return unit == NULL || *unit == '\0' || strcmp(unit, "1") == 0; }

static bool is_compound(const char *unit) { return strpbrk(unit, " */^.-0123456789") != NULL; }

/* Appends as much of a text as there is room for. */
static void append(const char *text, char out[TSR_UNIT_BYTES]) {
    const size_t used = strlen(out);
    snprintf(out + used, TSR_UNIT_BYTES - used, "%s", text);
}

static void append_factor(const char *unit, char out[TSR_UNIT_BYTES]) {
    append(is_compound(unit) ? "(" : "", out);
    append(unit, out);
    append(is_compound(unit) ? ")" : "", out);
}

void tsr_unit_product(const char *a, const char *b, char out[TSR_UNIT_BYTES]) {
    *out = '\0';
    if (is_one(a) && is_one(b)) {
        append("1", out);
    } else if (is_one(a) || is_one(b)) {
        append(is_one(a) ? b : a, out);
    } else {
        const bool same = strcmp(a, b) == 0;
        append_factor(a, out);
        append(same ? "^2" : " ", out);
        if (!same) append_factor(b, out);
    }
}

void tsr_unit_inverse(const char *unit, char out[TSR_UNIT_BYTES]) {
    *out = '\0';
    append(is_one(unit) ? "1" : "1/", out);
    if (!is_one(unit)) append_factor(unit, out);
}
