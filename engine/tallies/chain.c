#include "engine/tallies/chain.h"

#include <math.h>
#include <string.h>

enum { CHUNK_LEVEL = 10, ALIGNMENT = 64 }; /* a chunk has 2^10 rows */
_Static_assert(TSR_CHAIN_ROWS == 1 << CHUNK_LEVEL, "a chunk is a bin of its level");

typedef struct {
    tsr_pair sum;
    tsr_pair square;
    double waiting; /* the first of two bins that make one of the next level */
} bins;

/* Equal pieces of the chain, made of `length` rows each; when there are too many, neighbours are joined. */
typedef struct {
    int64_t count;
    int64_t length;
    int64_t filled; /* rows of segment `count` */
    double sum[TSR_CHAIN_SEGMENTS];
    double square[TSR_CHAIN_SEGMENTS];
} segments;

/* Differences from the centre stand in `window`: the last `reach` ones of the past, then those of the chunk. */
struct tsr_chain {
    tsr_chain_plan plan;
    double centre;
    int64_t reach;  /* lags, rounded up to lanes */
    int64_t filled; /* rows of the chunk */
    int64_t chunks; /* done */
    bins bin[TSR_CHAIN_LEVELS_MAX];
    segments part;
    tsr_pair edge; /* sum of the first and the last rows, as many as lags have been added */
    double *product_high;
    double *product_low; /* [reach] both: place q has lag reach - q */
    double *head;        /* [lags] first differences */
    double *window;      /* [reach + TSR_CHAIN_ROWS] */
    double memory[];
};

static int64_t reach_of(tsr_chain_plan plan) { return (plan.lags + TSR_LANES - 1) / TSR_LANES * TSR_LANES; }

