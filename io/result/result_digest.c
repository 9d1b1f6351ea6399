#include "io/result/result_file.h"
#include "io/result/stored_stage.h"

#include <stdlib.h>
#include <string.h>

/* One stage in memory at a time. */
static tsr_status hash_stage(hid_t state, int64_t index, tsr_digest *digest) {
    tsr_stored_stage stage = {0};
    hid_t group = H5I_INVALID_HID;
    tsr_status status = tsr_h5_open_member(state, index, &group);
    if (status == TSR_OK) status = tsr_stored_stage_read(group, &stage);
    if (status == TSR_OK) tsr_stored_stage_hash(&stage, digest);
    tsr_stored_stage_clear(&stage);
    tsr_h5_drop(&group);
    return status;
}

static tsr_status hash_state(hid_t file, tsr_digest *digest) {
    hid_t state = H5I_INVALID_HID;
    int64_t stages = 0;
    tsr_status status = tsr_h5_open_group(file, "state", &state);
    if (status == TSR_OK) status = tsr_h5_members(state, &stages);
    for (int64_t i = 0; i < stages && status == TSR_OK; i++) status = hash_stage(state, i, digest);
    tsr_h5_drop(&state);
    return status;
}

tsr_status tsr_result_file_recompute(const char *path, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    tsr_digest *digest = NULL;
    hid_t file = H5I_INVALID_HID;
    tsr_h5_begin();
    TSR_TRY(tsr_h5_open(path, &file));
    TSR_TRY_OUT(tsr_digest_create(&digest));
    TSR_TRY_OUT(tsr_h5_about(path, hash_state(file, digest)));
    tsr_digest_end(digest, hex);
out:
    tsr_digest_destroy(&digest);
    tsr_h5_drop(&file);
    return status;
}

tsr_status tsr_result_file_digest(const char *path, char hex[TSR_DIGEST_CHARS]) {
    tsr_status status = TSR_OK;
    char *text = NULL;
    hid_t file = H5I_INVALID_HID;
    tsr_h5_begin();
    TSR_TRY(tsr_h5_open(path, &file));
    TSR_TRY_OUT(tsr_h5_about(path, tsr_h5_read_text(file, "digest", &text)));
    if (strlen(text) == TSR_DIGEST_CHARS - 1)
        memcpy(hex, text, TSR_DIGEST_CHARS);
    else
        status = TSR_FAIL(TSR_EDATA, "%s: its digest is not one", path);
out:
    free(text);
    tsr_h5_drop(&file);
    return status;
}
