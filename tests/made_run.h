/* For tests: a finished run made by hand, with known numbers everywhere, that no engine had to compute.
 * Stage "price": a sweep of 3 strikes x 2 kinds (or, zipped, 6 points), statistics of two columns with units of their
 * own, a histogram whose bins differ from point to point, counts, a history, two tallies of one name.
 * Stage "assets": no sweep, other columns under the same dimension name, a matrix, a missing count. */
#ifndef TSR_TESTS_MADE_RUN_H
#define TSR_TESTS_MADE_RUN_H

#include "engine/outcome.h"
#include "io/result/result_file.h"
#include "settings.h"

#include <math.h>
#include <stdio.h>

enum { MADE_STRIKES = 3, MADE_KINDS = 2, MADE_POINTS = 6, MADE_ROUNDS = 3, MADE_QUANTITIES = 2, MADE_RANKS = 2 };

typedef struct {
    tsr_job job;
    tsr_stage stage[2];
    tsr_source source;
    tsr_axis axis[2];
    tsr_setting *strike[MADE_POINTS];
    tsr_setting *kind[MADE_POINTS];
    tsr_setting *settings;
    tsr_params *params;
    tsr_component component[2];
    tsr_stage_record record[2];
    tsr_outcome outcome;
    tsr_placement placement;
    tsr_rank_place place[MADE_RANKS];
    tsr_results *price[MADE_POINTS];
    tsr_results *assets[1];
    tsr_state *price_state[2 * MADE_POINTS];
    tsr_state *assets_state[1];
    double history_value[MADE_POINTS * MADE_ROUNDS * MADE_QUANTITIES];
    double history_error[MADE_POINTS * MADE_ROUNDS * MADE_QUANTITIES];
    char digest[TSR_DIGEST_CHARS];
    tsr_run_record written;
} made_run;

static const int64_t price_items[MADE_POINTS] = {1000, 1000, 1000, 1000, 1000, 1000};
static const int64_t assets_items[1] = {1860};

/* Any failure here is one of the test. */
static inline void made(tsr_status status) {
    if (status == TSR_OK) return;
    fprintf(stderr, "made run: %s\n", tsr_error_get()->message);
    abort();
}

/* ---- the job and its parameters ---- */

static const tsr_param made_table[] = {
    {.name = "strike", .type = TSR_REAL, .unit = "EUR", .help = "strike"},
    {.name = "kind", .type = TSR_CHOICE, .unit = "1", .preset = "call", .choices = "call|put", .help = "kind"},
    {0}};

static inline void make_job(made_run *run, bool zipped) {
    static const char *const strikes[] = {"90", "100", "110", "120", "130", "140"};
    static const char *const kinds[] = {"call", "put", "call", "put", "call", "put"};
    for (int i = 0; i < MADE_POINTS; i++) {
        run->strike[i] = scalar("made.yaml:5:13", strikes[i]);
        run->kind[i] = scalar("made.yaml:6:13", kinds[i]);
    }
    run->source = (tsr_source){.name = "european", .params = made_table};
    run->stage[0] = (tsr_stage){.name = "price", .source = {.table = &run->source}};
    run->stage[1] = (tsr_stage){.name = "assets", .source = {.table = &run->source}};
    run->axis[0] = (tsr_axis){.name = "strike", .stage = "price", .param = "strike"};
    run->axis[1] = (tsr_axis){.name = "kind", .stage = "price", .param = "kind"};
    run->axis[0].values = run->strike;
    run->axis[1].values = run->kind;
    run->axis[0].length = zipped ? MADE_POINTS : MADE_STRIKES;
    run->axis[1].length = zipped ? MADE_POINTS : MADE_KINDS;
    run->job = (tsr_job){.name = "made",
                         .title = "A run made by hand: \xce\xb1 \xe2\x89\xa4 1",
                         .folder = "",
                         .file = "jobs/made.yaml",
                         .resolved = "name: made\nseed: 18446744073709551615\n",
                         .seed = UINT64_MAX,
                         .stages = run->stage,
                         .stage_count = 2,
                         .axes = run->axis,
                         .axis_count = 2,
                         .sweep_mode = zipped ? TSR_SWEEP_ZIP : TSR_SWEEP_PRODUCT};
    run->settings = tree(TSR_MAP, "made.yaml:4:3", keyed("strike", scalar("made.yaml:4:11", "9.5e1")), NULL);
    made(tsr_params_bind(made_table, run->settings, "source european", NULL, &run->params));
    run->component[0] = (tsr_component){"source", "european", run->params};
    run->component[1] = (tsr_component){"source", "european", run->params};
}

