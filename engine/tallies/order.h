/* Order statistics: the k-th smallest number of each column, estimated from a sketch, and exactly when asked to.
 * Layer 2. What the tallies that need them share: their model is a tsr_ordered.
 *
 * The first pass fills the sketch. Every further pass narrows the bucket in which each wanted order statistic lies
 * (ladder.h): after at most three further passes the whole key is known. Mostly one or two are enough, since count and
 * sum tell all about a cell that holds a single item, or whose items have nothing but zeros left. Only integers are
 * counted: any order and any split of the items give the same words. Order statistics in the same cell share a table.
 */
#ifndef TSR_ENGINE_ORDER_H
#define TSR_ENGINE_ORDER_H

#include "engine/tallies/columns.h"
#include "engine/tallies/ladder.h"
#include "engine/tallies/points.h"

enum { TSR_PROBABILITIES_MAX = 250 };

typedef struct {
    tsr_columns *columns;
    bool exact;
    bool linear; /* type 7; false: type 1 */
    int count;
    double *probability; /* [count] */
    int64_t pages_more;  /* of each column, for the tally's own use */
} tsr_ordered;

/* Makes a model from the rows `exact`, `of`, `weight` and the named list of probabilities. Allocates.
 * TSR_EUSAGE: too many probabilities or none, no such column; TSR_ERUNTIME: no memory. */
tsr_status tsr_ordered_create(const tsr_params *params, const tsr_field *fields, const char *probabilities,
                              tsr_ordered **out);

/* The same in cleared memory of the caller's, to be cleared also after a failure. */
tsr_status tsr_ordered_init(const tsr_params *params, const tsr_field *fields, const char *probabilities,
                            tsr_ordered *out);
void tsr_ordered_clear(tsr_ordered *ordered);

/* The functions of a tally table. settle also clears what a thread keeps of a pass. */
void tsr_ordered_destroy(void *model);
tsr_layout tsr_ordered_layout(const void *model);
size_t tsr_ordered_scratch_bytes(const void *model);
tsr_status tsr_ordered_begin_tile(const tsr_fold *fold);
tsr_status tsr_ordered_add_block(const tsr_fold *fold, const tsr_block *block);
void tsr_ordered_settle(const void *model, tsr_state *state);
void tsr_ordered_rewind(const void *model, tsr_state *state);
bool tsr_ordered_unfinished(const void *model, const tsr_state *state, int passes);

/* The first of the tally's own pages of a column (position among the columns read). */
int64_t tsr_ordered_page_more(const tsr_ordered *ordered, int column);

/* What the first pass has counted of a column. */
void tsr_ordered_sketch(const tsr_ordered *ordered, const tsr_state *state, int column, tsr_sketch *out);

/* In a pass after the first, after begin_tile: the leading bits of all cells being narrowed, ascending. */
const uint64_t *tsr_ordered_prefixes(const tsr_fold *fold, int column, int64_t *count);

/* The wanted order statistics of one column of a settled state. */
typedef struct {
    const tsr_ordered *ordered;
    const tsr_state *state;
    int column;
    tsr_tables tables;
    tsr_distribution distribution;
    int64_t count;
    tsr_order *order; /* [count], ascending places */
} tsr_orders;

/* Allocates; borrows the model and the state. TSR_ENUMERIC: weights, not all zero, have a sum below 2^-40 (tally: whose
 * message it is); TSR_ERUNTIME: no memory. */
tsr_status tsr_orders_create(const tsr_ordered *ordered, const char *tally, const tsr_state *state, int column,
                             tsr_orders **out);
void tsr_orders_destroy(tsr_orders **orders);

/* One of the wanted places. */
const tsr_order *tsr_orders_find(const tsr_orders *orders, double place);

/* A quantile with its standard error (NaN where there is none: for probability 0 or 1, or fewer than two numbers) and
 * the ends of its 95 % interval (infinite where there is none). All NaN if the column has no numbers. */
typedef struct {
    double value;
    double error;
    double low;
    double high;
} tsr_quantile;
tsr_quantile tsr_orders_quantile(const tsr_orders *orders, double probability);

/* Adds a result under this name: items of each column that are NaN. Only if there are any. */
tsr_status tsr_ordered_add_nans(const tsr_ordered *ordered, const tsr_state *state, const char *name,
                                tsr_results *results);

#endif
