/* The state of a tally: a sparse array of 64-bit integers that is merged by adding, and records
 * that are merged by taking the better ones. It is all that ever leaves a tile.
 * Layer 1. Hides which pages exist. */
#ifndef TSR_ENGINE_STATE_H
#define TSR_ENGINE_STATE_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Fixed when a tally is planned. A page that was never asked for is all zero and takes no memory. */
typedef struct {
    int64_t pages;
    int64_t page_words;
    int64_t records; /* a multiple of group */
    int64_t group;   /* records that stand together and keep the best of all that their states were offered; 0: each
                        stands alone */
    int64_t
        windows; /* so many times all of this, one for each group of items; tallies see one of them at a time. 0: one
                  */
} tsr_layout;

/* An extreme: the larger key wins, then the lower item. key 0: blank, nothing yet. */
typedef struct {
    uint64_t key;
    int64_t item;
} tsr_record;

typedef struct tsr_state tsr_state;

tsr_status tsr_state_create(tsr_layout layout, tsr_state **out);
void tsr_state_destroy(tsr_state **state);

/* What a tally sees of it: one window. And all windows as one. */
tsr_layout tsr_state_layout(const tsr_state *state);
tsr_layout tsr_state_whole(const tsr_state *state);

/* From now on pages and records are those of a window (0 at first). What is not about pages or records by number, such
 * as adding and packing, is always about all of them. */
void tsr_state_show(tsr_state *state, int64_t window);

/* Another look at a state, with a window of its own to show, for reading beside others who read it: to be destroyed
 * before the state. TSR_ERUNTIME: no memory. */
tsr_status tsr_state_look(const tsr_state *state, tsr_state **look);

/* True if something was ever asked for in a window. */
bool tsr_state_has(const tsr_state *state, int64_t window);

/* The first page at or behind `page` that takes memory, counted over all windows, or -1; and its words. */
int64_t tsr_state_next(const tsr_state *state, int64_t page);
int64_t *tsr_state_any(tsr_state *state, int64_t page);

/* Page p for writing, zeroed when new: [page_words]. NULL: no memory (the caller fails with TSR_ERUNTIME). */
int64_t *tsr_state_page(tsr_state *state, int64_t page);

/* Page p for reading, or NULL if it is all zero. */
const int64_t *tsr_state_find(const tsr_state *state, int64_t page);

/* [records] */
tsr_record *tsr_state_records(tsr_state *state);
const tsr_record *tsr_state_records_get(const tsr_state *state);
void tsr_record_offer(tsr_record *record, uint64_t key, int64_t item);

/* Offers to a group of records: [count]. No (key, item) may come twice. It costs O(log count) if it is taken: a group
 * is a heap whose first record is the worst. settle sorts it, worst first, which is its canonical form and a heap
 * again. */
void tsr_records_offer(tsr_record *group, int64_t count, uint64_t key, int64_t item);
void tsr_records_settle(tsr_record *group, int64_t count);

/* into += from, two groups of [count]; the sum is settled. */
void tsr_records_add(tsr_record *into, const tsr_record *from, int64_t count);

/* into += from. Same layout. Thread-safe on different `into`. TSR_ERUNTIME: no memory. */
tsr_status tsr_state_add(tsr_state *into, const tsr_state *from);

/* into -= part, which was once added: words become what they were. Records that part holds are forgotten, and those
 * that they had displaced do not come back: right for who then adds the items of part once more, among others. Same
 * layout, both settled. TSR_ERUNTIME: no memory. */
tsr_status tsr_state_subtract(tsr_state *into, const tsr_state *part);

/* Bytes that a state takes at least once something was folded into it. */
int64_t tsr_state_least_bytes(tsr_layout layout);

/* Bytes held now. */
int64_t tsr_state_bytes(const tsr_state *state);

/* A canonical row of words: [pages in use][page, words ...]... [key, item]... ; pages that are all zero are left out.
 * Equal states give equal rows. What is hashed, stored and sent. */
int64_t tsr_state_packed_words(const tsr_state *state);
void tsr_state_pack(const tsr_state *state, int64_t *words);

/* Adds a packed row into a state. TSR_ECHECKPOINT: not a row of this layout; TSR_ERUNTIME: no memory. */
tsr_status tsr_state_unpack(tsr_state *state, const int64_t *words, int64_t count);

/* Order-preserving key of a double (larger value, larger key; never 0 for a number), and back. NaN gives 0 and 0 gives
 * a NaN. Zeros of both signs are one number and have one key, that of +0.0. */
uint64_t tsr_key_from_double(double value);
double tsr_key_to_double(uint64_t key);

#endif
