#include "engine/state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Tables of pages are made for windows that are met: of many groups a thread sees few. */
struct tsr_state {
    tsr_layout layout; /* of a window */
    int64_t windows;
    int64_t shown;
    bool is_look; /* tables and records are another state's */
    int64_t tables_held;
    int64_t pages_held;
    int64_t ***table;   /* [windows][layout.pages], NULL where never asked for */
    tsr_record *record; /* [windows, layout.records] */
};

tsr_status tsr_state_create(tsr_layout layout, tsr_state **out) {
    tsr_state *state = calloc(1, sizeof(*state));
    if (state == NULL) goto no_memory;
    state->windows = layout.windows > 0 ? layout.windows : 1;
    state->layout = layout;
    state->layout.windows = 0;
    state->table = calloc((size_t)state->windows, sizeof(*state->table));
    state->record = calloc((size_t)(state->windows * layout.records) + 1, sizeof(*state->record));
    if (state->table == NULL || state->record == NULL) goto no_memory;
    *out = state;
    return TSR_OK;
no_memory:
    tsr_state_destroy(&state);
    return TSR_FAIL(TSR_ERUNTIME, "no memory for the table of %lld state pages; use fewer ranks or threads per host",
                    (long long)layout.pages);
}

void tsr_state_destroy(tsr_state **state) {
    if (*state == NULL) return;
    for (int64_t w = 0; !(*state)->is_look && (*state)->table != NULL && w < (*state)->windows; w++) {
        int64_t **page = (*state)->table[w];
        for (int64_t p = 0; page != NULL && p < (*state)->layout.pages; p++) free(page[p]);
        free(page);
    }
    if (!(*state)->is_look) {
        free((*state)->table);
        free((*state)->record);
    }
    free(*state);
    *state = NULL;
}

