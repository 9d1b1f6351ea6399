#include "engine/stage.h"

#include "engine/group_survey.h"
#include "engine/multilevel.h"
#include "engine/number.h"
#include "engine/places.h"
#include "engine/skipped.h"
#include "engine/stage_point.h"
#include "engine/stage_selection.h"
#include "engine/stage_sizes.h"
#include "engine/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tallies ---- */

/* A tally of the engine's own, behind those of the job. */
static tsr_status bind_own(tsr_bound_stage *stage, const tsr_tally *table, int *place) {
    const tsr_binding binding = {.find = tsr_point_find, .stages = &(tsr_point_lookup){0}, .where = stage->spec->where};
    *place = stage->tally_count++;
    tsr_bound_tally *own = &stage->tally[*place];
    if (own->params != NULL) return TSR_OK;
    *own = (tsr_bound_tally){.table = table, .where = stage->spec->where};
    return tsr_params_bind(table->params, NULL, table->name, &binding, &own->params);
}

static tsr_status bind_tallies(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    tsr_binding binding = {.find = tsr_point_find, .stages = &(tsr_point_lookup){0}, .folder = stage->job->folder};
    char owner[256];
    for (int i = 0; i < spec->tally_count; i++) {
        for (int j = 0; j < i; j++)
            TSR_REQUIRE(spec->tallies[i].table != spec->tallies[j].table, TSR_EUSAGE,
                        "%s: stage %s: tally %s is listed twice; list it once with all its columns",
                        spec->tallies[i].where, spec->name, spec->tallies[i].table->name);
        tsr_bound_tally *tally = &stage->tally[i];
        if (tally->params != NULL) continue;
        *tally = (tsr_bound_tally){.table = spec->tallies[i].table, .where = spec->tallies[i].where};
        stage->tally_count = i + 1;
        binding.where = tally->where;
        snprintf(owner, sizeof(owner), "tally %s", tally->table->name);
        TSR_TRY(tsr_params_bind(tally->table->params, spec->tallies[i].settings, owner, &binding, &tally->params));
    }
    stage->tally_count = spec->tally_count;
    stage->skipped = stage->selected = stage->places = -1;
    if (spec->nonfinite == TSR_NONFINITE_SKIP) TSR_TRY(bind_own(stage, &tsr_tally_skipped, &stage->skipped));
    if (spec->filter != NULL || spec->group_by != NULL) TSR_TRY(bind_own(stage, &tsr_tally_selected, &stage->selected));
    return spec->sink.table != NULL ? bind_own(stage, &tsr_tally_places, &stage->places) : TSR_OK;
}

/* A design that weighs the columns leaves their means alone, and nothing else. */
static tsr_status check_weighed(const tsr_bound_stage *stage, const tsr_bound_tally *tally) {
    const tsr_stage *spec = stage->spec;
    if (spec->design.table == NULL || spec->design.table->weights == NULL) return TSR_OK;
    TSR_REQUIRE(
        spec->map_count == 0, TSR_EUSAGE,
        "%s: stage %s: sampling %s weighs the columns of the source, which no map understands; write the formula "
        "into the source (integrand)",
        spec->maps[0].where, spec->name, spec->design.table->name);
    TSR_REQUIRE(
        tally->table->of_means || tally - stage->tally >= spec->tally_count, TSR_EUSAGE,
        "%s: stage %s: tally %s would see columns that sampling %s has weighed; only moments and control, which "
        "tell means, go with it",
        tally->where, spec->name, tally->table->name, spec->design.table->name);
    int weight;
    TSR_TRY(tsr_tally_weight(tally->params, stage->fields, &weight));
    TSR_REQUIRE(weight < 0, TSR_EUSAGE, "%s: stage %s: sampling %s has weights of its own; leave out 'weight'",
                tally->where, spec->name, spec->design.table->name);
    return TSR_OK;
}

