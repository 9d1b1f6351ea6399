#include "engine/gather.h"

#include <stdlib.h>
#include <string.h>

/* A group and a place in the tile share a word: tiles have at most 2^24 items, stages at most 2^24 groups. */
enum { PLACE_BITS = 32, DIGIT_BITS = 12, DIGITS = 1 << DIGIT_BITS };

struct tsr_gather {
    int columns;
    int64_t room;
    int64_t count;
    int64_t next;    /* place of the next item in the order */
    int64_t end;     /* of the group at hand */
    uint64_t *order; /* [room] group and place */
    uint64_t *spare; /* [room] */
    int64_t *number; /* [room] of the items, as they came */
    double *data;    /* [columns, room], as they came */
    double *picked;  /* [columns, TSR_BLOCK_ITEMS_MAX] */
    int64_t picked_number[TSR_BLOCK_ITEMS_MAX];
};

tsr_status tsr_gather_create(int columns, int64_t items, tsr_gather **out) {
    tsr_gather *gather = calloc(1, sizeof(*gather));
    TSR_REQUIRE(gather != NULL, TSR_ERUNTIME, "no memory for the groups of a tile");
    const size_t room = (size_t)(items + 7) / 8 * 8, cells = room * (size_t)columns;
    *gather = (tsr_gather){.columns = columns, .room = (int64_t)room};
    *out = gather;
    gather->order = malloc(room * sizeof(*gather->order));
    gather->spare = malloc(room * sizeof(*gather->spare));
    gather->number = malloc(room * sizeof(*gather->number));
    gather->data = aligned_alloc(64, cells * sizeof(double));
    gather->picked = aligned_alloc(64, (size_t)columns * TSR_BLOCK_ITEMS_MAX * sizeof(double));
    const bool complete = gather->order != NULL && gather->spare != NULL && gather->number != NULL &&
                          gather->data != NULL && gather->picked != NULL;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for the groups of a tile of %lld items; make tile_items smaller",
                (long long)items);
    return TSR_OK;
}

void tsr_gather_destroy(tsr_gather **gather) {
    if (*gather == NULL) return;
    free((*gather)->order);
    free((*gather)->spare);
    free((*gather)->number);
    free((*gather)->data);
    free((*gather)->picked);
    free(*gather);
    *gather = NULL;
}

void tsr_gather_begin(tsr_gather *gather) { gather->count = gather->next = gather->end = 0; }

void tsr_gather_add(tsr_gather *gather, const tsr_block *block, const int64_t *group) {
    const int64_t at = gather->count;
    TSR_ASSERT(at + block->items <= gather->room);
    for (int c = 0; c < gather->columns; c++)
        memcpy(gather->data + c * gather->room + at, tsr_column(block, c), (size_t)block->items * sizeof(double));
    for (int64_t i = 0; i < block->items; i++) {
        gather->number[at + i] = tsr_block_item(block, i);
        gather->order[at + i] = (group != NULL ? (uint64_t)group[i] << PLACE_BITS : 0) | (uint64_t)(at + i);
    }
    gather->count += block->items;
}

tsr_block tsr_gather_whole(const tsr_gather *gather) {
    return (tsr_block){.item = gather->count > 0 ? gather->number[0] : 0,
                       .items = gather->count,
                       .stride = gather->room,
                       .columns = gather->columns,
                       .data = gather->data,
                       .number = gather->number};
}

/* One pass of a stable sort by a digit of the group; false if all have the same. */
static bool sort_by_digit(const uint64_t *from, int64_t count, int shift, uint64_t *to) {
    int64_t place[DIGITS] = {0}, sum = 0;
    for (int64_t i = 0; i < count; i++) place[from[i] >> shift & (DIGITS - 1)]++;
    if (count == 0 || place[from[0] >> shift & (DIGITS - 1)] == count) return false;
    for (int d = 0; d < DIGITS; d++) {
        const int64_t here = place[d];
        place[d] = sum;
        sum += here;
    }
    for (int64_t i = 0; i < count; i++) to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

void tsr_gather_sort(tsr_gather *gather) {
    for (int shift = PLACE_BITS; shift < PLACE_BITS + 2 * DIGIT_BITS; shift += DIGIT_BITS) {
        if (!sort_by_digit(gather->order, gather->count, shift, gather->spare)) continue;
        uint64_t *sorted = gather->spare;
        gather->spare = gather->order;
        gather->order = sorted;
    }
}

int64_t tsr_gather_group(tsr_gather *gather) {
    gather->next = gather->end;
    if (gather->next == gather->count) return -1;
    const uint64_t group = gather->order[gather->next] >> PLACE_BITS;
    while (gather->end < gather->count && gather->order[gather->end] >> PLACE_BITS == group) gather->end++;
    return (int64_t)group;
}

bool tsr_gather_block(tsr_gather *gather, tsr_block *out) {
    const uint64_t mask = (UINT64_C(1) << PLACE_BITS) - 1, *order = gather->order + gather->next;
    int64_t count = gather->end - gather->next;
    if (count == 0) return false;
    if (count > TSR_BLOCK_ITEMS_MAX) count = TSR_BLOCK_ITEMS_MAX;
    for (int c = 0; c < gather->columns; c++) {
        const double *from = gather->data + c * gather->room;
        double *to = gather->picked + (int64_t)c * TSR_BLOCK_ITEMS_MAX;
        for (int64_t i = 0; i < count; i++) to[i] = from[order[i] & mask];
    }
    for (int64_t i = 0; i < count; i++) gather->picked_number[i] = gather->number[order[i] & mask];
    gather->next += count;
    *out = (tsr_block){.item = gather->picked_number[0],
                       .items = count,
                       .stride = TSR_BLOCK_ITEMS_MAX,
                       .columns = gather->columns,
                       .data = gather->picked,
                       .number = gather->picked_number};
    return true;
}
