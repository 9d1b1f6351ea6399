#include "io/result/checkpoint.h"

#include "io/result/draft.h"
#include "io/result/h5_image.h"
#include "io/result/result_layout.h"
#include "io/result/stored_prints.h"
#include "io/result/stored_progress.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- composing ---- */

static tsr_status hash(const tsr_snapshot *snapshot, char hex[TSR_DIGEST_CHARS]) {
    tsr_digest *digest = NULL;
    TSR_TRY(tsr_digest_create(&digest));
    for (int s = 0; s < snapshot->stages; s++)
        if (snapshot->stage[s].name != NULL) tsr_stored_stage_hash(&snapshot->stage[s], digest);
    tsr_digest_end(digest, hex);
    tsr_digest_destroy(&digest);
    return TSR_OK;
}

static void add_state(const tsr_stored_stage *stage, tsr_contents *contents, int parent) {
    const int group = tsr_contents_group(contents, parent, stage->name);
    tsr_contents_text(contents, group, "stage", stage->name);
    tsr_contents_integer(contents, group, "points", stage->points);
    tsr_contents_integer(contents, group, "parts", stage->parts);
    tsr_contents_integer(contents, group, "tile_items", stage->tile_items);
    tsr_contents_integer(contents, group, "passes", stage->passes > 0 ? stage->passes : 1);
    tsr_contents_real(contents, group, "core_seconds", stage->core_seconds);
    for (int64_t t = 0; t < stage->tallies; t++)
        tsr_stored_tally_add(&stage->tally[t], stage->points * stage->parts, contents, group);
}

static void add_stages(const tsr_snapshot *snapshot, tsr_contents *contents) {
    const int root = TSR_CONTENTS_ROOT;
    const int state = tsr_contents_group(contents, root, "state"),
              points = tsr_contents_group(contents, root, "points");
    const int inputs = tsr_contents_group(contents, root, "inputs");
    const int integrity = tsr_contents_group(contents, root, "integrity");
    const int progress = tsr_contents_group(contents, root, "progress");
    for (int s = 0; s < snapshot->stages; s++) {
        const tsr_stored_stage *stage = &snapshot->stage[s];
        if (stage->name == NULL) continue;
        add_state(stage, contents, state);
        tsr_result_add_point_items(stage->name, stage->points, stage->point_items, contents, points);
        tsr_result_add_stage_inputs(stage->name, stage->inputs, stage->input, contents, inputs);
        const int prints = tsr_contents_group(contents, integrity, stage->name);
        tsr_stored_prints_add(&stage->prints, contents, prints);
        tsr_stored_progress_add(stage, contents, progress);
    }
}

static void add_checkpoint(const tsr_checkpoint *checkpoint, tsr_contents *contents) {
    const int root = TSR_CONTENTS_ROOT;
    tsr_contents_integer(contents, root, "checkpoint", checkpoint->sequence);
    tsr_contents_integer(contents, root, "replaces", checkpoint->replaces);
    tsr_contents_integer(contents, root, "stages", checkpoint->snapshot->stages);
    tsr_contents_real(contents, root, "share_done", checkpoint->snapshot->share);
}

tsr_status tsr_checkpoint_compose(const tsr_checkpoint *checkpoint, tsr_image *out) {
    char digest[TSR_DIGEST_CHARS];
    tsr_contents *contents = NULL;
    tsr_run_record record = *checkpoint->run;
    record.digest = digest;
    TSR_TRY(hash(checkpoint->snapshot, digest));
    TSR_TRY(tsr_contents_create(&contents));
    tsr_result_add_provenance(&record, contents);
    add_checkpoint(checkpoint, contents);
    add_stages(checkpoint->snapshot, contents);
    const tsr_status status = tsr_image_create(contents, out);
    tsr_contents_destroy(&contents);
    return status;
}

/* ---- files ---- */

char *tsr_checkpoint_path(const char *target, int64_t sequence) {
    char *path = NULL;
    const int slot = (int)((sequence - 1) % TSR_CHECKPOINTS) + 1;
    return asprintf(&path, "%s.checkpoint-%d", target, slot) < 0 ? NULL : path;
}

static tsr_status fail_memory(const char *target) {
    return TSR_FAIL(TSR_ERUNTIME, "no memory for the checkpoint of %s", target);
}

tsr_status tsr_checkpoint_write(const char *target, int64_t sequence, const tsr_image *image) {
    tsr_draft *draft = NULL;
    char *path = tsr_checkpoint_path(target, sequence);
    if (path == NULL) return fail_memory(target);
    tsr_status status = tsr_draft_create(path, true, &draft);
    if (status == TSR_OK) status = tsr_draft_write(draft, image->bytes, image->count);
    if (status == TSR_OK) status = tsr_draft_publish(draft);
    tsr_draft_destroy(&draft);
    free(path);
    return status;
}

