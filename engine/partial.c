#include "engine/partial.h"

#include "engine/stage_tally.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 64 };

int64_t tsr_partial_words(int64_t tiles) { return (tiles + BITS - 1) / BITS; }

tsr_status tsr_partial_create(int number, int64_t tiles, tsr_states shape, tsr_partial *out) {
    *out = (tsr_partial){.number = number, .tiles = tiles};
    out->bits = calloc((size_t)tsr_partial_words(tiles) + 1, sizeof(*out->bits));
    TSR_REQUIRE(out->bits != NULL, TSR_ERUNTIME, "no memory for the list of %lld tiles", (long long)tiles);
    return tsr_states_create(shape, &out->found);
}

void tsr_partial_clear(tsr_partial *partial) {
    free(partial->bits);
    tsr_states_clear(&partial->found);
    tsr_prints_clear(&partial->prints);
    *partial = (tsr_partial){0};
}

/* ---- tiles ---- */

static bool is_done(const tsr_partial *partial, int64_t tile) {
    return (partial->bits[tile / BITS] >> (tile % BITS) & 1) != 0;
}

void tsr_partial_mark(tsr_partial *partial, int64_t tile) {
    partial->done += !is_done(partial, tile);
    partial->bits[tile / BITS] |= UINT64_C(1) << (tile % BITS);
}

static bool begins_gap(const tsr_partial *partial, int64_t tile) {
    return !is_done(partial, tile) && (tile == 0 || is_done(partial, tile - 1));
}

tsr_status tsr_partial_gaps(const tsr_partial *partial, tsr_gap **out, int64_t *gaps) {
    int64_t count = 0, left = 0;
    for (int64_t tile = 0; tile < partial->tiles; tile++) count += begins_gap(partial, tile);
    tsr_gap *gap = calloc((size_t)count + 1, sizeof(*gap));
    TSR_REQUIRE(gap != NULL, TSR_ERUNTIME, "no memory for the list of tiles that are left");
    *gaps = 0;
    for (int64_t tile = 0; tile < partial->tiles; tile++) {
        if (begins_gap(partial, tile)) gap[(*gaps)++] = (tsr_gap){.index = left, .tile = tile};
        left += !is_done(partial, tile);
    }
    *out = gap;
    return TSR_OK;
}

int64_t tsr_gap_tile(const tsr_gap *gap, int64_t gaps, int64_t index) {
    int64_t low = 0, high = gaps;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (gap[middle].index <= index)
            low = middle;
        else
            high = middle;
    }
    return gap[low].tile + index - gap[low].index;
}

/* ---- packing ---- */

tsr_status tsr_partial_pack(const tsr_partial *partial, const tsr_bound_stage *stage, tsr_stored_partial *out) {
    const tsr_states *found = &partial->found;
    const int64_t words = tsr_partial_words(partial->tiles);
    *out = (tsr_stored_partial){.number = partial->number};
    if (partial->done == 0) return TSR_OK;
    out->tiles = partial->tiles;
    out->rows = found->points * found->parts;
    out->done = calloc((size_t)words + 1, sizeof(*out->done));
    out->tally = calloc((size_t)found->tallies, sizeof(*out->tally));
    TSR_REQUIRE(out->done != NULL && out->tally != NULL, TSR_ERUNTIME, "no memory for the list of tiles");
    memcpy(out->done, partial->bits, (size_t)words * sizeof(*out->done));
    out->tallies = found->tallies;
    for (int t = 0; t < found->tallies; t++)
        TSR_TRY(tsr_stored_tally_pack(stage->tally[t].table->name, found->state + t, out->rows, found->tallies,
                                      &out->tally[t]));
    return partial->prints.points > 0 ? tsr_prints_copy(&partial->prints, &out->prints) : TSR_OK;
}

static tsr_status refuse(const tsr_bound_stage *stage) {
    return TSR_FAIL(TSR_ECHECKPOINT,
                    "stage %s: what is stored of the pass that was stopped is of another one; it was written by "
                    "another version of Tessera, or the job's input has changed",
                    stage->spec->name);
}

static tsr_status unpack_tally(const tsr_stored_tally *stored, const tsr_bound_stage *stage, int tally,
                               const tsr_states *found) {
    const int64_t rows = found->points * found->parts;
    tsr_state **state = found->state + tally;
    for (int64_t row = 0; row < rows; row++, state += found->tallies) {
        TSR_TRY(tsr_stage_state(stage, tally, state));
        TSR_TRY(tsr_stored_tally_unpack(stored, row, *state));
    }
    return TSR_OK;
}

tsr_status tsr_partial_unpack(const tsr_stored_partial *stored, const tsr_bound_stage *stage, tsr_partial *partial) {
    const tsr_states *found = &partial->found;
    if (stored->number != partial->number) return refuse(stage);
    if (stored->tiles == 0) return TSR_OK;
    const bool fits = stored->tiles == partial->tiles && stored->rows == found->points * found->parts &&
                      stored->tallies == found->tallies;
    const bool prints = partial->prints.points > 0;
    if (!fits || (prints && !tsr_prints_are_alike(&stored->prints, &partial->prints))) return refuse(stage);
    if (prints) tsr_prints_merge(&partial->prints, &stored->prints);
    for (int t = 0; t < found->tallies; t++) {
        if (strcmp(stored->tally[t].name, stage->tally[t].table->name) != 0) return refuse(stage);
        TSR_TRY(unpack_tally(&stored->tally[t], stage, t, found));
    }
    for (int64_t tile = 0; tile < partial->tiles; tile++)
        if (((uint64_t)stored->done[tile / BITS] >> (tile % BITS) & 1) != 0) tsr_partial_mark(partial, tile);
    return TSR_OK;
}
