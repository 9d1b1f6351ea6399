#include "io/result/result_layout.h"

#include <string.h>

/* The dimensions of group /run. */
typedef struct {
    tsr_contents *contents;
    int group;
    int stage;
    int rank;
    int phase;
} run_group;

static int add_words(const run_group *run, const char *name, int dimension, const char *const *words) {
    const tsr_variable variable = {.name = name, .rank = 1, .dimension = {dimension}, .data = words};
    return words ? tsr_contents_words(run->contents, run->group, &variable) : -1;
}

static int add_integers(const run_group *run, tsr_variable variable, const char *unit, const char *long_name) {
    variable.cell = TSR_CELL_INTEGER;
    const int entry = tsr_contents_variable(run->contents, run->group, &variable);
    tsr_contents_text(run->contents, entry, "units", unit);
    tsr_contents_text(run->contents, entry, "long_name", long_name);
    return entry;
}

/* ---- who ran where ---- */

static void add_places(const run_group *run, const tsr_placement *placement) {
    tsr_contents *contents = run->contents;
    const char **hosts = tsr_contents_keep(contents, placement->ranks, sizeof(*hosts));
    const char **cpus = tsr_contents_keep(contents, placement->ranks, sizeof(*cpus));
    int64_t *counts = tsr_contents_keep(contents, placement->ranks, sizeof(*counts));
    int64_t *threads = tsr_contents_keep(contents, placement->ranks, sizeof(*threads));
    if (!hosts || !cpus || !counts || !threads) return;
    for (int i = 0; i < placement->ranks; i++) {
        hosts[i] = placement->place[i].host;
        cpus[i] = placement->place[i].cpus;
        counts[i] = placement->place[i].cpu_count;
        threads[i] = placement->place[i].threads;
    }
    add_words(run, "host", run->rank, hosts);
    add_words(run, "cpus", run->rank, cpus);
    add_integers(run, (tsr_variable){.name = "cpu_count", .rank = 1, .dimension = {run->rank}, .data = counts}, "1",
                 "CPUs that the rank was allowed to use");
    add_integers(run, (tsr_variable){.name = "threads", .rank = 1, .dimension = {run->rank}, .data = threads}, "1",
                 "threads of the rank");
}

/* ---- what it took ---- */

/* [stages, count] of a row that each stage has; zero where a stage has none. */
static const int64_t *stack_rows(const tsr_run_record *record, const int64_t *(*row)(const tsr_stage_outcome *stage),
                                 int64_t count, tsr_contents *contents) {
    const int stages = tsr_outcome_stages(record->outcome);
    int64_t *rows = tsr_contents_keep(contents, stages * count, sizeof(*rows));
    for (int i = 0; rows && i < stages; i++) {
        const int64_t *from = row(tsr_outcome_stage(record->outcome, i));
        if (from) memcpy(rows + i * count, from, (size_t)count * sizeof(*rows));
    }
    return rows;
}

static const int64_t *phase_row(const tsr_stage_outcome *stage) { return stage->phase_ns; }
static const int64_t *items_row(const tsr_stage_outcome *stage) { return stage->rank_items; }
static const int64_t *elapsed_row(const tsr_stage_outcome *stage) { return &stage->elapsed_ns; }

static void add_times(const run_group *run, const tsr_run_record *record) {
    const int64_t ranks = record->placement->ranks;
    const int64_t *elapsed = stack_rows(record, elapsed_row, 1, run->contents);
    const int64_t *phases = stack_rows(record, phase_row, ranks * TSR_PHASES, run->contents);
    const int64_t *items = stack_rows(record, items_row, ranks, run->contents);
    add_integers(run, (tsr_variable){.name = "elapsed", .rank = 1, .dimension = {run->stage}, .data = elapsed}, "ns",
                 "wall time of the stage");
    add_integers(run,
                 (tsr_variable){
                     .name = "phase_time", .rank = 3, .dimension = {run->stage, run->rank, run->phase}, .data = phases},
                 "ns", "time in each phase, summed over the threads of the rank");
    add_integers(run, (tsr_variable){.name = "items", .rank = 2, .dimension = {run->stage, run->rank}, .data = items},
                 "1", "items that the rank folded, all passes together");
}

void tsr_result_add_ranks(const tsr_run_record *record, tsr_contents *contents) {
    const int stages = tsr_outcome_stages(record->outcome);
    const char *phases[TSR_PHASES];
    for (int i = 0; i < TSR_PHASES; i++) phases[i] = tsr_phase_name((tsr_phase)i);
    const char **names = tsr_contents_keep(contents, stages, sizeof(*names));
    for (int i = 0; names && i < stages; i++) names[i] = tsr_outcome_stage(record->outcome, i)->name;

    run_group run = {.contents = contents, .group = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "run")};
    run.stage = tsr_contents_dimension(contents, run.group, "stage", stages);
    add_words(&run, "stage", run.stage, names);
    run.rank = tsr_contents_dimension(contents, run.group, "rank", record->placement->ranks);
    run.phase = tsr_contents_dimension(contents, run.group, "phase", TSR_PHASES);
    add_words(&run, "phase", run.phase, phases);
    add_places(&run, record->placement);
    add_times(&run, record);
}