size_t tsr_chain_bytes(tsr_chain_plan plan) {
    const int64_t doubles = 3 * reach_of(plan) + plan.lags + TSR_CHAIN_ROWS;
    return (sizeof(tsr_chain) + (size_t)doubles * sizeof(double) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

tsr_chain *tsr_chain_begin(tsr_chain_plan plan, void *memory) {
    memset(memory, 0, tsr_chain_bytes(plan));
    tsr_chain *chain = memory;
    chain->plan = plan;
    chain->reach = reach_of(plan);
    chain->part.length = 1;
    chain->product_high = chain->memory;
    chain->product_low = chain->product_high + chain->reach;
    chain->window = chain->product_low + chain->reach;
    chain->head = chain->window + chain->reach + TSR_CHAIN_ROWS;
    return chain;
}

/* ---- products with earlier rows ---- */

/* Neighbouring lags side by side; `rows` is a constant, so that this becomes straight vector code. */
TSR_UNROLLED void multiply_rows(int rows, const double *now, const double *past, double *lane) {
    for (int l = 0; l < TSR_LANES; l++) {
        double sum = lane[l];
        for (int r = 0; r < rows; r++) sum = fma(now[r], past[r + l], sum);
        lane[l] = sum;
    }
}

/* window: [reach + rows] */
static void multiply_lanes(const double *window, int64_t reach, int64_t rows, double *out) {
    double lane[TSR_LANES] = {0};
    int64_t i = 0;
    for (; i + TSR_LANE_ROWS <= rows; i += TSR_LANE_ROWS)
        multiply_rows(TSR_LANE_ROWS, window + reach + i, window + i, lane);
    for (; i < rows; i++) multiply_rows(1, window + reach + i, window + i, lane);
    memcpy(out, lane, sizeof(lane));
}

/* Lags beyond the rows so far have no products yet: they would add exact zeros. */
static void add_products(tsr_chain *chain, int64_t rows) {
    const int64_t beyond = chain->reach - tsr_chain_rows(chain);
    for (int64_t q = beyond > 0 ? beyond / TSR_LANES * TSR_LANES : 0; q < chain->reach; q += TSR_LANES) {
        double lane[TSR_LANES];
        multiply_lanes(chain->window + q, chain->reach - q, rows, lane);
        for (int l = 0; l < TSR_LANES; l++) {
            tsr_pair sum = {chain->product_high[q + l], chain->product_low[q + l]};
            tsr_pair_add(&sum, lane[l]);
            chain->product_high[q + l] = sum.high;
            chain->product_low[q + l] = sum.low;
        }
    }
}

/* ---- bins ---- */

static void add_bins(const double *value, int64_t count, bins *into) {
    double sum[TSR_LANES] = {0}, square[TSR_LANES] = {0};
    for (int64_t i = 0; i < count; i += TSR_LANES) {
        const int64_t width = count - i < TSR_LANES ? count - i : TSR_LANES;
        for (int64_t l = 0; l < width; l++) {
            sum[l] += value[i + l];
            square[l] = fma(value[i + l], value[i + l], square[l]);
        }
    }
    tsr_pair_add(&into->sum, tsr_lanes_fold(sum));
    tsr_pair_add(&into->square, tsr_lanes_fold(square));
}

/* A chunk is one bin of level CHUNK_LEVEL; every second one completes a bin of the next level, and so on. */
static void add_chunk_bin(tsr_chain *chain, double value) {
    int level = CHUNK_LEVEL;
    for (int64_t before = chain->chunks; before % 2 == 1 && level < chain->plan.levels - 1; before /= 2) {
        value += chain->bin[level++].waiting;
        add_bins(&value, 1, &chain->bin[level]);
    }
    chain->bin[level].waiting = value;
}

static void add_levels(tsr_chain *chain, const double *difference, int64_t rows) {
    double value[TSR_CHAIN_ROWS];
    memcpy(value, difference, (size_t)rows * sizeof(*value));
    int64_t count = rows;
    for (int level = 0; level <= CHUNK_LEVEL && level < chain->plan.levels && count > 0; level++) {
        add_bins(value, count, &chain->bin[level]);
        if (level == CHUNK_LEVEL) {
            add_chunk_bin(chain, value[0]);
            return;
        }
        count /= 2;
        for (int64_t b = 0; b < count; b++) value[b] = value[2 * b] + value[2 * b + 1];
    }
}

/* ---- segments ---- */

static void join_segments(segments *part) {
    part->count /= 2;
    part->length *= 2;
    for (int64_t s = 0; s < part->count; s++) {
        part->sum[s] = part->sum[2 * s] + part->sum[2 * s + 1];
        part->square[s] = part->square[2 * s] + part->square[2 * s + 1];
    }
    memset(part->sum + part->count, 0, (size_t)part->count * sizeof(double));
    memset(part->square + part->count, 0, (size_t)part->count * sizeof(double));
}

static void add_segments(segments *part, const double *difference, int64_t rows) {
    while (rows > 0) {
        const int64_t room = part->length - part->filled, count = rows < room ? rows : room;
        double sum = part->sum[part->count], square = part->square[part->count];
        for (int64_t i = 0; i < count; i++) {
            sum += difference[i];
            square = fma(difference[i], difference[i], square);
        }
        part->sum[part->count] = sum;
        part->square[part->count] = square;
        part->filled += count;
        difference += count;
        rows -= count;
        if (part->filled < part->length) continue;
        part->filled = 0;
        if (++part->count == TSR_CHAIN_SEGMENTS) join_segments(part);
    }
}

/* ---- chunks ---- */

static void keep_head(tsr_chain *chain, int64_t rows) {
    const int64_t begin = chain->chunks * TSR_CHAIN_ROWS;
    for (int64_t i = 0; i < rows && begin + i < chain->plan.lags; i++)
        chain->head[begin + i] = chain->window[chain->reach + i];
}

/* The chunk's values become differences from the mean of the first chunk, which no cut into calls can change. */
static void end_chunk(tsr_chain *chain) {
    const int64_t rows = chain->filled;
    double *difference = chain->window + chain->reach;
    if (rows == 0) return;
    if (chain->chunks == 0) chain->centre = tsr_lanes_centre(difference, rows);
    for (int64_t i = 0; i < rows; i++) difference[i] -= chain->centre;
    keep_head(chain, rows);
    add_products(chain, rows);
    add_levels(chain, difference, rows);
    add_segments(&chain->part, difference, rows);
    memmove(chain->window, chain->window + rows, (size_t)chain->reach * sizeof(double));
}

void tsr_chain_add(tsr_chain *chain, const double *value, int64_t rows) {
    while (rows > 0) {
        if (chain->filled == TSR_CHAIN_ROWS) {
            end_chunk(chain);
            chain->chunks++;
            chain->filled = 0;
        }
        const int64_t room = TSR_CHAIN_ROWS - chain->filled, count = rows < room ? rows : room;
        memcpy(chain->window + chain->reach + chain->filled, value, (size_t)count * sizeof(*value));
        chain->filled += count;
        value += count;
        rows -= count;
    }
}

void tsr_chain_end(tsr_chain *chain) { end_chunk(chain); }

int64_t tsr_chain_rows(const tsr_chain *chain) { return chain->chunks * TSR_CHAIN_ROWS + chain->filled; }

int64_t tsr_chain_half_rows(const tsr_chain *chain) { return chain->part.count / 2 * chain->part.length; }

/* ---- exact sums ---- */

/* sum += a b c */
static void add_term(tsr_exact *sum, double a, double b, double c) {
    const double factors[] = {a, b, c};
    if (a != 0 && b != 0 && c != 0) tsr_exact_add_product(sum, factors, 3);
}

/* Values are scale * centre + a difference: `count` of them, whose differences and their squares add up to first and
 * second. */
static void add_first(const tsr_chain *chain, double count, double scale, const tsr_pair *first, tsr_exact *sum) {
    add_term(sum, count, scale, chain->centre);
    tsr_exact_add(sum, first->high);
    tsr_exact_add(sum, first->low);
}

static void add_second(const tsr_chain *chain, double count, double scale, const tsr_pair *first, tsr_exact *sum) {
    const double factors[] = {count, scale, scale, chain->centre, chain->centre};
    if (chain->centre != 0) tsr_exact_add_product(sum, factors, 5);
    add_term(sum, 2 * scale, chain->centre, first->high);
    add_term(sum, 2 * scale, chain->centre, first->low);
}

static void add_square(const tsr_pair *value, tsr_exact *sum) {
    add_term(sum, 1, value->high, value->high);
    add_term(sum, 2, value->high, value->low);
    add_term(sum, 1, value->low, value->low);
}

void tsr_chain_add_sum(const tsr_chain *chain, tsr_exact *sum) {
    add_first(chain, (double)tsr_chain_rows(chain), 1, &chain->bin[0].sum, sum);
}

void tsr_chain_add_whole_square(const tsr_chain *chain, tsr_exact *square) {
    add_second(chain, 1, (double)tsr_chain_rows(chain), &chain->bin[0].sum, square);
    add_square(&chain->bin[0].sum, square);
}

void tsr_chain_add_bins(const tsr_chain *chain, int level, tsr_exact *sum, tsr_exact *square) {
    const bins *bin = &chain->bin[level];
    const double scale = (double)((int64_t)1 << level), count = (double)(tsr_chain_rows(chain) >> level);
    if (count == 0) return;
    add_first(chain, count, scale, &bin->sum, sum);
    add_second(chain, count, scale, &bin->sum, square);
    tsr_exact_add(square, bin->square.high);
    tsr_exact_add(square, bin->square.low);
}

void tsr_chain_add_halves(const tsr_chain *chain, tsr_exact *sum, tsr_exact *square, tsr_exact *rows_square) {
    const segments *part = &chain->part;
    const int64_t count = part->count / 2;
    const double rows = (double)tsr_chain_half_rows(chain);
    for (int half = 0; half < 2; half++) {
        const int64_t begin = half == 0 ? 0 : part->count - count;
        tsr_pair first = {0, 0}, second = {0, 0};
        for (int64_t s = begin; s < begin + count; s++) {
            tsr_pair_add(&first, part->sum[s]);
            tsr_pair_add(&second, part->square[s]);
        }
        add_first(chain, rows, 1, &first, sum);
        add_second(chain, 1, rows, &first, square);
        add_square(&first, square);
        add_second(chain, rows, 1, &first, rows_square);
        tsr_exact_add(rows_square, second.high);
        tsr_exact_add(rows_square, second.low);
    }
}

/* The first and the last rows - lag ones add up to twice the whole less the edges. */
void tsr_chain_add_lag(tsr_chain *chain, int64_t lag, tsr_exact *product, tsr_exact *edges) {
    const int64_t place = chain->reach - lag;
    const double first = chain->head[lag - 1], last = chain->window[place];
    const tsr_pair *whole = &chain->bin[0].sum;
    tsr_pair_add(&chain->edge, first);
    tsr_pair_add(&chain->edge, last);
    tsr_pair inner = {2 * whole->high, 2 * whole->low - chain->edge.low};
    tsr_pair_add(&inner, -chain->edge.high);
    tsr_exact_add(product, chain->product_high[place]);
    tsr_exact_add(product, chain->product_low[place]);
    add_term(product, 1, chain->centre, inner.high);
    add_term(product, 1, chain->centre, inner.low);
    add_term(product, (double)(tsr_chain_rows(chain) - lag), chain->centre, chain->centre);
    add_term(edges, 2, 1, chain->centre);
    tsr_exact_add(edges, first);
    tsr_exact_add(edges, last);
}