tsr_status tsr_checkpoint_check(const char *target) {
    tsr_status status = TSR_OK;
    for (int64_t slot = 1; slot <= TSR_CHECKPOINTS && status == TSR_OK; slot++) {
        char *path = tsr_checkpoint_path(target, slot);
        status = path != NULL ? tsr_draft_check(path, true) : fail_memory(target);
        free(path);
    }
    return status;
}

static bool exists(const char *path) {
    struct stat found;
    return path != NULL && lstat(path, &found) == 0;
}

bool tsr_checkpoint_exists(const char *target) {
    bool any = false;
    for (int64_t slot = 1; slot <= TSR_CHECKPOINTS; slot++) {
        char *path = tsr_checkpoint_path(target, slot);
        any = any || exists(path);
        free(path);
    }
    return any;
}

tsr_status tsr_checkpoint_remove(const char *target) {
    tsr_status status = TSR_OK;
    for (int64_t slot = 1; slot <= TSR_CHECKPOINTS && status == TSR_OK; slot++) {
        char *path = tsr_checkpoint_path(target, slot);
        if (path == NULL) return fail_memory(target);
        if (unlink(path) != 0 && errno != ENOENT)
            status = TSR_FAIL(TSR_EIO, "cannot remove the checkpoint %s: %s", path, strerror(errno));
        free(path);
    }
    return status;
}

static bool is_draft(const char *file, const char *name) {
    bool is_one = tsr_draft_is_one(file, name);
    for (int64_t slot = 1; slot <= TSR_CHECKPOINTS && !is_one; slot++) {
        char *path = tsr_checkpoint_path(name, slot);
        is_one = path != NULL && tsr_draft_is_one(file, path);
        free(path);
    }
    return is_one;
}

void tsr_checkpoint_sweep(const char *target) {
    const char *slash = strrchr(target, '/'), *name = slash != NULL ? slash + 1 : target;
    char *path = slash != NULL ? strndup(target, (size_t)(slash - target) + 1) : strdup(".");
    DIR *folder = path != NULL ? opendir(path) : NULL;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (is_draft(entry->d_name, name)) unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL) closedir(folder);
    free(path);
}

/* ---- the newest ---- */

static tsr_status take(const char *path, tsr_stored_run **out) {
    TSR_TRY(tsr_stored_run_read(path, out));
    if ((*out)->is_checkpoint && (*out)->is_sealed) return TSR_OK;
    tsr_stored_run_destroy(out);
    return TSR_FAIL(TSR_ECHECKPOINT, "%s: it is not a checkpoint as it was written", path);
}

/* Keeps the better of two; the sentence about one that is not sound goes to the note. */
static tsr_status consider(const char *path, tsr_stored_run **best, char note[TSR_MESSAGE_BYTES]) {
    tsr_stored_run *run = NULL;
    if (!exists(path)) return TSR_OK;
    const tsr_status status = take(path, &run);
    if (status == TSR_ERUNTIME) return status;
    if (status != TSR_OK) {
        snprintf(note, TSR_MESSAGE_BYTES, "%s", tsr_error_get()->message);
        tsr_error_clear();
        return TSR_OK;
    }
    const bool is_better = *best == NULL || run->sequence > (*best)->sequence;
    tsr_stored_run_destroy(is_better ? best : &run);
    if (is_better) *best = run;
    return TSR_OK;
}

tsr_status tsr_checkpoint_read(const char *target, tsr_stored_run **out, char note[TSR_MESSAGE_BYTES]) {
    tsr_status status = TSR_OK;
    *out = NULL;
    note[0] = '\0';
    for (int64_t slot = 1; slot <= TSR_CHECKPOINTS && status == TSR_OK; slot++) {
        char *path = tsr_checkpoint_path(target, slot);
        status = path == NULL ? fail_memory(target) : consider(path, out, note);
        free(path);
    }
    if (status == TSR_OK && *out == NULL && *note == '\0') return TSR_FAIL(TSR_EDATA, "%s has no checkpoint", target);
    if (status == TSR_OK && *out == NULL)
        status =
            TSR_FAIL(TSR_ECHECKPOINT,
                     "no checkpoint of %.200s is sound: %.600s; to begin anew: tessera run with --force", target, note);
    if (status != TSR_OK) tsr_stored_run_destroy(out);
    return status;
}
