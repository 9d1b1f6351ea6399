/* What a cell stands for: a number, a date, a word, or nothing. */
#ifndef TSR_IO_CSV_VALUE_H
#define TSR_IO_CSV_VALUE_H

#include "io/csv/csv_grammar.h"
#include "io/csv/csv_labels.h"

typedef enum {
    TSR_CSV_NUMBERS,
    TSR_CSV_DATES, /* seconds since 1970 */
    TSR_CSV_WORDS  /* codes of labels */
} tsr_csv_type;

/* The words that stand for a missing value, borrowed. */
typedef struct {
    const char *const *word; /* [count] */
    int64_t count;
} tsr_csv_missing;

/* What is taken for missing unless the job says otherwise, as a list for a parameter's preset, after the empty cell. */
extern const tsr_csv_missing tsr_csv_missing_default;

bool tsr_csv_is_missing(const tsr_csv_missing *missing, const tsr_csv_cell *cell);

/* True if the whole cell is a number; out may then be read. The cell's text is changed for a moment. */
bool tsr_csv_number_read(const tsr_csv_cell *cell, double *out);

/* What a cell looks like: words are what is neither a date nor begins as a number does. Infinities, and numbers too
 * large for a double, pass for numbers here and are refused when they are read. */
tsr_csv_type tsr_csv_type_of(const tsr_csv_cell *cell);

/* The value of a cell of a type; labels: sorted, of a column of words. NaN: it is missing. False: it is none. Changes
 * the cell's text for a moment; thread-safe on different texts; allocates nothing. */
bool tsr_csv_value_read(const tsr_csv_cell *cell, tsr_csv_type type, const tsr_csv_missing *missing,
                        const tsr_csv_labels *labels, double *out);

/* The end of a sentence "column 'x' ..." that tells what is wrong with a cell that has no value. */
enum { TSR_CSV_REASON_BYTES = 128 };
void tsr_csv_value_reason(const tsr_csv_cell *cell, tsr_csv_type type, char out[TSR_CSV_REASON_BYTES]);

#endif
