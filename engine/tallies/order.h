/* Order statistics: the k-th smallest number of each column, estimated from a sketch, and exactly when asked to.
 * Layer 2. What the tallies that need them share: their models begin with a tsr_ordered.
 *
 * The first pass fills the sketch. Every further pass narrows the bucket in which each wanted order statistic lies: it
 * counts the bucket's items by their next 14 key bits, and sums the bits below those. 22 + 3 x 14 = 64: after at most
 * three further passes the whole key is known. Mostly one or two are enough, since count and sum tell all about a cell
 * that holds a single item, or whose items have nothing but zeros left. Only integers are counted: any order and any
 * split of the items give the same words. Order statistics in the same cell share a table. */
#ifndef TSR_ENGINE_ORDER_H
#define TSR_ENGINE_ORDER_H

#include "engine/tallies/columns.h"
#include "engine/tallies/rank.h"
#include "engine/tallies/sketch.h"

enum {
    TSR_ORDER_LEVELS = 3,        /* tables on the way to a key */
    TSR_ORDER_BITS = 14,         /* key bits per level */
    TSR_ORDER_TARGETS_MAX = 2000 /* order statistics per column */
};

typedef struct {
    tsr_columns *columns;
    bool exact;
    int targets; /* order statistics wanted of each column, up to TSR_ORDER_TARGETS_MAX */
    /* The ranks (1 .. numbers) of a column of so many numbers: fills [targets], in any order, repeats allowed. */
    void (*wanted)(const void *model, int64_t numbers, int64_t *ranks);
    int64_t pages_more; /* of each column, for the tally's own use */
} tsr_ordered;

/* The functions of a tally table. model begins with a tsr_ordered; settle also clears what a thread keeps of a pass. */
tsr_layout tsr_ordered_layout(const void *model);
size_t tsr_ordered_scratch_bytes(const void *model);
tsr_status tsr_ordered_begin_tile(const tsr_fold *fold);
tsr_status tsr_ordered_add_block(const tsr_fold *fold, const tsr_block *block);
void tsr_ordered_settle(const void *model, tsr_state *state);
bool tsr_ordered_unfinished(const void *model, const tsr_state *state, int passes);

/* The first of the tally's own pages of a column (position among the columns read). */
int64_t tsr_ordered_page_more(const tsr_ordered *ordered, int column);

/* In a pass after the first, after begin_tile: the leading bits of all cells being narrowed, ascending. */
const uint64_t *tsr_ordered_prefixes(const tsr_fold *fold, int column, int64_t *count);

/* An order statistic as far as it is known. */
typedef struct {
    int64_t rank;     /* 1: the smallest number */
    uint64_t key;     /* its leading bits; the rest zero unless exact */
    int bits;         /* how many are known */
    bool exact;       /* all of them */
    int64_t position; /* rank among the items that share those bits */
    tsr_cell cell;    /* they */
    int levels;       /* tables that led to them */
    int slot[TSR_ORDER_LEVELS];
    tsr_bucket bucket; /* of the sketch */
} tsr_order;

/* The wanted order statistics of one column of a settled state. */
typedef struct {
    const tsr_ordered *ordered;
    const tsr_state *state;
    int column;
    tsr_sketch sketch;
    int64_t count;
    tsr_order *order; /* [count], ascending ranks */
} tsr_orders;

/* Allocates; borrows the model and the state. TSR_ERUNTIME: no memory. */
tsr_status tsr_orders_create(const void *model, const tsr_state *state, int column, tsr_orders **out);
void tsr_orders_destroy(tsr_orders **orders);

/* One of the wanted ranks. */
const tsr_order *tsr_orders_find(const tsr_orders *orders, int64_t rank);

/* Exact, or estimated from the sketch. */
double tsr_order_value(const tsr_order *order);

/* A point between two of the wanted ranks. */
double tsr_orders_value(const tsr_orders *orders, tsr_rank rank);

/* Standard error of the quantile of a probability: half the distance of the ends of tsr_rank_span, which must be among
 * the wanted ranks. NaN where there is none: for probability 0 or 1, or fewer than two numbers. */
double tsr_orders_error(const tsr_orders *orders, double probability);

/* Adds a result under this name: items of each column that are NaN. Only if there are any. */
tsr_status tsr_ordered_add_nans(const void *model, const tsr_state *state, const char *name, tsr_results *results);

/* Called with every counted cell that lies above an order statistic within its bucket: the smallest key of the cell,
 * and its items and the sum of their low bits, of which there are `bits`. */
typedef void (*tsr_cell_fn)(uint64_t key, tsr_cell cell, int bits, void *data);
void tsr_orders_visit_above(const tsr_orders *orders, const tsr_order *order, tsr_cell_fn visit, void *data);

#endif
