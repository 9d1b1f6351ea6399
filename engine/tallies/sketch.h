/* The quantile sketch: every double of a column is counted in the bucket of its ordered key, so that any quantile can
 * be read off afterwards. One pass, integers only: any order and any split of the items give the same words.
 * Layer 2.
 *
 * A key (tsr_key_from_double) is cut into page | bucket | offset | rest: 12 bits of sign and exponent, then 10, 20 and
 * 22 bits of the mantissa. A bucket is one cell {items, sum of their offsets}: from it its mean is known to 2^-30 of
 * its values. A bucket overflows at 2^43 items.
 *
 * Accuracy. A bucket is never wider than 2^-10 of the values in it, and an estimate lies in the bucket of the order
 * statistic that it estimates: it is off by less than 0.1 % of its value, always (below 2.3e-308: by less than
 * 2^-1032). In practice by much less: within a bucket items are taken to follow the linear density with the bucket's
 * mean. What remains is about the noise of the few items that share the bucket: a few per cent of the statistical error
 * of the quantile. A bucket whose offset sum is a multiple of its count and that stands out among its neighbours is
 * taken to hold equal values (payoffs of zero, small integers), and a single item is what it is. */
#ifndef TSR_ENGINE_SKETCH_H
#define TSR_ENGINE_SKETCH_H

#include "engine/state.h"

enum {
    TSR_SKETCH_PAGES = 4096,      /* of a state, for each column */
    TSR_SKETCH_CELLS = 1024,      /* buckets of a page */
    TSR_SKETCH_PAGE_WORDS = 2048, /* words of a page: two a cell */
    TSR_SKETCH_KEY_BITS = 22,     /* leading bits of a key that name its bucket */
    TSR_SKETCH_OFFSET_BITS = 20
};

/* Items counted, and the sum of some of their key bits below those that name the cell. Lies over two state words. */
typedef struct {
    int64_t count;
    int64_t sum;
} tsr_cell;

/* Block form of tsr_key_from_double, same bits (NaN: 0). Vectorises; thread-safe. items: up to a block. */
void tsr_keys_from_doubles(const double *values, int64_t items, uint64_t *keys);

/* What counting one column needs during a tile: where its pages are. */
typedef struct {
    tsr_state *state;
    int64_t first; /* page of the state where the sketch begins */
    tsr_cell *page[TSR_SKETCH_PAGES];
} tsr_sketch_fill;

/* Begins a tile. */
void tsr_sketch_begin(tsr_sketch_fill *fill, tsr_state *state, int64_t first);

/* Counts up to TSR_BLOCK_ITEMS_MAX values. NaNs are counted too, in a cell of their own (key 0). TSR_ERUNTIME: no
 * memory for a page. */
tsr_status tsr_sketch_add(tsr_sketch_fill *fill, const double *values, int64_t items);

/* A settled sketch, ready to be asked. Borrows the state. */
typedef struct {
    const tsr_state *state;
    int64_t first;
    int64_t nans;
    int64_t numbers;                     /* items that are not NaN, infinities included */
    int64_t below[TSR_SKETCH_PAGES + 1]; /* numbers in the pages before */
} tsr_sketch;

/* Allocates nothing (the struct is 32 KiB). Not collective. */
void tsr_sketch_read(const tsr_state *state, int64_t first, tsr_sketch *out);

/* One bucket: its number in ascending order of values, what lies before it, what lies in it. */
typedef struct {
    int64_t index; /* the leading TSR_SKETCH_KEY_BITS of its keys */
    int64_t below;
    tsr_cell cell;
    int64_t neighbours; /* items in the buckets before and after */
} tsr_bucket;

/* The bucket of the rank-th smallest number. rank: 1 .. numbers. */
tsr_bucket tsr_sketch_find(const tsr_sketch *sketch, int64_t rank);

/* A bucket by its index. `below` is not told (0). */
tsr_bucket tsr_sketch_bucket(const tsr_sketch *sketch, int64_t index);

/* Estimate of the position-th smallest item of a bucket. position: 1 .. count. */
double tsr_bucket_value(const tsr_bucket *bucket, int64_t position);

/* Estimate of the value below which a fraction of a bucket lies. fraction: 0 .. 1. */
double tsr_bucket_point(const tsr_bucket *bucket, double fraction);

/* Sums over the items of a tail of (value - pivot) and of its square. */
typedef struct {
    double first;
    double second;
} tsr_excess;

/* Adds the items above a position of a bucket (0: all of them), in the sense of tsr_bucket_value. */
void tsr_bucket_add_excess(const tsr_bucket *bucket, int64_t position, double pivot, tsr_excess *sum);

/* The same where a bucket's items amount to something else than their count, all alike: what lies above a fraction. */
void tsr_bucket_add_part(const tsr_bucket *bucket, double amount, double fraction, double pivot, tsr_excess *sum);

/* Adds all items of later buckets. */
void tsr_sketch_add_excess(const tsr_sketch *sketch, const tsr_bucket *bucket, double pivot, tsr_excess *sum);

#endif
