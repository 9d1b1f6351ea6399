#include "io/result/result_layout.h"

#include "engine/stream.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_BYTES = 512 };

/* ---- global attributes ---- */

static void write_time(int64_t seconds, char text[TEXT_BYTES]) {
    const time_t when = (time_t)seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(text, TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void add_times(const tsr_run_record *record, tsr_contents *contents) {
    char text[TEXT_BYTES];
    write_time(record->started_s, text);
    tsr_contents_text(contents, TSR_CONTENTS_ROOT, "started", text);
    tsr_contents_real(contents, TSR_CONTENTS_ROOT, "elapsed_seconds", record->elapsed_s);
}

/* CF's audit trail: one line per program, when and how it was called; the last one first. */
static void add_history_line(const tsr_run_record *record, tsr_contents *contents) {
    char when[TEXT_BYTES], *line = NULL;
    write_time(record->started_s, when);
    const bool goes_on = record->history != NULL && *record->history != '\0';
    if (asprintf(&line, "%s: %s%s%s", when, record->command ? record->command : "tessera", goes_on ? "\n" : "",
                 goes_on ? record->history : "") < 0)
        line = NULL;
    contents->out_of_memory |= !line;
    tsr_contents_text(contents, TSR_CONTENTS_ROOT, "history", line);
    free(line);
}

/* Each host once, in the order of ranks. */
static void add_hosts(const tsr_placement *placement, tsr_contents *contents) {
    char *text = calloc((size_t)placement->ranks + 1, TSR_HOST_BYTES + 1);
    contents->out_of_memory |= !text;
    size_t used = 0;
    for (int rank = 0; text && rank < placement->ranks; rank++) {
        const tsr_rank_place *place = &placement->place[rank];
        if (place->host_first == rank) used += (size_t)sprintf(text + used, "%s%s", used ? " " : "", place->host);
    }
    tsr_contents_text(contents, TSR_CONTENTS_ROOT, "hosts", text);
    free(text);
}

/* Where paths of the job begin: a run may be extended from another folder. */
static void add_folder(const tsr_job *job, tsr_contents *contents) {
    char *folder = realpath(*job->folder != '\0' ? job->folder : ".", NULL);
    tsr_contents_text(contents, TSR_CONTENTS_ROOT, "job_folder", folder != NULL ? folder : job->folder);
    free(folder);
}

void tsr_result_add_provenance(const tsr_run_record *record, tsr_contents *contents) {
    const tsr_job *job = record->job;
    const int root = TSR_CONTENTS_ROOT;
    char seed[32];
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)job->seed);
    tsr_contents_text(contents, root, "Conventions", "CF-1.10");
    tsr_contents_text(contents, root, "title", job->title && *job->title ? job->title : job->name);
    add_history_line(record, contents);
    tsr_contents_text(contents, root, "source", "Tessera " TSR_VERSION);
    tsr_contents_integer(contents, root, "tessera_format", TSR_RESULT_FORMAT);
    tsr_contents_text(contents, root, "digest", record->digest);
    tsr_contents_text(contents, root, "run_id", record->id);
    tsr_contents_unsigned(contents, root, "seed", job->seed);
    tsr_contents_text(contents, root, "seed_text", seed);
    tsr_contents_text(contents, root, "generator", tsr_stream_generator());
    tsr_contents_text(contents, root, "job_name", job->name);
    tsr_contents_text(contents, root, "job_file", job->file);
    add_folder(job, contents);
    tsr_contents_text(contents, root, "job", job->resolved);
    tsr_contents_text(contents, root, "command", record->command);
    add_times(record, contents);
    tsr_contents_integer(contents, root, "ranks", record->placement->ranks);
    tsr_contents_integer(contents, root, "threads", record->threads);
    add_hosts(record->placement, contents);
    tsr_contents_text(contents, root, "placement_advice", record->placement->advice);
    tsr_contents_text(contents, root, "git_revision", TSR_REVISION);
    tsr_contents_text(contents, root, "compiler", TSR_COMPILER);
    tsr_contents_text(contents, root, "build_type", TSR_BUILD_TYPE);
    tsr_contents_text(contents, root, "libraries", TSR_LIBRARIES);
}

/* ---- parameters ---- */

/* "source.european", and "map.scale_2" for the second map of one name. */
static void component_key(const tsr_stage_outcome *stage, int index, char key[TEXT_BYTES]) {
    const tsr_component *component = &stage->component[index];
    int number = 1;
    for (int i = 0; i < index; i++)
        number +=
            !strcmp(stage->component[i].role, component->role) && !strcmp(stage->component[i].name, component->name);
    const int used = snprintf(key, TEXT_BYTES, "%s.%s", component->role, component->name);
    if (number > 1) snprintf(key + used, TEXT_BYTES - (size_t)used, "_%d", number);
}

/* A swept parameter has another value at every point; the one that is written here is the first point's. */
static bool is_swept(const tsr_job *job, const tsr_stage_outcome *stage, const char *name) {
    for (int i = 0; i < job->axis_count; i++)
        if (strcmp(job->axes[i].stage, stage->name) == 0 && strcmp(job->axes[i].param, name) == 0) return true;
    return false;
}

static void add_parameter(const tsr_params *params, int row, const char *key, tsr_contents *contents, int group) {
    const tsr_param *param = &tsr_params_table(params)[row];
    char name[2 * TEXT_BYTES];
    const int used = snprintf(name, sizeof(name), "%s.%s", key, param->name);
    const size_t left = sizeof(name) - (size_t)used;
    tsr_contents_text(contents, group, name, tsr_params_written(params, row));
    snprintf(name + used, left, ".unit");
    tsr_contents_text(contents, group, name, param->unit);
    snprintf(name + used, left, ".default");
    tsr_contents_integer(contents, group, name, tsr_params_is_default(params, param->name));
    snprintf(name + used, left, ".where");
    tsr_contents_text(contents, group, name, tsr_params_where(params, param->name));
}

static void add_component(const tsr_run_record *record, const tsr_stage_outcome *stage, int index,
                          tsr_contents *contents, int group) {
    const tsr_params *params = stage->component[index].params;
    char key[TEXT_BYTES], name[2 * TEXT_BYTES];
    component_key(stage, index, key);
    for (int row = 0; params && tsr_params_table(params)[row].name; row++) {
        add_parameter(params, row, key, contents, group);
        const char *param = tsr_params_table(params)[row].name;
        snprintf(name, sizeof(name), "%s.%s.swept", key, param);
        const bool may_be = strcmp(stage->component[index].role, "tally") != 0;
        if (may_be && is_swept(record->job, stage, param)) tsr_contents_integer(contents, group, name, 1);
    }
}

/* What each column means; a model that was fitted at run time tells here what was found. */
static void add_columns(const tsr_stage_outcome *stage, tsr_contents *contents, int group) {
    for (const tsr_field *field = stage->fields; field != NULL && field->name != NULL; field++) {
        char name[2 * TEXT_BYTES];
        snprintf(name, sizeof(name), "column.%s", field->name);
        if (field->long_name != NULL) tsr_contents_text(contents, group, name, field->long_name);
    }
}

void tsr_result_add_parameters(const tsr_run_record *record, tsr_contents *contents) {
    const int parameters = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "parameters");
    for (int s = 0; s < tsr_outcome_stages(record->outcome); s++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, s);
        const int group = tsr_contents_group(contents, parameters, stage->name);
        tsr_contents_text(contents, group, "stage", stage->name);
        add_columns(stage, contents, group);
        for (int i = 0; i < stage->components; i++) add_component(record, stage, i, contents, group);
    }
}
