/* Words of tables that become names and labels, in text, JSON and HDF5: printable UTF-8, not too long. */
#ifndef TSR_IO_CSV_WORD_H
#define TSR_IO_CSV_WORD_H

#include "io/csv/csv_labels.h"
#include "io/csv/csv_rows.h"

/* Printable UTF-8 of at most TSR_CSV_LABEL_BYTES_MAX. Thread-safe. */
bool tsr_csv_word_is_printable(const char *word, size_t bytes);

/* Adds cell i of the row at hand to the labels of its column. TSR_EDATA, with its place: it cannot be a label, or there
 * are too many of them; TSR_ERUNTIME: no memory. */
tsr_status tsr_csv_word_add(const tsr_csv_rows *rows, int i, tsr_csv_labels *labels);

#endif
