#include "engine/stage.h"

#include "engine/multilevel.h"
#include "engine/number.h"
#include "engine/skipped.h"
#include "engine/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    tsr_stage_find_fn find;
    const void *earlier;
    const int64_t *digits;
} point_lookup;

static const tsr_results *find_results(const void *data, const char *name) {
    const point_lookup *lookup = data;
    return lookup->find == NULL ? NULL : lookup->find(lookup->earlier, name, lookup->digits);
}

static tsr_status bind_point(tsr_bound_stage *stage, const point_lookup *lookup, tsr_point *point) {
    const tsr_stage *spec = stage->spec;
    tsr_binding binding = {.find = find_results, .stages = lookup, .folder = stage->job->folder};
    char owner[256];
    binding.where = spec->source.where;
    snprintf(owner, sizeof(owner), "source %s", spec->source.table->name);
    TSR_TRY(tsr_sweep_bind(stage->job, stage->spec->name, lookup->digits, spec->source.table->params,
                           spec->source.settings, owner, &binding, &point->source_params));
    for (int i = 0; i < spec->map_count; i++) {
        binding.where = spec->maps[i].where;
        snprintf(owner, sizeof(owner), "map %s", spec->maps[i].table->name);
        TSR_TRY(tsr_sweep_bind(stage->job, stage->spec->name, lookup->digits, spec->maps[i].table->params,
                               spec->maps[i].settings, owner, &binding, &point->map_params[i]));
    }
    return TSR_OK;
}

static int count_fields(const tsr_field *fields) {
    int count = 0;
    while (fields[count].name != NULL) count++;
    return count;
}

static void describe_map(const tsr_map *map, const void *model, tsr_link *link) {
    link->step = map->step != NULL ? map->step(model) : 1;
    link->halo = map->halo != NULL ? map->halo(model) : 0;
    link->reach = map->reach != NULL ? map->reach(model) : (tsr_reach){0, 0};
    TSR_ASSERT(link->step >= 1 && link->halo >= 0 && link->reach.before >= 0 && link->reach.after >= 0);
}

/* Source, then maps: each map sees the columns of the one before. */
static tsr_status make_models(tsr_bound_stage *stage, tsr_point *point, const tsr_field **fields, tsr_link *link) {
    const tsr_stage *spec = stage->spec;
    const tsr_source *source = spec->source.table;
    if (source->create != NULL) TSR_TRY(source->create(point->source_params, &point->source_model));
    *fields = source->fields != NULL ? source->fields : source->fields_of(point->source_model);
    link[0].columns = count_fields(*fields);
    for (int i = 0; i < spec->map_count; i++) {
        const tsr_map *map = spec->maps[i].table;
        TSR_TRY(map->create(point->map_params[i], *fields, &point->map_models[i]));
        *fields = map->fields_of(point->map_models[i]);
        describe_map(map, point->map_models[i], &link[i]);
        link[i + 1].columns = count_fields(*fields);
    }
    return TSR_OK;
}

/* Items of every link. */
static void count_links(const tsr_stage *spec, const tsr_link *link, tsr_point *point) {
    const tsr_source *source = spec->source.table;
    point->count[0] = source->items != NULL ? source->items(point->source_model) : INT64_MAX;
    for (int i = 0; i < spec->map_count; i++) {
        const int64_t left = tsr_link_output(&link[i], point->count[i]);
        point->count[i + 1] = left > 0 ? left : 0;
    }
}

