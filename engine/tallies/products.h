/* Sums of products of two columns of a block.
 * Layer 1. */
#ifndef TSR_ENGINE_PRODUCTS_H
#define TSR_ENGINE_PRODUCTS_H

#include <stdint.h>

/* Columns that one reading of another is multiplied with. */
enum { TSR_PRODUCTS_BATCH = 4 };

/* Columns of either side of a patch: so many sums stay in registers. */
enum { TSR_PATCH_ROWS = 4, TSR_PATCH_COLUMNS = 3 };

/* Which sums of a^i b^j there are, for errors. */
enum { TSR_PRODUCTS = 6 };
static const int tsr_products_power[TSR_PRODUCTS][2] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {3, 1}, {1, 3}};

/* None of these functions allocates or can fail; all are thread-safe. Columns are [items]. */

/* Sums of a b for so many b. */
void tsr_products_batch(int64_t items, const double *a, const double *const b[TSR_PRODUCTS_BATCH],
                        double out[TSR_PRODUCTS_BATCH]);

/* Sums of a b for every a and every b, the same bits. */
void tsr_products_patch(int64_t items, const double *const a[TSR_PATCH_ROWS], const double *const b[TSR_PATCH_COLUMNS],
                        double out[TSR_PATCH_ROWS][TSR_PATCH_COLUMNS]);

/* Sums of a^i b^j, the first of which has the same bits; with the factor w^2 for each item if weight is not NULL. */
void tsr_products_fold(int64_t items, const double *a, const double *b, const double *weight, double out[TSR_PRODUCTS]);

#endif
