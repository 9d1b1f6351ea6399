#include "io/result/stored_run.h"

#include "engine/stream.h"
#include "io/result/h5_image.h"
#include "io/result/result_file.h"
#include "io/result/stored_inputs.h"
#include "io/result/stored_prints.h"
#include "io/result/stored_progress.h"
#include "io/result/stored_share.h"
#include "io/result/stored_stage.h"

#include <stdlib.h>
#include <string.h>

bool tsr_stored_run_is_one(const char *path) {
    static const char ending[] = ".h5";
    const size_t length = strlen(path);
    return tsr_image_is_one(path) || (length >= sizeof(ending) && !strcmp(path + length + 1 - sizeof(ending), ending));
}

void tsr_stored_run_destroy(tsr_stored_run **run) {
    if (*run == NULL) return;
    for (int64_t i = 0; (*run)->stage != NULL && i < (*run)->stages; i++) tsr_stored_stage_clear(&(*run)->stage[i]);
    free((*run)->stage);
    free((*run)->job);
    free((*run)->job_file);
    free((*run)->folder);
    free((*run)->history);
    free((*run)->revision);
    free((*run)->id);
    free(*run);
    *run = NULL;
}

static tsr_status create(tsr_stored_run **out) {
    *out = calloc(1, sizeof(**out));
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for a finished run");
    return TSR_OK;
}

/* ---- a file ---- */

static tsr_status check_version(hid_t file) {
    char *generator = NULL;
    int64_t format = 0;
    TSR_TRY(tsr_h5_read_integer(file, "tessera_format", &format));
    TSR_REQUIRE(format == TSR_RESULT_FORMAT, TSR_EDATA, "its format is %lld, and this program knows %d",
                (long long)format, TSR_RESULT_FORMAT);
    TSR_TRY(tsr_h5_read_text(file, "generator", &generator));
    const bool is_same = strcmp(generator, tsr_stream_generator()) == 0;
    free(generator);
    TSR_REQUIRE(is_same, TSR_EDATA, "its random numbers are from another generator than this program's");
    return TSR_OK;
}

static tsr_status read_texts(hid_t file, tsr_stored_run *run) {
    char *digest = NULL;
    TSR_TRY(tsr_h5_read_text(file, "digest", &digest));
    snprintf(run->digest, sizeof(run->digest), "%s", digest);
    free(digest);
    TSR_TRY(tsr_h5_read_text(file, "job", &run->job));
    TSR_TRY(tsr_h5_read_text(file, "job_file", &run->job_file));
    TSR_TRY(tsr_h5_read_text(file, "job_folder", &run->folder));
    TSR_TRY(tsr_h5_read_text(file, "history", &run->history));
    TSR_REQUIRE(H5Aexists(file, "run_id") > 0, TSR_EDATA, "it was written by an older version of Tessera");
    TSR_TRY(tsr_h5_read_text(file, "run_id", &run->id));
    return tsr_h5_read_text(file, "git_revision", &run->revision);
}

/* What a checkpoint says of itself. */
static tsr_status read_checkpoint(hid_t file, tsr_stored_run *run) {
    int64_t replaces = 0;
    run->is_checkpoint = H5Aexists(file, "checkpoint") > 0;
    if (!run->is_checkpoint) return TSR_OK;
    TSR_TRY(tsr_h5_read_integer(file, "checkpoint", &run->sequence));
    TSR_TRY(tsr_h5_read_integer(file, "replaces", &replaces));
    TSR_TRY(tsr_h5_read_integer(file, "stages", &run->stages));
    TSR_TRY(tsr_h5_read_real(file, "share_done", &run->share));
    TSR_REQUIRE(run->sequence >= 1 && run->stages >= 1 && run->stages < INT16_MAX, TSR_EDATA,
                "it has no number of stages");
    run->replaces = replaces != 0;
    return TSR_OK;
}

/* A group for every stage: /state says what there is, /points how many items each point has, /progress (of a
 * checkpoint) how far it has come. */
typedef struct {
    hid_t state;
    hid_t points;
    hid_t progress;
} stage_groups;

