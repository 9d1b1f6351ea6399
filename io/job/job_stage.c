#include "io/job/job_stage.h"

#include "engine/stage.h"
#include "io/job/arena.h"
#include "io/job/job_keys.h"
#include "io/job/job_part.h"
#include "io/job/job_rules.h"
#include "io/job/wording.h"

#include <string.h>

enum { TILE_ITEMS_MAX = 1 << 24 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left for the stages of the job"); }

static const tsr_stage *stage_find(const tsr_job *job, const char *name) {
    for (int i = 0; i < job->stage_count; i++)
        if (strcmp(job->stages[i].name, name) == 0) return &job->stages[i];
    return NULL;
}

static tsr_status fail_not_earlier(const tsr_setting *setting, const tsr_job *job) {
    const char *earlier[TSR_STAGES_MAX + 1] = {NULL};
    for (int i = 0; i < job->stage_count; i++) earlier[i] = job->stages[i].name;
    TSR_REQUIRE(job->stage_count > 0, TSR_EUSAGE, "%s: no stage stands before this one, so '%s' cannot be used here",
                setting->where, tsr_shown_make(setting->text).text);
    return tsr_unknown_fail(setting->where, "earlier stage", setting->text, earlier);
}

/* A stage can only use results that are there when it begins. job->stages holds the stages before this one. */
static tsr_status check_references(const tsr_part *part, const tsr_job *job) {
    for (const tsr_param *row = part->params; row->name != NULL; row++) {
        if (row->type != TSR_STAGE || part->settings == NULL) continue;
        bool is_first = row == part->params && part->settings->kind != TSR_MAP;
        const tsr_setting *value = is_first ? part->settings : tsr_setting_find(part->settings, row->name);
        if (value == NULL || value->kind != TSR_SCALAR || *value->text == '\0') continue;
        if (stage_find(job, value->text) == NULL) return fail_not_earlier(value, job);
    }
    return TSR_OK;
}

static tsr_status read_part(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog, const tsr_job *job,
                            tsr_part *out) {
    TSR_TRY(tsr_part_read(node, role, catalog, out));
    return check_references(out, job);
}

static tsr_status read_source(const tsr_setting *map, const tsr_catalog *catalog, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *node = tsr_setting_find(map, "source");
    TSR_REQUIRE(node != NULL, TSR_EUSAGE, "%s: %s needs a source; for example source: pi", map->where,
                map == job->document ? "a job without stages" : "a stage");
    tsr_part part;
    TSR_TRY(read_part(node, TSR_PART_SOURCE, catalog, job, &part));
    out->source = (tsr_source_use){.table = part.table, .settings = part.settings, .where = part.where};
    return TSR_OK;
}

/* The length of a list of parts; an absent list has none. */
static tsr_status count_parts(const tsr_setting *list, int maximum, const char *example, int *count) {
    *count = 0;
    if (list == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(list, TSR_LIST, example));
    TSR_REQUIRE(list->count <= (size_t)maximum, TSR_EUSAGE, "%s: more than %d %s in one stage", list->where, maximum,
                list->key);
    *count = (int)list->count;
    return TSR_OK;
}

static tsr_status read_maps(const tsr_setting *map, const tsr_catalog *catalog, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *list = tsr_setting_find(map, "maps");
    TSR_TRY(count_parts(list, TSR_MAPS_MAX, "maps: [log_return]", &out->map_count));
    out->maps = tsr_arena_take(job->memory, (size_t)out->map_count, sizeof(*out->maps));
    if (out->maps == NULL) return no_memory();
    for (int i = 0; i < out->map_count; i++) {
        tsr_part part;
        TSR_TRY(read_part(list->child[i], TSR_PART_MAP, catalog, job, &part));
        out->maps[i] = (tsr_map_use){.table = part.table, .settings = part.settings, .where = part.where};
    }
    return TSR_OK;
}

static tsr_status read_tallies(const tsr_setting *map, const tsr_catalog *catalog, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *list = tsr_setting_find(map, "tallies");
    TSR_TRY(count_parts(list, TSR_TALLIES_MAX, "tallies: [moments]", &out->tally_count));
    TSR_REQUIRE(out->tally_count > 0 || out->sink.table != NULL, TSR_EUSAGE,
                "%s: stage %s has no tallies, so nothing would come out of it; for example tallies: [moments]",
                list == NULL ? out->where : list->where, out->name);
    out->tallies = tsr_arena_take(job->memory, (size_t)out->tally_count, sizeof(*out->tallies));
    if (out->tallies == NULL) return no_memory();
    for (int i = 0; i < out->tally_count; i++) {
        tsr_part part;
        TSR_TRY(read_part(list->child[i], TSR_PART_TALLY, catalog, job, &part));
        out->tallies[i] = (tsr_tally_use){.table = part.table, .settings = part.settings, .where = part.where};
    }
    return TSR_OK;
}

/* The name at the top of a job is the job's: its single stage is called like the source. */
static tsr_status read_name(const tsr_setting *map, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *name = map == job->document ? NULL : tsr_setting_find(map, "name");
    const char *where = name == NULL ? out->where : name->where;
    out->name = out->source.table->name;
    if (name != NULL) TSR_TRY(tsr_name_read(name, &out->name));
    TSR_REQUIRE(strcmp(out->name, "sweep") != 0, TSR_EUSAGE, "%s: a stage cannot be called sweep; give it another name",
                where);
    const tsr_stage *other = stage_find(job, out->name);
    TSR_REQUIRE(other == NULL, TSR_EUSAGE, "%s: a second stage is called %s, the first one stands at %s; %s", where,
                out->name, other->where, name == NULL ? "give each a name" : "give it another name");
    return TSR_OK;
}

static tsr_status read_amounts(const tsr_setting *map, tsr_stage *out) {
    const tsr_setting *items = tsr_setting_find(map, "items"), *tile_items = tsr_setting_find(map, "tile_items");
    if (items != NULL) TSR_TRY(tsr_items_read(items, &out->items));
    if (tile_items != NULL) TSR_TRY(tsr_integer_read(tile_items, 1, TILE_ITEMS_MAX, &out->tile_items));
    return TSR_OK;
}

static tsr_status read_sink(const tsr_setting *map, const tsr_catalog *catalog, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *node = tsr_setting_find(map, "sink");
    if (node == NULL) return TSR_OK;
    tsr_part part;
    TSR_TRY(read_part(node, TSR_PART_SINK, catalog, job, &part));
    out->sink = (tsr_sink_use){.table = part.table, .settings = part.settings, .where = part.where};
    return TSR_OK;
}

/* What the expression and the keys mean is known once the columns are. */
static tsr_status read_selection(const tsr_setting *map, tsr_stage *out) {
    const tsr_setting *filter = tsr_setting_find(map, "where");
    out->group_by = tsr_setting_find(map, "group_by");
    if (filter == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(filter, TSR_SCALAR, "where: delay > 15 and distance < 1000"));
    out->filter = filter->text;
    out->filter_where = filter->where;
    return TSR_OK;
}

static tsr_status read_sampling(const tsr_setting *map, const tsr_catalog *catalog, const tsr_job *job,
                                tsr_stage *out) {
    const tsr_setting *node = tsr_setting_find(map, "sampling");
    if (node == NULL) return TSR_OK;
    tsr_part part;
    TSR_TRY(read_part(node, TSR_PART_DESIGN, catalog, job, &part));
    out->design = (tsr_design_use){.table = part.table, .settings = part.settings, .where = part.where};
    return TSR_OK;
}

static tsr_status read_rules(const tsr_setting *map, const tsr_job *job, tsr_stage *out) {
    const tsr_setting *until = tsr_setting_find(map, "until");
    if (until != NULL) TSR_TRY(tsr_until_read(until, job->memory, out));
    TSR_REQUIRE(until == NULL || out->source.table->items == NULL, TSR_EUSAGE,
                "%s: source %s reads a dataset, which is read to its end; until is for samplers", until->where,
                out->source.table->name);
    return tsr_nonfinite_read(tsr_setting_find(map, "nonfinite"), out);
}

/* Adds a stage behind those that are there. */
static tsr_status read_stage(const tsr_setting *map, const tsr_catalog *catalog, tsr_job *job) {
    tsr_stage *stage = &job->stages[job->stage_count];
    stage->where = map->where;
    TSR_TRY(read_source(map, catalog, job, stage));
    TSR_TRY(read_name(map, job, stage));
    TSR_TRY(read_sampling(map, catalog, job, stage));
    TSR_TRY(read_amounts(map, stage));
    TSR_TRY(read_selection(map, stage));
    TSR_TRY(read_rules(map, job, stage));
    TSR_TRY(read_maps(map, catalog, job, stage));
    TSR_TRY(read_sink(map, catalog, job, stage));
    TSR_TRY(read_tallies(map, catalog, job, stage));
    job->stage_count++;
    return TSR_OK;
}

tsr_status tsr_stages_read(const tsr_catalog *catalog, tsr_job *job) {
    const tsr_setting *list = tsr_setting_find(job->document, "stages");
    size_t count = list == NULL ? 1 : list->count;
    if (list != NULL) TSR_TRY(tsr_kind_check(list, TSR_LIST, "stages: [{source: pi, items: 1e6, tallies: [moments]}]"));
    TSR_REQUIRE(count >= 1 && count <= TSR_STAGES_MAX, TSR_EUSAGE, "%s: a job has 1 to %d stages, not %zu", list->where,
                TSR_STAGES_MAX, count);
    job->stages = tsr_arena_take(job->memory, count, sizeof(*job->stages));
    if (job->stages == NULL) return no_memory();
    if (list == NULL) return read_stage(job->document, catalog, job);
    for (size_t i = 0; i < count; i++) {
        const tsr_setting *map = list->child[i];
        TSR_TRY(tsr_kind_check(map, TSR_MAP, "- {source: pi, items: 1e6, tallies: [moments]}"));
        TSR_TRY(tsr_keys_check(map, "key of a stage", tsr_stage_keys));
        TSR_TRY(read_stage(map, catalog, job));
    }
    return TSR_OK;
}
