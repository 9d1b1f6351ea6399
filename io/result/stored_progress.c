#include "io/result/stored_progress.h"

#include "io/result/stored_prints.h"
#include "io/result/stored_share.h"

#include <stdlib.h>

/* ---- adding ---- */

static void add_row(tsr_contents *contents, int group, const char *name, tsr_cell cell, int64_t count,
                    const void *data) {
    const int dimension = tsr_contents_dimension(contents, group, name, count);
    const tsr_variable variable = {.name = name, .cell = cell, .rank = 1, .dimension = {dimension}, .data = data};
    tsr_contents_variable(contents, group, &variable);
}

static void add_history(const tsr_stored_stage *stage, tsr_contents *contents, int group) {
    const tsr_stored_history *history = &stage->history;
    const int64_t cells = stage->points * history->rounds * history->quantities;
    tsr_contents_integer(contents, group, "rounds", history->rounds);
    tsr_contents_integer(contents, group, "quantities", history->quantities);
    if (history->rounds == 0) return;
    tsr_contents_text(contents, group, "headlines", history->headlines);
    add_row(contents, group, "history_items", TSR_CELL_INTEGER, history->rounds, history->items);
    if (cells == 0) return;
    add_row(contents, group, "history_value", TSR_CELL_REAL, cells, history->value);
    add_row(contents, group, "history_error", TSR_CELL_REAL, cells, history->error);
}

static void add_partial(const tsr_stored_partial *partial, tsr_contents *contents, int group) {
    tsr_contents_integer(contents, group, "pass", partial->number);
    tsr_contents_integer(contents, group, "tiles", partial->tiles);
    tsr_contents_integer(contents, group, "rows", partial->rows);
    if (partial->tiles == 0) return;
    add_row(contents, group, "done", TSR_CELL_INTEGER, (partial->tiles + 63) / 64, partial->done);
    if (partial->prints.points > 0)
        tsr_stored_prints_add(&partial->prints, contents, tsr_contents_group(contents, group, "prints"));
    const int found = tsr_contents_group(contents, group, "found");
    for (int64_t t = 0; t < partial->tallies; t++)
        tsr_stored_tally_add(&partial->tally[t], partial->rows, contents, found);
}

void tsr_stored_progress_add(const tsr_stored_stage *stage, tsr_contents *contents, int parent) {
    const int group = tsr_contents_group(contents, parent, stage->name);
    tsr_contents_integer(contents, group, "progress", stage->progress);
    tsr_contents_integer(contents, group, "is_changed", stage->is_changed);
    tsr_contents_integer(contents, group, "trainings", stage->trainings);
    tsr_contents_real(contents, group, "elapsed_seconds", stage->elapsed_s);
    if (stage->met != NULL) add_row(contents, group, "met", TSR_CELL_INTEGER, stage->points, stage->met);
    if (stage->trainings > 0) tsr_stored_tally_add(&stage->trained, stage->trainings, contents, group);
    add_partial(&stage->partial, contents, group);
    add_history(stage, contents, group);
}

/* ---- reading ---- */

static tsr_status read_history(hid_t group, tsr_stored_stage *stage) {
    tsr_stored_history *history = &stage->history;
    TSR_TRY(tsr_h5_read_integer(group, "rounds", &history->rounds));
    TSR_TRY(tsr_h5_read_integer(group, "quantities", &history->quantities));
    const bool fits = history->rounds >= 0 && history->rounds < INT32_MAX && history->quantities >= 0 &&
                      history->quantities < INT32_MAX;
    TSR_REQUIRE(fits, TSR_EDATA, "the history of stage %s has no number of rounds", stage->name);
    if (history->rounds == 0) return TSR_OK;
    TSR_TRY(tsr_h5_read_text(group, "headlines", &history->headlines));
    TSR_TRY(tsr_h5_read_integers(group, "history_items", history->rounds, &history->items));
    int64_t cells = 0;
    const bool overflows = __builtin_mul_overflow(history->rounds * history->quantities, stage->points, &cells);
    TSR_REQUIRE(!overflows, TSR_EDATA, "the history of stage %s is impossibly long", stage->name);
    if (cells == 0) return TSR_OK;
    TSR_TRY(tsr_h5_read_reals(group, "history_value", cells, &history->value));
    return tsr_h5_read_reals(group, "history_error", cells, &history->error);
}

static tsr_status read_found(hid_t group, int64_t *room, tsr_stored_partial *partial) {
    int64_t members = 0;
    TSR_TRY(tsr_h5_members(group, &members));
    partial->tally = calloc((size_t)members + 1, sizeof(*partial->tally));
    TSR_REQUIRE(partial->tally != NULL, TSR_ERUNTIME, "no memory for %lld tallies", (long long)members);
    partial->tallies = members;
    for (int64_t i = 0; i < members; i++) {
        hid_t member = H5I_INVALID_HID;
        TSR_TRY(tsr_h5_open_member(group, i, &member));
        const tsr_status status = tsr_stored_tally_read(member, partial->rows, room, &partial->tally[i]);
        tsr_h5_drop(&member);
        TSR_TRY(status);
    }
    return TSR_OK;
}

