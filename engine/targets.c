#include "engine/targets.h"

#include "engine/inputs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_same_inode(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static const char *name_in_folder(const char *path, char folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    snprintf(folder, PATH_MAX, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1), slash == NULL ? "." : path);
    return slash == NULL ? path : slash + 1;
}

/* Also of files that are not there yet. */
static bool is_same_file(const char *a, const char *b) {
    char first[PATH_MAX], second[PATH_MAX];
    if (strcmp(a, b) == 0 || is_same_inode(a, b)) return true;
    return strcmp(name_in_folder(a, first), name_in_folder(b, second)) == 0 && is_same_inode(first, second);
}

/* A file that the run is to write, and who says so. */
typedef struct {
    const char *path;
    const char *where; /* in the job; NULL: it is that of the results */
} target_file;

static tsr_status refuse(const target_file *target, const char *what, const char *whose) {
    if (target->where == NULL)
        return TSR_FAIL(TSR_EUSAGE, "the results would replace '%.300s', which is %s%s; take another name: --out FILE",
                        target->path, what, whose);
    return TSR_FAIL(TSR_EUSAGE, "%s: the rows of the sink would replace '%.300s', which is %s%s; take another name",
                    target->where, target->path, what, whose);
}

static tsr_status check_stage(const tsr_bound_stage *stage, const target_file *target) {
    tsr_input *input = NULL;
    int count = 0;
    if (!stage->ready) return TSR_OK;
    tsr_status status = tsr_inputs_collect(stage, &input, &count);
    for (int i = 0; i < count && status == TSR_OK; i++)
        if (is_same_file(target->path, input[i].path)) status = refuse(target, "read by stage ", stage->spec->name);
    free(input);
    return status;
}

/* The first row of a sink's parameters is the file that it writes. */
static target_file sink_of(const tsr_bound_stage *stage) {
    const tsr_sink *sink = stage->spec->sink.table;
    if (sink == NULL || stage->sink_params == NULL) return (target_file){NULL, NULL};
    return (target_file){tsr_params_text(stage->sink_params, sink->params[0].name), stage->spec->sink.where};
}

static tsr_status check_target(const tsr_plan *plan, const target_file *target) {
    if (is_same_file(target->path, plan->job->file)) return refuse(target, "the job file", "");
    for (int i = 0; i < plan->job->stage_count; i++) TSR_TRY(check_stage(&plan->stage[i], target));
    return TSR_OK;
}

tsr_status tsr_plan_check_targets(const tsr_plan *plan, const char *target) {
    const target_file results = {target, NULL};
    TSR_TRY(check_target(plan, &results));
    for (int i = 0; i < plan->job->stage_count; i++) {
        const target_file sink = sink_of(&plan->stage[i]);
        if (sink.path == NULL) continue;
        TSR_TRY(check_target(plan, &sink));
        if (is_same_file(sink.path, target)) return refuse(&sink, "where the results go", "");
        for (int other = 0; other < i; other++) {
            const target_file earlier = sink_of(&plan->stage[other]);
            if (earlier.path != NULL && is_same_file(sink.path, earlier.path))
                return refuse(&sink, "that of stage ", plan->stage[other].spec->name);
        }
    }
    return TSR_OK;
}
