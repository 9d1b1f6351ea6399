/* A small table in memory, whose rows are found by a key: a number or a word, each of which stands for one row.
 * Immutable once it is made. */
#ifndef TSR_IO_LOOKUP_H
#define TSR_IO_LOOKUP_H

#include "engine/block.h"
#include "engine/input.h"
#include "engine/param.h"

enum { TSR_LOOKUP_ROWS_MAX = 4000000 };

typedef struct tsr_lookup tsr_lookup;

/* Reads a CSV file (row `table` of the parameters), of its columns `key` and those that row `columns` names. words: the
 * key is one of words, whatever it looks like. Allocates. TSR_EUSAGE, TSR_EDATA: as the source csv; a key is missing,
 * stands in two rows, or is words where numbers are wanted; more than TSR_LOOKUP_ROWS_MAX rows; TSR_ERUNTIME: no
 * memory. */
tsr_status tsr_lookup_create(const tsr_params *params, const char *key, bool words, tsr_lookup **out);
void tsr_lookup_destroy(tsr_lookup **lookup); /* accepts NULL */

/* The key's column, and then the others; ends with a NULL name; borrowed. */
const tsr_field *tsr_lookup_fields(const tsr_lookup *lookup);

/* Of a row: -1 if there is none. Thread-safe. */
int64_t tsr_lookup_find(const tsr_lookup *lookup, double key);
int64_t tsr_lookup_find_word(const tsr_lookup *lookup, const char *key);

/* Column c of the others: [rows]. */
const double *tsr_lookup_column(const tsr_lookup *lookup, int column);

/* The file that it was read from. */
const tsr_input *tsr_lookup_inputs(const tsr_lookup *lookup, int *count);

#endif
