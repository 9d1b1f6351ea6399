#include "engine/delivery.h"

#include "engine/legs.h"
#include "engine/places.h"

#include <stdlib.h>

/* first: [tiles + 1], the rows before each tile. */
static tsr_status number_rows(const tsr_stage_run *run, int64_t **out) {
    const tsr_bound_stage *stage = run->stage;
    const int64_t tiles = tsr_stage_tiles(stage, 0);
    const tsr_state *state = *tsr_states_at(&run->record->states, 0, 0, stage->places);
    int64_t *first = malloc((size_t)(tiles + 1) * sizeof(*first));
    TSR_REQUIRE(first != NULL, TSR_ERUNTIME, "no memory for the places of %lld tiles", (long long)tiles);
    first[0] = 0;
    for (int64_t tile = 0; tile < tiles; tile++) first[tile + 1] = first[tile] + tsr_places_rows(state, tile);
    *out = first;
    return TSR_OK;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

/* Of what the job says, how many rows every tile has, and what was in it. */
static uint64_t identify(const tsr_stage_run *run, const int64_t *first) {
    const char *text = run->plan->job->resolved;
    const tsr_prints *prints = &run->record->prints;
    uint64_t hash = (uint64_t)run->index + 1;
    for (; text != NULL && *text != '\0'; text++) hash = mix(hash, (unsigned char)*text);
    for (int64_t tile = 0; tile < tsr_stage_tiles(run->stage, 0); tile++) hash = mix(hash, (uint64_t)first[tile + 1]);
    for (int64_t g = 0; g < tsr_prints_groups(prints, 0); g++) hash = mix(hash, tsr_prints_at(prints, 0, g));
    return hash;
}

/* Every tile once more, for the sink alone. */
static tsr_status deliver(tsr_stage_run *run) {
    tsr_partial partial = {0};
    run->begin[0] = 0;
    run->end[0] = tsr_stage_tiles(run->stage, 0);
    tsr_pass pass = {.stage = run->stage,
                     .number = TSR_PASS_DELIVERY,
                     .begin = run->begin,
                     .end = run->end,
                     .delivery = run->delivery,
                     .watch = run->options->progress != NULL && run->comm->rank == 0 ? tsr_watch_tiles : NULL,
                     .watch_data = &run->watch};
    run->watch.tiles_total += tsr_pass_tiles(&pass);
    const tsr_status status = tsr_legs_run(run, &pass, &partial);
    run->watch.tiles_before += partial.tiles;
    tsr_partial_clear(&partial);
    return status;
}

static tsr_status fill_sink(tsr_stage_run *run, const tsr_delivery *delivery, const tsr_sink_rows *rows) {
    bool is_there = false;
    TSR_TRY(delivery->sink->open(run->stage->sink_model, run->comm, rows, &is_there));
    if (is_there) return TSR_OK;
    run->delivery = delivery;
    const tsr_status status = deliver(run);
    run->delivery = NULL;
    TSR_TRY(status);
    return delivery->sink->close(run->stage->sink_model, run->comm, run->options->threads);
}

tsr_status tsr_delivery_check(const tsr_bound_stage *stage) {
    const tsr_sink *sink = stage->spec->sink.table;
    return sink != NULL && stage->sink_model != NULL ? sink->check(stage->sink_model) : TSR_OK;
}

tsr_status tsr_delivery_run(tsr_stage_run *run) {
    const tsr_sink *sink = run->stage->spec->sink.table;
    int64_t *first = NULL;
    if (sink == NULL || run->options->no_sinks) return TSR_OK;
    TSR_TRY(tsr_comm_agree(run->comm, number_rows(run, &first)));
    const tsr_delivery delivery = {.sink = sink, .model = run->stage->sink_model, .first = first};
    const tsr_sink_rows rows = {.count = first[tsr_stage_tiles(run->stage, 0)],
                                .identity = identify(run, first),
                                .goes_on = run->paused != NULL && run->paused->number == TSR_PASS_DELIVERY &&
                                           run->paused->tiles > 0};
    const tsr_status status = fill_sink(run, &delivery, &rows);
    free(first);
    return status;
}
