#include "engine/tallies/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SKETCH_SHIFT = 64 - TSR_SKETCH_KEY_BITS,
    TABLE_CELLS = 1 << TSR_ORDER_BITS,
    TABLE_PAGES = TABLE_CELLS / TSR_SKETCH_CELLS,
    FILTER_CELLS = 4096, /* a power of two above TSR_ORDER_TARGETS_MAX */
    PLAN_WORDS = 2       /* of the plan before its prefixes */
};

_Static_assert(TSR_ORDER_TARGETS_MAX + PLAN_WORDS <= TSR_SKETCH_PAGE_WORDS, "a plan is one page");
_Static_assert(SKETCH_SHIFT == TSR_ORDER_LEVELS * TSR_ORDER_BITS, "the last level knows the whole key");

/* Pages of a column: sketch, tables [levels, targets], plan, the tally's own. */
static int64_t plan_offset(const tsr_ordered *ordered) {
    return TSR_SKETCH_PAGES + (int64_t)TSR_ORDER_LEVELS * ordered->targets * TABLE_PAGES;
}

static int64_t more_offset(const tsr_ordered *ordered) {
    return ordered->exact ? plan_offset(ordered) + 1 : TSR_SKETCH_PAGES;
}

static int64_t column_page(const tsr_ordered *ordered, int column) {
    return column * (more_offset(ordered) + ordered->pages_more);
}

static int64_t plan_page(const tsr_ordered *ordered, int column) {
    return column_page(ordered, column) + plan_offset(ordered);
}

static int64_t table_page(const tsr_ordered *ordered, int column, int level, int slot) {
    int64_t table = (int64_t)level * ordered->targets + slot;
    return column_page(ordered, column) + TSR_SKETCH_PAGES + table * TABLE_PAGES;
}

int64_t tsr_ordered_page_more(const tsr_ordered *ordered, int column) {
    return column_page(ordered, column) + more_offset(ordered);
}

tsr_layout tsr_ordered_layout(const void *model) {
    const tsr_ordered *ordered = model;
    return (tsr_layout){.pages = column_page(ordered, ordered->columns->count), .page_words = TSR_SKETCH_PAGE_WORDS};
}

/* Key bits below the cells of a level. */
static int low_bits(int level) { return SKETCH_SHIFT - (level + 1) * TSR_ORDER_BITS; }

/* Finds wanted order statistics in ascending order of ranks, and numbers the tables on the way. */
typedef struct {
    const tsr_ordered *ordered;
    const tsr_state *state;
    const tsr_sketch *sketch;
    int column;
    struct {
        uint64_t prefix;
        int tables;
    } seen[TSR_ORDER_LEVELS];
} search;

static const tsr_cell *table_cells(const search *at, int level, int slot, int part) {
    return (const tsr_cell *)tsr_state_find(at->state, table_page(at->ordered, at->column, level, slot) + part);
}