/* Where the items go as rows. */
static tsr_status make_sink(tsr_bound_stage *stage) {
    const tsr_sink_use *use = &stage->spec->sink;
    const tsr_binding binding = {.folder = stage->job->folder, .where = use->where};
    char owner[256];
    if (use->table == NULL || stage->sink_model != NULL) return TSR_OK;
    TSR_REQUIRE(stage->span.points == 1 && stage->rows == 1 && stage->spec->design.table == NULL, TSR_EUSAGE,
                "%s: stage %s: a sink keeps independent items of a stage without a sweep; leave it out", use->where,
                stage->spec->name);
    snprintf(owner, sizeof(owner), "sink %s", use->table->name);
    TSR_TRY(tsr_params_bind(use->table->params, use->settings, owner, &binding, &stage->sink_params));
    stage->sink_about = (tsr_sink_about){
        .title = stage->job->title, .stage = stage->spec->name, .job = stage->job->resolved, .seed = stage->job->seed};
    return use->table->create(stage->sink_params, stage->fields, &stage->sink_about, &stage->sink_model);
}

static tsr_status check_order(const tsr_bound_stage *stage, const tsr_bound_tally *tally) {
    const tsr_stage *spec = stage->spec;
    const bool picks = spec->filter != NULL || spec->group_by != NULL;
    TSR_REQUIRE(!tally->table->in_order || !picks, TSR_EUSAGE,
                "%s: stage %s: tally %s needs every item next to its neighbours; leave out %s", tally->where,
                spec->name, tally->table->name, spec->filter != NULL ? "where" : "group_by");
    return TSR_OK;
}

static bool takes_missing(const tsr_bound_stage *stage) {
    bool all = stage->spec->tally_count > 0 && stage->spec->nonfinite == TSR_NONFINITE_ABORT;
    for (int i = 0; i < stage->spec->tally_count; i++) all = all && stage->tally[i].table->takes_missing;
    return all;
}

static tsr_status make_tallies(tsr_bound_stage *stage) {
    stage->after = 0;
    stage->takes_missing = takes_missing(stage);
    for (int i = 0; i < stage->tally_count; i++) {
        tsr_bound_tally *tally = &stage->tally[i];
        TSR_REQUIRE(!tally->table->of_chains || stage->rows > 1, TSR_EUSAGE,
                    "%s: stage %s: tally %s reads chains, and the items of source %s have no rows", tally->where,
                    stage->spec->name, tally->table->name, stage->spec->source.table->name);
        TSR_TRY(check_weighed(stage, tally));
        TSR_TRY(check_order(stage, tally));
        TSR_TRY(tally->table->create(tally->params, stage->fields, &tally->model));
        const int64_t after = tally->table->after != NULL ? tally->table->after(tally->model) : 0;
        if (after > stage->after) stage->after = after;
        for (int64_t p = 1; tally->table->by_point && p < stage->span.points; p++)
            TSR_TRY(tally->table->create(tally->params, stage->point[p].fields, &stage->point[p].solvers[i]));
    }
    return TSR_OK;
}

const void *tsr_stage_solver(const tsr_bound_stage *stage, int64_t point, int tally) {
    const void *own = stage->point[point].solvers[tally];
    return own != NULL ? own : stage->tally[tally].model;
}

static tsr_status bind_design(tsr_bound_stage *stage) {
    const tsr_design_use *use = &stage->spec->design;
    const tsr_binding binding = {.folder = stage->job->folder, .where = use->where};
    char owner[256];
    if (use->table == NULL || stage->design_params != NULL) return TSR_OK;
    snprintf(owner, sizeof(owner), "sampling %s", use->table->name);
    return tsr_params_bind(use->table->params, use->settings, owner, &binding, &stage->design_params);
}

/* Whether the points are compared: replicates alone know how precisely. Levels are no repetitions of one another. */
static tsr_status choose_differences(tsr_bound_stage *stage, bool has_replicates) {
    const tsr_stage *spec = stage->spec;
    const char *where = stage->job->differences;
    stage->compares = where != NULL && stage->span.points > 1 && spec->until.sum_over == NULL;
    TSR_REQUIRE(!stage->compares || has_replicates || spec->source.table->items == NULL, TSR_EUSAGE,
                "%s: the error bars of differences come from replicates, and stage %s has none, as it reads a dataset; "
                "leave differences out",
                where, spec->name);
    TSR_REQUIRE(!stage->compares || has_replicates, TSR_EUSAGE,
                "%s: the error bars of differences come from replicates, and stage %s has none; add sampling: random "
                "(or another design) to the stage",
                where, spec->name);
    return TSR_OK;
}

