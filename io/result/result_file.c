#include "io/result/result_file.h"

#include "io/result/contents_file.h"
#include "io/result/draft.h"
#include "io/result/result_layout.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One writing of a file. */
typedef struct {
    const char *path;
    tsr_comm *comm;
    tsr_contents *contents;
    tsr_draft *draft;    /* rank 0 */
    char name[PATH_MAX]; /* of the draft, on every rank */
    hid_t file;
    const char *digest; /* rank 0 */
} result_writing;

tsr_status tsr_result_file_check(const char *path, bool force) { return tsr_draft_check(path, force); }

/* Rank 0 says what the file holds and makes the draft; nothing has been opened yet that could wait for another rank. */
static tsr_status prepare(result_writing *writing, bool force, const tsr_run_record *record) {
    TSR_TRY(tsr_contents_create(&writing->contents));
    if (writing->comm->rank > 0) return TSR_OK;
    writing->digest = record->digest;
    TSR_TRY(tsr_result_layout(record, writing->contents));
    TSR_TRY(tsr_draft_create(writing->path, force, &writing->draft));
    snprintf(writing->name, sizeof(writing->name), "%s", tsr_draft_path(writing->draft));
    return tsr_draft_reserve(writing->draft, tsr_contents_file_bytes(writing->contents));
}

/* Opening truncates and gives the blocks back, so they are set aside a second time, before all ranks write. */
static tsr_status open_file(result_writing *writing) {
    tsr_comm *comm = writing->comm;
    TSR_TRY(tsr_comm_agree(comm, tsr_h5_about(writing->path, tsr_h5_create(writing->name, comm, &writing->file))));
    tsr_status status = TSR_OK;
    if (comm->rank == 0) status = tsr_draft_reserve(writing->draft, tsr_contents_file_bytes(writing->contents));
    return tsr_comm_agree(comm, status);
}

/* All ranks write metadata together here. One whose disk fails comes back alone while others wait for it inside HDF5:
 * so a failure is not agreed on. Its caller ends all ranks. */
static tsr_status close_file(result_writing *writing) {
    TSR_H5_TRY(H5Fflush(writing->file, H5F_SCOPE_GLOBAL), "cannot write to the end");
    return tsr_h5_close(&writing->file);
}

/* Everything is compared with memory. bytes: where the file says that it ends. */
static tsr_status compare_all(const result_writing *writing, int64_t *bytes) {
    tsr_status status = TSR_OK;
    hid_t file = H5I_INVALID_HID;
    haddr_t end = 0;
    TSR_TRY(tsr_h5_open(writing->name, &file));
    TSR_TRY_OUT(tsr_contents_compare(writing->contents, file));
    TSR_H5_TRY_OUT(H5Fget_eoa(file, &end), "cannot find where it ends");
    *bytes = (int64_t)end;
out:
    tsr_h5_drop(&file);
    return status;
}

static tsr_status compare_digests(const result_writing *writing) {
    char stored[TSR_DIGEST_CHARS], computed[TSR_DIGEST_CHARS];
    TSR_TRY(tsr_result_file_digest(writing->name, stored));
    TSR_TRY(tsr_result_file_recompute(writing->name, computed));
    TSR_REQUIRE(!strcmp(stored, writing->digest), TSR_EIO, "the digest of %s does not read back as it was written",
                writing->path);
    TSR_REQUIRE(!strcmp(computed, writing->digest), TSR_EINTERNAL, "the digest of %s is not the one of its state",
                writing->path);
    return TSR_OK;
}

static tsr_status publish(const result_writing *writing) {
    int64_t bytes = 0;
    TSR_TRY(tsr_h5_about(writing->path, compare_all(writing, &bytes)));
    TSR_TRY(compare_digests(writing));
    return tsr_draft_publish(writing->draft, bytes);
}

static tsr_status write_all(result_writing *writing, bool force, const tsr_run_record *record) {
    tsr_comm *comm = writing->comm;
    TSR_TRY(tsr_comm_agree(comm, prepare(writing, force, record)));
    TSR_TRY(tsr_contents_share(writing->contents, comm));
    comm->broadcast(comm, writing->name, sizeof(writing->name), 0);
    TSR_TRY(open_file(writing));
    TSR_TRY(tsr_h5_about(writing->path, tsr_contents_write(writing->contents, writing->file, comm)));
    TSR_TRY(tsr_h5_about(writing->path, close_file(writing)));
    return tsr_comm_agree(comm, comm->rank == 0 ? publish(writing) : TSR_OK);
}

tsr_status tsr_result_file_write(const char *path, bool force, const tsr_run_record *record, tsr_comm *comm) {
    result_writing writing = {.path = path, .comm = comm, .file = H5I_INVALID_HID};
    tsr_h5_begin();
    const tsr_status status = write_all(&writing, force, record);
    /* Closing after a failure would write once more, and with MPI wait for the others. */
    if (!comm->is_mpi) tsr_h5_drop(&writing.file);
    if (status != TSR_OK && *writing.name) unlink(writing.name); /* rank 0 may never come to it */
    tsr_draft_destroy(&writing.draft);
    tsr_contents_destroy(&writing.contents);
    return status;
}
