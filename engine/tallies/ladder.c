#include "engine/tallies/ladder.h"

#include <math.h>
#include <stddef.h>

enum {
    SKETCH_SHIFT = 64 - TSR_SKETCH_KEY_BITS,
    TABLE_CELLS = 1 << TSR_LADDER_BITS,
    TABLE_PAGES = TABLE_CELLS / TSR_SKETCH_CELLS
};

_Static_assert(SKETCH_SHIFT == TSR_LADDER_LEVELS * TSR_LADDER_BITS, "the last level knows the whole key");

/* Pages of a table: counts, then the masses of each class. */
static int64_t table_pages(const tsr_tables *tables) {
    return (tables->weighted ? 1 + TSR_WEIGHT_CLASSES : 1) * (int64_t)TABLE_PAGES;
}

static int64_t table_page(const tsr_tables *tables, int level, int slot) {
    return tables->first + ((int64_t)level * tables->targets + slot) * table_pages(tables);
}

static tsr_masses masses_at(const tsr_tables *tables, int level, int slot) {
    return (tsr_masses){.first = table_page(tables, level, slot) + TABLE_PAGES,
                        .stride = TABLE_PAGES,
                        .classes = TSR_WEIGHT_CLASSES,
                        .lowest = TSR_WEIGHT_LOWEST};
}

int64_t tsr_tables_pages(const tsr_tables *tables) {
    return (int64_t)TSR_LADDER_LEVELS * tables->targets * table_pages(tables);
}

int tsr_ladder_low_bits(int level) { return SKETCH_SHIFT - (level + 1) * TSR_LADDER_BITS; }

