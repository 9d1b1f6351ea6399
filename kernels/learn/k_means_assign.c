#include "kernels/learn/k_means_assign.h"

#include "kernels/learn/k_means_start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns summed side by side, so that no addition waits for the one before. */
enum { SIDE = 8 };

static int64_t sums_of(const tsr_k_means *self) { return (int64_t)self->clusters * self->columns->count; }

/* ---- a tile ---- */

void tsr_k_means_tile_begin(const tsr_k_means *self, const tsr_k_means_tile *tile) {
    memset(tile->sum, 0, (size_t)sums_of(self) * sizeof(*tile->sum));
    memset(tile->size, 0, (size_t)self->clusters * sizeof(*tile->size));
    *tile->inertia = (tsr_pair){0};
    *tile->items = 0;
}

/* first: [clusters + 1] places in order where each cluster begins. */
static void sort_items(const tsr_k_means *self, const tsr_block *block, const int *label, int32_t *first,
                       int32_t *order) {
    memset(first, 0, ((size_t)self->clusters + 2) * sizeof(*first));
    for (int64_t i = 0; i < block->items; i++) first[label[i] + 2]++;
    for (int c = 0; c < self->clusters; c++) first[c + 2] += first[c + 1];
    for (int64_t i = 0; i < block->items; i++) order[first[label[i] + 1]++] = (int32_t)i;
}

TSR_UNROLLED void add_columns(const double *const value[SIDE], int width, const int32_t *item, int32_t items,
                              tsr_pair *sum) {
    double total[SIDE] = {0};
    for (int32_t i = 0; i < items; i++)
        for (int w = 0; w < width; w++) total[w] += value[w][item[i]];
    for (int w = 0; w < width; w++) tsr_pair_add(&sum[w], total[w]);
}

static void add_items(const tsr_k_means *self, const tsr_k_means_tile *tile, const tsr_block *block,
                      const int32_t *first) {
    const int columns = self->columns->count;
    for (int j = 0; j < columns; j += SIDE) {
        const int width = columns - j < SIDE ? columns - j : SIDE;
        const double *value[SIDE];
        for (int w = 0; w < width; w++) value[w] = tsr_column(block, self->columns->index[j + w]);
        for (int c = 0; c < self->clusters; c++) {
            const int32_t items = first[c + 1] - first[c];
            tsr_pair *sum = tile->sum + (int64_t)c * columns + j;
            if (items == 0) continue;
            if (width == SIDE)
                add_columns(value, SIDE, tile->order + first[c], items, sum);
            else
                add_columns(value, width, tile->order + first[c], items, sum);
        }
    }
}

void tsr_k_means_tile_add(const tsr_k_means *self, const tsr_k_means_tile *tile, const tsr_block *block,
                          const int *label, const double *distance) {
    int32_t *first = tile->order + TSR_BLOCK_ITEMS_MAX;
    double inertia = 0;
    sort_items(self, block, label, first, tile->order);
    add_items(self, tile, block, first);
    for (int c = 0; c < self->clusters; c++) tile->size[c] += first[c + 1] - first[c];
    for (int64_t i = 0; i < block->items; i++) inertia += distance[i];
    tsr_pair_add(tile->inertia, inertia);
    *tile->items += block->items;
}

static void add_pair(const tsr_pair *pair, tsr_exact *sum) {
    tsr_exact_add(sum, pair->high);
    tsr_exact_add(sum, pair->low);
}

static tsr_status end_cluster(const tsr_k_means *self, const tsr_k_means_tile *tile, int c, tsr_bank bank,
                              tsr_state *state) {
    const int columns = self->columns->count;
    for (int64_t place = (int64_t)c * columns; place < (int64_t)(c + 1) * columns; place++) {
        tsr_exact sum = {0};
        add_pair(&tile->sum[place], &sum);
        TSR_TRY(tsr_bank_add(state, bank, place, &sum));
    }
    return TSR_OK;
}

tsr_status tsr_k_means_tile_end(const tsr_k_means *self, const tsr_k_means_tile *tile, int64_t s, tsr_state *state) {
    if (*tile->items == 0) return TSR_OK;
    const tsr_bank bank = tsr_k_means_bank(self, s);
    int64_t *head = tsr_state_page(state, tsr_k_means_head(self, s));
    TSR_REQUIRE(head != NULL, TSR_ERUNTIME, "no memory for %d clusters", self->clusters);
    head[TSR_ASSIGNED_ITEMS] += *tile->items;
    add_pair(tile->inertia, (tsr_exact *)(head + TSR_ASSIGNED_INERTIA));
    for (int c = 0; c < self->clusters; c++) {
        head[TSR_ASSIGNED_SIZES + c] += tile->size[c];
        if (tile->size[c] > 0) TSR_TRY(end_cluster(self, tile, c, bank, state));
    }
    if (++head[TSR_ASSIGNED_TILES] % (TSR_BANK_PENDING_MAX / 2) == 0) tsr_bank_settle(state, bank);
    return TSR_OK;
}

