/* A block: a slice of a tile, held as columns so that loops run over items and stay in L1/L2.
 * Layer 1. */
#ifndef TSR_ENGINE_BLOCK_H
#define TSR_ENGINE_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { TSR_BLOCK_ITEMS_MAX = 1024 };

/* Shape [columns, stride] of which [columns, items] are in use; each column begins 64-byte aligned.
 * A value type: it owns nothing. */
typedef struct {
    int64_t item;   /* global index of the first item */
    int64_t items;  /* 1 .. TSR_BLOCK_ITEMS_MAX (a map's input may have a halo more) */
    int64_t stride; /* doubles from one column to the next, a multiple of 8 */
    int columns;
    double *data;
} tsr_block;

/* Column c: [items] doubles. */
static inline double *tsr_column(const tsr_block *block, int column) { return block->data + column * block->stride; }

/* One column as a table describes it: name, unit ("1" if none), one line of meaning. */
typedef struct {
    const char *name;
    const char *unit;
    const char *long_name;
    bool is_control; /* its expectation is known exactly: estimates can be improved by it */
    double expectation;
    const char *const *categories; /* labels that its values 0, 1, 2 ... stand for, sorted, ending with NULL; or NULL:
                                      its values are numbers */
} tsr_field;

/* A half-open range of items. */
typedef struct {
    int64_t begin;
    int64_t end;
} tsr_range;

#endif