/* Goes to the cell of the table where the position is reached; false if the table has not been counted. */
static bool enter_cell(const search *at, int level, tsr_order *order) {
    int64_t below = 0;
    for (int part = 0; part < TABLE_PAGES; part++) {
        const tsr_cell *cells = table_cells(at, level, order->slot[level], part);
        for (int i = 0; cells != NULL && i < TSR_SKETCH_CELLS; i++) {
            if (below + cells[i].count >= order->position) {
                order->key |= (uint64_t)(part * TSR_SKETCH_CELLS + i) << low_bits(level);
                order->position -= below;
                order->cell = cells[i];
                return true;
            }
            below += cells[i].count;
        }
    }
    return false;
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

static bool narrow(search *at, int level, tsr_order *order) {
    uint64_t prefix = order->key >> (64 - order->bits);
    if (at->seen[level].tables == 0 || at->seen[level].prefix != prefix) at->seen[level].tables++;
    at->seen[level].prefix = prefix;
    order->slot[level] = at->seen[level].tables - 1;
    if (!enter_cell(at, level, order)) return false;
    order->bits += TSR_ORDER_BITS;
    order->levels = level + 1;
    order->exact = complete_key(order, low_bits(level));
    return !order->exact;
}

static void search_next(search *at, int64_t rank, tsr_order *out) {
    tsr_bucket bucket = tsr_sketch_find(at->sketch, rank);
    *out = (tsr_order){.rank = rank,
                       .key = (uint64_t)bucket.index << SKETCH_SHIFT,
                       .bits = TSR_SKETCH_KEY_BITS,
                       .position = rank - bucket.below,
                       .cell = bucket.cell,
                       .bucket = bucket};
    int level = 0;
    if (at->ordered->exact)
        while (level < TSR_ORDER_LEVELS && narrow(at, level, out)) level++;
}

static int compare_ranks(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The wanted ranks, ascending, each once. */
static int64_t list_ranks(const tsr_ordered *ordered, int64_t numbers, int64_t ranks[TSR_ORDER_TARGETS_MAX]) {
    if (numbers == 0) return 0;
    ordered->wanted(ordered, numbers, ranks);
    qsort(ranks, (size_t)ordered->targets, sizeof(*ranks), compare_ranks);
    int64_t count = 1;
    for (int i = 1; i < ordered->targets; i++)
        if (ranks[i] != ranks[count - 1]) ranks[count++] = ranks[i];
    return count;
}

/* The cells that a pass narrows: [pass] [count] [prefixes ...], pass 0 if not known yet. It costs more to find than a
 * tile to count, so a thread keeps it, in a page of its own state that settle clears: it never leaves the thread. */
static void make_plan(const tsr_fold *fold, int column, int64_t *plan) {
    int64_t ranks[TSR_ORDER_TARGETS_MAX];
    tsr_sketch sketch;
    search at = {.ordered = fold->model, .state = fold->settled, .sketch = &sketch, .column = column};
    tsr_sketch_read(fold->settled, column_page(at.ordered, column), &sketch);
    int64_t count = list_ranks(at.ordered, sketch.numbers, ranks);
    plan[0] = fold->pass;
    for (int64_t i = 0; i < count; i++) {
        tsr_order order;
        search_next(&at, ranks[i], &order);
        if (order.exact) continue;
        int slot = order.slot[fold->pass - 1];
        plan[1] = slot + 1;
        plan[PLAN_WORDS + slot] = (int64_t)(order.key >> (64 - order.bits));
    }
}

/* One column during a tile of a later pass: finds prefixes by open addressing. */
typedef struct {
    const uint64_t *prefix;
    int64_t count;
    uint16_t slot[FILTER_CELLS]; /* 0: none, else index of the prefix + 1 */
} filter;

static tsr_status begin_filter(const tsr_fold *fold, int column, filter *out) {
    int64_t *plan = tsr_state_page(fold->state, plan_page(fold->model, column));
    TSR_REQUIRE(plan != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    if (plan[0] != fold->pass) make_plan(fold, column, plan);
    *out = (filter){.prefix = (const uint64_t *)(plan + PLAN_WORDS), .count = plan[1]};
    for (int64_t i = 0; i < out->count; i++) {
        uint64_t cell = out->prefix[i] % FILTER_CELLS;
        while (out->slot[cell] != 0) cell = (cell + 1) % FILTER_CELLS;
        out->slot[cell] = (uint16_t)(i + 1);
    }
    return TSR_OK;
}

const uint64_t *tsr_ordered_prefixes(const tsr_fold *fold, int column, int64_t *count) {
    const filter *filters = fold->scratch;
    *count = filters[column].count;
    return filters[column].prefix;
}

size_t tsr_ordered_scratch_bytes(const void *model) {
    const tsr_ordered *ordered = model;
    size_t each = sizeof(filter) > sizeof(tsr_sketch_fill) ? sizeof(filter) : sizeof(tsr_sketch_fill);
    return (size_t)ordered->columns->count * each;
}

tsr_status tsr_ordered_begin_tile(const tsr_fold *fold) {
    const tsr_ordered *ordered = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    filter *filters = fold->scratch;
    for (int c = 0; c < ordered->columns->count; c++) {
        if (fold->pass == 0) tsr_sketch_begin(&fills[c], fold->state, column_page(ordered, c));
        if (fold->pass > 0) TSR_TRY(begin_filter(fold, c, &filters[c]));
    }
    return TSR_OK;
}

/* One item whose prefix may be wanted. */
static tsr_status count_key(const tsr_fold *fold, int column, uint64_t key) {
    const filter *wanted = (const filter *)fold->scratch + column;
    int bits = low_bits(fold->pass - 1);
    uint64_t prefix = key >> (bits + TSR_ORDER_BITS);
    uint64_t place = prefix % FILTER_CELLS;
    while (wanted->slot[place] != 0 && wanted->prefix[wanted->slot[place] - 1] != prefix)
        place = (place + 1) % FILTER_CELLS;
    if (wanted->slot[place] == 0) return TSR_OK;
    int64_t table = table_page(fold->model, column, fold->pass - 1, wanted->slot[place] - 1);
    uint64_t index = key >> bits & (TABLE_CELLS - 1);
    tsr_cell *cells = (tsr_cell *)tsr_state_page(fold->state, table + (int64_t)(index / TSR_SKETCH_CELLS));
    TSR_REQUIRE(cells != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    tsr_cell *cell = &cells[index % TSR_SKETCH_CELLS];
    uint64_t low = key & ((UINT64_C(1) << bits) - 1);
    *cell = (tsr_cell){.count = cell->count + 1, .sum = (int64_t)((uint64_t)cell->sum + low)};
    return TSR_OK;
}

static tsr_status narrow_block(const tsr_fold *fold, int column, const double *values, int64_t items) {
    const filter *wanted = (const filter *)fold->scratch + column;
    int shift = low_bits(fold->pass - 1) + TSR_ORDER_BITS;
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    tsr_keys_from_doubles(values, items, keys);
    for (int64_t i = 0; i < items; i++)
        if (wanted->slot[(keys[i] >> shift) % FILTER_CELLS] != 0) TSR_TRY(count_key(fold, column, keys[i]));
    return TSR_OK;
}

tsr_status tsr_ordered_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_ordered *ordered = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    for (int c = 0; c < ordered->columns->count; c++) {
        const double *values = tsr_column(block, ordered->columns->index[c]);
        if (fold->pass == 0) TSR_TRY(tsr_sketch_add(&fills[c], values, block->items));
        if (fold->pass > 0) TSR_TRY(narrow_block(fold, c, values, block->items));
    }
    return TSR_OK;
}

void tsr_ordered_settle(const void *model, tsr_state *state) {
    const tsr_ordered *ordered = model;
    for (int c = 0; ordered->exact && c < ordered->columns->count; c++)
        if (tsr_state_find(state, plan_page(ordered, c)) != NULL)
            memset(tsr_state_page(state, plan_page(ordered, c)), 0, TSR_SKETCH_PAGE_WORDS * sizeof(int64_t));
}

static bool is_column_unfinished(const tsr_ordered *ordered, const tsr_state *state, int column) {
    int64_t ranks[TSR_ORDER_TARGETS_MAX];
    tsr_sketch sketch;
    search at = {.ordered = ordered, .state = state, .sketch = &sketch, .column = column};
    tsr_sketch_read(state, column_page(ordered, column), &sketch);
    int64_t count = list_ranks(ordered, sketch.numbers, ranks);
    for (int64_t i = 0; i < count; i++) {
        tsr_order order;
        search_next(&at, ranks[i], &order);
        if (!order.exact) return true;
    }
    return false;
}

bool tsr_ordered_unfinished(const void *model, const tsr_state *state, int passes) {
    const tsr_ordered *ordered = model;
    if (!ordered->exact || passes > TSR_ORDER_LEVELS) return false;
    for (int c = 0; c < ordered->columns->count; c++)
        if (is_column_unfinished(ordered, state, c)) return true;
    return false;
}

tsr_status tsr_orders_create(const void *model, const tsr_state *state, int column, tsr_orders **out) {
    tsr_orders *orders = malloc(sizeof(*orders));
    TSR_REQUIRE(orders != NULL, TSR_ERUNTIME, "no memory for order statistics");
    *orders = (tsr_orders){.ordered = model, .state = state, .column = column};
    *out = orders;
    int64_t ranks[TSR_ORDER_TARGETS_MAX];
    search at = {.ordered = model, .state = state, .sketch = &orders->sketch, .column = column};
    tsr_sketch_read(state, column_page(at.ordered, column), &orders->sketch);
    orders->count = list_ranks(at.ordered, orders->sketch.numbers, ranks);
    orders->order = malloc((size_t)(orders->count + 1) * sizeof(*orders->order));
    if (orders->order == NULL) {
        tsr_orders_destroy(out);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for order statistics");
    }
    for (int64_t i = 0; i < orders->count; i++) search_next(&at, ranks[i], &orders->order[i]);
    return TSR_OK;
}

void tsr_orders_destroy(tsr_orders **orders) {
    if (*orders == NULL) return;
    free((*orders)->order);
    free(*orders);
    *orders = NULL;
}

const tsr_order *tsr_orders_find(const tsr_orders *orders, int64_t rank) {
    int64_t low = 0, high = orders->count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (orders->order[middle].rank <= rank)
            low = middle;
        else
            high = middle;
    }
    TSR_ASSERT(orders->count > 0 && orders->order[low].rank == rank);
    return &orders->order[low];
}

double tsr_order_value(const tsr_order *order) {
    if (order->exact) return tsr_key_to_double(order->key);
    return tsr_bucket_value(&order->bucket, order->rank - order->bucket.below);
}

double tsr_orders_value(const tsr_orders *orders, tsr_rank rank) {
    double low = tsr_order_value(tsr_orders_find(orders, rank.low));
    double high = tsr_order_value(tsr_orders_find(orders, rank.high));
    if (low == high || rank.weight == 0.0) return low;
    double between = (1.0 - rank.weight) * low + rank.weight * high;
    return isnan(between) ? NAN : between; /* from -infinity to infinity; the sign of a NaN is the processor's */
}

double tsr_orders_error(const tsr_orders *orders, double probability) {
    if (probability <= 0.0 || probability >= 1.0 || orders->sketch.numbers < 2) return NAN;
    tsr_rank low, high;
    if (!tsr_rank_span(probability, orders->sketch.numbers, &low, &high)) return NAN;
    double begin = tsr_orders_value(orders, low), end = tsr_orders_value(orders, high);
    return begin == end ? 0.0 : end / 2.0 - begin / 2.0;
}

void tsr_orders_visit_above(const tsr_orders *orders, const tsr_order *order, tsr_cell_fn visit, void *data) {
    search at = {.ordered = orders->ordered, .state = orders->state, .column = orders->column};
    for (int level = 0; level < order->levels; level++) {
        int bits = low_bits(level);
        uint64_t table = order->key >> bits >> TSR_ORDER_BITS << TSR_ORDER_BITS << bits;
        for (int next = (int)(order->key >> bits & (TABLE_CELLS - 1)) + 1; next < TABLE_CELLS; next++) {
            const tsr_cell *cells = table_cells(&at, level, order->slot[level], next / TSR_SKETCH_CELLS);
            tsr_cell cell = cells != NULL ? cells[next % TSR_SKETCH_CELLS] : (tsr_cell){0};
            if (cell.count > 0) visit(table | (uint64_t)next << bits, cell, bits, data);
        }
    }
}

tsr_status tsr_ordered_add_nans(const void *model, const tsr_state *state, const char *name, tsr_results *results) {
    const tsr_ordered *ordered = model;
    double *nans = malloc((size_t)(ordered->columns->count + 1) * sizeof(*nans));
    TSR_REQUIRE(nans != NULL, TSR_ERUNTIME, "no memory for counts");
    bool any = false;
    for (int c = 0; c < ordered->columns->count; c++) {
        tsr_sketch sketch;
        tsr_sketch_read(state, column_page(ordered, c), &sketch);
        nans[c] = (double)sketch.nans;
        any = any || sketch.nans > 0;
    }
    tsr_result missing = {.name = name,
                          .long_name = "items that are not a number, left out",
                          .value = nans,
                          .integer = true,
                          .headline = true};
    tsr_status status = any ? tsr_columns_add(ordered->columns, 0, missing, results) : TSR_OK;
    free(nans);
    return status;
}
