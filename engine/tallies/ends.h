/* The least and the greatest value of each column, with their items.
 * Layer 2. */
#ifndef TSR_ENGINE_ENDS_H
#define TSR_ENGINE_ENDS_H

#include "engine/tallies/columns.h"
#include "engine/tallies/powers.h"

/* Records of a column: the least value (as the largest key of its negative) and the greatest. */
enum { TSR_LEAST, TSR_GREATEST, TSR_ENDS };

/* Offers what a block holds to a column's records [TSR_ENDS]. value: [block->items], in which both ends occur; weight:
 * likewise, or NULL. Thread-safe, allocates nothing. */
void tsr_ends_offer(const tsr_powers *found, const double *value, const double *weight, const tsr_block *block,
                    tsr_record *record);

/* One end of a column's records [TSR_ENDS]; NaN: there is none. */
double tsr_ends_value(const tsr_record *record, int end);

/* Adds minimum, minimum_item, maximum, maximum_item. record: [columns, TSR_ENDS]. TSR_ERUNTIME, TSR_EUSAGE as
 * tsr_results_add. */
tsr_status tsr_ends_tell(const tsr_columns *columns, const tsr_record *record, tsr_results *results);

#endif
