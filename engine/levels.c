#include "engine/levels.h"

#include "engine/multilevel.h"
#include "engine/reading.h"
#include "engine/until.h"

#include <math.h>
#include <stdlib.h>

enum { GROWTH_MAX = 8 };

typedef struct {
    tsr_stage_run *run;
    int active; /* levels that are read */
    tsr_level *level;
    double *wanted; /* items */
    tsr_multilevel found;
} level_run;

static tsr_status read_level(const level_run *levels, int index) {
    const tsr_stage_run *run = levels->run;
    const tsr_source *source = run->stage->spec->source.table;
    tsr_level *level = &levels->level[index];
    TSR_TRY(tsr_until_find(&run->stage->spec->until, run->record->results[index], &level->mean, &level->error));
    level->items = (double)run->record->point_items[index];
    level->cost = source->cost == NULL ? 1.0 : source->cost(run->stage->point[index].source_model);
    TSR_REQUIRE(level->cost > 0 && isfinite(level->cost), TSR_EINTERNAL, "source %s: a level costs %g", source->name,
                level->cost);
    return TSR_OK;
}

static tsr_status read_levels(level_run *levels) {
    for (int l = 0; l < levels->active; l++) TSR_TRY(read_level(levels, l));
    tsr_multilevel_solve(levels->level, levels->active, &levels->found);
    return TSR_OK;
}

/* Root mean square error that was asked for. */
static double target_of(const level_run *levels) {
    const tsr_until *until = &levels->run->stage->spec->until;
    return until->absolute_error > 0 ? until->absolute_error : until->relative_error * fabs(levels->found.value);
}

static int64_t next_end(const level_run *levels, int64_t point) {
    const tsr_stage_run *run = levels->run;
    const int64_t done = run->end[point], most = tsr_stage_tiles(run->stage, point);
    const double tiles = ceil(levels->wanted[point] / (double)run->stage->tile_items);
    int64_t end = done > most / GROWTH_MAX ? most : GROWTH_MAX * done;
    if (tiles < (double)end) end = (int64_t)tiles;
    return end > done ? end : done;
}

/* Too few items for an error bar, or nothing but zeros: a rare event that has not been seen yet is not known. */
static bool is_unknown(const tsr_level *level) {
    return !isfinite(level->error) || (level->mean == 0 && level->error == 0);
}

static bool any_unknown(const level_run *levels) {
    for (int l = 0; l < levels->active; l++)
        if (is_unknown(&levels->level[l])) return true;
    return false;
}

static bool has_more(const level_run *levels, int index) {
    return levels->run->end[index] < tsr_stage_tiles(levels->run->stage, index);
}

/* An unknown level takes as many items again, while those wait whose wish is NaN for want of its error bar. Where
 * nobody is left to wait for, a wish that is no number stands for all items there are, as an infinite one does. */
static void choose_items(level_run *levels) {
    bool waits = false;
    tsr_multilevel_allocate(levels->level, levels->active, target_of(levels) / sqrt(2), levels->wanted);
    for (int l = 0; l < levels->active; l++) waits = waits || (is_unknown(&levels->level[l]) && has_more(levels, l));
    for (int l = 0; l < levels->active; l++) {
        if (is_unknown(&levels->level[l]))
            levels->wanted[l] = 2 * levels->level[l].items;
        else if (isnan(levels->wanted[l]))
            levels->wanted[l] = waits ? 0 : INFINITY;
    }
}

/* What every level still needs; false if none needs anything. */
static bool choose_tiles(level_run *levels) {
    tsr_stage_run *run = levels->run;
    bool any = false;
    double tiles = 0;
    choose_items(levels);
    for (int64_t point = 0; point < run->stage->span.points; point++) {
        run->begin[point] = run->end[point];
        if (point < levels->active) run->end[point] = next_end(levels, point);
        any = any || run->end[point] > run->begin[point];
        tiles += (double)run->end[point];
    }
    run->watch.tiles_total = (int64_t)tiles;
    run->watch.predicted = true;
    return any;
}

/* One more level, if the missing ones matter and there is one. */
static bool add_level(level_run *levels) {
    tsr_stage_run *run = levels->run;
    if (levels->found.bias <= target_of(levels) / sqrt(2) || levels->active >= run->stage->span.points) return false;
    run->end[levels->active++] = 1;
    return true;
}

static void begin_levels(level_run *levels) {
    tsr_stage_run *run = levels->run;
    levels->active = TSR_LEVELS_MIN;
    for (int l = 0; l < levels->active; l++) run->end[l] = 1;
    run->watch.tiles_total = levels->active;
    run->watch.predicted = true;
}

/* Levels that have items; all of them before those that have none. */
static int count_active(const tsr_stage_run *run) {
    int active = 0;
    while (active < run->stage->span.points && run->record->point_items[active] > 0) active++;
    return active;
}

