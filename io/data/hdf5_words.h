/* Columns of words in HDF5 datasets: their labels, which are categories, and the codes of words.
 * A word ends with its first zero byte or before blanks at its end; an empty one is missing. */
#ifndef TSR_IO_HDF5_WORDS_H
#define TSR_IO_HDF5_WORDS_H

#include "io/data/hdf5_table.h"

/* Whether a row of single characters is one word, as netCDF has it. */
bool tsr_hdf5_words_are_rows(const tsr_hdf5_part *part);

/* Reads all rows of every chosen column of words, and gives its field the labels. Not collective; allocates. TSR_EDATA:
 * a word that is too long or no printable UTF-8, or too many different ones; TSR_ERUNTIME: no memory. */
tsr_status tsr_hdf5_words_collect(tsr_hdf5_table *table);

/* Codes of a run of rows; NaN: missing. Thread-safe. TSR_EDATA: a word that was not there when the labels were read. */
tsr_status tsr_hdf5_words_convert(const tsr_hdf5_rows *rows, const tsr_hdf5_strip *strip, double *out);

#endif
