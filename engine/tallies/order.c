#include "engine/tallies/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TARGETS_MAX = TSR_PROBABILITIES_MAX * TSR_POINTS_PLACES,
    FILTER_CELLS = 4096, /* a power of two above TARGETS_MAX */
    PLAN_WORDS = 2       /* of the plan before its prefixes */
};

_Static_assert(TARGETS_MAX + PLAN_WORDS <= TSR_SKETCH_PAGE_WORDS, "a plan is one page");

static bool is_weighted(const tsr_ordered *ordered) { return ordered->columns->weight >= 0; }

/* Pages of a column: distribution, and if exact tables and plan; then the tally's own. */
static tsr_tables tables_of(const tsr_ordered *ordered, int64_t first) {
    return (tsr_tables){.first = first + tsr_distribution_pages(is_weighted(ordered)),
                        .targets = ordered->count * TSR_POINTS_PLACES,
                        .weighted = is_weighted(ordered)};
}

static int64_t more_offset(const tsr_ordered *ordered) {
    const tsr_tables tables = tables_of(ordered, 0);
    return ordered->exact ? tables.first + tsr_tables_pages(&tables) + 1 : tables.first;
}

static int64_t column_page(const tsr_ordered *ordered, int column) {
    return column * (more_offset(ordered) + ordered->pages_more);
}

static tsr_tables column_tables(const tsr_ordered *ordered, int column) {
    return tables_of(ordered, column_page(ordered, column));
}

static int64_t plan_page(const tsr_ordered *ordered, int column) { return tsr_ordered_page_more(ordered, column) - 1; }

int64_t tsr_ordered_page_more(const tsr_ordered *ordered, int column) {
    return column_page(ordered, column) + more_offset(ordered);
}

tsr_layout tsr_ordered_layout(const void *model) {
    const tsr_ordered *ordered = model;
    return (tsr_layout){.pages = column_page(ordered, ordered->columns->count), .page_words = TSR_SKETCH_PAGE_WORDS};
}

void tsr_ordered_clear(tsr_ordered *ordered) {
    tsr_columns_destroy(&ordered->columns);
    free(ordered->probability);
}

void tsr_ordered_destroy(void *model) {
    if (model == NULL) return;
    tsr_ordered_clear(model);
    free(model);
}

tsr_status tsr_ordered_init(const tsr_params *params, const tsr_field *fields, const char *probabilities,
                            tsr_ordered *out) {
    int64_t count;
    const double *probability = tsr_params_reals(params, probabilities, &count);
    if (count < 1 || count > TSR_PROBABILITIES_MAX)
        return tsr_params_fail(params, probabilities, "%lld %s are given; 1 to %d are allowed", (long long)count,
                               probabilities, TSR_PROBABILITIES_MAX);
    out->probability = malloc((size_t)count * sizeof(*probability));
    TSR_REQUIRE(out->probability != NULL, TSR_ERUNTIME, "no memory for a tally");
    memcpy(out->probability, probability, (size_t)count * sizeof(*probability));
    out->count = (int)count;
    out->exact = tsr_params_boolean(params, "exact");
    return tsr_columns_create(params, fields, &out->columns);
}

tsr_status tsr_ordered_create(const tsr_params *params, const tsr_field *fields, const char *probabilities,
                              tsr_ordered **out) {
    tsr_ordered *ordered = calloc(1, sizeof(*ordered));
    TSR_REQUIRE(ordered != NULL, TSR_ERUNTIME, "no memory for a tally");
    tsr_status status;
    TSR_TRY_OUT(tsr_ordered_init(params, fields, probabilities, ordered));
    *out = ordered;
    ordered = NULL;
out:
    tsr_ordered_destroy(ordered);
    return status;
}

void tsr_ordered_sketch(const tsr_ordered *ordered, const tsr_state *state, int column, tsr_sketch *out) {
    tsr_sketch_read(state, column_page(ordered, column), out);
}

