/* A checkpoint that was made by hand may hold any numbers that its reader lets through: whatever they say about how far
 * the run has come, going on from them ends with a verdict, neither with a crash nor without an end. The states of
 * tallies themselves are only miscounted by one. */
#include "cli/catalog.h"
#include "engine/run.h"
#include "io/job/job.h"
#include "stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { FIELDS_MAX = 4096, WORDS = 24, SECONDS_MAX = 50 };

typedef struct {
    int looks;
    int stop_at;
    int stages;
    tsr_stored_stage *stage;
} stopper;

static tsr_wish wish(void *data) {
    stopper *self = data;
    return ++self->looks >= self->stop_at ? TSR_WISH_STOP : TSR_WISH_GO_ON;
}

static tsr_status keep(const tsr_snapshot *snapshot, bool stops, void *data) {
    stopper *self = data;
    if (!stops) return TSR_OK;
    self->stages = snapshot->stages;
    self->stage = stored_copies(snapshot->stage, snapshot->stages);
    return TSR_FAIL(TSR_ESTOPPED, "stopped by the test");
}

/* Goes on from what is stored, or begins; stops at a look. */
static tsr_status go_on(const char *text, const tsr_stored_stage *stored, stopper *self) {
    tsr_catalog *catalog = NULL;
    tsr_job *job = NULL;
    tsr_plan *plan = NULL;
    tsr_comm *comm = NULL;
    tsr_outcome *outcome = NULL;
    const tsr_keeper keeper = {.wish = wish, .keep = keep, .data = self};
    const tsr_run_options options = {.threads = 1, .stored = stored, .keeper = &keeper};
    tsr_error_clear();
    assert_int_equal(tsr_catalog_create(&catalog), TSR_OK);
    assert_int_equal(tsr_comm_self_open(&comm), TSR_OK);
    assert_int_equal(tsr_job_parse(text, strlen(text), "test", "", NULL, 0, catalog, &job), TSR_OK);
    assert_int_equal(tsr_plan_create(job, &plan), TSR_OK);
    const tsr_status status = tsr_plan_run(plan, comm, &options, &outcome);
    tsr_outcome_destroy(&outcome);
    tsr_plan_destroy(&plan);
    tsr_job_destroy(&job);
    tsr_comm_close(&comm);
    tsr_catalog_destroy(&catalog);
    return status;
}

/* ---- the numbers of a checkpoint ---- */

typedef struct {
    int64_t *number[FIELDS_MAX];
    bool is_state[FIELDS_MAX];
    int count;
} fields;

static void add(fields *list, int64_t *number, int64_t count) {
    for (int64_t i = 0; number != NULL && i < count && list->count < FIELDS_MAX; i++)
        list->number[list->count++] = number + i;
}

static void add_state(fields *list, int64_t *number, int64_t count) {
    const int from = list->count;
    add(list, number, count);
    for (int i = from; i < list->count; i++) list->is_state[i] = true;
}

static void add_tally(fields *list, tsr_stored_tally *tally, int64_t rows) {
    for (int64_t row = 0; row < rows && row < 2; row++) {
        const int64_t from = tally->offset[row], words = tally->offset[row + 1] - from;
        add(list, tally->layout + row * TSR_STORED_LAYOUT, TSR_STORED_LAYOUT);
        add_state(list, tally->words + from, words < WORDS ? words : WORDS);
        if (words > WORDS) add_state(list, tally->words + from + words - 1, 1);
    }
}

static void add_stage(fields *list, tsr_stored_stage *stage) {
    if (stage->name == NULL) return;
    add(list, &stage->tile_items, 1);
    add(list, &stage->passes, 1);
    add(list, stage->point_items, stage->points);
    add(list, stage->met, stage->met != NULL ? stage->points : 0);
    add(list, stage->history.items, stage->history.rounds);
    for (int64_t t = 0; t < stage->tallies; t++) add_tally(list, &stage->tally[t], stage->points * stage->parts);
    if (stage->trainings > 0) add_tally(list, &stage->trained, stage->trainings);
    tsr_stored_partial *partial = &stage->partial;
    add(list, &partial->number, 1);
    add(list, partial->done, (partial->tiles + 63) / 64);
    for (int64_t t = 0; t < partial->tallies; t++) add_tally(list, &partial->tally[t], partial->rows);
}

/* ---- trials ---- */

static const int64_t hostile[] = {0, -1, 1, 2, 63, INT32_MAX, INT64_C(1) << 40, INT64_MAX - 1, INT64_MAX, INT64_MIN};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

