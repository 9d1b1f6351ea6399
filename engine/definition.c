#include "engine/definition.h"

#include <stdio.h>
#include <string.h>

static bool refuse(const char *text, const char *at, const char *sentence, tsr_mistake *mistake) {
    mistake->place = (int)(at - text) + 1;
    snprintf(mistake->text, sizeof(mistake->text), "%s", sentence);
    return false;
}

static const char *after_spaces(const char *at) { return at + strspn(at, " \t\r\n"); }

/* Letters, digits after the first, _ and . */
static size_t name_length(const char *at) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.";
    return *at >= '0' && *at <= '9' ? 0 : strspn(at, letters);
}

static bool copy(const char *text, const char *begin, size_t length, char out[TSR_DEFINITION_BYTES],
                 tsr_mistake *mistake) {
    if (length >= TSR_DEFINITION_BYTES) return refuse(text, begin, "this is longer than 63 letters", mistake);
    memcpy(out, begin, length);
    out[length] = '\0';
    return true;
}

bool tsr_definition_read(const char *text, tsr_definition *out, tsr_mistake *mistake) {
    const char *at = after_spaces(text);
    const size_t name = name_length(at);
    if (name == 0) return refuse(text, at, "a definition begins with a name: write name = expression", mistake);
    if (!copy(text, at, name, out->name, mistake)) return false;
    at = after_spaces(at + name);
    snprintf(out->unit, sizeof(out->unit), "1");
    if (*at == '[') {
        const size_t unit = strcspn(at + 1, "]");
        if (at[1 + unit] == '\0')
            return refuse(text, at, "the unit that begins here does not end: a ']' is missing", mistake);
        if (unit > 0 && !copy(text, at + 1, unit, out->unit, mistake)) return false;
        at = after_spaces(at + 1 + unit + 1);
    }
    if (*at != '=' || at[1] == '=')
        return refuse(text, at, "a '=' is expected here: write name = expression, or name [unit] = expression",
                      mistake);
    out->expression = at + 1;
    return true;
}