/* ---- results ---- */

static inline void add_mean(tsr_results *results, int point) {
    static const char *const columns[] = {"payoff", "control"}, *const units[] = {"EUR", "1"};
    const double value[] = {10 + point, 20 + point}, error[] = {0.1 + point, NAN};
    made(tsr_results_add(results, &(tsr_result){.name = "mean",
                                                .long_name = "mean",
                                                .unit = "",
                                                .units = units,
                                                .dimensions = 1,
                                                .dimension = {{.name = "column", .length = 2, .labels = columns}},
                                                .value = value,
                                                .error = error,
                                                .headline = true}));
}

/* Point p has 2 + p % 2 bins from p on. */
static inline void add_counts(tsr_results *results, int point) {
    const double bins[] = {point, point + 1, point + 2}, value[] = {100, 200, 300 + point};
    made(tsr_results_add(
        results,
        &(tsr_result){.name = "counts",
                      .long_name = "items per bin",
                      .unit = "1",
                      .dimensions = 1,
                      .dimension = {{.name = "bin", .length = 2 + point % 2, .coordinates = bins, .unit = "EUR"}},
                      .value = value,
                      .integer = true}));
}

static inline void add_items(tsr_results *results, double items) {
    made(tsr_results_add(
        results, &(tsr_result){.name = "count", .long_name = "items", .unit = "1", .value = &items, .integer = true}));
}

/* value[i][j] = 10 i + j for column i and probability j. */
static inline void add_quantile(tsr_results *results) {
    static const char *const columns[] = {"DAX", "FTSE 100", "\xc3\x96l"};
    static const double probability[] = {0.01, 0.5};
    const double value[] = {0, 1, 10, 11, 20, 21}, error[] = {1, 1, 1, 1, 1, 1};
    made(tsr_results_add(
        results,
        &(tsr_result){.name = "quantile",
                      .long_name = "quantile",
                      .unit = "percent",
                      .dimensions = 2,
                      .dimension = {{.name = "column", .length = 3, .labels = columns},
                                    {.name = "probability", .length = 2, .coordinates = probability, .unit = "1"}},
                      .value = value,
                      .error = error}));
}

/* ---- stages ---- */

static inline tsr_state *make_state(int64_t number) {
    tsr_state *state = NULL;
    made(tsr_state_create((tsr_layout){.pages = 4, .page_words = 3, .records = 1}, &state));
    int64_t *page = tsr_state_page(state, number % 4);
    for (int i = 0; i < 3; i++) page[i] = 1000 * number - i;
    tsr_record_offer(tsr_state_records(state), tsr_key_from_double((double)number), number);
    return state;
}

static inline void make_price(made_run *run, bool zipped) {
    static const char *const points[] = {"a", "b", "c", "d", "e", "f"}, *const kinds[] = {"call", "put"};
    static const double strikes[] = {90, 100, 110};
    static const char *const tallies[] = {"moments", "moments"}, *const names[] = {"mean.payoff", "mean.control"};
    static const int64_t history_items[MADE_ROUNDS] = {250, 500, 1000}, rank_items[] = {2500, 3500};
    static const int64_t phase_ns[MADE_RANKS * TSR_PHASES] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    for (int p = 0; p < MADE_POINTS; p++) {
        made(tsr_results_create(&run->price[p]));
        add_mean(run->price[p], p);
        add_counts(run->price[p], p);
        add_items(run->price[p], 1000);
        for (int tally = 0; tally < 2; tally++) run->price_state[2 * p + tally] = make_state(10 * p + tally);
    }
    for (int i = 0; i < MADE_POINTS * MADE_ROUNDS * MADE_QUANTITIES; i++) {
        run->history_value[i] = i;
        run->history_error[i] = 0.5 * i;
    }
    tsr_stage_record *record = &run->record[0];
    record->axis[0] = (tsr_dimension){.name = "strike", .length = MADE_STRIKES, .coordinates = strikes, .unit = "EUR"};
    record->axis[1] = (tsr_dimension){.name = "kind", .length = MADE_KINDS, .labels = kinds, .unit = "1"};
    if (zipped) record->axis[0] = (tsr_dimension){.name = "point", .length = MADE_POINTS, .labels = points};
    record->row = (tsr_stage_outcome){.name = "price",
                                      .points = MADE_POINTS,
                                      .sets = MADE_POINTS,
                                      .parts = 1,
                                      .axes = zipped ? 1 : 2,
                                      .axis = record->axis,
                                      .items = 1000,
                                      .items_total = 6000,
                                      .point_items = price_items,
                                      .tile_items = 128,
                                      .passes = 1,
                                      .components = 2,
                                      .component = run->component,
                                      .results = (const tsr_results *const *)run->price,
                                      .tallies = 2,
                                      .tally_names = tallies,
                                      .states = run->price_state,
                                      .history = {.rounds = MADE_ROUNDS,
                                                  .quantities = MADE_QUANTITIES,
                                                  .items = history_items,
                                                  .names = names,
                                                  .value = run->history_value,
                                                  .error = run->history_error},
                                      .elapsed_ns = 123456789,
                                      .phase_ns = phase_ns,
                                      .rank_items = rank_items};
}

