#include "engine/tallies/sketch.h"

#include "engine/block.h"
#include "engine/tallies/density.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    PAGE_SHIFT = 52,
    BUCKET_SHIFT = 64 - TSR_SKETCH_KEY_BITS,
    OFFSET_SHIFT = BUCKET_SHIFT - TSR_SKETCH_OFFSET_BITS,
    CELL_MASK = TSR_SKETCH_CELLS - 1,
    OFFSET_MASK = (1 << TSR_SKETCH_OFFSET_BITS) - 1,
    EXPONENTS = 2048
};

_Static_assert(TSR_SKETCH_CELLS * sizeof(tsr_cell) == TSR_SKETCH_PAGE_WORDS * sizeof(int64_t), "a page is all cells");

void tsr_keys_from_doubles(const double *values, int64_t items, uint64_t *keys) {
    for (int64_t i = 0; i < items; i++) {
        double one_zero = values[i] + 0.0;
        uint64_t bits;
        memcpy(&bits, &one_zero, sizeof(bits));
        uint64_t negative = 0 - (bits >> 63);
        uint64_t key = bits ^ (negative | UINT64_C(1) << 63);
        keys[i] = values[i] == values[i] ? key : 0;
    }
}

void tsr_sketch_begin(tsr_sketch_fill *fill, tsr_state *state, int64_t first) {
    *fill = (tsr_sketch_fill){.state = state, .first = first};
}

static tsr_status open_page(tsr_sketch_fill *fill, uint64_t page) {
    fill->page[page] = (tsr_cell *)tsr_state_page(fill->state, fill->first + (int64_t)page);
    TSR_REQUIRE(fill->page[page] != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    return TSR_OK;
}

tsr_status tsr_sketch_add(tsr_sketch_fill *fill, const double *values, int64_t items) {
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    tsr_keys_from_doubles(values, items, keys);
    for (int64_t i = 0; i < items; i++) {
        uint64_t key = keys[i];
        uint64_t page = key >> PAGE_SHIFT;
        if (fill->page[page] == NULL) TSR_TRY(open_page(fill, page));
        tsr_cell *cell = &fill->page[page][key >> BUCKET_SHIFT & CELL_MASK];
        cell->count++;
        cell->sum += (int64_t)(key >> OFFSET_SHIFT & OFFSET_MASK);
    }
    return TSR_OK;
}

static const tsr_cell *page_cells(const tsr_sketch *sketch, int64_t page) {
    return (const tsr_cell *)tsr_state_find(sketch->state, sketch->first + page);
}

void tsr_sketch_read(const tsr_state *state, int64_t first, tsr_sketch *out) {
    out->state = state;
    out->first = first;
    const tsr_cell *lowest = page_cells(out, 0);
    out->nans = lowest != NULL ? lowest[0].count : 0;
    int64_t below = -out->nans;
    for (int64_t page = 0; page < TSR_SKETCH_PAGES; page++) {
        out->below[page] = page == 0 ? 0 : below;
        const tsr_cell *cells = page_cells(out, page);
        for (int64_t i = 0; cells != NULL && i < TSR_SKETCH_CELLS; i++) below += cells[i].count;
    }
    out->below[TSR_SKETCH_PAGES] = out->numbers = below;
}

static int64_t count_at(const tsr_sketch *sketch, int64_t index) {
    bool inside = index > 0 && index < (int64_t)TSR_SKETCH_PAGES * TSR_SKETCH_CELLS; /* 0: NaNs */
    const tsr_cell *cells = inside ? page_cells(sketch, index / TSR_SKETCH_CELLS) : NULL;
    return cells != NULL ? cells[index % TSR_SKETCH_CELLS].count : 0;
}

static tsr_bucket bucket_at(const tsr_sketch *sketch, int64_t index, tsr_cell cell, int64_t below) {
    int64_t neighbours = count_at(sketch, index - 1) + count_at(sketch, index + 1);
    return (tsr_bucket){.index = index, .below = below, .cell = cell, .neighbours = neighbours};
}

tsr_bucket tsr_sketch_find(const tsr_sketch *sketch, int64_t rank) {
    int64_t low = 0, high = TSR_SKETCH_PAGES; /* below[low] < rank <= below[high] */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (sketch->below[middle] < rank)
            low = middle;
        else
            high = middle;
    }
    const tsr_cell *cells = page_cells(sketch, low);
    int64_t below = sketch->below[low];
    int64_t i = low == 0 ? 1 : 0;              /* the first cell of all holds the NaNs */
    const int64_t last = TSR_SKETCH_CELLS - 1; /* counts that somebody made up may never come to the rank */
    while (i < last && below + cells[i].count < rank) below += cells[i++].count;
    return bucket_at(sketch, low * TSR_SKETCH_CELLS + i, cells[i], below);
}

