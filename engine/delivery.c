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

tsr_status tsr_delivery_run(tsr_stage_run *run) {
    const tsr_sink *sink = run->stage->spec->sink.table;
    void *model = run->stage->sink_model;
    int64_t *first = NULL;
    if (sink == NULL) return TSR_OK;
    TSR_TRY(tsr_comm_agree(run->comm, number_rows(run, &first)));
    const tsr_delivery delivery = {.sink = sink, .model = model, .first = first};
    const int64_t rows = first[tsr_stage_tiles(run->stage, 0)];
    const bool goes_on = run->paused != NULL && run->paused->number == TSR_PASS_DELIVERY && run->paused->tiles > 0;
    tsr_status status = sink->open(model, run->comm, rows, goes_on);
    run->delivery = &delivery;
    if (status == TSR_OK) status = deliver(run);
    run->delivery = NULL;
    if (status == TSR_OK) status = sink->close(model, run->comm);
    free(first);
    return status;
}
