#include "engine/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- convergence ---- */

/* Rounds of a point stand together; there is room for more of them while a stage runs. */
static void copy_rounds(const tsr_stage_record *record, tsr_stored_history *out) {
    const size_t row = (size_t)(out->rounds * out->quantities);
    for (int64_t point = 0; point < record->row.points && row > 0; point++) {
        const int64_t from = point * record->history_room * out->quantities;
        memcpy(out->value + (size_t)point * row, record->history_value + from, row * sizeof(double));
        memcpy(out->error + (size_t)point * row, record->history_error + from, row * sizeof(double));
    }
    memcpy(out->items, record->history_items, (size_t)out->rounds * sizeof(int64_t));
}

/* "name length", then the labels of its values, with tabs between them. */
static char *list_headlines(const tsr_stage_record *record) {
    char *text = NULL, **label = record->history_names;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    if (stream == NULL) return NULL;
    for (int i = 0; i < record->headline_count; i++) {
        fprintf(stream, "%s %lld", record->headlines[i].name, (long long)record->headlines[i].length);
        for (int64_t j = 0; j < record->headlines[i].length; j++) fprintf(stream, "\t%s", *label++);
        fputc('\n', stream);
    }
    if (fclose(stream) == 0) return text;
    free(text);
    return NULL;
}

static tsr_status pack_history(const tsr_stage_record *record, tsr_stored_history *out) {
    *out = (tsr_stored_history){.rounds = record->row.history.rounds, .quantities = record->row.history.quantities};
    if (out->rounds == 0) return TSR_OK;
    const size_t cells = (size_t)(record->row.points * out->rounds * out->quantities);
    out->headlines = list_headlines(record);
    out->items = malloc((size_t)out->rounds * sizeof(int64_t));
    out->value = malloc(cells * sizeof(double) + 1);
    out->error = malloc(cells * sizeof(double) + 1);
    const bool complete = out->headlines && out->items && out->value && out->error;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory to put the history of stage %s on record", record->row.name);
    copy_rounds(record, out);
    return TSR_OK;
}

/* ---- stages ---- */

static tsr_status pack_tallies(const tsr_stage_record *record, tsr_stored_stage *out) {
    const tsr_states *states = &record->states;
    out->tally = calloc((size_t)states->tallies, sizeof(*out->tally));
    TSR_REQUIRE(out->tally != NULL, TSR_ERUNTIME, "no memory to put stage %s on record", record->row.name);
    out->tallies = states->tallies;
    for (int t = 0; t < states->tallies; t++)
        TSR_TRY(tsr_stored_tally_pack(record->tally_name[t], states->state + t, states->points * states->parts,
                                      states->tallies, &out->tally[t]));
    return TSR_OK;
}

static tsr_status copy_inputs(const tsr_stage_record *record, tsr_stored_stage *out) {
    out->input = calloc((size_t)record->row.inputs + 1, sizeof(*out->input));
    TSR_REQUIRE(out->input != NULL, TSR_ERUNTIME, "no memory to put the inputs of a stage on record");
    for (int i = 0; i < record->row.inputs; i++, out->inputs++) {
        out->input[i] = record->row.input[i];
        out->input[i].path = strdup(record->row.input[i].path);
        TSR_REQUIRE(out->input[i].path != NULL, TSR_ERUNTIME, "no memory to put the inputs of a stage on record");
    }
    return TSR_OK;
}

static double core_seconds(const tsr_stage_run *run, const tsr_stage_record *record, int64_t elapsed_ns) {
    return record->row.core_seconds_before +
           (double)elapsed_ns * 1e-9 * (double)run->comm->size * (double)run->options->threads;
}

static tsr_status pack_stage(const tsr_stage_run *run, int index, tsr_stored_stage *out) {
    const tsr_stage_record *record = &run->plan->outcome->stage[index];
    const size_t points = (size_t)record->row.points;
    *out = (tsr_stored_stage){.name = strdup(record->row.name),
                              .points = record->row.points,
                              .parts = record->row.parts,
                              .tile_items = record->row.tile_items,
                              .passes = record->row.passes,
                              .core_seconds = core_seconds(run, record, record->row.elapsed_ns),
                              .progress = TSR_STORED_DONE,
                              .is_changed = (run->changed >> index & 1) != 0,
                              .point_items = malloc(points * sizeof(int64_t))};
    TSR_REQUIRE(out->name != NULL && out->point_items != NULL, TSR_ERUNTIME, "no memory to put a stage on record");
    memcpy(out->point_items, record->point_items, points * sizeof(int64_t));
    TSR_TRY(copy_inputs(record, out));
    TSR_TRY(tsr_prints_copy(&record->prints, &out->prints));
    TSR_TRY(pack_tallies(record, out));
    return pack_history(record, &out->history);
}

