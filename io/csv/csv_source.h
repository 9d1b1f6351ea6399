/* A dataset in a CSV file: one item a row, one column a column.
 *
 * In a job:
 *     source: {csv: data/prices.csv}                                      # every column of numbers
 *     source: {csv: {file: data/prices.csv, columns: [DAX, SMI]}}         # these two, in this order
 *     source: {csv: {file: data/prices.txt, delimiter: ";", header: no}}  # columns are called c1, c2, ...
 *
 *   file       a path, relative to the job file
 *   columns    names of the header; default: all whose first value is a number
 *   delimiter  one character between cells, or the word tab; default ","
 *   header     whether the first row holds the names; default yes. A column without a name is called c1, c2, ...
 *
 * Numbers are decimal with a point, in any locale (engine/number.h), and become the nearest double. All rows have as
 * many cells as the first. Every cell of a column in use must hold a number: empty cells, inf and nan are refused with
 * line and column. io/csv_text.h says what may stand between the numbers. */
#ifndef TSR_IO_CSV_SOURCE_H
#define TSR_IO_CSV_SOURCE_H

#include "engine/source.h"

/* Reads the whole file when it is created and keeps the chosen columns in memory. TSR_EUSAGE: an unknown column or a
 * delimiter that cannot be one; TSR_EDATA: the file is missing, unreadable or malformed; TSR_ERUNTIME: no memory. */
extern const tsr_source tsr_source_csv;

#endif