/* How many items reach the tallies at this point: what is swept, what is written, or the whole dataset. */
static tsr_status count_items(const tsr_bound_stage *stage, const int64_t *digits, tsr_point *point) {
    const tsr_stage *spec = stage->spec;
    const tsr_source *source = spec->source.table;
    int64_t wanted = spec->items;
    for (int i = 0; i < stage->job->axis_count; i++) {
        const tsr_axis *axis = &stage->job->axes[i];
        if (strcmp(axis->stage, spec->name) != 0 || strcmp(axis->param, "items") != 0) continue;
        wanted = (int64_t)strtod(axis->values[digits[i]]->text, NULL);
        TSR_REQUIRE(wanted >= 1, TSR_EUSAGE, "%s: items is %s; it must be at least 1", axis->where,
                    axis->values[digits[i]]->text);
    }
    if (source->items == NULL) {
        TSR_REQUIRE(wanted > 0, TSR_EUSAGE,
                    "%s: stage %s: items is missing; say how many samples to draw, e.g. items: 1e6", spec->where,
                    spec->name);
        TSR_REQUIRE(wanted <= INT64_MAX / stage->rows, TSR_EUSAGE,
                    "%s: stage %s: %lld chains of %lld rows are more rows than can be counted", spec->where, spec->name,
                    (long long)wanted, (long long)stage->rows);
        point->items = wanted * stage->rows;
        return TSR_OK;
    }
    const int64_t there = point->count[spec->map_count];
    TSR_REQUIRE(there > 0, TSR_EDATA,
                "%s: stage %s: the dataset has %lld rows; the maps need more to give a single one", spec->where,
                spec->name, (long long)point->count[0]);
    TSR_REQUIRE(wanted <= there, TSR_EUSAGE, "%s: stage %s: items is %lld, but the dataset gives only %lld",
                spec->where, spec->name, (long long)wanted, (long long)there);
    point->items = wanted > 0 ? wanted : there;
    return TSR_OK;
}

/* Chains have the same length at every point, so that they have the same tiles. */
static tsr_status count_rows(tsr_bound_stage *stage, int64_t index) {
    const tsr_stage *spec = stage->spec;
    const tsr_source *source = spec->source.table;
    const int64_t rows = source->rows == NULL ? 1 : source->rows(stage->point[index].source_model);
    TSR_ASSERT(rows >= 1);
    if (index == 0) stage->rows = rows;
    TSR_REQUIRE(rows == stage->rows, TSR_EUSAGE,
                "%s: stage %s: the points of a sweep must have chains of the same length, not %lld and %lld rows",
                spec->where, spec->name, (long long)stage->rows, (long long)rows);
    return TSR_OK;
}

/* What the draws of a point are made from. */
static tsr_status make_sampling(tsr_bound_stage *stage, int64_t index) {
    tsr_point *point = &stage->point[index];
    const tsr_stage *spec = stage->spec;
    const tsr_source *source = spec->source.table;
    const tsr_design *design = spec->design.table;
    const bool shares = stage->job->common_random_numbers && spec->until.sum_over == NULL; /* levels are independent */
    const uint64_t key = shares ? 0 : (uint64_t)index + 1;
    point->sampling = (tsr_sampling){.stream = tsr_stream_make(stage->job->seed, spec->name, key)};
    if (source->demand != NULL) point->sampling.demand = source->demand(point->source_model);
    if (design == NULL) return TSR_OK;
    TSR_REQUIRE(source->items == NULL, TSR_EUSAGE, "%s: stage %s: source %s reads a dataset, nothing is sampled",
                spec->design.where, spec->name, source->name);
    TSR_TRY(
        design->create(stage->design_params, &point->sampling.demand, &point->sampling.stream, &point->design_model));
    point->sampling.design = design;
    point->sampling.design_model = point->design_model;
    return TSR_OK;
}

static bool same_fields(const tsr_field *a, const tsr_field *b) {
    int i = 0;
    for (; a[i].name != NULL && b[i].name != NULL; i++)
        if (strcmp(a[i].name, b[i].name) != 0) return false;
    return a[i].name == NULL && b[i].name == NULL;
}

static tsr_status make_point(tsr_bound_stage *stage, int64_t index, const int64_t *digits) {
    tsr_point *point = &stage->point[index];
    const tsr_field *fields = NULL;
    tsr_link link[TSR_MAPS_MAX + 1] = {0};
    TSR_TRY(make_models(stage, point, &fields, link));
    TSR_TRY(count_rows(stage, index));
    count_links(stage->spec, link, point);
    TSR_TRY(count_items(stage, digits, point));
    TSR_TRY(make_sampling(stage, index));
    point->fields = fields;
    if (index == 0) {
        stage->fields = fields;
        memcpy(stage->link, link, sizeof(link));
    }
    TSR_REQUIRE(same_fields(stage->fields, fields), TSR_EUSAGE,
                "%s: stage %s: the points of a sweep must have the same columns", stage->spec->where,
                stage->spec->name);
    return TSR_OK;
}

