/* Words for messages: what a user wrote, made fit for one line. */
#ifndef TSR_IO_WORDING_H
#define TSR_IO_WORDING_H

#include "engine/setting.h"
#include "engine/status.h"

enum { TSR_SHOWN_BYTES = 64 };

/* A value type: at most TSR_SHOWN_BYTES - 1 bytes of whole UTF-8 characters without control characters, "..." where
 * something was cut off. */
typedef struct {
    char text[TSR_SHOWN_BYTES];
} tsr_shown;

tsr_shown tsr_shown_make(const char *text);

/* "a map", "a list", "a single value". */
const char *tsr_kind_text(tsr_setting_kind kind);

/* Fails with TSR_EUSAGE: "<where>: unknown <what> '<word>'; did you mean '<nearest>'? (known: a, b, c)".
 * known: ends with NULL. */
tsr_status tsr_unknown_fail(const char *where, const char *what, const char *word, const char *const *known);

#endif
