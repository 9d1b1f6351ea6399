#include "engine/roll_page.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 4 };

struct tsr_roll {
    tsr_roll_page *pages;
    int count;
    int mine;
    tsr_roll_page *own; /* memory, when the pages are not somebody else's */
    const char *waits[DEPTH];
    int depth; /* of nested waits, also of those beyond DEPTH */
};

_Static_assert(sizeof(tsr_roll_page) % TSR_ROLL_LINE == 0, "pages follow one another");

/* Only the writer reads what it has written: no two threads write the same word, so adding takes no locked operation.
 */
static void count_up(_Atomic int64_t *count) {
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void put(_Atomic int64_t *word, int64_t value) { atomic_store_explicit(word, value, memory_order_relaxed); }

static void write_text(tsr_roll_text *text, const char *from) {
    char copy[TSR_ROLL_TEXT] = "";
    uint64_t word[TSR_ROLL_TEXT_WORDS];
    memcpy(copy, from, strnlen(from, sizeof(copy) - 1));
    memcpy(word, copy, sizeof(word));
    for (int i = 0; i < TSR_ROLL_TEXT_WORDS; i++) atomic_store_explicit(&text->word[i], word[i], memory_order_relaxed);
}

void tsr_roll_text_read(const tsr_roll_text *text, char out[TSR_ROLL_TEXT]) {
    for (int i = 0; i < TSR_ROLL_TEXT_WORDS; i++) {
        const uint64_t word = atomic_load_explicit(&text->word[i], memory_order_relaxed);
        memcpy(out + i * 8, &word, sizeof(word));
    }
    out[TSR_ROLL_TEXT - 1] = '\0';
}

int64_t tsr_roll_bytes(void) { return (int64_t)sizeof(tsr_roll_page); }

static tsr_status choose_pages(const tsr_roll_place *place, tsr_roll *roll) {
    roll->pages = place->pages;
    roll->count = place->host_size;
    roll->mine = place->host_rank;
    if (place->pages != NULL) return TSR_OK;
    roll->own = aligned_alloc(TSR_ROLL_LINE, sizeof(tsr_roll_page));
    TSR_REQUIRE(roll->own != NULL, TSR_ERUNTIME, "no memory for the roll of the ranks");
    memset(roll->own, 0, sizeof(*roll->own));
    roll->pages = roll->own;
    roll->count = 1;
    roll->mine = 0;
    return TSR_OK;
}

tsr_status tsr_roll_create(const tsr_roll_place *place, tsr_roll **out) {
    tsr_roll *roll = calloc(1, sizeof(*roll));
    TSR_REQUIRE(roll != NULL, TSR_ERUNTIME, "no memory for the roll of the ranks");
    const tsr_status status = choose_pages(place, roll);
    if (status != TSR_OK) {
        free(roll);
        return status;
    }
    tsr_roll_page *page = &roll->pages[roll->mine];
    for (int i = 0; i < TSR_ROLL_THREADS; i++) put(&page->row[i].tile, -1);
    put(&page->rank, place->rank);
    put(&page->pid, getpid());
    *out = roll;
    return TSR_OK;
}

void tsr_roll_destroy(tsr_roll **roll) {
    if (roll == NULL || *roll == NULL) return;
    free((*roll)->own);
    free(*roll);
    *roll = NULL;
}

int tsr_roll_pages(const tsr_roll *roll, tsr_roll_page **out, int *mine) {
    *out = roll->pages;
    *mine = roll->mine;
    return roll->count;
}

/* ---- threads ---- */

void tsr_roll_tile(tsr_roll *roll, int thread, int64_t point, int64_t tile) {
    if (roll == NULL) return;
    tsr_roll_row *row = &roll->pages[roll->mine].row[thread % TSR_ROLL_THREADS];
    put(&row->self, (int64_t)pthread_self());
    put(&row->point, point);
    put(&row->tile, tile);
    count_up(&row->signs);
}

void tsr_roll_rest(tsr_roll *roll, int thread) {
    if (roll == NULL) return;
    tsr_roll_row *row = &roll->pages[roll->mine].row[thread % TSR_ROLL_THREADS];
    if (atomic_load_explicit(&row->tile, memory_order_relaxed) < 0) return; /* rests already: no sign of life */
    put(&row->tile, -1);
    count_up(&row->signs);
}

/* ---- thread 0 ---- */

void tsr_roll_stage(tsr_roll *roll, const char *name) {
    if (roll == NULL) return;
    write_text(&roll->pages[roll->mine].stage, name);
    tsr_roll_sign(roll);
}

static void show_wait(tsr_roll *roll) {
    const int top = roll->depth < DEPTH ? roll->depth : DEPTH;
    write_text(&roll->pages[roll->mine].wait, top > 0 ? roll->waits[top - 1] : "");
    tsr_roll_sign(roll);
}

void tsr_roll_enter(tsr_roll *roll, const char *what) {
    if (roll == NULL) return;
    if (roll->depth < DEPTH) roll->waits[roll->depth] = what;
    roll->depth++;
    show_wait(roll);
}

void tsr_roll_leave(tsr_roll *roll) {
    if (roll == NULL) return;
    TSR_ASSERT(roll->depth > 0);
    roll->depth--;
    show_wait(roll);
}

void tsr_roll_sign(tsr_roll *roll) {
    if (roll != NULL) count_up(&roll->pages[roll->mine].signs);
}

void tsr_roll_hear(tsr_roll *roll) {
    if (roll != NULL) count_up(&roll->pages[roll->mine].heard);
}

int64_t tsr_roll_life(const tsr_roll *roll) {
    int64_t life = 0;
    for (int i = 0; roll != NULL && i < roll->count; i++)
        life += atomic_load_explicit(&roll->pages[i].life, memory_order_relaxed);
    return life;
}
