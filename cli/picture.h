/* Results that are more than a list of numbers, drawn with characters: matrices and histograms. */
#ifndef TSR_CLI_PICTURE_H
#define TSR_CLI_PICTURE_H

#include "engine/result.h"

#include <stdbool.h>
#include <stdio.h>

enum { TSR_MATRIX_MOST = 6, TSR_BARS_MOST = 15 };

/* True for a result over two dimensions of labels, at most TSR_MATRIX_MOST each; covariances, say. */
bool tsr_picture_is_matrix(const tsr_result *result);

/* True for counts over a last dimension called "bin". */
bool tsr_picture_is_histogram(const tsr_result *result);

/* Values with 4 digits under their labels. TSR_ERUNTIME: no memory. */
tsr_status tsr_picture_matrix(const tsr_result *matrix, FILE *out);

/* One picture for each row of the histogram's other dimensions: neighbouring bins merged to at most TSR_BARS_MOST lines
 * with edges, bar and count. edges: the result that holds the edges of the bins, or NULL: bins are numbered.
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_picture_histogram(const tsr_result *histogram, const tsr_result *edges, bool utf8, FILE *out);

#endif
