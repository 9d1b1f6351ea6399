#include "engine/draws.h"

#include "engine/normal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Draws that differ by up to TSR_DRAWS_LIVE lie in this many neighbouring quads, so that slot = quad % SLOTS never
 * puts two of them into one place. The columns of a quad are a cache line more than 10 KiB apart, lest all of them
 * compete for the same sets of the cache.
 *
 * Items that share counters do so in groups of 256, at multiples of 256 items: of the 4 x 64 words of 64 counters in
 * their planar order, item r of the group has the one at r (one draw per item), or those at r and 256 + r of the
 * 4 x 128 words of 128 counters (two draws). A block is made of whole groups, which may reach beyond its ends. */
enum { SLOTS = TSR_DRAWS_LIVE / TSR_QUAD + 1, GROUP = 256, STRIDE = TSR_BLOCK_ITEMS_MAX + GROUP + 8, NONE = -1 };

typedef void (*fill_fn)(const tsr_stream *stream, int64_t item, int64_t items, int64_t quad, int64_t stride,
                        double *out);

typedef struct {
    int64_t quad[SLOTS]; /* which one a slot holds, or NONE */
    double (*column)[TSR_QUAD][STRIDE];
} ring;

struct tsr_draws {
    tsr_sampling sampling;
    int64_t item;
    int64_t items;
    int64_t sharers; /* items to a counter: 1, 2 or 4 */
    ring uniforms;
    ring normals;
    const tsr_path *path; /* builds all normals of the block at once when it begins; or NULL */
    double *built;        /* [room][STRIDE] normals of paths */
    double *path_scratch;
    int64_t room;
    void *workspace;
    tsr_draw_seen_fn seen; /* or NULL */
    void *seen_data;
    int64_t seen_index;
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
    memset(draws->workspace, 0, workspace_bytes);
    *out = draws;
    return TSR_OK;
}

void tsr_draws_destroy(tsr_draws **draws) {
    if (!*draws) return;
    free((*draws)->uniforms.column);
    free((*draws)->normals.column);
    free((*draws)->built);
    free((*draws)->path_scratch);
    free((*draws)->workspace);
    free(*draws);
    *draws = NULL;
}

static const tsr_path *path_of(const tsr_sampling *sampling) {
    const tsr_design *design = sampling->design;
    return design != NULL && design->path != NULL ? design->path(sampling->design_model) : NULL;
}

tsr_status tsr_draws_reserve(tsr_draws *draws, const tsr_sampling *sampling) {
    const tsr_path *path = path_of(sampling);
    const int64_t normals = sampling->demand.normals;
    if (path == NULL || normals <= draws->room) return TSR_OK;
    const size_t bytes = (size_t)normals * STRIDE * sizeof(double);
    free(draws->built);
    free(draws->path_scratch);
    draws->room = 0;
    draws->built = allocate(bytes);
    draws->path_scratch = allocate((size_t)normals * TSR_PATH_LANES * sizeof(double));
    TSR_REQUIRE(draws->built != NULL && draws->path_scratch != NULL, TSR_ERUNTIME,
                "no memory for the normals of a thread's paths, %lld of each item: %zu bytes", (long long)normals,
                bytes);
    memset(draws->built, 0, bytes);
    draws->room = normals;
    return TSR_OK;
}

void tsr_draws_watch(tsr_draws *draws, int64_t index, tsr_draw_seen_fn seen, void *data) {
    draws->seen = seen;
    draws->seen_data = data;
    draws->seen_index = index;
}

static bool is_designed(const tsr_sampling *sampling) {
    return sampling->design != NULL && sampling->design->coordinates != NULL;
}

static int64_t sharers_of(const tsr_sampling *sampling) {
    const tsr_demand *demand = &sampling->demand;
    const int64_t most = demand->uniforms > demand->normals ? demand->uniforms : demand->normals;
    return is_designed(sampling) || most < 1 || most > 2 ? 1 : TSR_QUAD / most;
}

int64_t tsr_draws_items(const tsr_draws *draws) { return draws->items; }

