#include "engine/state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tsr_state {
    tsr_layout layout;
    int64_t pages_held;
    int64_t **page; /* [layout.pages], NULL where never asked for */
    tsr_record *record;
};

tsr_status tsr_state_create(tsr_layout layout, tsr_state **out) {
    tsr_state *state = calloc(1, sizeof(*state));
    if (state == NULL) goto no_memory;
    state->layout = layout;
    state->page = calloc((size_t)layout.pages + 1, sizeof(*state->page));
    state->record = calloc((size_t)layout.records + 1, sizeof(*state->record));
    if (state->page == NULL || state->record == NULL) goto no_memory;
    *out = state;
    return TSR_OK;
no_memory:
    tsr_state_destroy(&state);
    return TSR_FAIL(TSR_ERUNTIME, "no memory for the table of %lld state pages; use fewer ranks or threads per host",
                    (long long)layout.pages);
}

void tsr_state_destroy(tsr_state **state) {
    if (*state == NULL) return;
    for (int64_t p = 0; (*state)->page != NULL && p < (*state)->layout.pages; p++) free((*state)->page[p]);
    free((*state)->page);
    free((*state)->record);
    free(*state);
    *state = NULL;
}

tsr_layout tsr_state_layout(const tsr_state *state) { return state->layout; }

int64_t *tsr_state_page(tsr_state *state, int64_t page) {
    if (state->page[page] == NULL) {
        state->page[page] = calloc((size_t)state->layout.page_words, sizeof(int64_t));
        state->pages_held += state->page[page] != NULL;
    }
    return state->page[page];
}

const int64_t *tsr_state_find(const tsr_state *state, int64_t page) { return state->page[page]; }

tsr_record *tsr_state_records(tsr_state *state) { return state->record; }

const tsr_record *tsr_state_records_get(const tsr_state *state) { return state->record; }

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
    int64_t *target = tsr_state_page(into, page);
    if (target == NULL) {
        return TSR_FAIL(TSR_ERUNTIME, "no memory for a state page of %lld bytes; use fewer ranks or threads per host",
                        (long long)into->layout.page_words * 8);
    }
    add_words(target, words, into->layout.page_words);
    return TSR_OK;
}

tsr_status tsr_state_add(tsr_state *into, const tsr_state *from) {
    TSR_ASSERT(memcmp(&into->layout, &from->layout, sizeof(tsr_layout)) == 0);
    for (int64_t p = 0; p < from->layout.pages; p++) {
        if (from->page[p] != NULL) TSR_TRY(add_page(into, p, from->page[p]));
    }
    const int64_t group = group_records(&into->layout);
    for (int64_t r = 0; r < into->layout.records; r += group)
        tsr_records_add(into->record + r, from->record + r, group);
    return TSR_OK;
}

static tsr_status subtract_page(tsr_state *into, int64_t page, const int64_t *words) {
    int64_t *target = tsr_state_page(into, page);
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
    TSR_ASSERT(memcmp(&into->layout, &part->layout, sizeof(tsr_layout)) == 0);
    for (int64_t p = 0; p < part->layout.pages; p++) {
        if (part->page[p] != NULL) TSR_TRY(subtract_page(into, p, part->page[p]));
    }
    const int64_t group = group_records(&into->layout);
    for (int64_t r = 0; r < into->layout.records; r += group) forget_records(into->record + r, part->record + r, group);
    return TSR_OK;
}

static int64_t bytes_with(const tsr_layout *layout, int64_t pages_held) {
    return (int64_t)sizeof(tsr_state) + (layout->pages + 1) * (int64_t)sizeof(int64_t *) +
           (layout->records + 1) * (int64_t)sizeof(tsr_record) +
           pages_held * layout->page_words * (int64_t)sizeof(int64_t);
}

int64_t tsr_state_least_bytes(tsr_layout layout) { return bytes_with(&layout, layout.pages > 0); }

int64_t tsr_state_bytes(const tsr_state *state) { return bytes_with(&state->layout, state->pages_held); }

static bool is_zero(const int64_t *words, int64_t count) {
    for (int64_t w = 0; w < count; w++) {
        if (words[w] != 0) return false;
    }
    return true;
}

static bool is_in_use(const tsr_state *state, int64_t page) {
    return state->page[page] != NULL && !is_zero(state->page[page], state->layout.page_words);
}

static int64_t pages_in_use(const tsr_state *state) {
    int64_t used = 0;
    for (int64_t p = 0; p < state->layout.pages; p++) used += is_in_use(state, p);
    return used;
}

static int64_t row_words(const tsr_layout *layout, int64_t used) {
    return 1 + used * (1 + layout->page_words) + 2 * layout->records;
}

int64_t tsr_state_packed_words(const tsr_state *state) { return row_words(&state->layout, pages_in_use(state)); }

void tsr_state_pack(const tsr_state *state, int64_t *words) {
    int64_t *used = words++;
    *used = 0;
    for (int64_t p = 0; p < state->layout.pages; p++) {
        if (!is_in_use(state, p)) continue;
        *words++ = p;
        memcpy(words, state->page[p], (size_t)state->layout.page_words * sizeof(*words));
        words += state->layout.page_words;
        ++*used;
    }
    for (int64_t r = 0; r < state->layout.records; r++) {
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
    TSR_REQUIRE(is_row_of(&state->layout, words, count), TSR_ECHECKPOINT,
                "a stored state of %lld words does not fit its tally: it is damaged or belongs to another job",
                (long long)count);
    const int64_t used = *words++;
    for (int64_t u = 0; u < used; u++, words += 1 + state->layout.page_words) {
        TSR_TRY(add_page(state, words[0], words + 1));
    }
    const int64_t group = group_records(&state->layout);
    for (int64_t r = 0; r < state->layout.records; r++, words += 2) {
        tsr_records_offer(state->record + r / group * group, group, (uint64_t)words[0], words[1]);
    }
    for (int64_t r = 0; group > 1 && r < state->layout.records; r += group) {
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
