#include "kernels/learn/k_means_start.h"

#include "engine/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static tsr_stream stream_of(uint64_t seed, int round) { return tsr_stream_make(seed, "k_means", (uint64_t)round); }

/* ---- choosing ---- */

/* The first items; or those of the greatest keys: u, or u^(1/d^2) by its logarithm, for uniform u. An item that a
 * candidate lies on is never chosen. */
static uint64_t key_of(const tsr_k_means *self, const tsr_stream *stream, int64_t item, const double *distance) {
    if (self->start == TSR_START_FIRST) return 1;
    const double uniform = tsr_stream_uniform(stream, item, 0);
    if (distance == NULL) return tsr_key_from_double(uniform);
    return *distance > 0 ? tsr_key_from_double(tsr_log(uniform) / *distance) : 0;
}

void tsr_k_means_choose(const tsr_k_means *self, const tsr_fold *fold, int round, const tsr_block *block,
                        const double *distance) {
    const tsr_stream stream = stream_of(fold->seed, round);
    tsr_record *group = tsr_state_records(fold->state) + (int64_t)round * self->clusters;
    for (int64_t i = 0; i < block->items; i++) {
        const int64_t item = tsr_block_item(block, i);
        const uint64_t key = key_of(self, &stream, item, distance == NULL ? NULL : &distance[i]);
        tsr_records_offer(group, self->clusters, key, item);
    }
}

/* ---- fetching ---- */

/* The place of an item in a block, or -1. */
static int64_t find_item(const tsr_block *block, int64_t item) {
    if (block->number == NULL)
        return item >= block->item && item < block->item + block->items ? item - block->item : -1;
    int64_t low = 0, high = block->items;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (block->number[middle] <= item)
            low = middle;
        else
            high = middle;
    }
    return block->number[low] == item ? low : -1;
}

static tsr_status add_word(const tsr_k_means *self, tsr_state *state, int candidate, int j, int64_t word) {
    const tsr_k_means_place place = tsr_k_means_candidate_at(self, candidate, j);
    int64_t *page = tsr_state_page(state, place.page);
    TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for the candidates of %d clusters", self->clusters);
    page[place.word] += word;
    return TSR_OK;
}

static tsr_status fetch_item(const tsr_k_means *self, tsr_state *state, int candidate, const tsr_block *block,
                             int64_t i) {
    for (int j = 0; j < self->columns->count; j++) {
        const double value = tsr_column(block, self->columns->index[j])[i];
        int64_t bits;
        TSR_REQUIRE(isfinite(value), TSR_ENUMERIC,
                    "k_means: column %s of item %lld is not finite; `nonfinite: skip` "
                    "leaves such items out",
                    self->columns->label[j], (long long)tsr_block_item(block, i));
        memcpy(&bits, &value, sizeof(bits));
        TSR_TRY(add_word(self, state, candidate, j, bits));
    }
    return TSR_OK;
}

tsr_status tsr_k_means_fetch(const tsr_k_means *self, const tsr_fold *fold, int round, const tsr_block *block) {
    const int end = tsr_k_means_candidates(self, round + 1);
    for (int c = tsr_k_means_candidates(self, round); c < end; c++) {
        const tsr_record *record = tsr_k_means_record(self, fold->settled, c);
        const int64_t i = record->key != 0 ? find_item(block, record->item) : -1;
        if (i >= 0) TSR_TRY(fetch_item(self, fold->state, c, block, i));
    }
    return TSR_OK;
}

tsr_status tsr_k_means_weigh(const tsr_k_means *self, tsr_state *state, const int *which, const int *label,
                             int64_t items) {
    for (int64_t i = 0; i < items; i++) TSR_TRY(add_word(self, state, which[label[i]], self->columns->count, 1));
    return TSR_OK;
}

/* ---- reading ---- */

static int64_t word_of(const tsr_k_means *self, const tsr_state *state, int candidate, int j) {
    const tsr_k_means_place place = tsr_k_means_candidate_at(self, candidate, j);
    const int64_t *page = tsr_state_find(state, place.page);
    return page == NULL ? 0 : page[place.word];
}

void tsr_k_means_read(const tsr_k_means *self, const tsr_state *state, int rounds, double *point, int *which,
                      int *count) {
    *count = 0;
    for (int c = 0; c < tsr_k_means_candidates(self, rounds); c++) {
        if (tsr_k_means_record(self, state, c)->key == 0) continue;
        for (int j = 0; j < self->columns->count; j++) {
            const int64_t bits = word_of(self, state, c, j);
            memcpy(&point[(int64_t)*count * self->columns->count + j], &bits, sizeof(bits));
        }
        which[(*count)++] = c;
    }
}