/* Whether items are made of others than themselves. */
static bool looks_around(const tsr_bound_stage *stage) {
    for (int i = 0; i < stage->spec->map_count; i++) {
        const tsr_link *link = &stage->link[i];
        if (link->halo > 0 || link->step > 1 || link->reach.before > 0 || link->reach.after > 0) return true;
    }
    return stage->after > 0;
}

/* Which items depend on each other, and over how many replicates the error bars are taken. */
static tsr_status choose_replicates(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    stage->replicates = 1;
    stage->unit_items = 0;
    if (spec->design.table != NULL) {
        stage->replicates = (int)tsr_params_integer(stage->design_params, "replicates");
        stage->unit_items = spec->design.table->group_items;
    } else if (stage->rows > 1) {
        stage->replicates = TSR_CHAIN_REPLICATES;
        stage->unit_items = stage->rows;
    }
    TSR_REQUIRE(stage->unit_items == 0 || !looks_around(stage), TSR_EUSAGE,
                "%s: stage %s: a map or tally looks at other items, which belong to other %s here; leave it out",
                spec->where, spec->name, stage->rows > 1 ? "chains" : "replicates");
    return choose_differences(stage, stage->replicates > 1);
}

/* Coarse to fine, from the one that has none below; the bias is extrapolated from three. */
static tsr_status check_level_values(const tsr_axis *axis) {
    TSR_REQUIRE(axis->length >= TSR_LEVELS_MIN, TSR_EUSAGE, "%s: a sum over levels needs at least three", axis->where);
    double level, last = -INFINITY;
    for (int64_t l = 0; l < axis->length; l++, last = level) {
        const char *where = axis->values[l]->where, *text = axis->values[l]->text;
        const bool rises = tsr_number_read_real(text, &level) == TSR_NUMBER_OK && level > last;
        TSR_REQUIRE(rises, TSR_EUSAGE, "%s: levels must be numbers, each greater than the one before; '%.80s' is not",
                    where, text);
        TSR_REQUIRE(l > 0 || level == 0, TSR_EUSAGE, "%s: the first level must be 0, which has none below it", where);
    }
    return TSR_OK;
}

/* The points of a multilevel stage are its levels. */
static tsr_status check_levels(const tsr_bound_stage *stage) {
    const tsr_until *until = &stage->spec->until;
    if (until->sum_over == NULL) return TSR_OK;
    const bool fits = stage->span.axes == 1 && !stage->span.zipped &&
                      strcmp(stage->job->axes[stage->span.axis[0]].param, until->sum_over) == 0;
    TSR_REQUIRE(fits, TSR_EUSAGE,
                "%s: until: sum_over is %s; it must be the only swept parameter here, e.g. sweep: {%s: [0, 1, 2]}",
                until->where, until->sum_over, until->sum_over);
    return check_level_values(&stage->job->axes[stage->span.axis[0]]);
}

static tsr_status check_limits(const tsr_job *job, const tsr_stage *spec) {
    TSR_REQUIRE(job->stage_count <= 64, TSR_EUSAGE, "%s: at most 64 stages", job->file);
    TSR_REQUIRE(job->axis_count <= TSR_AXES_MAX, TSR_EUSAGE, "%s: at most %d swept parameters", job->file,
                TSR_AXES_MAX);
    TSR_REQUIRE(spec->map_count <= TSR_MAPS_MAX, TSR_EUSAGE, "%s: stage %s: at most %d maps", spec->where, spec->name,
                TSR_MAPS_MAX);
    TSR_REQUIRE(spec->tally_count <= TSR_TALLIES_MAX, TSR_EUSAGE, "%s: stage %s: at most %d tallies", spec->where,
                spec->name, TSR_TALLIES_MAX);
    return TSR_OK;
}

static void clear_params(tsr_bound_stage *stage) {
    for (int64_t i = 0; i < stage->span.points && stage->point != NULL; i++) {
        tsr_params_destroy(&stage->point[i].source_params);
        for (int j = 0; j < stage->spec->map_count; j++) tsr_params_destroy(&stage->point[i].map_params[j]);
    }
}

