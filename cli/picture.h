/* Results that are more than a list of numbers, drawn with characters: grids, matrices and histograms. */
#ifndef TSR_CLI_PICTURE_H
#define TSR_CLI_PICTURE_H

#include "engine/result.h"

#include <stdbool.h>
#include <stdio.h>

enum { TSR_MATRIX_MOST = 6, TSR_BARS_MOST = 15 };

/* True for a result over one dimension of 2 to TSR_MATRIX_MOST labels: a row of a grid. */
bool tsr_picture_is_row(const tsr_result *result);

/* True if two such rows stand over the same labels. */
bool tsr_picture_is_same_row(const tsr_result *a, const tsr_result *b);

/* True for a result over two dimensions of 2 to TSR_MATRIX_MOST each; covariances, say. */
bool tsr_picture_is_matrix(const tsr_result *result);

/* True for counts, or sums of weights called "histogram", over a last dimension called "bin". */
bool tsr_picture_is_histogram(const tsr_result *result);

/* Rows over the same labels below each other; values with 4 digits. rows: [count]. TSR_ERUNTIME: no memory. */
tsr_status tsr_picture_grid(const tsr_result *const *rows, int count, FILE *out);

/* Values with 4 digits under their labels. TSR_ERUNTIME: no memory. */
tsr_status tsr_picture_matrix(const tsr_result *matrix, FILE *out);

/* One picture for each row of the histogram's other dimensions: neighbouring bins merged to at most TSR_BARS_MOST lines
 * with edges, bar and count. edges: the result that holds the edges of the bins, or NULL: bins are numbered.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_picture_histogram(const tsr_result *histogram, const tsr_result *edges, bool utf8, FILE *out);

#endif
