#include "io/result/result_file.h"

#include "io/result/draft.h"
#include "io/result/h5_image.h"
#include "io/result/result_layout.h"
#include "io/result/seal.h"
#include "io/result/stored_run.h"

tsr_status tsr_result_file_check(const char *path, bool force) { return tsr_draft_check(path, force); }

/* What is written must be what a reader will take; the seal was made a moment ago. */
static tsr_status check_image(const tsr_image *image) {
    const tsr_image unsealed = {image->bytes, image->count - TSR_SEAL_BYTES};
    tsr_stored_run *run = NULL;
    const tsr_status status = tsr_stored_run_take(&unsealed, &run);
    tsr_stored_run_destroy(&run);
    if (status != TSR_ECHECKPOINT) return status;
    tsr_error error = *tsr_error_get();
    error.status = TSR_EINTERNAL;
    tsr_error_set(&error);
    return TSR_EINTERNAL;
}

static tsr_status compose(const tsr_run_record *record, tsr_image *out) {
    tsr_contents *contents = NULL;
    TSR_TRY(tsr_contents_create(&contents));
    tsr_status status = tsr_result_layout(record, contents);
    if (status == TSR_OK) status = tsr_image_create(contents, out);
    tsr_contents_destroy(&contents);
    return status == TSR_OK ? check_image(out) : status;
}

static tsr_status write_file(const char *path, bool force, const tsr_run_record *record) {
    tsr_status status = TSR_OK;
    tsr_image image = {0};
    tsr_draft *draft = NULL;
    TSR_TRY_OUT(tsr_h5_about(path, compose(record, &image)));
    TSR_TRY_OUT(tsr_draft_create(path, force, &draft)); /* after it: HDF5 crashes without memory, and nothing is left */
    TSR_TRY_OUT(tsr_draft_write(draft, image.bytes, image.count));
    TSR_TRY_OUT(tsr_draft_publish(draft));
out:
    tsr_draft_destroy(&draft);
    tsr_image_clear(&image);
    return status;
}

tsr_status tsr_result_file_write(const char *path, bool force, const tsr_run_record *record, tsr_comm *comm) {
    tsr_status status = TSR_OK;
    if (comm->rank == 0) {
        tsr_roll_enter(comm->roll, "the disk of the result file");
        status = write_file(path, force, record);
        tsr_roll_leave(comm->roll);
    }
    return tsr_comm_agree(comm, status);
}
