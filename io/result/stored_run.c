#include "io/result/stored_run.h"

#include "engine/share.h"
#include "engine/stream.h"
#include "io/result/h5_image.h"
#include "io/result/result_file.h"
#include "io/result/stored_inputs.h"
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
    return tsr_h5_read_text(file, "git_revision", &run->revision);
}

typedef struct {
    hid_t state;
    hid_t points;
} state_groups;

/* Group /state says what there is, group /points how many items each point has. */
static tsr_status read_stage(const state_groups *groups, int64_t index, int64_t *room, tsr_stored_stage *out) {
    tsr_status status = TSR_OK;
    hid_t group = H5I_INVALID_HID, items = H5I_INVALID_HID;
    TSR_TRY_OUT(tsr_h5_open_member(groups->state, index, &group));
    TSR_TRY_OUT(tsr_stored_stage_read(group, room, out));
    TSR_TRY_OUT(tsr_h5_open_member(groups->points, index, &items));
    TSR_TRY_OUT(tsr_h5_read_integers(items, "items", out->points, &out->point_items));
    TSR_TRY_OUT(tsr_h5_take(out->points * (int64_t)sizeof(int64_t), room));
    for (int64_t p = 0; p < out->points && status == TSR_OK; p++)
        if (out->point_items[p] < 0) status = TSR_FAIL(TSR_EDATA, "a point has less than no items");
out:
    tsr_h5_drop(&items);
    tsr_h5_drop(&group);
    return status;
}

static tsr_status read_stages(hid_t file, int64_t room, tsr_stored_run *run) {
    tsr_status status = TSR_OK;
    int64_t stages = 0;
    state_groups groups = {H5I_INVALID_HID, H5I_INVALID_HID};
    TSR_TRY_OUT(tsr_h5_open_group(file, "state", &groups.state));
    TSR_TRY_OUT(tsr_h5_open_group(file, "points", &groups.points));
    TSR_TRY_OUT(tsr_h5_members(groups.state, &stages));
    run->stage = calloc((size_t)stages + 1, sizeof(*run->stage));
    if (run->stage == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld stages", (long long)stages);
        goto out;
    }
    for (; run->stages < stages && status == TSR_OK; run->stages++) {
        tsr_stored_stage *stage = &run->stage[run->stages];
        status = read_stage(&groups, run->stages, &room, stage);
        if (status == TSR_OK) status = tsr_stored_inputs_read(file, run->stages, &room, stage);
    }
out:
    tsr_h5_drop(&groups.points);
    tsr_h5_drop(&groups.state);
    return status;
}

static tsr_status check_digest(const tsr_stored_run *run) {
    tsr_digest *digest = NULL;
    char found[TSR_DIGEST_CHARS];
    TSR_TRY(tsr_digest_create(&digest));
    for (int64_t i = 0; i < run->stages; i++) tsr_stored_stage_hash(&run->stage[i], digest);
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

static tsr_status share_text(tsr_comm *comm, char **text) {
    char *copy = NULL;
    TSR_TRY(tsr_share_text(comm, *text, &copy));
    free(*text);
    *text = copy;
    return TSR_OK;
}

static tsr_status share_integers(tsr_comm *comm, int64_t count, int64_t **words) {
    void *data = *words;
    const tsr_status status = tsr_share_bytes(comm, count * (int64_t)sizeof(**words), &data);
    *words = data;
    return status;
}

static tsr_status share_tally(tsr_comm *comm, int64_t rows, tsr_stored_tally *tally) {
    TSR_TRY(share_text(comm, &tally->name));
    TSR_TRY(share_integers(comm, rows + 1, &tally->offset));
    TSR_TRY(share_integers(comm, tally->offset[rows], &tally->words));
    return share_integers(comm, rows * TSR_STORED_LAYOUT, &tally->layout);
}

/* What is plain is copied as it stands; the pointers of rank 0 mean nothing here. */
static tsr_status share_stage(tsr_comm *comm, tsr_stored_stage *stage) {
    tsr_stored_stage plain = *stage;
    comm->broadcast(comm, &plain, (int64_t)sizeof(plain), 0);
    if (comm->rank > 0) {
        *stage = plain;
        stage->name = NULL;
        stage->point_items = NULL;
        stage->input = NULL;
        stage->tally = calloc((size_t)stage->tallies + 1, sizeof(*stage->tally));
    }
    TSR_TRY(tsr_comm_agree(comm, stage->tally != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for a stage")));
    TSR_TRY(share_text(comm, &stage->name));
    TSR_TRY(share_integers(comm, stage->points, &stage->point_items));
    TSR_TRY(tsr_stored_inputs_share(comm, stage));
    for (int64_t t = 0; t < stage->tallies; t++)
        TSR_TRY(share_tally(comm, stage->points * stage->parts, &stage->tally[t]));
    return TSR_OK;
}

static tsr_status share_stages(tsr_comm *comm, tsr_stored_run *run) {
    comm->broadcast(comm, run->digest, sizeof(run->digest), 0);
    comm->broadcast(comm, &run->stages, (int64_t)sizeof(run->stages), 0);
    if (comm->rank > 0) run->stage = calloc((size_t)run->stages + 1, sizeof(*run->stage));
    TSR_TRY(tsr_comm_agree(comm, run->stage != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for the stages")));
    for (int64_t i = 0; i < run->stages; i++) TSR_TRY(share_stage(comm, &run->stage[i]));
    return TSR_OK;
}

tsr_status tsr_stored_run_share(tsr_comm *comm, tsr_stored_run **run) {
    TSR_TRY(tsr_comm_agree(comm, comm->rank > 0 ? create(run) : TSR_OK));
    TSR_TRY(share_text(comm, &(*run)->job));
    TSR_TRY(share_text(comm, &(*run)->job_file));
    TSR_TRY(share_text(comm, &(*run)->folder));
    TSR_TRY(share_text(comm, &(*run)->history));
    TSR_TRY(share_text(comm, &(*run)->revision));
    return share_stages(comm, *run);
}