static inline void make_assets(made_run *run) {
    static const char *const tallies[] = {"quantile"};
    made(tsr_results_create(&run->assets[0]));
    add_quantile(run->assets[0]);
    add_items(run->assets[0], NAN);
    run->assets_state[0] = make_state(77);
    run->record[1].row = (tsr_stage_outcome){.name = "assets",
                                             .points = 1,
                                             .sets = 1,
                                             .parts = 1,
                                             .items = 1860,
                                             .items_total = 1860,
                                             .point_items = assets_items,
                                             .tile_items = 1024,
                                             .passes = 3,
                                             .components = 1,
                                             .component = run->component,
                                             .results = (const tsr_results *const *)run->assets,
                                             .tallies = 1,
                                             .tally_names = tallies,
                                             .states = run->assets_state};
}

static inline void make_prints(tsr_stage_record *record) {
    int64_t tiles[MADE_POINTS];
    for (int64_t p = 0; p < record->row.points; p++)
        tiles[p] = (record->row.point_items[p] + record->row.tile_items - 1) / record->row.tile_items;
    made(tsr_prints_create(record->row.points, NULL, tiles, 0, &record->prints));
    for (int64_t i = 0; i < record->prints.offset[record->row.points]; i++)
        record->prints.sum[i] = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u;
    record->row.prints = &record->prints;
}

/* ---- the whole ---- */

static inline made_run *made_run_create(bool zipped) {
    made_run *run = calloc(1, sizeof(*run));
    make_job(run, zipped);
    make_price(run, zipped);
    make_assets(run);
    for (int i = 0; i < 2; i++) make_prints(&run->record[i]);
    run->outcome = (tsr_outcome){.stages = 2, .stage = run->record};
    run->place[0] = (tsr_rank_place){.host = "node01", .cpus = "0-3", .cpu_count = 4, .threads = 4};
    run->place[1] = (tsr_rank_place){.host = "node02", .cpus = "0-3,8", .cpu_count = 5, .threads = 4, .host_first = 1};
    run->placement = (tsr_placement){.ranks = MADE_RANKS, .place = run->place, .advice = "all is well"};
    made(tsr_digest_outcome(&run->outcome, run->digest));
    run->written = (tsr_run_record){.job = &run->job,
                                    .outcome = &run->outcome,
                                    .placement = &run->placement,
                                    .digest = run->digest,
                                    .command = "tessera run jobs/made.yaml",
                                    .started_s = 1795296000, /* 2026-11-21T21:20:00Z */
                                    .elapsed_s = 1.5,
                                    .threads = 4};
    return run;
}

static inline void made_run_destroy(made_run *run) {
    for (int i = 0; i < MADE_POINTS; i++) {
        tsr_setting_destroy(&run->strike[i]);
        tsr_setting_destroy(&run->kind[i]);
        tsr_results_destroy(&run->price[i]);
        for (int tally = 0; tally < 2; tally++) tsr_state_destroy(&run->price_state[2 * i + tally]);
    }
    tsr_results_destroy(&run->assets[0]);
    tsr_state_destroy(&run->assets_state[0]);
    for (int i = 0; i < 2; i++) tsr_prints_clear(&run->record[i].prints);
    tsr_params_destroy(&run->params);
    tsr_setting_destroy(&run->settings);
    free(run);
}

#endif