static tsr_status read_items(hid_t points, int64_t index, int64_t *room, tsr_stored_stage *out) {
    hid_t items = H5I_INVALID_HID;
    tsr_status status = tsr_h5_open_member(points, index, &items);
    if (status == TSR_OK) status = tsr_h5_read_integers(items, "items", out->points, &out->point_items);
    if (status == TSR_OK) status = tsr_h5_take(out->points * (int64_t)sizeof(int64_t), room);
    for (int64_t p = 0; status == TSR_OK && p < out->points; p++)
        if (out->point_items[p] < 0) status = TSR_FAIL(TSR_EDATA, "a point has less than no items");
    tsr_h5_drop(&items);
    return status;
}

static tsr_status read_stage(const stage_groups *groups, int64_t index, int64_t *room, tsr_stored_stage *out) {
    tsr_status status = TSR_OK;
    hid_t group = H5I_INVALID_HID, progress = H5I_INVALID_HID;
    TSR_TRY_OUT(tsr_h5_open_member(groups->state, index, &group));
    TSR_TRY_OUT(tsr_stored_stage_read(group, room, out));
    TSR_TRY_OUT(read_items(groups->points, index, room, out));
    if (groups->progress < 0) goto out;
    TSR_TRY_OUT(tsr_h5_open_member(groups->progress, index, &progress));
    TSR_TRY_OUT(tsr_stored_progress_read(progress, room, out));
out:
    tsr_h5_drop(&progress);
    tsr_h5_drop(&group);
    return status;
}

static tsr_status open_groups(hid_t file, const tsr_stored_run *run, stage_groups *groups) {
    TSR_TRY(tsr_h5_open_group(file, "state", &groups->state));
    TSR_TRY(tsr_h5_open_group(file, "points", &groups->points));
    return run->is_checkpoint ? tsr_h5_open_group(file, "progress", &groups->progress) : TSR_OK;
}

/* A run that was stopped knows nothing yet of the last stages of its job. */
static tsr_status read_stages(hid_t file, int64_t room, tsr_stored_run *run) {
    tsr_status status = TSR_OK;
    int64_t known = 0;
    stage_groups groups = {H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID};
    TSR_TRY_OUT(open_groups(file, run, &groups));
    TSR_TRY_OUT(tsr_h5_members(groups.state, &known));
    if (!run->is_checkpoint) run->stages = known;
    if (known > run->stages) status = TSR_FAIL(TSR_EDATA, "it has more stages than its job");
    if (status == TSR_OK) run->stage = calloc((size_t)run->stages + 1, sizeof(*run->stage));
    if (status == TSR_OK && run->stage == NULL) status = TSR_FAIL(TSR_ERUNTIME, "no memory for the stages");
    for (int64_t i = 0; i < known && status == TSR_OK; i++) {
        status = read_stage(&groups, i, &room, &run->stage[i]);
        if (status == TSR_OK) status = tsr_stored_inputs_read(file, i, &room, &run->stage[i]);
        if (status == TSR_OK)
            status = tsr_stored_prints_find(file, i, run->stage[i].points, &room, &run->stage[i].prints);
    }
out:
    tsr_h5_drop(&groups.progress);
    tsr_h5_drop(&groups.points);
    tsr_h5_drop(&groups.state);
    return status;
}

static tsr_status check_digest(const tsr_stored_run *run) {
    tsr_digest *digest = NULL;
    char found[TSR_DIGEST_CHARS];
    TSR_TRY(tsr_digest_create(&digest));
    for (int64_t i = 0; i < run->stages; i++)
        if (run->stage[i].name != NULL) tsr_stored_stage_hash(&run->stage[i], digest);
    tsr_digest_end(digest, found);
    tsr_digest_destroy(&digest);
    TSR_REQUIRE(strcmp(found, run->digest) == 0, TSR_EDATA,
                "it is damaged: its state has digest %.12s..., not %.12s... as it says", found, run->digest);
    return TSR_OK;
}

static tsr_status read_image(const tsr_image *image, tsr_stored_run *run) {
    tsr_status status = TSR_OK;
    hid_t file = H5I_INVALID_HID;
    TSR_TRY(tsr_image_open(image, &file, &run->is_sealed));
    TSR_TRY_OUT(check_version(file));
    TSR_TRY_OUT(read_texts(file, run));
    TSR_TRY_OUT(read_checkpoint(file, run));
    TSR_TRY_OUT(read_stages(file, image->count, run));
    TSR_TRY_OUT(check_digest(run));
out:
    tsr_h5_drop(&file);
    return status;
}

