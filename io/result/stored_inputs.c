#include "io/result/stored_inputs.h"

#include "engine/share.h"

#include <stdlib.h>
#include <string.h>

enum { INPUTS_MAX = 1000000 };

static tsr_status make_room(tsr_stored_stage *stage) {
    stage->input = calloc((size_t)stage->inputs + 1, sizeof(*stage->input));
    TSR_REQUIRE(stage->input != NULL, TSR_ERUNTIME, "no memory for %lld input files", (long long)stage->inputs);
    return TSR_OK;
}

static tsr_status read_input(hid_t group, tsr_input *out) {
    char *sha256 = NULL;
    TSR_TRY(tsr_h5_read_text(group, "path", &out->path));
    TSR_TRY(tsr_h5_read_integer(group, "bytes", &out->bytes));
    TSR_TRY(tsr_h5_read_integer(group, "modified_ns", &out->modified_ns));
    TSR_TRY(tsr_h5_read_text(group, "sha256", &sha256));
    const bool fits = strlen(sha256) == TSR_SHA256_CHARS - 1;
    if (fits) memcpy(out->sha256, sha256, TSR_SHA256_CHARS);
    free(sha256);
    TSR_REQUIRE(fits, TSR_EDATA, "the SHA-256 of input file %s is not one", out->path);
    return TSR_OK;
}

static tsr_status read_stage(hid_t group, int64_t *room, tsr_stored_stage *stage) {
    TSR_TRY(tsr_h5_members(group, &stage->inputs));
    TSR_REQUIRE(stage->inputs <= INPUTS_MAX, TSR_EDATA, "stage %s has too many input files", stage->name);
    TSR_TRY(make_room(stage));
    for (int64_t i = 0; i < stage->inputs; i++) {
        hid_t member = H5I_INVALID_HID;
        TSR_TRY(tsr_h5_open_member(group, i, &member));
        const tsr_status status = read_input(member, &stage->input[i]);
        tsr_h5_drop(&member);
        TSR_TRY(status);
        TSR_TRY(tsr_h5_take((int64_t)strlen(stage->input[i].path), room));
    }
    return TSR_OK;
}

tsr_status tsr_stored_inputs_read(hid_t file, int64_t index, int64_t *room, tsr_stored_stage *stage) {
    tsr_status status = TSR_OK;
    hid_t inputs = H5I_INVALID_HID, group = H5I_INVALID_HID;
    TSR_TRY_OUT(tsr_h5_open_group(file, "inputs", &inputs));
    TSR_TRY_OUT(tsr_h5_open_member(inputs, index, &group));
    TSR_TRY_OUT(read_stage(group, room, stage));
out:
    tsr_h5_drop(&group);
    tsr_h5_drop(&inputs);
    return status;
}

/* ---- from rank 0 to all ---- */

static tsr_status share_input(tsr_comm *comm, tsr_input *input) {
    char *path = NULL;
    TSR_TRY(tsr_share_text(comm, input->path, &path));
    free(input->path);
    comm->broadcast(comm, input, (int64_t)sizeof(*input), 0);
    input->path = path;
    return TSR_OK;
}

tsr_status tsr_stored_inputs_share(tsr_comm *comm, tsr_stored_stage *stage) {
    comm->broadcast(comm, &stage->inputs, (int64_t)sizeof(stage->inputs), 0);
    if (comm->rank > 0) stage->input = NULL;
    TSR_TRY(tsr_comm_agree(comm, comm->rank > 0 ? make_room(stage) : TSR_OK));
    for (int64_t i = 0; i < stage->inputs; i++) TSR_TRY(share_input(comm, &stage->input[i]));
    return TSR_OK;
}
