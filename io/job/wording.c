#include "io/job/wording.h"

#include "engine/param.h"

#include <stdbool.h>
#include <string.h>

static bool is_continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

tsr_shown tsr_shown_make(const char *text) {
    static const char dots[] = "...";
    tsr_shown shown = {.text = ""};
    size_t length = strnlen(text, TSR_SHOWN_BYTES);
    bool is_long = length == TSR_SHOWN_BYTES;
    if (is_long) {
        length -= sizeof(dots);
        while (length > 0 && is_continuation(text[length])) length--;
        memcpy(shown.text + length, dots, sizeof(dots));
    }
    for (size_t i = 0; i < length; i++) {
        bool control = (unsigned char)text[i] < ' ' || text[i] == '\177';
        shown.text[i] = control ? ' ' : text[i];
    }
    return shown;
}

const char *tsr_kind_text(tsr_setting_kind kind) {
    switch (kind) {
    case TSR_SCALAR: return "a single value";
    case TSR_LIST: return "a list";
    case TSR_MAP: return "a map";
    }
    return "unknown";
}

tsr_status tsr_unknown_fail(const char *where, const char *what, const char *word, const char *const *known) {
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(word, known, hint);
    return TSR_FAIL(TSR_EUSAGE, "%s: unknown %s '%s'%s", where, what, tsr_shown_make(word).text, hint);
}