/* Values of a bucket: base + t width for t in [0, 1], ascending; -(low + (1 - t) width) where negative. */
typedef struct {
    bool negative;
    double low; /* the smallest magnitude */
    double width;
} extent;

static extent extent_of(int64_t index) {
    uint64_t key = (uint64_t)index << BUCKET_SHIFT;
    bool negative = key >> 63 == 0;
    if (negative) key = ~key >> BUCKET_SHIFT << BUCKET_SHIFT;
    int exponent = (int)(key >> PAGE_SHIFT) % EXPONENTS;
    double low = tsr_key_to_double(key);
    if (exponent == EXPONENTS - 1) return (extent){.negative = negative, .low = low, .width = 0.0};
    int smallest = exponent > 0 ? exponent : 1;
    return (extent){.negative = negative, .low = low, .width = ldexp(1.0, smallest - 1023 - 10)};
}

static double value_at(const extent *range, double t) {
    double value = range->negative ? -(range->low + (1.0 - t) * range->width) : range->low + t * range->width;
    return value + 0.0; /* never -0 */
}

/* A continuous law fills neighbours alike, so that a sum that is a multiple by chance does not count. */
static bool is_atom(const tsr_bucket *bucket) {
    const tsr_cell *cell = &bucket->cell;
    return cell->sum % cell->count == 0 && (cell->count == 1 || 2 * bucket->neighbours < cell->count);
}

/* Offsets are cut off towards smaller magnitudes, so that values with few bits keep their value. */
static double mean_of(const tsr_bucket *bucket, bool negative) {
    const tsr_cell *cell = &bucket->cell;
    const int64_t equal = cell->sum / cell->count;
    double offset = is_atom(bucket) ? (double)equal : (double)cell->sum / (double)cell->count;
    return (negative ? offset + 1.0 : offset) / (OFFSET_MASK + 1);
}

tsr_bucket tsr_sketch_bucket(const tsr_sketch *sketch, int64_t index) {
    const tsr_cell *cells = page_cells(sketch, index / TSR_SKETCH_CELLS);
    return bucket_at(sketch, index, cells != NULL ? cells[index % TSR_SKETCH_CELLS] : (tsr_cell){0}, 0);
}

double tsr_bucket_value(const tsr_bucket *bucket, int64_t position) {
    return tsr_bucket_point(bucket, ((double)position - 0.5) / (double)bucket->cell.count);
}

double tsr_bucket_point(const tsr_bucket *bucket, double fraction) {
    extent range = extent_of(bucket->index);
    double mean = mean_of(bucket, range.negative);
    if (is_atom(bucket)) return value_at(&range, mean);
    tsr_density density = tsr_density_make(mean);
    return value_at(&range, tsr_density_quantile(&density, fraction));
}

/* above: the amount that lies above the fraction. Equal values at the pivot add exactly nothing. */
static void add_part(const tsr_bucket *bucket, double amount, double above, double fraction, double pivot,
                     tsr_excess *sum) {
    extent range = extent_of(bucket->index);
    double mean = mean_of(bucket, range.negative), first, second;
    if (is_atom(bucket)) {
        double excess = value_at(&range, mean) - pivot;
        sum->first += above * excess;
        sum->second += above * excess * excess;
        return;
    }
    tsr_density density = tsr_density_make(mean);
    tsr_density_above(&density, fraction, &first, &second);
    double base = value_at(&range, 0.0) - pivot;
    first *= amount * range.width;
    second *= amount * range.width * range.width;
    sum->first += above * base + first;
    sum->second += above * base * base + 2.0 * base * first + second;
}

void tsr_bucket_add_excess(const tsr_bucket *bucket, int64_t position, double pivot, tsr_excess *sum) {
    double count = (double)bucket->cell.count;
    add_part(bucket, count, (double)(bucket->cell.count - position), (double)position / count, pivot, sum);
}

void tsr_bucket_add_part(const tsr_bucket *bucket, double amount, double fraction, double pivot, tsr_excess *sum) {
    add_part(bucket, amount, amount * (1.0 - fraction), fraction, pivot, sum);
}

void tsr_sketch_add_excess(const tsr_sketch *sketch, const tsr_bucket *bucket, double pivot, tsr_excess *sum) {
    int64_t next = bucket->index + 1;
    for (int64_t page = next / TSR_SKETCH_CELLS; page < TSR_SKETCH_PAGES; page++) {
        const tsr_cell *cells = page_cells(sketch, page);
        int64_t begin = page == next / TSR_SKETCH_CELLS ? next % TSR_SKETCH_CELLS : 0;
        for (int64_t i = begin; cells != NULL && i < TSR_SKETCH_CELLS; i++) {
            if (cells[i].count == 0) continue;
            tsr_bucket later = bucket_at(sketch, page * TSR_SKETCH_CELLS + i, cells[i], 0);
            tsr_bucket_add_excess(&later, 0, pivot, sum);
        }
    }
}
