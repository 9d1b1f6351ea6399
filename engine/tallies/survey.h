/* A survey: what a first pass must know of a column to choose the range of its bins.
 * Layer 2. A sketch, and the extremes as two records. */
#ifndef TSR_ENGINE_SURVEY_H
#define TSR_ENGINE_SURVEY_H

#include "engine/tallies/bins.h"
#include "engine/tallies/sketch.h"

enum { TSR_SURVEY_RECORDS = 2 };

/* The least and the greatest of a block's values that are not NaN; infinity and -infinity if there are none. */
void tsr_survey_extremes(const double *values, int64_t items, double *least, double *greatest);

/* Adds a block to the column's sketch and records (of its own state). TSR_ERUNTIME: no memory. */
tsr_status tsr_survey_add(tsr_sketch_fill *fill, tsr_record *records, const double *values, int64_t items);

/* Bins from the 0.1 % to the 99.9 % quantile; these are the smallest and the largest number where there are fewer than
 * 1000. Widened until the bins fit. first: page of the sketch. A pure function of the settled state; [0, 1] without
 * numbers. */
tsr_bins tsr_survey_bins(const tsr_state *settled, int64_t first, const tsr_record *records, int32_t count);

#endif
