/* The columns that a tally reads, and how its results name them.
 * Layer 2. */
#ifndef TSR_ENGINE_COLUMNS_H
#define TSR_ENGINE_COLUMNS_H

#include "engine/tallies/unit.h"
#include "engine/tally.h"

/* Immutable. All arrays are [count]. */
typedef struct {
    int count;
    int *index;                   /* place in the stage's block */
    int weight;                   /* place of the column of weights, or -1 */
    const char *weight_label;     /* its name, borrowed, or NULL */
    const char **label;           /* names, borrowed from the stage */
    const char **unit;            /* borrowed likewise */
    const char **square;          /* units of squares */
    const char **inverse;         /* units of densities */
    char (*text)[TSR_UNIT_BYTES]; /* [2 count] where both stand */
} tsr_columns;

/* Resolves the `of` row against the stage's columns, which are kept. Allocates. TSR_EUSAGE as tsr_tally_columns. */
tsr_status tsr_columns_create(const tsr_params *params, const tsr_field *fields, tsr_columns **out);
void tsr_columns_destroy(tsr_columns **columns);

/* The weights of a block's items, or NULL where the tally has none. Borrowed. Thread-safe, allocates nothing.
 * TSR_ENUMERIC: a weight is negative, infinite or not a number (names column and item). */
tsr_status tsr_columns_weights(const tsr_columns *columns, const tsr_block *block, const double **out);

/* Completes a result that has name, long_name, value [count, ...] and what else it wants, by its first dimension
 * "column" and its units to a power of -1, 0, 1 or 2, and adds it. Further dimensions: result.dimensions many stand in
 * result.dimension[1], [2]. TSR_ERUNTIME, TSR_EUSAGE as tsr_results_add. */
tsr_status tsr_columns_add(const tsr_columns *columns, int unit_power, tsr_result result, tsr_results *results);

#endif
