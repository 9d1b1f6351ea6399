#include "engine/draws.h"

#include <stdlib.h>

/* Draws that differ by up to TSR_DRAWS_LIVE lie in this many neighbouring quads, so that slot = quad % SLOTS never
 * puts two of them into one place. The columns of a quad are a cache line more than 8 KiB apart, lest all of them
 * compete for the same sets of the cache. */
enum { SLOTS = TSR_DRAWS_LIVE / TSR_QUAD + 1, STRIDE = TSR_BLOCK_ITEMS_MAX + 8, NONE = -1 };

typedef void (*fill_fn)(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                        double *out);

typedef struct {
    int64_t quad[SLOTS]; /* which one a slot holds, or NONE */
    double (*column)[TSR_QUAD][STRIDE];
} ring;

struct tsr_draws {
    tsr_stream stream;
    int64_t item;
    int64_t items;
    ring uniforms;
    ring normals;
    void *workspace;
};

static void *allocate(size_t bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

tsr_status tsr_draws_create(size_t workspace_bytes, tsr_draws **out) {
    tsr_draws *draws = calloc(1, sizeof(*draws));
    if (draws) {
        draws->uniforms.column = allocate(SLOTS * sizeof(*draws->uniforms.column));
        draws->normals.column = allocate(SLOTS * sizeof(*draws->normals.column));
        draws->workspace = allocate(workspace_bytes + 64);
    }
    if (!draws || !draws->uniforms.column || !draws->normals.column || !draws->workspace) {
        tsr_draws_destroy(&draws);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the random numbers of a thread and %zu bytes of kernel workspace",
                        workspace_bytes);
    }
    *out = draws;
    return TSR_OK;
}

void tsr_draws_destroy(tsr_draws **draws) {
    if (!*draws) return;
    free((*draws)->uniforms.column);
    free((*draws)->normals.column);
    free((*draws)->workspace);
    free(*draws);
    *draws = NULL;
}

void tsr_draws_begin(tsr_draws *draws, const tsr_stream *stream, int64_t item, int64_t items) {
    TSR_ASSERT(item >= 0 && items >= 1 && items <= TSR_BLOCK_ITEMS_MAX);
    draws->stream = *stream;
    draws->item = item;
    draws->items = items;
    for (int slot = 0; slot < SLOTS; slot++) draws->uniforms.quad[slot] = draws->normals.quad[slot] = NONE;
}

int64_t tsr_draws_items(const tsr_draws *draws) { return draws->items; }

static const double *column(const tsr_draws *draws, ring *kept, fill_fn fill, int64_t draw) {
    const int64_t quad = draw / TSR_QUAD, slot = quad % SLOTS;
    double *columns = kept->column[slot][0];
    if (kept->quad[slot] != quad) {
        fill(&draws->stream, draws->item, draws->items, quad, STRIDE, columns);
        kept->quad[slot] = quad;
    }
    return columns + draw % TSR_QUAD * STRIDE;
}

const double *tsr_uniform(tsr_draws *draws, int64_t draw) {
    return column(draws, &draws->uniforms, tsr_stream_uniforms, draw);
}

const double *tsr_normal(tsr_draws *draws, int64_t draw) {
    return column(draws, &draws->normals, tsr_stream_normals, draw);
}

double tsr_uniform_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    return tsr_stream_uniform(&draws->stream, draws->item + index, draw);
}

double tsr_normal_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    return tsr_stream_normal(&draws->stream, draws->item + index, draw);
}

void *tsr_workspace(tsr_draws *draws) { return draws->workspace; }