/* Whole groups around the block, two words of a counter to an item or one: the runs of a group go to its columns. */
static void fill_shared(const tsr_draws *draws, fill_fn fill, double *columns) {
    const int64_t counters = GROUP / draws->sharers;
    const int64_t first = draws->item / GROUP, last = (draws->item + draws->items - 1) / GROUP;
    for (int64_t group = first; group <= last; group++) {
        double *to = columns + (group - first) * GROUP, words[TSR_QUAD * GROUP / 2];
        if (draws->sharers == TSR_QUAD) {
            fill(&draws->sampling.stream, group * counters, counters, 0, counters, to);
            continue;
        }
        fill(&draws->sampling.stream, group * counters, counters, 0, counters, words);
        memcpy(to, words, GROUP * sizeof(double));
        memcpy(to + STRIDE, words + GROUP, GROUP * sizeof(double));
    }
}

static void make_normal(int64_t items, double *column) {
    for (int64_t i = 0; i < items; i++) column[i] = tsr_normal_quantile(column[i]);
}

/* A design's columns of up to a quad of draws of a kind, to STRIDE doubles each. */
static void fill_designed(const tsr_draws *draws, bool is_normal, int64_t first, double *columns) {
    const tsr_sampling *sampling = &draws->sampling;
    const int64_t most = is_normal ? sampling->demand.normals : sampling->demand.uniforms;
    const tsr_portion portion = {.item = draws->item,
                                 .items = draws->items,
                                 .dimension = first + (is_normal ? sampling->demand.uniforms : 0),
                                 .dimensions = most - first < TSR_QUAD ? most - first : TSR_QUAD};
    sampling->design->coordinates(sampling->design_model, &portion, STRIDE, columns);
    for (int64_t d = 0; is_normal && d < portion.dimensions; d++) make_normal(draws->items, columns + d * STRIDE);
}

static void build_paths(tsr_draws *draws) {
    const tsr_demand *demand = &draws->sampling.demand;
    TSR_ASSERT(demand->normals <= draws->room);
    for (int64_t draw = 0; draw < demand->normals; draw += TSR_QUAD)
        fill_designed(draws, true, draw, draws->built + draw * STRIDE);
    for (int64_t p = 0; p < demand->paths; p++)
        tsr_path_build(draws->path, draws->items, demand->paths * STRIDE, draws->built + p * STRIDE,
                       draws->path_scratch);
}

void tsr_draws_begin(tsr_draws *draws, const tsr_sampling *sampling, int64_t item, int64_t items) {
    TSR_ASSERT(item >= 0 && items >= 1 && items <= TSR_BLOCK_ITEMS_MAX);
    TSR_ASSERT(!is_designed(sampling) || item % TSR_GROUP_ITEMS + items <= TSR_GROUP_ITEMS);
    draws->sampling = *sampling;
    draws->sharers = sharers_of(sampling);
    draws->item = item;
    draws->items = items;
    for (int slot = 0; slot < SLOTS; slot++) draws->uniforms.quad[slot] = draws->normals.quad[slot] = NONE;
    draws->path = path_of(sampling);
    if (draws->path != NULL) build_paths(draws);
}

/* A slot of a ring holds a quad, as without a design. */
static const double *designed(const tsr_draws *draws, ring *kept, int64_t draw) {
    const bool is_normal = kept == &draws->normals;
    const int64_t quad = draw / TSR_QUAD, slot = quad % SLOTS;
    double *columns = kept->column[slot][0];
    TSR_ASSERT(draw < (is_normal ? draws->sampling.demand.normals : draws->sampling.demand.uniforms));
    if (is_normal && draws->path != NULL) return draws->built + draw * STRIDE;
    if (kept->quad[slot] != quad) fill_designed(draws, is_normal, quad * TSR_QUAD, columns);
    kept->quad[slot] = quad;
    return columns + draw % TSR_QUAD * STRIDE;
}

static const double *column(const tsr_draws *draws, ring *kept, fill_fn fill, int64_t draw) {
    if (is_designed(&draws->sampling)) return designed(draws, kept, draw);
    const bool shared = draws->sharers > 1;
    const int64_t quad = draw / TSR_QUAD, slot = quad % SLOTS;
    double *columns = kept->column[slot][0];
    TSR_ASSERT(!shared || draw < TSR_QUAD / draws->sharers);
    if (kept->quad[slot] != quad) {
        if (shared)
            fill_shared(draws, fill, columns);
        else
            fill(&draws->sampling.stream, draws->item, draws->items, quad, STRIDE, columns);
        kept->quad[slot] = quad;
    }
    return columns + draw % TSR_QUAD * STRIDE + (shared ? draws->item % GROUP : 0);
}