static int compare_places(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The wanted places of a column, ascending, each once. */
static int64_t list_places(const tsr_ordered *ordered, const tsr_distribution *distribution,
                           double places[TARGETS_MAX]) {
    if (!(distribution->total > 0.0)) return 0;
    const int64_t wanted = (int64_t)ordered->count * TSR_POINTS_PLACES;
    for (int i = 0; i < ordered->count; i++) {
        const tsr_points points = tsr_points_find(distribution, ordered->probability[i], ordered->linear);
        tsr_points_list(&points, places + (int64_t)i * TSR_POINTS_PLACES);
    }
    qsort(places, (size_t)wanted, sizeof(*places), compare_places);
    int64_t count = 1;
    for (int64_t i = 1; i < wanted; i++)
        if (places[i] != places[count - 1]) places[count++] = places[i];
    return count;
}

/* The cells that a pass narrows: [pass] [count] [prefixes ...], pass 0 if not known yet. It costs more to find than a
 * tile to count, so a thread keeps it, in a page of its own state that settle clears: it never leaves the thread. */
static void make_plan(const tsr_fold *fold, int column, int64_t *plan) {
    const tsr_ordered *ordered = fold->model;
    double places[TARGETS_MAX];
    tsr_distribution distribution;
    const tsr_tables tables = column_tables(ordered, column);
    tsr_ladder ladder = {.tables = &tables, .state = fold->settled, .distribution = &distribution};
    tsr_distribution_read(fold->settled, column_page(ordered, column), is_weighted(ordered), &distribution);
    int64_t count = list_places(ordered, &distribution, places);
    plan[0] = fold->pass;
    for (int64_t i = 0; i < count; i++) {
        tsr_order order;
        tsr_ladder_next(&ladder, places[i], &order);
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
static tsr_status count_key(const tsr_fold *fold, const filter *wanted, const tsr_tables *tables, uint64_t key,
                            double weight) {
    uint64_t prefix = key >> (tsr_ladder_low_bits(fold->pass - 1) + TSR_LADDER_BITS);
    uint64_t place = prefix % FILTER_CELLS;
    while (wanted->slot[place] != 0 && wanted->prefix[wanted->slot[place] - 1] != prefix)
        place = (place + 1) % FILTER_CELLS;
    if (wanted->slot[place] == 0) return TSR_OK;
    return tsr_tables_add(tables, fold->state, fold->pass - 1, wanted->slot[place] - 1, key, weight);
}

static tsr_status narrow_block(const tsr_fold *fold, int column, const double *values, const double *weights,
                               int64_t items) {
    const filter *wanted = (const filter *)fold->scratch + column;
    const tsr_tables tables = column_tables(fold->model, column);
    int shift = tsr_ladder_low_bits(fold->pass - 1) + TSR_LADDER_BITS;
    uint64_t keys[TSR_BLOCK_ITEMS_MAX];
    tsr_keys_from_doubles(values, items, keys);
    for (int64_t i = 0; i < items; i++)
        if (wanted->slot[(keys[i] >> shift) % FILTER_CELLS] != 0)
            TSR_TRY(count_key(fold, wanted, &tables, keys[i], weights != NULL ? weights[i] : 1.0));
    return TSR_OK;
}

tsr_status tsr_ordered_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_ordered *ordered = fold->model;
    tsr_sketch_fill *fills = fold->scratch;
    const double *weights;
    TSR_TRY(tsr_columns_weights(ordered->columns, block, &weights));
    for (int c = 0; c < ordered->columns->count; c++) {
        const double *values = tsr_column(block, ordered->columns->index[c]);
        if (fold->pass > 0) {
            TSR_TRY(narrow_block(fold, c, values, weights, block->items));
            continue;
        }
        TSR_TRY(tsr_sketch_add(&fills[c], values, block->items));
        if (weights != NULL)
            TSR_TRY(tsr_distribution_weigh(fold->state, column_page(ordered, c), block, values, weights));
    }
    return TSR_OK;
}

static void clear_pages(tsr_state *state, int64_t begin, int64_t end) {
    const size_t bytes = (size_t)tsr_state_layout(state).page_words * sizeof(int64_t);
    for (int64_t page = begin; page < end; page++)
        if (tsr_state_find(state, page) != NULL) memset(tsr_state_page(state, page), 0, bytes);
}

void tsr_ordered_settle(const void *model, tsr_state *state) {
    const tsr_ordered *ordered = model;
    for (int c = 0; c < ordered->columns->count; c++) {
        const tsr_tables tables = column_tables(ordered, c);
        if (ordered->exact) clear_pages(state, plan_page(ordered, c), plan_page(ordered, c) + 1);
        if (is_weighted(ordered)) tsr_distribution_settle(state, column_page(ordered, c));
        if (ordered->exact) tsr_tables_settle(&tables, state);
    }
}

void tsr_ordered_rewind(const void *model, tsr_state *state) {
    const tsr_ordered *ordered = model;
    for (int c = 0; c < ordered->columns->count; c++)
        clear_pages(state, column_tables(ordered, c).first, column_page(ordered, c + 1));
}

static bool is_column_unfinished(const tsr_ordered *ordered, const tsr_state *state, int column) {
    double places[TARGETS_MAX];
    tsr_distribution distribution;
    const tsr_tables tables = column_tables(ordered, column);
    tsr_ladder ladder = {.tables = &tables, .state = state, .distribution = &distribution};
    tsr_distribution_read(state, column_page(ordered, column), is_weighted(ordered), &distribution);
    int64_t count = list_places(ordered, &distribution, places);
    for (int64_t i = 0; i < count; i++) {
        tsr_order order;
        tsr_ladder_next(&ladder, places[i], &order);
        if (!order.exact) return true;
    }
    return false;
}

bool tsr_ordered_unfinished(const void *model, const tsr_state *state, int passes) {
    const tsr_ordered *ordered = model;
    if (!ordered->exact || passes > TSR_LADDER_LEVELS) return false;
    for (int c = 0; c < ordered->columns->count; c++)
        if (is_column_unfinished(ordered, state, c)) return true;
    return false;
}

/* Far above the 2^-80 below which no weight is known: what is lost is less than 2^-40 of the sum for each item. */
static tsr_status check_total(const tsr_ordered *ordered, const char *tally, const tsr_orders *orders) {
    static const double TOTAL_LEAST = 0x1p-40;
    const double total = orders->distribution.total;
    if (!is_weighted(ordered) || total == 0.0 || total >= TOTAL_LEAST) return TSR_OK;
    return TSR_FAIL(
        TSR_ENUMERIC,
        "tally %s: column %s: the weights in '%s' are so small that the sketch does not see them: their sum "
        "is %g as far as it does, and must be 1e-12 at least; multiply all weights by a constant",
        tally, ordered->columns->label[orders->column], ordered->columns->weight_label, total);
}

tsr_status tsr_orders_create(const tsr_ordered *ordered, const char *tally, const tsr_state *state, int column,
                             tsr_orders **out) {
    double places[TARGETS_MAX];
    tsr_status status;
    tsr_orders *orders = malloc(sizeof(*orders));
    TSR_REQUIRE(orders != NULL, TSR_ERUNTIME, "no memory for order statistics");
    orders->ordered = ordered;
    orders->state = state;
    orders->column = column;
    orders->tables = column_tables(ordered, column);
    tsr_distribution_read(state, column_page(ordered, column), is_weighted(ordered), &orders->distribution);
    orders->order = NULL;
    TSR_TRY_OUT(check_total(ordered, tally, orders));
    orders->count = list_places(ordered, &orders->distribution, places);
    orders->order = malloc((size_t)(orders->count + 1) * sizeof(*orders->order));
    if (orders->order == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for order statistics");
        goto out;
    }
    tsr_ladder ladder = {
        .tables = ordered->exact ? &orders->tables : NULL, .state = state, .distribution = &orders->distribution};
    for (int64_t i = 0; i < orders->count; i++) tsr_ladder_next(&ladder, places[i], &orders->order[i]);
    *out = orders;
    orders = NULL;
    status = TSR_OK;
out:
    tsr_orders_destroy(&orders);
    return status;
}

void tsr_orders_destroy(tsr_orders **orders) {
    if (*orders == NULL) return;
    free((*orders)->order);
    free(*orders);
    *orders = NULL;
}

const tsr_order *tsr_orders_find(const tsr_orders *orders, double place) {
    int64_t low = 0, high = orders->count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (orders->order[middle].place <= place)
            low = middle;
        else
            high = middle;
    }
    TSR_ASSERT(orders->count > 0 && orders->order[low].place == place);
    return &orders->order[low];
}

static double value_at(const tsr_orders *orders, const tsr_point *point) {
    double low = tsr_order_value(tsr_orders_find(orders, point->low));
    double high = tsr_order_value(tsr_orders_find(orders, point->high));
    if (low == high || point->weight == 0.0) return low;
    double between = (1.0 - point->weight) * low + point->weight * high;
    return isnan(between) ? NAN : between; /* from -infinity to infinity; the sign of a NaN is the processor's */
}

tsr_quantile tsr_orders_quantile(const tsr_orders *orders, double probability) {
    if (orders->count == 0) return (tsr_quantile){NAN, NAN, NAN, NAN};
    const tsr_points points = tsr_points_find(&orders->distribution, probability, orders->ordered->linear);
    tsr_quantile out = {.value = value_at(orders, &points.value), .error = NAN, .low = -INFINITY, .high = INFINITY};
    if (points.has_error) {
        double begin = value_at(orders, &points.begin), end = value_at(orders, &points.end);
        out.error = begin == end ? 0.0 : end / 2.0 - begin / 2.0;
    }
    if (points.low > 0.0) out.low = tsr_order_value(tsr_orders_find(orders, points.low));
    if (points.high > 0.0) out.high = tsr_order_value(tsr_orders_find(orders, points.high));
    return out;
}

tsr_status tsr_ordered_add_nans(const tsr_ordered *ordered, const tsr_state *state, const char *name,
                                tsr_results *results) {
    double *nans = malloc((size_t)(ordered->columns->count + 1) * sizeof(*nans));
    TSR_REQUIRE(nans != NULL, TSR_ERUNTIME, "no memory for counts");
    bool any = false;
    for (int c = 0; c < ordered->columns->count; c++) {
        tsr_sketch sketch;
        tsr_ordered_sketch(ordered, state, c, &sketch);
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
