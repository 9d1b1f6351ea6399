#include "engine/replay.h"

#include "engine/plan.h"
#include "engine/worker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ENDS_SHOWN = 4, ROWS_MAX = 2 * ENDS_SHOWN, DRAWS_FIRST = 64 };

/* The replay is its first member, so that the one is the other. */
typedef struct {
    tsr_replay shown;
    tsr_replay_place place[TSR_AXES_MAX];
    tsr_replay_link link[TSR_MAPS_MAX + 1];
    double *value[TSR_MAPS_MAX + 1];
    int64_t row[ROWS_MAX];
    double weight[ROWS_MAX];
    tsr_replay_draw *draw;
    int64_t draws;
    int64_t room;
    bool out_of_memory;
} replay;

void tsr_replay_destroy(tsr_replay **shown) {
    if (*shown == NULL) return;
    replay *self = (replay *)*shown;
    for (int i = 0; i <= TSR_MAPS_MAX; i++) free(self->value[i]);
    free(self->draw);
    free(self);
    *shown = NULL;
}

/* ---- what there is ---- */

static tsr_status check_wish(const tsr_bound_stage *stage, const tsr_replay_wish *wish) {
    const tsr_stage *spec = stage->spec;
    TSR_REQUIRE(wish->point >= 0 && wish->point < stage->span.points, TSR_EUSAGE,
                "stage %s has %lld points, numbered from 0, and point %lld is asked for", spec->name,
                (long long)stage->span.points, (long long)wish->point);
    const int64_t items = stage->point[wish->point].items / stage->rows;
    const bool has_end = spec->source.table->items != NULL || spec->design.table != NULL;
    const int64_t most = has_end ? items : INT64_MAX / stage->rows;
    TSR_REQUIRE(wish->item >= 0 && wish->item < most, TSR_EUSAGE,
                "stage %s has %lld items, numbered from 0, and item %lld is asked for", spec->name, (long long)items,
                (long long)wish->item);
    TSR_REQUIRE(wish->row < stage->rows, TSR_EUSAGE,
                "an item of stage %s has %lld rows, numbered from 0, and row %lld is asked for", spec->name,
                (long long)stage->rows, (long long)wish->row);
    return TSR_OK;
}

static void choose_rows(const tsr_bound_stage *stage, const tsr_replay_wish *wish, replay *self) {
    int64_t *next = self->row;
    if (wish->row >= 0) {
        *next++ = wish->row;
    } else {
        for (int64_t r = 0; r < stage->rows && r < ENDS_SHOWN; r++) *next++ = r;
        for (int64_t r = stage->rows - ENDS_SHOWN; r < stage->rows; r++)
            if (r >= ENDS_SHOWN) *next++ = r;
    }
    self->shown.rows = next - self->row;
    self->shown.row = self->row;
}

static void describe_place(const tsr_bound_stage *stage, int64_t point, replay *self) {
    int64_t digits[TSR_AXES_MAX] = {0};
    const int axes = stage->span.zipped ? stage->job->axis_count : stage->span.axes;
    tsr_sweep_digits(stage->job, &stage->span, point, digits);
    for (int i = 0; i < axes; i++) {
        const int axis = stage->span.zipped ? i : stage->span.axis[i];
        const tsr_axis *swept = &stage->job->axes[axis];
        self->place[i] = (tsr_replay_place){.name = swept->name, .value = swept->values[digits[axis]]->text};
    }
    self->shown.place = self->place;
    self->shown.places = axes;
}

static tsr_status describe_link(const tsr_bound_stage *stage, const tsr_point *point, int index, replay *self) {
    const tsr_stage *spec = stage->spec;
    const tsr_source *source = spec->source.table;
    tsr_replay_link *link = &self->link[index];
    const int64_t cells = self->shown.rows * stage->link[index].columns;
    self->value[index] = calloc((size_t)cells + 1, sizeof(double));
    TSR_REQUIRE(self->value[index] != NULL, TSR_ERUNTIME, "no memory for the columns of an item");
    for (int64_t i = 0; i < cells; i++) self->value[index][i] = NAN;
    *link = (tsr_replay_link){.columns = stage->link[index].columns, .value = self->value[index]};
    if (index == 0) {
        link->role = "source";
        link->name = source->name;
        link->params = point->source_params;
        link->fields = source->fields != NULL ? source->fields : source->fields_of(point->source_model);
    } else {
        link->role = "map";
        link->name = spec->maps[index - 1].table->name;
        link->params = point->map_params[index - 1];
        link->fields = spec->maps[index - 1].table->fields_of(point->map_models[index - 1]);
    }
    return TSR_OK;
}

static tsr_status describe(const tsr_bound_stage *stage, const tsr_replay_wish *wish, replay *self) {
    const tsr_point *point = &stage->point[wish->point];
    choose_rows(stage, wish, self);
    describe_place(stage, wish->point, self);
    for (int i = 0; i <= stage->spec->map_count; i++) TSR_TRY(describe_link(stage, point, i, self));
    self->shown.points = stage->span.points;
    self->shown.items = point->items / stage->rows;
    self->shown.chain_rows = stage->rows;
    self->shown.link = self->link;
    self->shown.links = stage->spec->map_count + 1;
    return TSR_OK;
}

/* ---- random numbers ---- */