/* ---- steps ---- */

const int64_t *tsr_k_means_found(const tsr_k_means *self, const tsr_state *state, int64_t s) {
    const int64_t *head = s < 0 || s > self->iterations ? NULL : tsr_state_find(state, tsr_k_means_head(self, s));
    return head != NULL && head[TSR_ASSIGNED_ITEMS] > 0 ? head : NULL;
}

/* The last step before s in which a cluster had items, or -1. */
static int64_t step_before(const tsr_k_means *self, const tsr_state *state, int64_t s, int c) {
    for (s--; s >= 0; s--) {
        const int64_t *head = tsr_k_means_found(self, state, s);
        if (head != NULL && head[TSR_ASSIGNED_SIZES + c] > 0) break;
    }
    return s;
}

static void clear_cluster(const tsr_k_means *self, tsr_state *state, int64_t s, int c) {
    const int64_t columns = self->columns->count;
    const tsr_bank bank = tsr_k_means_bank(self, s);
    for (int64_t page = bank.first; page < bank.first + TSR_BANK_PAGES; page++)
        if (tsr_state_find(state, page) != NULL)
            memset(tsr_state_page(state, page) + c * columns, 0, (size_t)columns * sizeof(int64_t));
    tsr_state_page(state, tsr_k_means_head(self, s))[TSR_ASSIGNED_SIZES + c] = 0;
}

/* True if a step has sums that were not forgotten. */
static bool has_sums(const tsr_k_means *self, const int64_t *head) {
    bool any = false;
    for (int c = 0; c < self->clusters; c++) any = any || head[TSR_ASSIGNED_SIZES + c] > 0;
    return any;
}

void tsr_k_means_settle(const tsr_k_means *self, tsr_state *state) {
    int64_t last = -1;
    for (int64_t s = 0; s <= self->iterations; s++) {
        if (tsr_k_means_found(self, state, s) == NULL) continue;
        int64_t *head = tsr_state_page(state, tsr_k_means_head(self, s));
        tsr_exact_settle((tsr_exact *)(head + TSR_ASSIGNED_INERTIA));
        if (has_sums(self, head)) tsr_bank_settle(state, tsr_k_means_bank(self, s));
        last = s;
    }
    for (int c = 0; last > 0 && c < self->clusters; c++) {
        const int64_t kept = step_before(self, state, last, c);
        for (int64_t s = step_before(self, state, kept, c); s > 0; s = step_before(self, state, s, c))
            clear_cluster(self, state, s, c);
    }
}

void tsr_k_means_forget(const tsr_k_means *self, tsr_state *state, int64_t s) {
    const tsr_layout layout = tsr_state_layout(state);
    for (int64_t page = tsr_k_means_head(self, s); page < layout.pages; page++)
        if (tsr_state_find(state, page) != NULL)
            memset(tsr_state_page(state, page), 0, (size_t)layout.page_words * sizeof(int64_t));
}

/* ---- centroids ---- */

static void divide_sums(const tsr_k_means *self, const tsr_state *state, int64_t s, int c, double *centroid) {
    const int64_t begin = (int64_t)c * self->columns->count, end = begin + self->columns->count;
    const int64_t *head = tsr_k_means_found(self, state, s);
    const tsr_bank bank = tsr_k_means_bank(self, s);
    for (int64_t place = begin; place < end; place++) {
        tsr_exact sum;
        tsr_bank_get(state, bank, place, &sum);
        centroid[place] = tsr_exact_round(&sum) / (double)head[TSR_ASSIGNED_SIZES + c];
    }
}

tsr_status tsr_k_means_centroids(const tsr_k_means *self, const tsr_state *state, int64_t s, double *centroid) {
    bool begun = true;
    for (int c = 0; begun && c < self->clusters; c++) begun = step_before(self, state, s, c) >= 0;
    if (!begun) TSR_TRY(tsr_k_means_begin(self, state, centroid));
    for (int c = 0; c < self->clusters; c++) {
        const int64_t before = step_before(self, state, s, c);
        if (before >= 0) divide_sums(self, state, before, c, centroid);
    }
    return TSR_OK;
}