static void tell(const tsr_draws *draws, bool is_normal, int64_t index, int64_t draw, double value) {
    if (index == draws->seen_index) draws->seen(is_normal, draw, value, draws->seen_data);
}

static const double *tell_column(const tsr_draws *draws, bool is_normal, int64_t draw, const double *values) {
    if (draws->seen != NULL) tell(draws, is_normal, draws->seen_index, draw, values[draws->seen_index]);
    return values;
}

const double *tsr_uniform(tsr_draws *draws, int64_t draw) {
    return tell_column(draws, false, draw, column(draws, &draws->uniforms, tsr_stream_uniforms, draw));
}

const double *tsr_normal(tsr_draws *draws, int64_t draw) {
    return tell_column(draws, true, draw, column(draws, &draws->normals, tsr_stream_normals, draw));
}

/* Which counter and which of its draws belong to an item's draw: the same map for any number of sharers. */
static int64_t counter_of(const tsr_draws *draws, int64_t index, int64_t draw, int64_t *word) {
    const int64_t item = draws->item + index, own = TSR_QUAD / draws->sharers, counters = GROUP / draws->sharers;
    const int64_t place = draw % own * GROUP + item % GROUP;
    *word = draw / own * TSR_QUAD + place / counters;
    return item / GROUP * counters + place % counters;
}

static double coordinate_of(const tsr_draws *draws, int64_t index, int64_t dimension) {
    const tsr_portion portion = {draws->item + index, 1, dimension, 1};
    double value;
    draws->sampling.design->coordinates(draws->sampling.design_model, &portion, 1, &value);
    return value;
}

static double uniform_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    if (is_designed(&draws->sampling)) return coordinate_of(draws, index, draw);
    int64_t word;
    const int64_t counter = counter_of(draws, index, draw, &word);
    return tsr_stream_uniform(&draws->sampling.stream, counter, word);
}

static double normal_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    if (draws->path != NULL) return draws->built[draw * STRIDE + index];
    if (is_designed(&draws->sampling))
        return tsr_normal_quantile(coordinate_of(draws, index, draws->sampling.demand.uniforms + draw));
    int64_t word;
    const int64_t counter = counter_of(draws, index, draw, &word);
    return tsr_stream_normal(&draws->sampling.stream, counter, word);
}

double tsr_uniform_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    const double value = uniform_of(draws, index, draw);
    if (draws->seen != NULL) tell(draws, false, index, draw, value);
    return value;
}

double tsr_normal_of(const tsr_draws *draws, int64_t index, int64_t draw) {
    const double value = normal_of(draws, index, draw);
    if (draws->seen != NULL) tell(draws, true, index, draw, value);
    return value;
}

typedef void (*along_fn)(const tsr_stream *stream, int64_t item, int64_t quad, int64_t quads, double *out);

static void draw_along(const tsr_draws *draws, along_fn fill, int64_t index, tsr_range wanted, double *out) {
    const int64_t item = draws->item + index, count = wanted.end - wanted.begin, whole = count / TSR_QUAD;
    TSR_ASSERT(wanted.begin % TSR_QUAD == 0 && draws->sharers == 1 && !is_designed(&draws->sampling));
    fill(&draws->sampling.stream, item, wanted.begin / TSR_QUAD, whole, out);
    if (count % TSR_QUAD == 0) return;
    double last[TSR_QUAD];
    fill(&draws->sampling.stream, item, wanted.begin / TSR_QUAD + whole, 1, last);
    memcpy(out + whole * TSR_QUAD, last, (size_t)(count % TSR_QUAD) * sizeof(*out));
}

void tsr_uniforms_of(const tsr_draws *draws, int64_t index, int64_t draw, int64_t count, double *out) {
    draw_along(draws, tsr_stream_uniforms_along, index, (tsr_range){draw, draw + count}, out);
    for (int64_t i = 0; draws->seen != NULL && i < count; i++) tell(draws, false, index, draw + i, out[i]);
}

void tsr_normals_of(const tsr_draws *draws, int64_t index, int64_t draw, int64_t count, double *out) {
    draw_along(draws, tsr_stream_normals_along, index, (tsr_range){draw, draw + count}, out);
    for (int64_t i = 0; draws->seen != NULL && i < count; i++) tell(draws, true, index, draw + i, out[i]);
}

void *tsr_workspace(tsr_draws *draws) { return draws->workspace; }