/* ---- the tallies, and the whole ---- */

/* A tally of the engine's own, behind those of the job. */
static tsr_status bind_own(tsr_bound_stage *stage, const tsr_tally *table, int *place) {
    const tsr_binding binding = {.find = find_results, .stages = &(point_lookup){0}, .where = stage->spec->where};
    *place = stage->selected < 0 && stage->skipped < 0 ? stage->spec->tally_count : stage->spec->tally_count + 1;
    tsr_bound_tally *own = &stage->tally[*place];
    stage->tally_count = *place + 1;
    if (own->params != NULL) return TSR_OK;
    *own = (tsr_bound_tally){.table = table, .where = stage->spec->where};
    return tsr_params_bind(table->params, NULL, table->name, &binding, &own->params);
}

static tsr_status bind_tallies(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    tsr_binding binding = {.find = find_results, .stages = &(point_lookup){0}, .folder = stage->job->folder};
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
    stage->skipped = stage->selected = -1;
    if (spec->nonfinite == TSR_NONFINITE_SKIP) TSR_TRY(bind_own(stage, &tsr_tally_skipped, &stage->skipped));
    if (spec->filter != NULL || spec->group_by != NULL) TSR_TRY(bind_own(stage, &tsr_tally_selected, &stage->selected));
    return TSR_OK;
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

/* The filter and the groups, from the columns of the last link. */
static tsr_status make_filter(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    tsr_mistake mistake;
    if (spec->filter == NULL) return TSR_OK;
    if (stage->filter == NULL) stage->filter = malloc(sizeof(*stage->filter));
    TSR_REQUIRE(stage->filter != NULL, TSR_ERUNTIME, "no memory for an expression");
    TSR_REQUIRE(tsr_expression_compile_fields(spec->filter, stage->fields, stage->filter, &mistake), TSR_EUSAGE,
                "%s: where: in '%.200s', character %d: %s", spec->filter_where, spec->filter, mistake.place,
                mistake.text);
    return TSR_OK;
}

static tsr_status make_selection(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    TSR_TRY(make_filter(stage));
    TSR_TRY(tsr_groups_bind(spec, stage->fields, &stage->groups));
    const bool depends = stage->rows > 1 || spec->design.table != NULL;
    TSR_REQUIRE(spec->group_by == NULL || !depends, TSR_EUSAGE,
                "%s: group_by goes with independent items only, not with %s; leave it out", spec->group_by->where,
                stage->rows > 1 ? "chains" : "a sampling design");
    TSR_REQUIRE(spec->group_by == NULL || spec->until.where == NULL, TSR_EUSAGE,
                "%s: until cannot be asked for group by group; leave out until or group_by", spec->group_by->where);
    return TSR_OK;
}

static tsr_status check_order(const tsr_bound_stage *stage, const tsr_bound_tally *tally) {
    const tsr_stage *spec = stage->spec;
    const bool picks = spec->filter != NULL || spec->group_by != NULL;
    TSR_REQUIRE(!tally->table->in_order || !picks, TSR_EUSAGE,
                "%s: stage %s: tally %s needs every item next to its neighbours; leave out %s", tally->where,
                spec->name, tally->table->name, spec->filter != NULL ? "where" : "group_by");
    return TSR_OK;
}

static tsr_status make_tallies(tsr_bound_stage *stage) {
    stage->after = 0;
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

/* Items that the source's block must hold for so many of the last link; also every link's own. */
static int64_t make_room(tsr_bound_stage *stage, int64_t items) {
    int last = stage->spec->map_count;
    stage->link[last].room = items + stage->after;
    for (int i = last - 1; i >= 0; i--) {
        tsr_link *link = &stage->link[i];
        const int64_t beside = link->halo + link->reach.before + link->reach.after, next = stage->link[i + 1].room;
        const bool fits = next <= (TSR_READ_ITEMS_MAX - 1) / link->step && beside <= TSR_READ_ITEMS_MAX;
        link->room = fits ? next * link->step + beside : TSR_READ_ITEMS_MAX + 1;
    }
    return stage->link[0].room;
}

/* Blocks stay in the caches: those of many columns have fewer items. */
static int64_t block_items(const tsr_bound_stage *stage) {
    enum { CELLS = 1 << 17, ITEMS_LEAST = 32 };
    int columns = 1;
    for (int i = 0; i <= stage->spec->map_count; i++)
        if (stage->link[i].columns > columns) columns = stage->link[i].columns;
    int64_t items = TSR_BLOCK_ITEMS_MAX;
    while (items * columns > CELLS && items > ITEMS_LEAST) items /= 2;
    return items;
}

static tsr_status choose_block(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    const int64_t most = source->items != NULL ? TSR_READ_ITEMS_MAX : TSR_BLOCK_ITEMS_MAX;
    stage->block_items = source->block_items > 0 ? source->block_items : block_items(stage);
    if (stage->block_items > stage->tile_items) stage->block_items = stage->tile_items;
    while (make_room(stage, stage->block_items) > most && stage->block_items > 1) stage->block_items--;
    TSR_REQUIRE(stage->link[0].room <= most, TSR_EUSAGE,
                "%s: stage %s: an item is made of more than %lld rows of the source; make windows smaller",
                stage->spec->where, stage->spec->name, (long long)most);
    return TSR_OK;
}

static void choose_grain(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    int64_t rows = stage->tile_items; /* of the source, in a tile */
    stage->grain = 1;
    if (source->grain == NULL) return;
    const int64_t wanted = source->grain(stage->point[0].source_model);
    for (int i = 0; i < stage->spec->map_count && rows < wanted; i++) rows *= stage->link[i].step;
    stage->grain = wanted > rows ? (wanted + rows - 1) / rows : 1;
}

static tsr_status choose_sizes(tsr_bound_stage *stage) {
    const tsr_source *source = stage->spec->source.table;
    stage->tile_items = stage->spec->tile_items > 0 ? stage->spec->tile_items : source->tile_items;
    if (stage->tile_items == 0) stage->tile_items = (TSR_TILE_ITEMS + stage->rows - 1) / stage->rows;
    TSR_REQUIRE(stage->tile_items <= INT64_MAX / stage->rows, TSR_EUSAGE, "%s: stage %s: its tiles are too large",
                stage->spec->where, stage->spec->name);
    stage->tile_items *= stage->rows;
    TSR_TRY(choose_block(stage));
    choose_grain(stage);
    stage->workspace_bytes = 0;
    for (int64_t i = 0; i < stage->span.points && source->workspace != NULL; i++) {
        size_t bytes = source->workspace(stage->point[i].source_model, stage->link[0].room);
        if (bytes > stage->workspace_bytes) stage->workspace_bytes = bytes;
    }
    return TSR_OK;
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
        point_lookup lookup = {find, earlier, digits};
        TSR_TRY(bind_point(stage, &lookup, &stage->point[i]));
        const tsr_source *source = stage->spec->source.table;
        if (source->check != NULL) TSR_TRY(source->check(stage->point[i].source_params));
    }
    if (stage->span.needs_earlier && find == NULL) return TSR_OK;
    for (int64_t i = 0; i < stage->span.points; i++) {
        tsr_sweep_digits(job, &stage->span, i, digits);
        TSR_TRY(make_point(stage, i, digits));
    }
    TSR_TRY(make_selection(stage));
    TSR_TRY(make_tallies(stage));
    TSR_TRY(choose_replicates(stage));
    TSR_TRY(choose_sizes(stage));
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
    tsr_groups_clear(&stage->groups);
    free(stage->filter);
    stage->filter = NULL;
    tsr_params_destroy(&stage->design_params);
    free(stage->point);
    stage->point = NULL;
}

int64_t tsr_stage_tiles(const tsr_bound_stage *stage, int64_t point) {
    return (stage->point[point].items + stage->tile_items - 1) / stage->tile_items;
}

int64_t tsr_stage_unit_end(const tsr_bound_stage *stage, int64_t item) {
    return stage->unit_items == 0 ? INT64_MAX : item / stage->unit_items * stage->unit_items + stage->unit_items;
}

int tsr_stage_replicate(const tsr_bound_stage *stage, int64_t item) {
    return stage->unit_items == 0 ? 0 : (int)(item / stage->unit_items % stage->replicates);
}