static tsr_status read_prints(hid_t group, int64_t *room, tsr_stored_stage *stage) {
    hid_t prints = H5I_INVALID_HID;
    if (H5Lexists(group, "prints", H5P_DEFAULT) <= 0) return TSR_OK; /* of a pass that needs none */
    tsr_status status = tsr_h5_open_group(group, "prints", &prints);
    if (status == TSR_OK) status = tsr_stored_prints_read(prints, stage->points, room, &stage->partial.prints);
    tsr_h5_drop(&prints);
    return status;
}

static tsr_status read_partial(hid_t group, int64_t *room, tsr_stored_stage *stage) {
    tsr_stored_partial *partial = &stage->partial;
    TSR_TRY(tsr_h5_read_integer(group, "pass", &partial->number));
    TSR_TRY(tsr_h5_read_integer(group, "tiles", &partial->tiles));
    TSR_TRY(tsr_h5_read_integer(group, "rows", &partial->rows));
    const bool fits = partial->tiles >= 0 && partial->tiles < INT64_MAX - 64 && partial->rows >= 0 &&
                      partial->rows < INT32_MAX && partial->number < INT32_MAX && partial->number > INT32_MIN;
    TSR_REQUIRE(fits, TSR_EDATA, "the pass at hand of stage %s has no number of tiles", stage->name);
    if (partial->tiles == 0) return TSR_OK;
    TSR_TRY(tsr_h5_read_integers(group, "done", (partial->tiles + 63) / 64, &partial->done));
    hid_t found = H5I_INVALID_HID;
    tsr_status status = read_prints(group, room, stage);
    if (status == TSR_OK) status = tsr_h5_open_group(group, "found", &found);
    if (status == TSR_OK) status = read_found(found, room, partial);
    tsr_h5_drop(&found);
    return status;
}

static tsr_status read_lessons(hid_t group, int64_t *room, tsr_stored_stage *stage) {
    TSR_TRY(tsr_h5_read_integer(group, "trainings", &stage->trainings));
    TSR_REQUIRE(stage->trainings >= 0 && stage->trainings < INT32_MAX, TSR_EDATA, "stage %s has no number of trainings",
                stage->name);
    if (stage->trainings == 0) return TSR_OK;
    hid_t lessons = H5I_INVALID_HID;
    tsr_status status = tsr_h5_open_group(group, "training", &lessons);
    if (status == TSR_OK) status = tsr_stored_tally_read(lessons, stage->trainings, room, &stage->trained);
    tsr_h5_drop(&lessons);
    return status;
}

tsr_status tsr_stored_progress_read(hid_t group, int64_t *room, tsr_stored_stage *stage) {
    int64_t progress = 0, is_changed = 0;
    TSR_TRY(tsr_h5_read_integer(group, "progress", &progress));
    TSR_TRY(tsr_h5_read_integer(group, "is_changed", &is_changed));
    TSR_TRY(tsr_h5_read_real(group, "elapsed_seconds", &stage->elapsed_s));
    TSR_REQUIRE(progress >= TSR_STORED_LEFT && progress <= TSR_STORED_DONE && stage->elapsed_s >= 0, TSR_EDATA,
                "stage %s does not say how far it has come", stage->name);
    stage->progress = (tsr_stored_progress)progress;
    stage->is_changed = is_changed != 0;
    if (stage->progress == TSR_STORED_AT_HAND) TSR_TRY(tsr_h5_read_integers(group, "met", stage->points, &stage->met));
    TSR_TRY(read_lessons(group, room, stage));
    TSR_TRY(read_partial(group, room, stage));
    return read_history(group, stage);
}

/* ---- from rank 0 to all ---- */

static tsr_status share_partial(tsr_comm *comm, tsr_stored_partial *partial) {
    if (partial->tiles == 0) return TSR_OK;
    TSR_TRY(tsr_stored_share_integers(comm, (partial->tiles + 63) / 64, &partial->done));
    TSR_TRY(tsr_stored_prints_share(comm, &partial->prints));
    return tsr_stored_share_tallies(comm, partial->tallies, partial->rows, &partial->tally);
}

static tsr_status share_history(tsr_comm *comm, int64_t points, tsr_stored_history *history) {
    const int64_t cells = points * history->rounds * history->quantities;
    if (history->rounds == 0) return TSR_OK;
    TSR_TRY(tsr_stored_share_text(comm, &history->headlines));
    TSR_TRY(tsr_stored_share_integers(comm, history->rounds, &history->items));
    if (cells == 0) return TSR_OK;
    TSR_TRY(tsr_stored_share_reals(comm, cells, &history->value));
    return tsr_stored_share_reals(comm, cells, &history->error);
}

tsr_status tsr_stored_progress_share(tsr_comm *comm, tsr_stored_stage *stage) {
    if (stage->progress == TSR_STORED_AT_HAND) TSR_TRY(tsr_stored_share_integers(comm, stage->points, &stage->met));
    if (stage->trainings > 0) TSR_TRY(tsr_stored_share_tally(comm, stage->trainings, &stage->trained));
    TSR_TRY(share_partial(comm, &stage->partial));
    return share_history(comm, stage->points, &stage->history);
}
