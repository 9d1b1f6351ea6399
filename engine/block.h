/* A block: a slice of a tile, held as columns so that loops run over items and stay in L1/L2.
 * Layer 1. */
#ifndef TSR_ENGINE_BLOCK_H
#define TSR_ENGINE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_BLOCK_ITEMS_MAX = 1024, TSR_READ_ITEMS_MAX = 65536 };

/* Shape [columns, stride] of which [columns, items] are in use; each column of a source's block begins 64-byte aligned.
 * A value type: it owns nothing. */
typedef struct {
    int64_t item;   /* global index of the first item */
    int64_t items;  /* 1 .. TSR_BLOCK_ITEMS_MAX (what is read from a dataset: .. TSR_READ_ITEMS_MAX) */
    int64_t stride; /* doubles from one column to the next, a multiple of 8 */
    int columns;
    double *data;
    int64_t before;        /* neighbours that can be read too: items -before .. -1 of every column, */
    int64_t after;         /* and items .. items + after - 1 */
    const int64_t *number; /* [items] global indices of items that were picked out, ascending; NULL: they follow each
                              other */
} tsr_block;

/* Column c: [items] doubles. */
static inline double *tsr_column(const tsr_block *block, int column) { return block->data + column * block->stride; }

/* The global index of item i of a block. */
static inline int64_t tsr_block_item(const tsr_block *block, int64_t i) {
    return block->number != NULL ? block->number[i] : block->item + i;
}

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
