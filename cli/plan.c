#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/launch.h"
#include "cli/table.h"

#include "engine/cpus.h"
#include "engine/run.h"
#include "io/job/job.h"

#include <stdlib.h>

typedef struct {
    tsr_words set;
    int ranks;
    int threads;
} plan_values;

static const tsr_option options[] = {
    {"set", 's', TSR_OPTION_WORDS, "KEY=VALUE", "change the job, as in run", offsetof(plan_values, set)},
    {"ranks", '\0', TSR_OPTION_COUNT, "N", "plan for so many ranks (default: 1)", offsetof(plan_values, ranks)},
    {"threads", '\0', TSR_OPTION_COUNT, "N", "plan for so many threads per rank (default: as run would choose)",
     offsetof(plan_values, threads)},
    {.name = NULL},
};

/* Fewer tiles than this for a thread, and threads wait for the last one; who cares for a tenth of a second. */
enum { TILES_LEAST = 4, SHORT_NS = 100000000, COLUMNS = 8 };

typedef struct {
    int ranks;
    int threads; /* per rank */
    double seconds;
    bool is_open; /* a stage's time could not be estimated */
} shape;

/* The ranges of a stage's last tiles are shorter: an upper bound where items are swept. */
static double items_of(const tsr_stage_estimate *stage) {
    double whole = (double)stage->tiles * (double)stage->tile_items;
    double points = (double)stage->points * (double)stage->items;
    return points < whole && points > 0.0 ? points : whole;
}

static void add_stage(const tsr_stage_estimate *stage, shape *machine, tsr_table *table) {
    tsr_text memory = tsr_format_bytes(stage->state_bytes * (machine->threads + 2));
    tsr_text seconds = {"?"};
    if (stage->ns_per_item > 0.0) {
        const double readings = stage->delivers ? 2 : 1;
        double estimate = readings * items_of(stage) * stage->ns_per_item * 1e-9 / machine->ranks / machine->threads;
        machine->seconds += estimate;
        seconds = tsr_format_seconds(estimate);
    } else {
        machine->is_open = true;
    }
    bool is_known = stage->items > 0;
    tsr_table_add(table, (const char *[]){stage->name, stage->source, tsr_format_count(stage->points).text,
                                          is_known ? tsr_format_count(stage->items).text : "?",
                                          tsr_format_count(stage->tile_items).text,
                                          is_known ? tsr_format_count(stage->tiles).text : "?",
                                          stage->state_bytes > 0 ? memory.text : "?", seconds.text});
}

static void print_notes(const tsr_stage_estimate *stages, int count, const shape *machine) {
    int64_t threads = (int64_t)machine->ranks * machine->threads;
    for (int i = 0; i < count; i++) {
        if (stages[i].needs_earlier)
            printf("\n%s reads the results of an earlier stage; what is not known before they exist is shown as ?\n",
                   stages[i].name);
        if (stages[i].delivers)
            printf("\n%s keeps its rows in a file, for which its tiles are computed once more\n", stages[i].name);
        bool is_long = stages[i].ns_per_item * items_of(&stages[i]) > SHORT_NS;
        if (is_long && stages[i].tiles < TILES_LEAST * threads)
            printf("\n%s has %s tile%s for %lld thread%s; with fewer than %d tiles a thread some threads wait: use "
                   "fewer, or smaller tiles (tile_items)\n",
                   stages[i].name, tsr_format_count(stages[i].tiles).text, stages[i].tiles == 1 ? "" : "s",
                   (long long)threads, threads == 1 ? "" : "s", TILES_LEAST);
    }
}

static tsr_status print_plan(const tsr_job *job, const tsr_stage_estimate *stages, shape *machine) {
    static const tsr_align align[COLUMNS] = {TSR_ALIGN_LEFT,  TSR_ALIGN_LEFT,  TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT,
                                             TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT};
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create(COLUMNS, align, &table));
    tsr_table_add(table, (const char *[]){"STAGE", "SOURCE", "POINTS", "ITEMS", "TILE", "TILES", "MEMORY", "TIME"});
    for (int i = 0; i < job->stage_count; i++) add_stage(&stages[i], machine, table);
    printf("%s on %d rank%s x %d thread%s, seed %llu\n\n", job->name, machine->ranks, machine->ranks == 1 ? "" : "s",
           machine->threads, machine->threads == 1 ? "" : "s", (unsigned long long)job->seed);
    tsr_status status = tsr_table_print(table, 0, stdout);
    tsr_table_destroy(&table);
    if (status != TSR_OK) return status;
    printf("\nItems are per point, memory is per rank and at most, time is a guess from one tile: %s%s in all.\n",
           machine->is_open ? "more than " : "", tsr_format_seconds(machine->seconds).text);
    print_notes(stages, job->stage_count, machine);
    return TSR_OK;
}

static tsr_status estimate(const char *path, const plan_values *values, shape *machine) {
    tsr_catalog *catalog = NULL;
    tsr_job *job = NULL;
    tsr_plan *plan = NULL;
    tsr_stage_estimate *stages = NULL;
    tsr_status status = tsr_catalog_create(&catalog);
    if (status != TSR_OK) goto out;
    TSR_TRY_OUT(tsr_job_read(path, (const char *const *)values->set.word, values->set.count, catalog, &job));
    TSR_TRY_OUT(tsr_plan_create(job, &plan));
    stages = calloc((size_t)job->stage_count, sizeof(*stages));
    TSR_TRY_OUT(stages == NULL ? TSR_FAIL(TSR_ERUNTIME, "no memory for %d stages", job->stage_count) : TSR_OK);
    TSR_TRY_OUT(tsr_plan_estimate(plan, true, stages));
    status = print_plan(job, stages, machine);
out:
    free(stages);
    tsr_plan_destroy(&plan);
    tsr_job_destroy(&job);
    tsr_catalog_destroy(&catalog);
    return status;
}

static tsr_status plan_job(int argc, char **argv) {
    tsr_words operands;
    plan_values values = {0};
    shape machine = {0};
    tsr_status status = tsr_command_parse(&tsr_command_plan, argc, argv, &values, &operands);
    if (status == TSR_OK) status = tsr_launch_threads(values.threads, &machine.threads);
    if (status == TSR_OK) {
        tsr_cpus allowed;
        tsr_cpus_allowed(&allowed);
        machine.ranks = values.ranks > 0 ? values.ranks : 1;
        if (machine.threads == 0) machine.threads = tsr_cpus_count(&allowed);
        status = estimate(operands.word[0], &values, &machine);
    }
    tsr_options_clear(options, &values);
    return status;
}

const tsr_command tsr_command_plan = {
    .name = "plan",
    .operands = "JOB",
    .summary = "Checks a job file and tells what a run of it would take",
    .details = "Everything that can be refused before work starts is refused here. One tile of each stage is tried\n"
               "for the estimate of time.\n",
    .examples = "  tessera plan pi.yaml\n"
                "  tessera plan pi.yaml --ranks 8 --threads 16 --set items=1e12\n",
    .options = options,
    .run = plan_job,
};