/* Whatever is wrong with the file, it is no run to go on from. */
static tsr_status fail_checkpoint(tsr_status status) {
    if (status != TSR_EIO && status != TSR_EDATA) return status;
    tsr_error error = *tsr_error_get();
    error.status = TSR_ECHECKPOINT;
    tsr_error_set(&error);
    return TSR_ECHECKPOINT;
}

tsr_status tsr_stored_run_take(const tsr_image *image, tsr_stored_run **out) {
    tsr_stored_run *run = NULL;
    tsr_status status = create(&run);
    if (status == TSR_OK) status = fail_checkpoint(read_image(image, run));
    if (status == TSR_OK)
        *out = run;
    else
        tsr_stored_run_destroy(&run);
    return status;
}

tsr_status tsr_stored_run_read(const char *path, tsr_stored_run **out) {
    tsr_image image = {0};
    TSR_TRY(tsr_image_read(path, &image));
    const tsr_status status = tsr_h5_about(path, tsr_stored_run_take(&image, out));
    tsr_image_clear(&image);
    return status;
}

/* ---- from rank 0 to all ---- */

/* Numbers alone: the pointers of rank 0 mean nothing elsewhere. */
static void forget_pointers(tsr_stored_stage *stage) {
    stage->name = NULL;
    stage->point_items = NULL;
    stage->tally = NULL;
    stage->input = NULL;
    stage->met = NULL;
    stage->prints = stage->partial.prints = (tsr_prints){0};
    stage->trained = (tsr_stored_tally){0};
    stage->partial.done = NULL;
    stage->partial.tally = NULL;
    stage->history.headlines = NULL;
    stage->history.items = NULL;
    stage->history.value = stage->history.error = NULL;
}

static tsr_status share_stage(tsr_comm *comm, tsr_stored_stage *stage) {
    tsr_stored_stage plain = *stage;
    comm->broadcast(comm, &plain, (int64_t)sizeof(plain), 0);
    if (comm->rank > 0) {
        *stage = plain;
        forget_pointers(stage);
    }
    if (plain.name == NULL) return TSR_OK; /* nothing is known of it */
    TSR_TRY(tsr_stored_share_text(comm, &stage->name));
    TSR_TRY(tsr_stored_share_integers(comm, stage->points, &stage->point_items));
    TSR_TRY(tsr_stored_inputs_share(comm, stage));
    TSR_TRY(tsr_stored_prints_share(comm, &stage->prints));
    TSR_TRY(tsr_stored_share_tallies(comm, stage->tallies, stage->points * stage->parts, &stage->tally));
    return tsr_stored_progress_share(comm, stage);
}

static tsr_status share_stages(tsr_comm *comm, tsr_stored_run *run) {
    for (int64_t i = 0; i < run->stages; i++) TSR_TRY(share_stage(comm, &run->stage[i]));
    return TSR_OK;
}

/* What is plain is copied as it stands; the pointers of rank 0 mean nothing on other ranks. */
static void share_numbers(tsr_comm *comm, tsr_stored_run *run) {
    tsr_stored_run plain = *run;
    comm->broadcast(comm, &plain, (int64_t)sizeof(plain), 0);
    plain.job = plain.job_file = plain.folder = plain.history = plain.revision = plain.id = NULL;
    plain.stage = NULL;
    if (comm->rank > 0) *run = plain;
}

tsr_status tsr_stored_run_share(tsr_comm *comm, tsr_stored_run **out) {
    TSR_TRY(tsr_comm_agree(comm, comm->rank > 0 ? create(out) : TSR_OK));
    tsr_stored_run *run = *out;
    share_numbers(comm, run);
    TSR_TRY(tsr_stored_share_text(comm, &run->job));
    TSR_TRY(tsr_stored_share_text(comm, &run->job_file));
    TSR_TRY(tsr_stored_share_text(comm, &run->folder));
    TSR_TRY(tsr_stored_share_text(comm, &run->history));
    TSR_TRY(tsr_stored_share_text(comm, &run->revision));
    TSR_TRY(tsr_stored_share_text(comm, &run->id));
    if (comm->rank > 0) run->stage = calloc((size_t)run->stages + 1, sizeof(*run->stage));
    TSR_TRY(tsr_comm_agree(comm, run->stage != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for the stages")));
    return share_stages(comm, run);
}
