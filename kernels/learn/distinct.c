#include "engine/tallies/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* INDEX_BITS of a hash choose a register, which keeps the greatest rank of the others: the place of their first 1. */
enum {
    COLUMNS_MAX = 100,
    INDEX_BITS = 14,
    REGISTERS = 1 << INDEX_BITS,
    RANK_MAX = 64 - INDEX_BITS + 1,
    PAGE_WORDS = 2048,
    WHOLE_LEAST = -32768, /* whole numbers from here on are counted one by one, */
    WHOLE_PAGES = 48      /* so many pages of them */
};

static const double WHOLE_END = WHOLE_LEAST + (double)WHOLE_PAGES * PAGE_WORDS;

static const tsr_param params[] = {TSR_PARAM_OF, {.name = NULL}};

/* Pages of each column: a head, and counts of whole numbers. Records of each column: registers. */
enum { NANS, OTHERS };
enum { COLUMN_PAGES = 1 + WHOLE_PAGES };

static void distinct_destroy(void *model) {
    tsr_columns *columns = model;
    tsr_columns_destroy(&columns);
}

static tsr_status distinct_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_columns *columns;
    TSR_TRY(tsr_columns_create(given, fields, &columns));
    const int count = columns->count;
    if (count > COLUMNS_MAX) {
        tsr_columns_destroy(&columns);
        return tsr_params_fail(given, "of", "%d columns are too many (at most %d): name fewer", count, COLUMNS_MAX);
    }
    *model = columns;
    return TSR_OK;
}

static tsr_layout distinct_layout(const void *model) {
    const int64_t columns = ((const tsr_columns *)model)->count;
    return (tsr_layout){.pages = columns * COLUMN_PAGES, .page_words = PAGE_WORDS, .records = columns * REGISTERS};
}

/* ---- fold ---- */

/* Equal numbers give equal hashes, zeros of both signs included. S. Vigna's splitmix64; its mixing is D. Stafford's. */
static uint64_t hash_of(double value) {
    const double one_zero = value + 0.0;
    uint64_t bits;
    memcpy(&bits, &one_zero, sizeof(bits));
    bits += 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return bits ^ bits >> 31;
}

static void offer(tsr_record *registers, double value) {
    const uint64_t hash = hash_of(value), rest = hash << INDEX_BITS;
    const uint64_t rank = rest == 0 ? RANK_MAX : (uint64_t)__builtin_clzll(rest) + 1;
    tsr_record *own = &registers[hash >> (64 - INDEX_BITS)];
    if (rank > own->key) own->key = rank;
}

static tsr_status add_value(const tsr_fold *fold, int64_t first, int64_t *head, double value) {
    const bool is_whole = value >= WHOLE_LEAST && value < WHOLE_END && floor(value) == value;
    head[OTHERS] += !is_whole;
    if (!is_whole) return TSR_OK;
    const int64_t place = (int64_t)value - WHOLE_LEAST;
    int64_t *page = tsr_state_page(fold->state, first + 1 + place / PAGE_WORDS);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for a page of counts");
    page[place % PAGE_WORDS]++;
    return TSR_OK;
}

static tsr_status distinct_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_columns *columns = fold->model;
    for (int c = 0; c < columns->count; c++) {
        const double *value = tsr_column(block, columns->index[c]);
        const int64_t first = (int64_t)c * COLUMN_PAGES;
        tsr_record *registers = tsr_state_records(fold->state) + (int64_t)c * REGISTERS;
        int64_t *head = tsr_state_page(fold->state, first);
        TSR_REQUIRE(head != NULL, TSR_ERUNTIME, "no memory for a page of counts");
        for (int64_t i = 0; i < block->items; i++) {
            head[NANS] += isnan(value[i]);
            if (isnan(value[i])) continue;
            offer(registers, value[i]);
            TSR_TRY(add_value(fold, first, head, value[i]));
        }
    }
    return TSR_OK;
}