/* ---- from candidates to centroids ---- */

typedef struct {
    const tsr_k_means *self;
    int count;
    int *which;       /* [count] */
    double *point;    /* [count, columns] */
    double *weight;   /* [count] */
    double *distance; /* [count], squared, to the nearest centroid so far */
} candidates;

static void candidates_clear(candidates *old) {
    free(old->which);
    free(old->point);
    free(old->weight);
    free(old->distance);
}

static tsr_status candidates_init(const tsr_k_means *self, const tsr_state *state, candidates *out) {
    const size_t most = (size_t)tsr_k_means_candidates(self, tsr_k_means_rounds(self)) + 1;
    *out = (candidates){.self = self};
    out->which = calloc(most, sizeof(*out->which));
    out->point = calloc(most * (size_t)self->columns->count, sizeof(*out->point));
    out->weight = calloc(most, sizeof(*out->weight));
    out->distance = calloc(most, sizeof(*out->distance));
    TSR_REQUIRE(out->which && out->point && out->weight && out->distance, TSR_ERUNTIME,
                "no memory for the candidates of %d clusters", self->clusters);
    tsr_k_means_read(self, state, tsr_k_means_rounds(self), out->point, out->which, &out->count);
    for (int c = 0; c < out->count; c++) {
        out->weight[c] = (double)word_of(self, state, out->which[c], self->columns->count);
        out->distance[c] = 1;
    }
    return TSR_OK;
}

static double square_between(const candidates *all, int a, int b) {
    const int columns = all->self->columns->count;
    double sum = 0;
    for (int j = 0; j < columns; j++) {
        const double apart = all->point[(int64_t)a * columns + j] - all->point[(int64_t)b * columns + j];
        sum = fma(apart, apart, sum);
    }
    return sum;
}

/* A candidate at random, in proportion to its weight times its distance; -1: there is none. */
static int draw(const candidates *all, double uniform) {
    double total = 0;
    int last = -1;
    for (int c = 0; c < all->count; c++) total += all->weight[c] * all->distance[c];
    double rest = uniform * total;
    for (int c = 0; c < all->count; c++) {
        if (!(all->weight[c] * all->distance[c] > 0)) continue;
        last = c;
        rest -= all->weight[c] * all->distance[c];
        if (rest < 0) break;
    }
    return last;
}

/* k-means++ among the candidates: D. Arthur, S. Vassilvitskii, SODA (2007) 1027. The key of the first candidate is as
 * random as the seed that it came from. Returns how many were found. */
static int gather(candidates *all, const tsr_state *state, double *centroid) {
    const tsr_k_means *self = all->self;
    const tsr_stream stream = stream_of(tsr_k_means_record(self, state, 0)->key, TSR_K_MEANS_ROUNDS + 1);
    const size_t row = (size_t)self->columns->count;
    for (int k = 0; k < self->clusters; k++) {
        const int chosen = draw(all, tsr_stream_uniform(&stream, k, 0));
        if (chosen < 0) return k;
        memcpy(centroid + (size_t)k * row, all->point + (size_t)chosen * row, row * sizeof(*centroid));
        for (int c = 0; c < all->count; c++) {
            const double square = square_between(all, c, chosen);
            if (k == 0 || square < all->distance[c]) all->distance[c] = square;
        }
    }
    return self->clusters;
}

static tsr_status begin_from_items(const tsr_k_means *self, const tsr_state *state, double *centroid) {
    candidates all;
    tsr_status status = candidates_init(self, state, &all);
    if (status == TSR_OK) {
        int found = all.count < self->clusters ? all.count : self->clusters;
        if (self->start == TSR_START_PARALLEL)
            found = gather(&all, state, centroid);
        else
            memcpy(centroid, all.point, (size_t)found * (size_t)self->columns->count * sizeof(*centroid));
        if (found < self->clusters)
            status = TSR_FAIL(TSR_ENUMERIC, "k_means: %d clusters are asked for, and there are only %d different items",
                              self->clusters, found);
    }
    candidates_clear(&all);
    return status;
}

tsr_status tsr_k_means_begin(const tsr_k_means *self, const tsr_state *state, double *centroid) {
    if (self->start != TSR_START_GIVEN) return begin_from_items(self, state, centroid);
    memcpy(centroid, self->given, (size_t)self->clusters * (size_t)self->columns->count * sizeof(*centroid));
    return TSR_OK;
}
