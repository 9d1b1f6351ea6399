#include "engine/stage_point.h"

#include "engine/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const tsr_results *tsr_point_find(const void *data, const char *name) {
    const tsr_point_lookup *lookup = data;
    return lookup->find == NULL ? NULL : lookup->find(lookup->earlier, name, lookup->digits);
}

tsr_status tsr_point_bind(tsr_bound_stage *stage, const tsr_point_lookup *lookup, tsr_point *point) {
    const tsr_stage *spec = stage->spec;
    tsr_binding binding = {.find = tsr_point_find, .stages = lookup, .folder = stage->job->folder};
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

tsr_status tsr_point_make(tsr_bound_stage *stage, int64_t index, const int64_t *digits) {
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
