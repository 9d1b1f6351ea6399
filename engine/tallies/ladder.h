/* The ladder: tables that lead from a bucket of the sketch down to a single key.
 * Layer 2. A bucket's items are counted by their next 14 key bits in a table, and the bits below those are summed; the
 * cell that holds the wanted order statistic is counted in the next table, and so on: 22 + 3 x 14 = 64 bits. With
 * weights, masses stand beside the counts. */
#ifndef TSR_ENGINE_LADDER_H
#define TSR_ENGINE_LADDER_H

#include "engine/tallies/distribution.h"

enum {
    TSR_LADDER_LEVELS = 3, /* tables on the way to a key */
    TSR_LADDER_BITS = 14   /* key bits per level */
};

/* Where the tables of a column are in a state. A value type. */
typedef struct {
    int64_t first; /* page */
    int targets;   /* tables of each level */
    bool weighted;
} tsr_tables;

int64_t tsr_tables_pages(const tsr_tables *tables);

/* Counts an item in a table. weight: ignored without weights. TSR_ERUNTIME: no memory. */
tsr_status tsr_tables_add(const tsr_tables *tables, tsr_state *state, int level, int slot, uint64_t key, double weight);

/* Brings the masses to their canonical form. */
void tsr_tables_settle(const tsr_tables *tables, tsr_state *state);

/* Key bits below the cells of a level. */
int tsr_ladder_low_bits(int level);

/* An order statistic as far as it is known. */
typedef struct {
    double place;    /* its rank, from 1; with weights: the amount up to it */
    uint64_t key;    /* its leading bits; the rest zero unless exact */
    int bits;        /* how many are known */
    bool exact;      /* all of them */
    double position; /* place among the items that share those bits */
    tsr_cell cell;   /* they */
    int levels;      /* tables that led to them */
    int slot[TSR_LADDER_LEVELS];
    tsr_reach reached; /* its bucket */
} tsr_order;

/* Finds order statistics in ascending order of places, and numbers the tables on the way. */
typedef struct {
    const tsr_tables *tables; /* NULL: the sketch alone */
    const tsr_state *state;
    const tsr_distribution *distribution;
    struct {
        uint64_t prefix;
        int tables;
    } seen[TSR_LADDER_LEVELS];
} tsr_ladder;

/* 0 < place <= total. */
void tsr_ladder_next(tsr_ladder *ladder, double place, tsr_order *out);

/* Exact, or estimated from the sketch. */
double tsr_order_value(const tsr_order *order);

/* Called with every counted cell that lies above an order statistic within its bucket: the smallest key of the cell,
 * and its items and the sum of their low bits, of which there are `bits`. */
typedef void (*tsr_cell_fn)(uint64_t key, tsr_cell cell, int bits, void *data);
void tsr_order_visit_above(const tsr_tables *tables, const tsr_state *state, const tsr_order *order, tsr_cell_fn visit,
                           void *data);

#endif