/* A run that was stopped in a round decides once more what is to be read in it. */
static tsr_status read_all(level_run *levels) {
    bool goes_on = levels->active > 0;
    if (!goes_on) begin_levels(levels);
    for (int round = 0; round < TSR_LEVELS_ROUNDS_MAX; round++) {
        if (!goes_on) TSR_TRY(tsr_reading_round(levels->run, TSR_LEVELS_ROUNDS_MAX));
        TSR_TRY(tsr_comm_agree(levels->run->comm, read_levels(levels)));
        const bool late = !goes_on && tsr_reading_is_late(levels->run);
        goes_on = false;
        if (late || (!choose_tiles(levels) && !add_level(levels))) break;
    }
    return TSR_OK;
}

/* ---- what is told of the whole ---- */

static tsr_status add_number(tsr_results *results, const char *name, const char *long_name, double value) {
    return tsr_results_add(results, &(tsr_result){.name = name, .long_name = long_name, .unit = "1", .value = &value});
}

/* Chance and missing levels together. */
static double rmse_of(const level_run *levels) { return hypot(levels->found.error, levels->found.bias); }

static tsr_status add_bias(const level_run *levels, const char *unit, tsr_results *results) {
    const double rmse = rmse_of(levels);
    const tsr_result bias = {.name = "multilevel_bias",
                             .long_name = "what missing levels may add, extrapolated",
                             .unit = unit,
                             .value = &levels->found.bias};
    const tsr_result both = {.name = "multilevel_rmse",
                             .long_name = "root mean square error: chance and missing levels",
                             .unit = unit,
                             .value = &rmse,
                             .headline = true};
    TSR_TRY(tsr_results_add(results, &both));
    return tsr_results_add(results, &bias);
}

static tsr_status add_sum(const level_run *levels, tsr_results *results) {
    const char *unit = tsr_until_unit(&levels->run->stage->spec->until, levels->run->record->results[0]);
    const tsr_result sum = {.name = "multilevel",
                            .long_name = "sum of the estimates of all levels",
                            .unit = unit,
                            .value = &levels->found.value,
                            .error = &levels->found.error,
                            .headline = true};
    TSR_TRY(tsr_results_add(results, &sum));
    TSR_TRY(add_bias(levels, unit, results));
    TSR_TRY(add_number(results, "multilevel_levels", "levels in use", levels->active));
    TSR_TRY(add_number(results, "multilevel_cost", "items times their cost", levels->found.cost));
    return add_number(results, "multilevel_saving",
                      "cost of plain sampling at the last level for the same standard error, over this one",
                      levels->found.saving);
}

/* The error over the one that was asked for; infinite where it is not known. */
static double excess_of(const level_run *levels) {
    const double error = rmse_of(levels);
    if (!isfinite(levels->found.value) || !isfinite(error) || any_unknown(levels)) return INFINITY;
    return error == 0 ? 0 : error / target_of(levels);
}

static tsr_status tell(level_run *levels) {
    tsr_stage_record *record = levels->run->record;
    record->row.until_excess = excess_of(levels);
    TSR_TRY(tsr_results_create(&record->whole));
    record->row.whole = record->whole;
    return add_sum(levels, record->whole);
}

/* ---- the whole ---- */

static tsr_status create_levels(level_run *levels) {
    const size_t points = (size_t)levels->run->stage->span.points;
    levels->level = calloc(points, sizeof(*levels->level));
    levels->wanted = calloc(points, sizeof(*levels->wanted));
    TSR_REQUIRE(levels->level != NULL && levels->wanted != NULL, TSR_ERUNTIME, "no memory for %zu levels", points);
    return TSR_OK;
}

static void clear_levels(level_run *levels) {
    free(levels->level);
    free(levels->wanted);
}

tsr_status tsr_levels_run(tsr_stage_run *run) {
    level_run levels = {.run = run, .active = run->goes_on ? count_active(run) : 0};
    tsr_status status = tsr_comm_agree(run->comm, create_levels(&levels));
    if (status == TSR_OK) status = read_all(&levels);
    if (status == TSR_OK) status = tsr_comm_agree(run->comm, tell(&levels));
    clear_levels(&levels);
    return status;
}

tsr_status tsr_levels_tell(tsr_stage_run *run) {
    level_run levels = {.run = run, .active = count_active(run)};
    TSR_REQUIRE(levels.active > 0, TSR_ECHECKPOINT, "stage %s: what is stored has items of no level",
                run->stage->spec->name);
    tsr_status status = create_levels(&levels);
    if (status == TSR_OK) status = read_levels(&levels);
    if (status == TSR_OK) status = tell(&levels);
    clear_levels(&levels);
    return status;
}