static tsr_status pack_lessons(const tsr_stage_run *run, const tsr_partial *partial, tsr_stored_stage *out) {
    const bool is_training = partial->number == TSR_PASS_TRAINING;
    out->trainings = run->lessons.count;
    TSR_TRY(tsr_stored_tally_pack("training", run->lessons.state, out->trainings, 1, &out->trained));
    tsr_bound_stage stage = *run->stage;
    if (is_training) stage.tally[0].table = run->stage->spec->design.table->training;
    return tsr_partial_pack(partial, &stage, &out->partial);
}

/* Before the pass at hand. */
static void note_boundary(const tsr_stage_run *run, const tsr_partial *partial, tsr_stored_stage *out) {
    for (int64_t p = 0; p < out->points; p++) {
        const int64_t items = run->stage->point[p].items, done = run->begin[p] * run->stage->tile_items;
        if (partial->number <= 0) out->point_items[p] = done < items ? done : items;
        out->met[p] = run->met[p];
    }
}

static tsr_status pack_at_hand(const tsr_stage_run *run, const tsr_partial *partial, tsr_stored_stage *out) {
    const int64_t elapsed_ns = tsr_clock_ns() - run->watch.begun_ns;
    TSR_TRY(pack_stage(run, run->index, out));
    out->progress = TSR_STORED_AT_HAND;
    out->elapsed_s = (double)elapsed_ns * 1e-9;
    out->core_seconds = core_seconds(run, run->record, elapsed_ns);
    out->met = calloc((size_t)out->points, sizeof(*out->met));
    TSR_REQUIRE(out->met != NULL, TSR_ERUNTIME, "no memory to put a stage on record");
    note_boundary(run, partial, out);
    return pack_lessons(run, partial, out);
}

/* A stage that the run has not changed yet: what an earlier one has left is borrowed. */
static tsr_stored_stage borrow(const tsr_stage_run *run, int index) {
    tsr_stored_stage left = {0};
    if (run->options->stored == NULL || run->options->stored[index].name == NULL) return left;
    left = run->options->stored[index];
    left.progress = TSR_STORED_LEFT;
    left.trainings = 0;
    left.trained = (tsr_stored_tally){0};
    left.partial = (tsr_stored_partial){0};
    return left;
}

static tsr_status pack_all(const tsr_stage_run *run, const tsr_partial *partial, tsr_stored_stage *out) {
    for (int s = 0; s < run->plan->job->stage_count; s++) {
        if (s < run->index) TSR_TRY(pack_stage(run, s, &out[s]));
        if (s > run->index) out[s] = borrow(run, s);
        if (s != run->index) continue;
        if (run->retakes) {
            out[s] = borrow(run, s);
            TSR_TRY(pack_lessons(run, partial, &out[s]));
        } else {
            TSR_TRY(pack_at_hand(run, partial, &out[s]));
        }
    }
    return TSR_OK;
}

static void clear(const tsr_stage_run *run, tsr_stored_stage *stage) {
    for (int s = 0; s < run->plan->job->stage_count; s++) {
        const bool is_borrowed = s > run->index || (s == run->index && run->retakes);
        const tsr_stored_stage packed = {.trained = stage[s].trained, .partial = stage[s].partial};
        if (is_borrowed) stage[s] = packed;
        tsr_stored_stage_clear(&stage[s]);
    }
    free(stage);
}

/* ---- the whole ---- */

static tsr_status keep(const tsr_stage_run *run, const tsr_partial *partial, bool stops) {
    const tsr_keeper *keeper = run->options->keeper;
    const int64_t total = run->watch.tiles_total, done = run->watch.tiles_before + partial->done;
    const int stages = run->plan->job->stage_count;
    tsr_stored_stage *stage = calloc((size_t)stages, sizeof(*stage));
    TSR_REQUIRE(stage != NULL, TSR_ERUNTIME, "no memory to put the run on record");
    const tsr_snapshot snapshot = {.stages = stages,
                                   .stage = stage,
                                   .at_hand = run->index,
                                   .share = total > done ? (double)done / (double)total : 1.0};
    tsr_status status = pack_all(run, partial, stage);
    if (status == TSR_OK) status = keeper->keep(&snapshot, stops, keeper->data);
    clear(run, stage);
    return status;
}

tsr_status tsr_snapshot_keep(const tsr_stage_run *run, const tsr_partial *partial) {
    const tsr_keeper *keeper = run->options->keeper;
    uint64_t stops = keeper->wish(keeper->data) == TSR_WISH_STOP;
    run->comm->either(run->comm, &stops, 1);
    const tsr_delivery *delivery = run->delivery; /* rows count once they are durable */
    if (delivery != NULL) TSR_TRY(tsr_comm_agree(run->comm, delivery->sink->sync(delivery->model)));
    return tsr_comm_agree(run->comm, run->comm->rank == 0 ? keep(run, partial, stops != 0) : TSR_OK);
}