tsr_status tsr_stage_bind(const tsr_job *job, int index, tsr_stage_find_fn find, const void *earlier,
                          tsr_bound_stage *stage) {
    int64_t digits[TSR_AXES_MAX] = {0};
    stage->job = job;
    stage->spec = &job->stages[index];
    TSR_TRY(check_limits(job, stage->spec));
    tsr_sweep_span(job, index, &stage->span);
    TSR_TRY(check_levels(stage));
    TSR_TRY(choose_differences(stage, stage->spec->design.table != NULL || stage->spec->source.table->rows != NULL));
    clear_params(stage);
    if (stage->point == NULL) stage->point = calloc((size_t)stage->span.points, sizeof(*stage->point));
    TSR_REQUIRE(stage->point != NULL, TSR_ERUNTIME, "no memory for %lld sweep points", (long long)stage->span.points);
    TSR_TRY(bind_tallies(stage));
    TSR_TRY(bind_design(stage));
    for (int64_t i = 0; i < stage->span.points; i++) {
        tsr_sweep_digits(job, &stage->span, i, digits);
        tsr_point_lookup lookup = {find, earlier, digits};
        TSR_TRY(tsr_point_bind(stage, &lookup, &stage->point[i]));
        const tsr_source *source = stage->spec->source.table;
        if (source->check != NULL) TSR_TRY(source->check(stage->point[i].source_params));
    }
    if (stage->span.needs_earlier && find == NULL) return TSR_OK;
    for (int64_t i = 0; i < stage->span.points; i++) {
        tsr_sweep_digits(job, &stage->span, i, digits);
        TSR_TRY(tsr_point_make(stage, i, digits));
    }
    TSR_TRY(tsr_stage_make_selection(stage));
    TSR_TRY(make_tallies(stage));
    TSR_TRY(make_sink(stage));
    TSR_TRY(choose_replicates(stage));
    TSR_TRY(tsr_stage_choose_sizes(stage));
    TSR_TRY(tsr_group_survey(stage));
    stage->ready = true;
    return TSR_OK;
}

void tsr_stage_clear(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    if (spec == NULL) return;
    for (int i = 0; i < stage->tally_count; i++) {
        for (int64_t p = 0; stage->tally[i].table->by_point && stage->point != NULL && p < stage->span.points; p++)
            stage->tally[i].table->destroy(stage->point[p].solvers[i]);
        stage->tally[i].table->destroy(stage->tally[i].model);
        tsr_params_destroy(&stage->tally[i].params);
    }
    for (int64_t i = 0; i < stage->span.points && stage->point != NULL; i++) {
        if (spec->design.table != NULL) spec->design.table->destroy(stage->point[i].design_model);
        if (spec->source.table->destroy != NULL) spec->source.table->destroy(stage->point[i].source_model);
        for (int j = 0; j < spec->map_count && j < TSR_MAPS_MAX; j++)
            spec->maps[j].table->destroy(stage->point[i].map_models[j]);
    }
    clear_params(stage);
    if (spec->sink.table != NULL) spec->sink.table->destroy(stage->sink_model);
    stage->sink_model = NULL;
    tsr_params_destroy(&stage->sink_params);
    tsr_groups_clear(&stage->groups);
    free(stage->filter);
    stage->filter = NULL;
    tsr_params_destroy(&stage->design_params);
    free(stage->point);
    stage->point = NULL;
}

int64_t tsr_stage_tiles_of(const tsr_bound_stage *stage, int64_t items) {
    return items / stage->tile_items + (items % stage->tile_items > 0);
}

int64_t tsr_stage_tiles(const tsr_bound_stage *stage, int64_t point) {
    return tsr_stage_tiles_of(stage, stage->point[point].items);
}

int64_t tsr_stage_unit_end(const tsr_bound_stage *stage, int64_t item) {
    return stage->unit_items == 0 ? INT64_MAX : item / stage->unit_items * stage->unit_items + stage->unit_items;
}

int tsr_stage_replicate(const tsr_bound_stage *stage, int64_t item) {
    return stage->unit_items == 0 ? 0 : (int)(item / stage->unit_items % stage->replicates);
}
