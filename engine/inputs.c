#include "engine/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOWN = 12 /* digits of a hash in a message */ };

static const tsr_input *find(const tsr_input *input, int count, const char *path) {
    for (int i = 0; i < count; i++)
        if (strcmp(input[i].path, path) == 0) return &input[i];
    return NULL;
}

/* Files that nobody has added yet. */
static tsr_status add_files(const tsr_input *input, int found, tsr_input **out, int *count) {
    tsr_input *larger = found > 0 ? realloc(*out, (size_t)(*count + found) * sizeof(**out)) : *out;
    TSR_REQUIRE(larger != NULL || found == 0, TSR_ERUNTIME, "no memory for the names of input files");
    *out = larger;
    for (int i = 0; i < found; i++) {
        const tsr_input *known = find(larger, *count, input[i].path);
        TSR_REQUIRE(known == NULL || strcmp(known->sha256, input[i].sha256) == 0, TSR_EDATA,
                    "'%s' has changed while it was read", input[i].path);
        if (known == NULL) larger[(*count)++] = input[i];
    }
    return TSR_OK;
}

/* Those of the source, then those of the maps. Who has no files leaves the count at 0. */
static tsr_status add_point(const tsr_bound_stage *stage, const tsr_point *point, tsr_input **out, int *count) {
    const tsr_stage *spec = stage->spec;
    int found = 0;
    const tsr_input *input = NULL;
    if (spec->source.table->inputs != NULL) input = spec->source.table->inputs(point->source_model, &found);
    TSR_TRY(add_files(input, found, out, count));
    for (int i = 0; i < spec->map_count; i++) {
        const tsr_map *map = spec->maps[i].table;
        if (map->inputs == NULL) continue;
        input = map->inputs(point->map_models[i], &found);
        TSR_TRY(add_files(input, found, out, count));
    }
    return TSR_OK;
}

tsr_status tsr_inputs_collect(const tsr_bound_stage *stage, tsr_input **out, int *count) {
    tsr_status status = TSR_OK;
    *out = NULL;
    *count = 0;
    for (int64_t p = 0; p < stage->span.points && status == TSR_OK; p++)
        status = add_point(stage, &stage->point[p], out, count);
    if (status == TSR_OK) return TSR_OK;
    free(*out);
    *out = NULL;
    *count = 0;
    return status;
}

tsr_status tsr_inputs_agree(tsr_comm *comm, const tsr_input *input, int count) {
    tsr_status status = TSR_OK;
    if (comm->size == 1) return TSR_OK;
    for (int i = 0; i < count; i++) {
        char first[TSR_SHA256_CHARS];
        memcpy(first, input[i].sha256, sizeof(first));
        comm->broadcast(comm, first, sizeof(first), 0);
        if (status == TSR_OK && strcmp(first, input[i].sha256) != 0)
            status = TSR_FAIL(TSR_EDATA, "rank %d has read another '%s' than rank 0: SHA-256 %.*s..., not %.*s...",
                              comm->rank, input[i].path, SHOWN, input[i].sha256, SHOWN, first);
    }
    return tsr_comm_agree(comm, status);
}

tsr_status tsr_inputs_look(const tsr_input *input, int count) {
    for (int i = 0; i < count; i++) {
        struct stat about;
        TSR_REQUIRE(stat(input[i].path, &about) == 0, TSR_EDATA, "'%s' has changed since it was read: %s",
                    input[i].path, strerror(errno));
        const int64_t modified_ns = about.st_mtim.tv_sec * INT64_C(1000000000) + about.st_mtim.tv_nsec;
        TSR_REQUIRE((int64_t)about.st_size == input[i].bytes && modified_ns == input[i].modified_ns, TSR_EDATA,
                    "'%s' has changed since it was read: it had %lld bytes and has %lld, or another time; nobody could "
                    "repeat these results, so none are written",
                    input[i].path, (long long)input[i].bytes, (long long)about.st_size);
    }
    return TSR_OK;
}

tsr_status tsr_inputs_compare(const tsr_input *input, int count, const tsr_input *stored, int64_t stored_count) {
    TSR_REQUIRE(stored_count == count, TSR_ECHECKPOINT, "the earlier run read %lld input files, and this one reads %d",
                (long long)stored_count, count);
    for (int i = 0; i < count; i++)
        TSR_REQUIRE(strcmp(input[i].sha256, stored[i].sha256) == 0, TSR_ECHECKPOINT,
                    "'%s' is not what the earlier run read: it had %lld bytes with SHA-256 %.*s..., and now has %lld "
                    "with %.*s...; put the old file back, or run the job anew",
                    input[i].path, (long long)stored[i].bytes, SHOWN, stored[i].sha256, (long long)input[i].bytes,
                    SHOWN, input[i].sha256);
    return TSR_OK;
}
