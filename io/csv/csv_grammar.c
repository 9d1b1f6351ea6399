#include "io/csv/csv_grammar.h"

#include <string.h>

void tsr_csv_grammar_init(char delimiter, tsr_csv_grammar *out) {
    *out = (tsr_csv_grammar){.delimiter = delimiter};
    out->kind['\0'] = TSR_CSV_ZERO;
    out->kind['\n'] = TSR_CSV_LINE_END;
    out->kind['\r'] = TSR_CSV_LINE_END;
    out->kind['"'] = TSR_CSV_QUOTE;
    out->kind[(unsigned char)delimiter] = TSR_CSV_DELIMITER;
}

static inline tsr_csv_kind kind_of(const tsr_csv_grammar *grammar, const char *at) {
    return (tsr_csv_kind)grammar->kind[(unsigned char)*at];
}

static inline bool is_blank(const tsr_csv_grammar *grammar, char c) {
    return (c == ' ' || c == '\t') && c != grammar->delimiter;
}

static inline char *skip_blanks(const tsr_csv_grammar *grammar, char *at) {
    while (is_blank(grammar, *at)) at++;
    return at;
}

/* What stands where a cell must have ended. */
static tsr_csv_next judge(const tsr_csv_grammar *grammar, const tsr_csv_text *text) {
    if (text->at == text->end) return TSR_CSV_MORE;
    const tsr_csv_kind kind = kind_of(grammar, text->at);
    if (kind == TSR_CSV_LINE_END) return TSR_CSV_LAST;
    return kind == TSR_CSV_DELIMITER ? TSR_CSV_ANOTHER : TSR_CSV_MISPLACED;
}

static tsr_csv_next read_quoted(const tsr_csv_grammar *grammar, tsr_csv_text *text, tsr_csv_cell *out) {
    out->begin = ++text->at;
    out->has_doubled = false;
    for (;;) {
        char *quote = memchr(text->at, '"', (size_t)(text->end - text->at));
        if (quote == NULL || quote + 1 == text->end) return TSR_CSV_MORE;
        text->at = quote + 1;
        if (*text->at != '"') {
            out->end = quote;
            text->at = skip_blanks(grammar, text->at);
            return judge(grammar, text);
        }
        text->at++;
        out->has_doubled = true;
    }
}

static tsr_csv_next read_plain(const tsr_csv_grammar *grammar, tsr_csv_text *text, tsr_csv_cell *out) {
    char *at = text->at;
    for (;; at++) {
        while (kind_of(grammar, at) == TSR_CSV_PLAIN) at++;
        if (kind_of(grammar, at) != TSR_CSV_ZERO || at == text->end) break;
    }
    text->at = at;
    out->end = at;
    out->has_doubled = false;
    while (out->end > out->begin && is_blank(grammar, out->end[-1])) out->end--;
    return judge(grammar, text);
}

tsr_csv_next tsr_csv_cell_read(const tsr_csv_grammar *grammar, tsr_csv_text *text, tsr_csv_cell *out) {
    text->at = skip_blanks(grammar, text->at);
    out->first = text->at;
    out->begin = text->at;
    const bool is_quoted = kind_of(grammar, text->at) == TSR_CSV_QUOTE;
    const tsr_csv_next next = is_quoted ? read_quoted(grammar, text, out) : read_plain(grammar, text, out);
    if (next == TSR_CSV_ANOTHER) text->at++;
    return next;
}

char *tsr_csv_row_find(const tsr_csv_grammar *grammar, tsr_csv_text *text) {
    char *passed = NULL;
    for (;; text->at++) {
        text->at = skip_blanks(grammar, text->at);
        if (kind_of(grammar, text->at) != TSR_CSV_LINE_END) return passed;
        passed = text->at;
    }
}

void tsr_csv_line_end_find(const tsr_csv_grammar *grammar, bool is_quoted, tsr_csv_text *text) {
    for (; text->at < text->end; text->at++) {
        const tsr_csv_kind kind = kind_of(grammar, text->at);
        if (kind == TSR_CSV_LINE_END && !is_quoted) return;
        is_quoted ^= kind == TSR_CSV_QUOTE;
    }
}

size_t tsr_csv_cell_copy(const tsr_csv_cell *cell, size_t room, char *out) {
    size_t bytes = 0;
    for (const char *at = cell->begin; at < cell->end; at++, bytes++) {
        if (bytes < room) out[bytes] = *at;
        if (cell->has_doubled && *at == '"') at++;
    }
    if (bytes < room) out[bytes] = '\0';
    return bytes;
}
