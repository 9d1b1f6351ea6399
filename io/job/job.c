#include "io/job/job.h"

#include "io/job/arena.h"
#include "io/job/job_keys.h"
#include "io/job/job_override.h"
#include "io/job/job_stage.h"
#include "io/job/job_sweep.h"
#include "io/job/tree.h"
#include "io/job/wording.h"
#include "io/job/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { TITLE_BYTES_MAX = 200, SEED_BYTES = 24 };

static const char drawn[] = "seed drawn at the start"; /* where such a seed stands */

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left to read the job"); }

void tsr_job_destroy(tsr_job **job) {
    if (*job == NULL) return;
    tsr_setting_destroy(&(*job)->document);
    tsr_arena *arena = (*job)->memory;
    if (arena != NULL) tsr_arena_destroy(&arena);
    free(*job);
    *job = NULL;
}

/* An empty job; NULL: no memory. */
static tsr_job *create(const char *name, const char *folder) {
    tsr_job *job = calloc(1, sizeof(*job));
    if (job == NULL) return NULL;
    job->memory = tsr_arena_create();
    if (job->memory != NULL) job->file = tsr_arena_print(job->memory, "%s", name);
    if (job->memory != NULL) job->folder = tsr_arena_print(job->memory, "%s", folder);
    if (job->file == NULL || job->folder == NULL) tsr_job_destroy(&job);
    return job;
}

static tsr_status fail_no_map(const tsr_job *job) {
    if (job->document == NULL)
        return TSR_FAIL(TSR_EUSAGE, "%s: the job is empty; it needs at least name, source, items and tallies",
                        job->file);
    return TSR_FAIL(TSR_EUSAGE, "%s: a job must be a map of keys such as name: and source:, not %s",
                    job->document->where, tsr_kind_text(job->document->kind));
}

/* A job either lists its stages or is one itself. */
static tsr_status check_keys(const tsr_setting *document) {
    const char *known[32];
    size_t count = 0;
    for (size_t i = 0; tsr_job_keys[i] != NULL; i++) known[count++] = tsr_job_keys[i];
    for (size_t i = 1; tsr_stage_keys[i] != NULL; i++) known[count++] = tsr_stage_keys[i];
    known[count] = NULL;
    TSR_TRY(tsr_keys_check(document, "key of a job", known));
    if (tsr_setting_find(document, "stages") == NULL) return TSR_OK;
    for (size_t i = 1; tsr_stage_keys[i] != NULL; i++) {
        const tsr_setting *value = tsr_setting_find(document, tsr_stage_keys[i]);
        TSR_REQUIRE(value == NULL, TSR_EUSAGE, "%s: %s stands beside stages; it belongs into one of them", value->where,
                    value->key);
    }
    return TSR_OK;
}

static tsr_status read_title(const tsr_setting *title, const char **out) {
    if (title == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(title, TSR_SCALAR, "title: Ten-day loss of four indices"));
    for (const char *c = title->text; *c != '\0'; c++)
        TSR_REQUIRE((unsigned char)*c >= ' ' && *c != '\177', TSR_EUSAGE, "%s: the title must be one line",
                    title->where);
    TSR_REQUIRE(strlen(title->text) <= TITLE_BYTES_MAX, TSR_EUSAGE, "%s: the title is longer than %d bytes",
                title->where, TITLE_BYTES_MAX);
    *out = title->text;
    return TSR_OK;
}

/* A seed that was drawn becomes part of the document, as if it had been written there. */
static tsr_status draw_seed(tsr_setting *document) {
    uint64_t seed = 0;
    TSR_REQUIRE(getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed), TSR_ERUNTIME,
                "the operating system gives no random seed; write one into the job, for example seed: 1");
    char text[SEED_BYTES];
    int length = snprintf(text, sizeof(text), "%" PRIu64, seed);
    tsr_setting *setting = NULL;
    TSR_TRY(tsr_tree_create(TSR_SCALAR, text, (size_t)length, drawn, &setting));
    size_t at = 0;
    while (at < document->count && strcmp(document->child[at]->key, "stages") != 0 &&
           strcmp(document->child[at]->key, "source") != 0)
        at++;
    return tsr_tree_insert(document, at, "seed", &setting);
}

bool tsr_job_seed_is_drawn(const tsr_job *job) {
    return strcmp(tsr_setting_find(job->document, "seed")->where, drawn) == 0;
}

static tsr_status read_head(tsr_job *job) {
    const tsr_setting *name = tsr_setting_find(job->document, "name");
    TSR_REQUIRE(name != NULL, TSR_EUSAGE, "%s: the job has no name; for example name: market-risk",
                job->document->where);
    TSR_TRY(tsr_name_read(name, &job->name));
    TSR_TRY(read_title(tsr_setting_find(job->document, "title"), &job->title));
    if (tsr_setting_find(job->document, "seed") == NULL) TSR_TRY(draw_seed(job->document));
    return tsr_seed_read(tsr_setting_find(job->document, "seed"), &job->seed);
}

/* A sampler has no end of its own. */
static tsr_status check_items(const tsr_job *job) {
    for (int i = 0; i < job->stage_count; i++) {
        const tsr_stage *stage = &job->stages[i];
        TSR_REQUIRE(stage->items > 0 || stage->source.table->items != NULL, TSR_EUSAGE,
                    "%s: stage %s needs items, the number of samples to draw; for example items: 1e6", stage->where,
                    stage->name);
    }
    return TSR_OK;
}

static tsr_status write_resolved(tsr_job *job) {
    char *text = NULL;
    TSR_TRY(tsr_yaml_write(job->document, &text));
    job->resolved = tsr_arena_print(job->memory, "%s", text);
    free(text);
    return job->resolved == NULL ? no_memory() : TSR_OK;
}

static tsr_status read_job(const tsr_catalog *catalog, tsr_job *job) {
    TSR_TRY(check_keys(job->document));
    TSR_TRY(read_head(job));
    TSR_TRY(tsr_stages_read(catalog, job));
    TSR_TRY(tsr_sweep_read(catalog, job));
    TSR_TRY(check_items(job));
    return write_resolved(job);
}

tsr_status tsr_job_parse(const char *text, size_t bytes, const char *name, const char *folder,
                         const char *const *overrides, int override_count, const tsr_catalog *catalog, tsr_job **out) {
    tsr_status status = TSR_OK;
    tsr_job *job = create(name, folder);
    if (job == NULL) return no_memory();
    TSR_TRY_OUT(tsr_yaml_read(text, bytes, name, &job->document));
    if (job->document == NULL || job->document->kind != TSR_MAP) {
        status = fail_no_map(job);
        goto out;
    }
    for (int i = 0; i < override_count; i++) TSR_TRY_OUT(tsr_override_apply(job->document, overrides[i], catalog));
    TSR_TRY_OUT(read_job(catalog, job));
    *out = job;
    job = NULL;
out:
    tsr_job_destroy(&job);
    return status;
}

void tsr_job_items_path(const tsr_job *job, int stage, char *out, size_t bytes) {
    const tsr_setting *list = tsr_setting_find(job->document, "stages");
    const tsr_setting *map = list == NULL ? job->document : list->child[stage];
    const tsr_setting *until = tsr_setting_find(map, "until");
    const bool is_rule = until != NULL && tsr_setting_find(until, "max_items") != NULL;
    snprintf(out, bytes, "%s.%s", job->stages[stage].name, is_rule ? "until.max_items" : "items");
}
