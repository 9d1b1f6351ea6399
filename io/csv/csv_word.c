#include "io/csv/csv_word.h"

/* The bytes of the UTF-8 character that begins here, or 0: none does. RFC 3629: no overlong forms, no surrogates. */
static size_t character(const unsigned char *at, size_t left) {
    static const struct {
        unsigned char first, last; /* of the first byte */
        unsigned char low, high;   /* of the second */
        size_t bytes;
    } form[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    if (at[0] < 0x80) return at[0] >= 0x20 && at[0] != 0x7f;
    for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
        if (at[0] < form[i].first || at[0] > form[i].last) continue;
        if (left < form[i].bytes || at[1] < form[i].low || at[1] > form[i].high) return 0;
        for (size_t j = 2; j < form[i].bytes; j++)
            if ((at[j] & 0xc0) != 0x80) return 0;
        return form[i].bytes;
    }
    return 0;
}

bool tsr_csv_word_is_printable(const char *word, size_t bytes) {
    const unsigned char *at = (const unsigned char *)word;
    if (bytes > TSR_CSV_LABEL_BYTES_MAX) return false;
    for (size_t i = 0, step; i < bytes; i += step)
        if ((step = character(at + i, bytes - i)) == 0) return false;
    return true;
}

tsr_status tsr_csv_word_add(const tsr_csv_rows *rows, int i, tsr_csv_labels *labels) {
    const tsr_csv_cell *cell = &rows->cell[i];
    char text[TSR_CSV_LABEL_BYTES_MAX + 1];
    const size_t bytes =
        cell->has_doubled ? tsr_csv_cell_copy(cell, sizeof(text), text) : (size_t)(cell->end - cell->begin);
    const char *word = cell->has_doubled ? text : cell->begin;
    const int64_t place = tsr_csv_place(&rows->window, cell->first);
    if (bytes < sizeof(text) && tsr_csv_labels_has(labels, word, bytes)) return TSR_OK;
    if (!tsr_csv_word_is_printable(word, bytes))
        return tsr_csv_refuse(rows->file, place, "a word must be printable UTF-8 of at most %d bytes to be a category",
                              TSR_CSV_LABEL_BYTES_MAX);
    if (tsr_csv_labels_count(labels) == TSR_CSV_LABELS_MAX)
        return tsr_csv_refuse(rows->file, place,
                              "more than %d different words stand in this column; they are too many categories",
                              TSR_CSV_LABELS_MAX);
    return tsr_csv_labels_add(labels, word, bytes);
}
