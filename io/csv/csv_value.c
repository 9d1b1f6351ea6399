#include "io/csv/csv_value.h"

#include "engine/number.h"
#include "io/csv/csv_date.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 41 }; /* of a cell, in a message */

static const char *const missing_words[] = {"",    "NA",   "N/A",  "n/a",  "#N/A", "NaN",
                                            "nan", "-nan", "NULL", "null", "None"};

const tsr_csv_missing tsr_csv_missing_default = {.word = missing_words,
                                                 .count = sizeof(missing_words) / sizeof(missing_words[0])};

bool tsr_csv_is_missing(const tsr_csv_missing *missing, const tsr_csv_cell *cell) {
    const size_t bytes = (size_t)(cell->end - cell->begin);
    const char first = bytes > 0 ? *cell->begin : '\0'; /* most cells are known by it to be there */
    for (int64_t i = 0; i < missing->count; i++) {
        const char *word = missing->word[i];
        if (*word == first && strlen(word) == bytes && memcmp(word, cell->begin, bytes) == 0) return true;
    }
    return false;
}

/* With a zero byte behind it for a moment. */
static tsr_number read_number(const tsr_csv_cell *cell, double *out) {
    const char kept = *cell->end;
    *cell->end = '\0';
    const bool is_whole = strlen(cell->begin) == (size_t)(cell->end - cell->begin); /* no zero byte within */
    const tsr_number result = is_whole ? tsr_number_read_real(cell->begin, out) : TSR_NUMBER_MALFORMED;
    *cell->end = kept;
    return result;
}

bool tsr_csv_number_read(const tsr_csv_cell *cell, double *out) { return read_number(cell, out) == TSR_NUMBER_OK; }

static bool begins_number(const tsr_csv_cell *cell) {
    char *end;
    const char kept = *cell->end;
    *cell->end = '\0';
    (void)strtod(cell->begin, &end);
    const bool is_whole = end == cell->end;
    *cell->end = kept;
    return is_whole;
}

tsr_csv_type tsr_csv_type_of(const tsr_csv_cell *cell) {
    double value;
    if (tsr_csv_number_read(cell, &value) || begins_number(cell)) return TSR_CSV_NUMBERS;
    return tsr_csv_date_read(cell->begin, cell->end, &value) ? TSR_CSV_DATES : TSR_CSV_WORDS;
}

static bool label_read(const tsr_csv_cell *cell, const tsr_csv_labels *labels, double *out) {
    char text[TSR_CSV_LABEL_BYTES_MAX + 1];
    const char *label = cell->begin;
    size_t bytes = (size_t)(cell->end - cell->begin);
    if (cell->has_doubled) {
        bytes = tsr_csv_cell_copy(cell, sizeof(text), text);
        label = text;
    }
    const int code = bytes < sizeof(text) ? tsr_csv_labels_code(labels, label, bytes) : -1;
    *out = code;
    return code >= 0;
}

bool tsr_csv_value_read(const tsr_csv_cell *cell, tsr_csv_type type, const tsr_csv_missing *missing,
                        const tsr_csv_labels *labels, double *out) {
    if (tsr_csv_is_missing(missing, cell)) {
        *out = NAN;
        return true;
    }
    if (type == TSR_CSV_DATES) return tsr_csv_date_read(cell->begin, cell->end, out);
    return type == TSR_CSV_WORDS ? label_read(cell, labels, out) : tsr_csv_number_read(cell, out);
}

/* The beginning of a cell on one line. */
static void show(const tsr_csv_cell *cell, char out[SHOWN_BYTES]) {
    const size_t length = (size_t)(cell->end - cell->begin);
    const size_t bytes = length < SHOWN_BYTES - 1 ? length : SHOWN_BYTES - 1;
    for (size_t i = 0; i < bytes; i++) {
        const unsigned char c = (unsigned char)cell->begin[i];
        out[i] = c < 0x20 || c == 0x7f ? '?' : cell->begin[i];
    }
    out[bytes] = '\0';
}

void tsr_csv_value_reason(const tsr_csv_cell *cell, tsr_csv_type type, char out[TSR_CSV_REASON_BYTES]) {
    static const char *const wanted[] = {"a number", "a date such as 2001-01-31 12:30:00",
                                         "a word that was there before"};
    char shown[SHOWN_BYTES];
    double value;
    show(cell, shown);
    if (cell->begin == cell->end)
        snprintf(out, TSR_CSV_REASON_BYTES, "is empty; it must hold %s", wanted[type]);
    else if (type == TSR_CSV_NUMBERS && read_number(cell, &value) == TSR_NUMBER_TOO_LARGE)
        snprintf(out, TSR_CSV_REASON_BYTES, "holds '%s', which is too large for a double", shown);
    else
        snprintf(out, TSR_CSV_REASON_BYTES, "holds '%s', which is not %s", shown, wanted[type]);
}