tsr_status tsr_tables_add(const tsr_tables *tables, tsr_state *state, int level, int slot, uint64_t key,
                          double weight) {
    const int bits = tsr_ladder_low_bits(level);
    const int64_t index = (int64_t)(key >> bits & (TABLE_CELLS - 1));
    tsr_cell *cells = (tsr_cell *)tsr_state_page(state, table_page(tables, level, slot) + index / TSR_SKETCH_CELLS);
    TSR_REQUIRE(cells != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    tsr_cell *cell = &cells[index % TSR_SKETCH_CELLS];
    const uint64_t low = key & ((UINT64_C(1) << bits) - 1);
    *cell = (tsr_cell){.count = cell->count + 1, .sum = (int64_t)((uint64_t)cell->sum + low)};
    if (!tables->weighted) return TSR_OK;
    const tsr_masses masses = masses_at(tables, level, slot);
    return tsr_masses_add(&masses, state, index, weight);
}

void tsr_tables_settle(const tsr_tables *tables, tsr_state *state) {
    if (!tables->weighted) return;
    for (int level = 0; level < TSR_LADDER_LEVELS; level++) {
        for (int slot = 0; slot < tables->targets; slot++) {
            const tsr_masses masses = masses_at(tables, level, slot);
            tsr_masses_settle(&masses, state, TABLE_CELLS);
        }
    }
}

/* The cells of one page of a table, or NULL. */
static const tsr_cell *cells_at(const tsr_tables *tables, const tsr_state *state, int level, int slot, int page) {
    return (const tsr_cell *)tsr_state_find(state, table_page(tables, level, slot) + page);
}

/* The amounts of a page's cells. */
static void read_amounts(const tsr_ladder *ladder, int level, int slot, int page, double out[TSR_SKETCH_CELLS]) {
    const tsr_cell *cells = cells_at(ladder->tables, ladder->state, level, slot, page);
    const tsr_masses masses = masses_at(ladder->tables, level, slot);
    if (ladder->tables->weighted)
        tsr_masses_get_page(&masses, ladder->state, (int64_t)page * TSR_SKETCH_CELLS, out);
    else
        for (int i = 0; i < TSR_SKETCH_CELLS; i++) out[i] = (double)cells[i].count;
}

/* Goes to the cell of the table where the position is reached; false if the table has not been counted. Sums of masses
 * are rounded, so that the last one may fail to reach it. */
static bool enter_cell(const tsr_ladder *ladder, int level, tsr_order *order) {
    const int slot = order->slot[level];
    double amount[TSR_SKETCH_CELLS], below = 0.0, before = 0.0;
    const tsr_cell *found = NULL;
    uint64_t index = 0;
    for (int page = 0; page < TABLE_PAGES && (found == NULL || below < order->position); page++) {
        const tsr_cell *cells = cells_at(ladder->tables, ladder->state, level, slot, page);
        if (cells == NULL) continue;
        read_amounts(ladder, level, slot, page, amount);
        for (int i = 0; i < TSR_SKETCH_CELLS && (found == NULL || below < order->position); i++) {
            if (amount[i] == 0.0) continue;
            found = &cells[i];
            index = (uint64_t)page * TSR_SKETCH_CELLS + (uint64_t)i;
            before = below;
            below += amount[i];
        }
    }
    if (found == NULL) return false;
    order->key |= index << tsr_ladder_low_bits(level);
    order->position = fmin(order->position, below) - before;
    order->cell = *found;
    return true;
}

/* A cell tells the whole key if it holds one item, or if its items' low bits are all zeros, or all ones (which is what
 * zeros are in negative numbers). A sum that may have overflowed tells nothing. */
static bool complete_key(tsr_order *order, int bits) {
    const tsr_cell *cell = &order->cell;
    if (cell->count > INT64_MAX >> bits) return false;
    int64_t ones = (INT64_C(1) << bits) - 1;
    if (cell->count != 1 && cell->sum != 0 && cell->sum != cell->count * ones) return false;
    order->key |= (uint64_t)(cell->sum / cell->count);
    return true;
}

static bool narrow(tsr_ladder *ladder, int level, tsr_order *order) {
    uint64_t prefix = order->key >> (64 - order->bits);
    if (ladder->seen[level].tables == 0 || ladder->seen[level].prefix != prefix) ladder->seen[level].tables++;
    ladder->seen[level].prefix = prefix;
    order->slot[level] = ladder->seen[level].tables - 1;
    if (!enter_cell(ladder, level, order)) return false;
    order->bits += TSR_LADDER_BITS;
    order->levels = level + 1;
    order->exact = complete_key(order, tsr_ladder_low_bits(level));
    return !order->exact;
}

void tsr_ladder_next(tsr_ladder *ladder, double place, tsr_order *out) {
    const tsr_reach reached = tsr_distribution_reach(ladder->distribution, place);
    *out = (tsr_order){.place = place,
                       .key = (uint64_t)reached.bucket.index << SKETCH_SHIFT,
                       .bits = TSR_SKETCH_KEY_BITS,
                       .position = place - reached.before,
                       .cell = reached.bucket.cell,
                       .reached = reached};
    int level = 0;
    if (ladder->tables != NULL)
        while (level < TSR_LADDER_LEVELS && narrow(ladder, level, out)) level++;
}

/* Of equal items in a bucket, the middle of an item's share is where it stands. */
double tsr_order_value(const tsr_order *order) {
    if (order->exact) return tsr_key_to_double(order->key);
    const tsr_reach *reached = &order->reached;
    const double items = (double)reached->bucket.cell.count;
    const double position = reached->amount == items ? order->place - reached->before
                                                     : (order->place - reached->before) / reached->amount * items;
    return tsr_bucket_point(&reached->bucket, fmin(1.0, fmax(0.0, (position - 0.5) / items)));
}

void tsr_order_visit_above(const tsr_tables *tables, const tsr_state *state, const tsr_order *order, tsr_cell_fn visit,
                           void *data) {
    for (int level = 0; level < order->levels; level++) {
        int bits = tsr_ladder_low_bits(level);
        uint64_t table = order->key >> bits >> TSR_LADDER_BITS << TSR_LADDER_BITS << bits;
        for (int next = (int)(order->key >> bits & (TABLE_CELLS - 1)) + 1; next < TABLE_CELLS; next++) {
            const tsr_cell *cells = cells_at(tables, state, level, order->slot[level], next / TSR_SKETCH_CELLS);
            const tsr_cell *cell = cells != NULL ? &cells[next % TSR_SKETCH_CELLS] : NULL;
            if (cell != NULL && cell->count > 0) visit(table | (uint64_t)next << bits, *cell, bits, data);
        }
    }
}