static void note_draw(bool is_normal, int64_t draw, double value, void *data) {
    replay *self = data;
    if (self->draws == self->room) {
        const int64_t room = self->room > 0 ? 2 * self->room : DRAWS_FIRST;
        tsr_replay_draw *larger = realloc(self->draw, (size_t)room * sizeof(*larger));
        self->out_of_memory |= larger == NULL;
        if (larger == NULL) return;
        self->draw = larger;
        self->room = room;
    }
    self->draw[self->draws++] = (tsr_replay_draw){is_normal, draw, value};
}

static int compare_draws(const void *a, const void *b) {
    const tsr_replay_draw *x = a, *y = b;
    if (x->is_normal != y->is_normal) return x->is_normal ? 1 : -1;
    return (x->draw > y->draw) - (x->draw < y->draw);
}

/* Each once, in order: a kernel may ask for a draw more than once. */
static void settle_draws(replay *self) {
    int64_t kept = 0;
    if (self->draws > 0) qsort(self->draw, (size_t)self->draws, sizeof(*self->draw), compare_draws);
    for (int64_t i = 0; i < self->draws; i++)
        if (kept == 0 || compare_draws(&self->draw[kept - 1], &self->draw[i]) != 0) self->draw[kept++] = self->draw[i];
    self->shown.draws = kept;
    self->shown.draw = self->draw;
}

/* ---- the item ---- */

static void note_weight(const tsr_sampling *sampling, int64_t item, int64_t shown, replay *self) {
    if (sampling->design == NULL || sampling->design->weights == NULL) return;
    sampling->design->weights(sampling->design_model, item, 1, &self->weight[shown]);
    self->shown.weight = self->weight;
}

/* What a link holds of an item of the last one: of several items that it is made of, the first. */
static void note_link(const tsr_worker *worker, int link, int64_t item, int64_t shown, replay *self) {
    const tsr_block *block = &worker->block[link];
    for (int i = worker->stage->spec->map_count - 1; i >= link; i--) item *= worker->stage->link[i].step;
    for (int c = 0; c < block->columns; c++)
        self->value[link][shown * block->columns + c] = tsr_column(block, c)[item - block->item];
}

/* What the blocks hold of the rows that are shown. first: of the item. */
static void note_rows(const tsr_worker *worker, const tsr_sampling *sampling, int64_t first, replay *self) {
    const tsr_block *last = &worker->block[worker->stage->spec->map_count];
    for (int64_t shown = 0; shown < self->shown.rows; shown++) {
        const int64_t item = first + self->row[shown];
        if (item < last->item || item >= last->item + last->items) continue;
        for (int i = 0; i < self->shown.links; i++) note_link(worker, i, item, shown, self);
        note_weight(sampling, item, shown, self);
    }
}

/* A chain is filled from its beginning, in the blocks of a run: what comes later depends on what came before. */
static tsr_status fill_item(tsr_worker *worker, const tsr_replay_wish *wish, replay *self) {
    const tsr_bound_stage *stage = worker->stage;
    const int64_t first = wish->item * stage->rows, end = first + self->row[self->shown.rows - 1] + 1;
    for (int64_t begin = first; begin < end;) {
        const int64_t last = tsr_worker_block_end(stage, begin, first + stage->rows);
        const int64_t at = first + self->row[0] - begin;
        const bool is_watched = self->shown.rows == 1 && at >= 0 && at < last - begin;
        tsr_draws_watch(worker->draws, at, is_watched ? note_draw : NULL, self);
        TSR_TRY(tsr_worker_fill(worker, wish->point, (tsr_range){begin, last}));
        note_rows(worker, &stage->point[wish->point].sampling, first, self);
        begin = last;
    }
    return TSR_OK;
}

static tsr_status replay_item(const tsr_bound_stage *stage, const tsr_replay_wish *wish, replay *self) {
    tsr_worker *worker = NULL;
    TSR_TRY(check_wish(stage, wish));
    TSR_TRY(describe(stage, wish, self));
    tsr_status status = tsr_worker_create(stage, 1, &worker);
    if (status == TSR_OK) self->shown.status = fill_item(worker, wish, self);
    tsr_worker_destroy(&worker);
    settle_draws(self);
    if (self->out_of_memory) return TSR_FAIL(TSR_ERUNTIME, "no memory for the random numbers of an item");
    return status;
}

tsr_status tsr_plan_replay(tsr_plan *plan, tsr_comm *comm, const tsr_run_options *options, const tsr_replay_wish *wish,
                           tsr_replay **out) {
    replay *self = calloc(1, sizeof(*self));
    tsr_replay *shown = self != NULL ? &self->shown : NULL;
    tsr_status status = self != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for an item");
    if (status == TSR_OK && (wish->stage < 0 || wish->stage >= plan->job->stage_count))
        status = TSR_FAIL(TSR_EUSAGE, "the job has %d stages", plan->job->stage_count);
    status = tsr_comm_agree(comm, status);
    if (status == TSR_OK) status = tsr_plan_prepare(plan, comm, options, wish->stage);
    if (status == TSR_OK) status = tsr_comm_agree(comm, replay_item(&plan->stage[wish->stage], wish, self));
    if (status == TSR_OK)
        *out = shown;
    else
        tsr_replay_destroy(&shown);
    return status;
}
