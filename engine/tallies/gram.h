/* The sums of products of every two columns of a tile, on their way into exact sums.
 * Layer 2. */
#ifndef TSR_ENGINE_GRAM_H
#define TSR_ENGINE_GRAM_H

#include "engine/tallies/bank.h"
#include "engine/tallies/products.h"
#include "engine/tallies/weight.h"

#include <stdbool.h>

/* Sums of w^p a^i b^j: of each column (i = 1, j = 0), first p = 1, then p = 2 if that is another number and errors need
 * it; then of each pair a <= b, row by row: likewise p = 1 (i = j = 1), p = 2 (all of tsr_products_power). */
typedef struct {
    const tsr_columns *columns; /* borrowed */
    bool errors;
    bool weighted;
    int apart;   /* p = 1 and p = 2 have a sum of their own: 1, otherwise 0 */
    int singles; /* sums of a column */
    int crosses; /* sums of a pair */
} tsr_gram;

/* Doubles from one column of a block to the next: a line more than a block, so that columns do not compete for the same
 * places of the cache. */
enum { TSR_GRAM_STRIDE = TSR_BLOCK_ITEMS_MAX + 8 };

/* A tile, at the places of one piece of scratch. */
typedef struct {
    double *centred;  /* [columns, TSR_GRAM_STRIDE]: of the block at hand, 64-byte aligned */
    double *weighted; /* [TSR_PATCH_ROWS, TSR_GRAM_STRIDE]: some of them times the weights */
    double *centre;   /* [columns] */
    tsr_pair *sum;    /* [tsr_gram_sums] of differences from the centres */
    tsr_weight_tile *weight;
    int64_t *items;
} tsr_gram_tile;

typedef struct {
    const tsr_block *block;
    const double *weight; /* NULL: no weights */
} tsr_gram_block;

/* All functions are thread-safe and allocate nothing. */

tsr_gram tsr_gram_make(const tsr_columns *columns, bool errors);

/* How many sums there are, and where one of them stands; i + j > 0, a <= b. Powers of one column stand in the pair of
 * it with itself. */
int64_t tsr_gram_sums(const tsr_gram *gram);
int64_t tsr_gram_place(const tsr_gram *gram, int p, int a, int b, int i, int j);

/* scratch: [tsr_gram_bytes], 64-byte aligned */
size_t tsr_gram_bytes(const tsr_gram *gram);
tsr_gram_tile tsr_gram_tile_of(const tsr_gram *gram, void *scratch);

void tsr_gram_begin(const tsr_gram *gram, const tsr_gram_tile *tile);

/* Adds a block that has an item of positive weight. begin: the tile's first such block, which gives the centres.
 * nonfinite [columns] takes the count of values that are NaN or infinite. */
void tsr_gram_add(const tsr_gram *gram, const tsr_gram_tile *tile, const tsr_gram_block *block, bool begin,
                  int64_t *nonfinite);

/* Adds a tile to sum [tsr_gram_sums]. */
void tsr_gram_end(const tsr_gram *gram, const tsr_gram_tile *tile, tsr_exact *sum);

/* The same of sums without errors that stand in a bank of so many: a sixth of the memory. Behind its pages is one that
 * counts tiles whose sum was not finite. TSR_ERUNTIME: no memory. */
enum { TSR_GRAM_PAGES = TSR_BANK_PAGES + 1 };
tsr_status tsr_gram_end_in_bank(const tsr_gram *gram, const tsr_gram_tile *tile, tsr_state *state, tsr_bank bank);

/* One of these sums: of column a (b = a, j = 0), or of the products of a <= b (j = 1); NaN if it was not finite. */
void tsr_gram_get(const tsr_gram *gram, const tsr_state *state, tsr_bank bank, int a, int b, int j, tsr_exact *out);

#endif
