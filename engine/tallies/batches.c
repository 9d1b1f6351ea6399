#include "engine/tallies/batches.h"

#include "engine/block.h"
#include "engine/tallies/lanes.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

_Static_assert((int)TSR_BATCHES == (int)TSR_LANES, "a lane is a batch");

/* A tile on its way, at the places of one piece of scratch. Sums are of differences from the centre and of their
 * products. */
typedef struct {
    double *centred;            /* [columns, TSR_BLOCK_ITEMS_MAX]: of the block at hand, 64-byte aligned */
    double *centre;             /* [columns] */
    int64_t *items;             /* [batches] */
    tsr_pair (*sum)[TSR_LANES]; /* [sums, batches] */
} tile;

size_t tsr_batches_scratch_bytes(int columns) {
    const size_t count = (size_t)columns, sums = (size_t)tsr_batch_sums(columns);
    return count * (TSR_BLOCK_ITEMS_MAX + 1) * sizeof(double) + TSR_LANES * sizeof(int64_t) +
           sums * TSR_LANES * sizeof(tsr_pair);
}

static tile tile_of(int columns, void *scratch) {
    tile at = {.centred = scratch};
    at.centre = at.centred + (int64_t)columns * TSR_BLOCK_ITEMS_MAX;
    at.items = (int64_t *)(at.centre + columns);
    at.sum = (tsr_pair(*)[TSR_LANES])(at.items + TSR_LANES);
    return at;
}

void tsr_batches_begin(int columns, void *scratch) {
    const tile whole = tile_of(columns, scratch);
    memset(whole.items, 0, TSR_LANES * sizeof(*whole.items));
    memset(whole.sum, 0, (size_t)tsr_batch_sums(columns) * sizeof(*whole.sum));
}

/* Lane sums of a, or of a b; the last row may be short. */
TSR_UNROLLED void sum_row(int width, const double *a, const double *b, double *lane) {
    for (int l = 0; l < width; l++) lane[l] = b == NULL ? lane[l] + a[l] : fma(a[l], b[l], lane[l]);
}

TSR_UNROLLED void sum_lanes(const double *a, const double *b, int64_t items, double *restrict out) {
    double lane[TSR_LANES] = {0};
    int64_t i = 0;
    for (; i + TSR_LANES <= items; i += TSR_LANES) sum_row(TSR_LANES, a + i, b == NULL ? NULL : b + i, lane);
    sum_row((int)(items - i), a + i, b == NULL ? NULL : b + i, lane);
    memcpy(out, lane, sizeof(lane));
}

/* Lane l of a block that begins at item i has the items of batch (i + l) mod 32. */
static void add_lanes(const double *lane, int first, tsr_pair *sum) {
    for (int l = 0; l < TSR_LANES; l++) tsr_pair_add(&sum[(first + l) % TSR_LANES], lane[l]);
}

void tsr_batches_add(int columns, const double *const *column, int64_t item, int64_t items, void *scratch) {
    const tile whole = tile_of(columns, scratch);
    const int first = (int)(item % TSR_LANES);
    double lane[TSR_LANES];
    bool is_new = true;
    for (int l = 0; l < TSR_LANES; l++) is_new = is_new && whole.items[l] == 0;
    for (int c = 0; c < columns; c++) {
        double *centred = whole.centred + (int64_t)c * TSR_BLOCK_ITEMS_MAX;
        if (is_new) whole.centre[c] = tsr_lanes_centre(column[c], items);
        const double centre = whole.centre[c];
        for (int64_t i = 0; i < items; i++) centred[i] = column[c][i] - centre;
        sum_lanes(centred, NULL, items, lane);
        add_lanes(lane, first, whole.sum[c]);
    }
    for (int a = 0; a < columns; a++) {
        for (int b = a; b < columns; b++) {
            sum_lanes(whole.centred + (int64_t)a * TSR_BLOCK_ITEMS_MAX,
                      whole.centred + (int64_t)b * TSR_BLOCK_ITEMS_MAX, items, lane);
            add_lanes(lane, first, whole.sum[tsr_batch_product(columns, a, b)]);
        }
    }
    for (int l = 0; l < TSR_LANES; l++) whole.items[(first + l) % TSR_LANES] += (items - l + TSR_LANES - 1) / TSR_LANES;
}

/* sum += first * second * (high + low) */
static void add_scaled(tsr_exact *sum, double first, double second, tsr_pair term) {
    const double high[] = {first, second, term.high}, low[] = {first, second, term.low};
    if (term.high != 0) tsr_exact_add_product(sum, high, 3);
    if (term.low != 0) tsr_exact_add_product(sum, low, 3);
}

/* With x = m + d: sum x y = n m_x m_y + m_x sum d_y + m_y sum d_x + sum d_x d_y, each term added exactly. */
static void add_batch(int columns, const tile *whole, int batch, tsr_exact *sum) {
    const tsr_pair items = {.high = (double)whole->items[batch]};
    for (int a = 0; a < columns; a++) {
        const double centre = whole->centre[a];
        add_scaled(&sum[a], centre, 1, items);
        add_scaled(&sum[a], 1, 1, whole->sum[a][batch]);
        for (int b = a; b < columns; b++) {
            const int product = tsr_batch_product(columns, a, b);
            add_scaled(&sum[product], centre, whole->centre[b], items);
            add_scaled(&sum[product], centre, 1, whole->sum[b][batch]);
            add_scaled(&sum[product], whole->centre[b], 1, whole->sum[a][batch]);
            add_scaled(&sum[product], 1, 1, whole->sum[product][batch]);
        }
    }
}

void tsr_batches_end(int columns, const void *scratch, int64_t *words) {
    const tile whole = tile_of(columns, (void *)(uintptr_t)scratch);
    for (int b = 0; b < TSR_BATCHES; b++, words += tsr_batch_words(columns)) {
        if (whole.items[b] == 0) continue;
        words[0] += whole.items[b];
        add_batch(columns, &whole, b, (tsr_exact *)(words + 1));
    }
}

void tsr_batches_settle(int columns, int64_t *words) {
    for (int b = 0; b < TSR_BATCHES; b++, words += tsr_batch_words(columns)) {
        tsr_exact *sum = (tsr_exact *)(words + 1);
        for (int s = 0; s < tsr_batch_sums(columns); s++) tsr_exact_settle(&sum[s]);
    }
}