/* What the reader does not let through. */
static bool is_kept_out(const tsr_stored_stage *stage, int stages, const int64_t *number, int64_t value) {
    for (int s = 0; s < stages; s++) {
        if (number == &stage[s].tile_items && value < 1) return true;
        if (number == &stage[s].passes && (value < 1 || value >= INT32_MAX)) return true;
        const bool is_items = stage[s].point_items != NULL && number >= stage[s].point_items &&
                              number < stage[s].point_items + stage[s].points;
        if (is_items && value < 0) return true;
        if (number == &stage[s].partial.number && (value >= INT32_MAX || value <= INT32_MIN)) return true;
    }
    return false;
}

/* Runs that have little left to do may come to their end. */
static void try_stored(const char *text, const tsr_stored_stage *stored) {
    stopper self = {.stop_at = 3};
    const tsr_status status = go_on(text, stored, &self);
    assert_true(status == TSR_OK || tsr_error_get()->message[0] != '\0');
    if (self.stage != NULL) stored_destroy(self.stage, self.stages);
}

static int try_numbers(const char *text, tsr_stored_stage *stage, int stages) {
    fields list = {.count = 0};
    int tried = 0;
    for (int s = 0; s < stages; s++) add_stage(&list, &stage[s]);
    for (int i = 0; i < list.count; i++) {
        const int64_t kept = *list.number[i];
        const int64_t value = hostile[i % HOSTILE];
        for (int other = list.is_state[i]; other < 2; other++) {
            *list.number[i] = other != 0 ? (int64_t)((uint64_t)kept + 1) : value;
            if (!is_kept_out(stage, stages, list.number[i], *list.number[i])) {
                try_stored(text, stage);
                tried++;
            }
        }
        *list.number[i] = kept;
    }
    return tried;
}

static int try_progress(const char *text, tsr_stored_stage *stage, int stages) {
    for (int s = 0; s < stages; s++) {
        const tsr_stored_stage kept = stage[s];
        for (int progress = TSR_STORED_LEFT; progress <= TSR_STORED_DONE; progress++) {
            stage[s].progress = (tsr_stored_progress)progress;
            if (progress == TSR_STORED_AT_HAND && stage[s].met == NULL) continue; /* the reader wants it */
            if (stage[s].name != NULL) try_stored(text, stage);
            stage[s].is_changed = !kept.is_changed;
            if (stage[s].name != NULL) try_stored(text, stage);
            stage[s].is_changed = kept.is_changed;
        }
        stage[s].progress = kept.progress;
        stage[s].trainings = 0;
        if (kept.trainings > 0) try_stored(text, stage);
        stage[s] = kept;
    }
    return stages;
}

static void survives(const char *text) {
    static const int looks[] = {1, 3, 9, 27};
    int tried = 0;
    alarm(SECONDS_MAX);
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        stopper self = {.stop_at = looks[i]};
        if (go_on(text, NULL, &self) == TSR_OK) break;
        assert_non_null(self.stage);
        tried += try_numbers(text, self.stage, self.stages) + try_progress(text, self.stage, self.stages);
        stored_destroy(self.stage, self.stages);
    }
    alarm(0);
    assert_true(tried > 100);
}

#define BEGINNING "name: t\nseed: 5\n"

static void readings(void **unused) {
    (void)unused;
    survives(
        BEGINNING
        "source: european\nitems: 1001\ntile_items: 50\n"
        "tallies: [moments, histogram: {bins: 4}, quantile: {probabilities: [0.5], exact: true}, top: {count: 2}]\n");
}

static void designs(void **unused) {
    (void)unused;
    survives(BEGINNING
             "source: genz\nsampling: {vegas: {replicates: 2, trainings: 2, training_items: 1024, bins: 10}}\n"
             "items: 600\ntile_items: 100\ntallies: [moments]\n");
}

static void precision(void **unused) {
    (void)unused;
    survives(BEGINNING "source: european\nitems: 1e6\ntile_items: 50\ntallies: [moments]\n"
                       "until: {relative_error: 0.05, of: mean.payoff}\nsweep: {spot: [90, 100]}\n");
    survives(BEGINNING "source: gbm_euler\nitems: 1e5\ntile_items: 50\ntallies: [moments]\n"
                       "until: {absolute_error: 1, of: mean.difference, sum_over: level}\nsweep: {level: [0, 1, 2]}\n");
}

static void stages_and_chains(void **unused) {
    (void)unused;
    survives(BEGINNING "stages:\n  - {name: one, source: pi, items: 300, tile_items: 50, tallies: [moments]}\n"
                       "  - {name: two, source: {ising: {size: 4, rows: 10}}, items: 40, tile_items: 4, tallies: "
                       "[series: {lags: 4}]}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings),
        cmocka_unit_test(designs),
        cmocka_unit_test(precision),
        cmocka_unit_test(stages_and_chains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