tsr_status tsr_state_look(const tsr_state *state, tsr_state **look) {
    tsr_state *made = malloc(sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory to look at a state");
    *made = *state;
    made->is_look = true;
    *look = made;
    return TSR_OK;
}

/* ---- windows ---- */

tsr_layout tsr_state_layout(const tsr_state *state) { return state->layout; }

tsr_layout tsr_state_whole(const tsr_state *state) {
    tsr_layout whole = state->layout;
    whole.pages *= state->windows;
    whole.records *= state->windows;
    return whole;
}

void tsr_state_show(tsr_state *state, int64_t window) { state->shown = window; }

bool tsr_state_has(const tsr_state *state, int64_t window) { return state->table[window] != NULL; }

static int64_t *get_page(tsr_state *state, int64_t window, int64_t page) {
    int64_t **table = state->table[window];
    if (table == NULL) {
        table = state->table[window] = calloc((size_t)state->layout.pages + 1, sizeof(*table));
        if (table == NULL) return NULL;
        state->tables_held++;
    }
    if (table[page] == NULL) {
        table[page] = calloc((size_t)state->layout.page_words, sizeof(int64_t));
        state->pages_held += table[page] != NULL;
    }
    return table[page];
}

static const int64_t *find_page(const tsr_state *state, int64_t window, int64_t page) {
    return state->table[window] == NULL ? NULL : state->table[window][page];
}

int64_t *tsr_state_page(tsr_state *state, int64_t page) { return get_page(state, state->shown, page); }

const int64_t *tsr_state_find(const tsr_state *state, int64_t page) { return find_page(state, state->shown, page); }

int64_t *tsr_state_any(tsr_state *state, int64_t page) {
    return get_page(state, page / state->layout.pages, page % state->layout.pages);
}

int64_t tsr_state_next(const tsr_state *state, int64_t page) {
    if (state->layout.pages == 0) return -1;
    int64_t window = page / state->layout.pages, at = page % state->layout.pages;
    for (; window < state->windows; window++, at = 0)
        for (; state->table[window] != NULL && at < state->layout.pages; at++)
            if (state->table[window][at] != NULL) return window * state->layout.pages + at;
    return -1;
}

static const int64_t *words_of(const tsr_state *state, int64_t page) {
    return find_page(state, page / state->layout.pages, page % state->layout.pages);
}

tsr_record *tsr_state_records(tsr_state *state) { return state->record + state->shown * state->layout.records; }

const tsr_record *tsr_state_records_get(const tsr_state *state) {
    return state->record + state->shown * state->layout.records;
}

/* ---- records ---- */

static bool is_better(tsr_record a, tsr_record b) { return a.key > b.key || (a.key == b.key && a.item < b.item); }

void tsr_record_offer(tsr_record *record, uint64_t key, int64_t item) {
    const tsr_record offered = {.key = key, .item = item};
    if (key != 0 && is_better(offered, *record)) *record = offered;
}

/* Takes the place of the worst and sinks to where no worse one is below it. */
void tsr_records_offer(tsr_record *group, int64_t count, uint64_t key, int64_t item) {
    const tsr_record offered = {.key = key, .item = item};
    if (key == 0 || !is_better(offered, group[0])) return;
    int64_t place = 0;
    for (int64_t child = 1; child < count; child = 2 * place + 1) {
        if (child + 1 < count && is_better(group[child], group[child + 1])) child++;
        if (!is_better(offered, group[child])) break;
        group[place] = group[child];
        place = child;
    }
    group[place] = offered;
}

static int worst_first(const void *a, const void *b) {
    const tsr_record *x = a, *y = b;
    return (int)is_better(*x, *y) - (int)is_better(*y, *x);
}

void tsr_records_settle(tsr_record *group, int64_t count) { qsort(group, (size_t)count, sizeof(*group), worst_first); }

void tsr_records_add(tsr_record *into, const tsr_record *from, int64_t count) {
    for (int64_t r = 0; r < count; r++) tsr_records_offer(into, count, from[r].key, from[r].item);
    if (count > 1) tsr_records_settle(into, count);
}

static int64_t group_records(const tsr_layout *layout) { return layout->group > 1 ? layout->group : 1; }

/* Unsigned: a sum that overflows is a defect elsewhere, but not undefined behaviour here. */
static void add_words(int64_t *into, const int64_t *from, int64_t count) {
    for (int64_t w = 0; w < count; w++) into[w] = (int64_t)((uint64_t)into[w] + (uint64_t)from[w]);
}

static tsr_status add_page(tsr_state *into, int64_t page, const int64_t *words) {
    int64_t *target = tsr_state_any(into, page);
    if (target == NULL) {
        return TSR_FAIL(TSR_ERUNTIME, "no memory for a state page of %lld bytes; use fewer ranks or threads per host",
                        (long long)into->layout.page_words * 8);
    }
    add_words(target, words, into->layout.page_words);
    return TSR_OK;
}

static bool are_alike(const tsr_state *a, const tsr_state *b) {
    return memcmp(&a->layout, &b->layout, sizeof(tsr_layout)) == 0 && a->windows == b->windows;
}

tsr_status tsr_state_add(tsr_state *into, const tsr_state *from) {
    TSR_ASSERT(are_alike(into, from));
    for (int64_t p = tsr_state_next(from, 0); p >= 0; p = tsr_state_next(from, p + 1))
        TSR_TRY(add_page(into, p, words_of(from, p)));
    const int64_t group = group_records(&into->layout);
    for (int64_t r = 0; r < into->windows * into->layout.records; r += group)
        tsr_records_add(into->record + r, from->record + r, group);
    return TSR_OK;
}

static tsr_status subtract_page(tsr_state *into, int64_t page, const int64_t *words) {
    int64_t *target = tsr_state_any(into, page);
    TSR_REQUIRE(target != NULL, TSR_ERUNTIME, "no memory for a state page of %lld bytes",
                (long long)into->layout.page_words * 8);
    for (int64_t w = 0; w < into->layout.page_words; w++)
        target[w] = (int64_t)((uint64_t)target[w] - (uint64_t)words[w]);
    return TSR_OK;
}

/* Both groups ascend, so that one walk finds what stands in both. */
static void forget_records(tsr_record *into, const tsr_record *part, int64_t count) {
    for (int64_t r = 0, p = 0; r < count; r++) {
        while (p < count && is_better(into[r], part[p])) p++;
        if (p < count && !is_better(part[p], into[r])) into[r] = (tsr_record){0};
    }
    tsr_records_settle(into, count);
}

tsr_status tsr_state_subtract(tsr_state *into, const tsr_state *part) {
    TSR_ASSERT(are_alike(into, part));
    for (int64_t p = tsr_state_next(part, 0); p >= 0; p = tsr_state_next(part, p + 1))
        TSR_TRY(subtract_page(into, p, words_of(part, p)));
    const int64_t group = group_records(&into->layout), records = into->windows * into->layout.records;
    for (int64_t r = 0; r < records; r += group) forget_records(into->record + r, part->record + r, group);
    return TSR_OK;
}

static int64_t bytes_with(const tsr_layout *layout, int64_t windows, int64_t tables, int64_t pages) {
    return (int64_t)sizeof(tsr_state) + windows * (int64_t)sizeof(int64_t **) +
           tables * (layout->pages + 1) * (int64_t)sizeof(int64_t *) +
           (windows * layout->records + 1) * (int64_t)sizeof(tsr_record) +
           pages * layout->page_words * (int64_t)sizeof(int64_t);
}

int64_t tsr_state_least_bytes(tsr_layout layout) {
    const int64_t windows = layout.windows > 0 ? layout.windows : 1;
    return bytes_with(&layout, windows, 1, layout.pages > 0);
}

int64_t tsr_state_bytes(const tsr_state *state) {
    return bytes_with(&state->layout, state->windows, state->tables_held, state->pages_held);
}

static bool is_zero(const int64_t *words, int64_t count) {
    for (int64_t w = 0; w < count; w++) {
        if (words[w] != 0) return false;
    }
    return true;
}

/* The first page at or behind `page` that is not all zero, or -1. */
static int64_t next_in_use(const tsr_state *state, int64_t page) {
    page = tsr_state_next(state, page);
    while (page >= 0 && is_zero(words_of(state, page), state->layout.page_words))
        page = tsr_state_next(state, page + 1);
    return page;
}

static int64_t row_words(const tsr_layout *whole, int64_t used) {
    return 1 + used * (1 + whole->page_words) + 2 * whole->records;
}

int64_t tsr_state_packed_words(const tsr_state *state) {
    const tsr_layout whole = tsr_state_whole(state);
    int64_t used = 0;
    for (int64_t p = next_in_use(state, 0); p >= 0; p = next_in_use(state, p + 1)) used++;
    return row_words(&whole, used);
}

void tsr_state_pack(const tsr_state *state, int64_t *words) {
    int64_t *used = words++;
    *used = 0;
    for (int64_t p = next_in_use(state, 0); p >= 0; p = next_in_use(state, p + 1)) {
        *words++ = p;
        memcpy(words, words_of(state, p), (size_t)state->layout.page_words * sizeof(*words));
        words += state->layout.page_words;
        ++*used;
    }
    for (int64_t r = 0; r < state->windows * state->layout.records; r++) {
        *words++ = (int64_t)state->record[r].key;
        *words++ = state->record[r].item;
    }
}

/* [2 count] words of records that were offered or are blank, worst first. */
static bool is_group(const int64_t *words, int64_t count) {
    tsr_record last = {0};
    for (int64_t r = 0; r < count; r++, words += 2) {
        const tsr_record record = {.key = (uint64_t)words[0], .item = words[1]};
        if (record.item < 0 || (record.key == 0 && record.item != 0)) return false;
        if (r > 0 && !is_better(record, last) && (record.key != 0 || last.key != 0)) return false;
        last = record;
    }
    return true;
}

/* Only what pack can write is taken: pages ascending and not empty, groups in canonical form. */
static bool is_row_of(const tsr_layout *layout, const int64_t *words, int64_t count) {
    if (count < 1 || words[0] < 0 || words[0] > layout->pages || count != row_words(layout, words[0])) return false;
    int64_t last = -1;
    const int64_t used = *words++;
    for (int64_t u = 0; u < used; u++, words += 1 + layout->page_words) {
        if (words[0] <= last || words[0] >= layout->pages || is_zero(words + 1, layout->page_words)) return false;
        last = words[0];
    }
    const int64_t group = group_records(layout);
    for (int64_t r = 0; r < layout->records; r += group, words += 2 * group) {
        if (!is_group(words, group)) return false;
    }
    return true;
}

tsr_status tsr_state_unpack(tsr_state *state, const int64_t *words, int64_t count) {
    const tsr_layout whole = tsr_state_whole(state);
    TSR_REQUIRE(is_row_of(&whole, words, count), TSR_ECHECKPOINT,
                "a stored state of %lld words does not fit its tally: it is damaged or belongs to another job",
                (long long)count);
    const int64_t used = *words++;
    for (int64_t u = 0; u < used; u++, words += 1 + state->layout.page_words) {
        TSR_TRY(add_page(state, words[0], words + 1));
    }
    const int64_t group = group_records(&state->layout);
    for (int64_t r = 0; r < whole.records; r++, words += 2) {
        tsr_records_offer(state->record + r / group * group, group, (uint64_t)words[0], words[1]);
    }
    for (int64_t r = 0; group > 1 && r < whole.records; r += group) {
        tsr_records_settle(state->record + r, group);
    }
    return TSR_OK;
}

static const uint64_t SIGN = UINT64_C(1) << 63;

uint64_t tsr_key_from_double(double value) {
    if (value != value) return 0;
    const double one_zero = value + 0.0; /* -0.0 and +0.0 are the same number */
    uint64_t bits;
    memcpy(&bits, &one_zero, sizeof(bits));
    return bits & SIGN ? ~bits : bits | SIGN;
}

double tsr_key_to_double(uint64_t key) {
    const uint64_t bits = key & SIGN ? key & ~SIGN : ~key;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}