/* ---- solve ---- */

/* The two functions of Ertl's estimator, each a series summed until it does not change. */
static double sum_of_empty(double x) {
    double weight = 1, sum = x, before;
    if (x == 1) return INFINITY;
    do {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    } while (sum != before);
    return sum;
}

static double sum_of_full(double x) {
    double weight = 1, sum = 1 - x, before;
    if (x == 0 || x == 1) return 0;
    do {
        before = sum;
        x = sqrt(x);
        weight *= 0.5;
        sum -= (1 - x) * (1 - x) * weight;
    } while (sum != before);
    return sum / 3;
}

static double estimate(const tsr_record *registers) {
    int count[RANK_MAX + 1] = {0};
    for (int r = 0; r < REGISTERS; r++) count[registers[r].key]++;
    double sum = REGISTERS * sum_of_full(1 - (double)count[RANK_MAX] / REGISTERS);
    for (int k = RANK_MAX - 1; k > 0; k--) sum = 0.5 * (sum + count[k]);
    sum += REGISTERS * sum_of_empty((double)count[0] / REGISTERS);
    return (double)REGISTERS * REGISTERS / (2 * log(2) * sum);
}

/* Few numbers are known by the registers that are empty, many by the ranks. */
static double error_of(double distinct) {
    const double load = distinct / REGISTERS, many = 1.04 / sqrt(REGISTERS) * distinct;
    const double few = sqrt(REGISTERS * (expm1(load) - load));
    return few < many ? few : many;
}

static int64_t count_whole(const tsr_state *state, int64_t first) {
    int64_t count = 0;
    for (int64_t p = first + 1; p < first + COLUMN_PAGES; p++) {
        const int64_t *page = tsr_state_find(state, p);
        for (int w = 0; page != NULL && w < PAGE_WORDS; w++) count += page[w] > 0;
    }
    return count;
}

/* value, error, nans: [columns] */
static bool solve_columns(const tsr_columns *columns, const tsr_state *state, double *value, double *error,
                          double *nans) {
    bool any = false;
    for (int c = 0; c < columns->count; c++) {
        const int64_t first = (int64_t)c * COLUMN_PAGES;
        const int64_t *head = tsr_state_find(state, first);
        value[c] = (double)count_whole(state, first);
        error[c] = 0;
        if (head != NULL && head[OTHERS] > 0) {
            value[c] = estimate(tsr_state_records_get(state) + (int64_t)c * REGISTERS);
            error[c] = error_of(value[c]);
        }
        nans[c] = head == NULL ? 0 : (double)head[NANS];
        any = any || nans[c] > 0;
    }
    return any;
}

static tsr_status distinct_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const tsr_columns *columns = model;
    double *memory = malloc((3 * (size_t)columns->count + 1) * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for the results of %d columns", columns->count);
    double *error = memory + columns->count, *nans = error + columns->count;
    const bool any = solve_columns(columns, state, memory, error, nans);
    const tsr_result distinct = {.name = "distinct",
                                 .long_name = "how many different values; error 0: counted one by one",
                                 .value = memory,
                                 .error = error,
                                 .headline = true};
    const tsr_result missing = {
        .name = "distinct_nans", .long_name = "items that are not a number, left out", .value = nans, .integer = true};
    tsr_status status = tsr_columns_add(columns, 0, distinct, results);
    if (status == TSR_OK && any) status = tsr_columns_add(columns, 0, missing, results);
    free(memory);
    return status;
}

const tsr_tally tsr_tally_distinct = {
    .name = "distinct",
    .summary = "how many different values each column has",
    .reference = "Flajolet, Fusy, Gandouet, Meunier, HyperLogLog, AofA (2007) 137; estimator: Ertl, arXiv:1702.01284",
    .params = params,
    .create = distinct_create,
    .destroy = distinct_destroy,
    .layout = distinct_layout,
    .add_block = distinct_add_block,
    .solve = distinct_solve,
};
