#include "io/result/h5.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REASON_BYTES = 512, DIRTY_BYTES = 32 << 20 };

/* At exit HDF5 would write again to files whose disk failed, and crash; everything here closes what it opened. */
void tsr_h5_begin(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* The first entry with a description is the innermost one. */
static herr_t take_innermost(unsigned depth, const H5E_error2_t *entry, void *data) {
    (void)depth;
    char *reason = data;
    if (!*reason && entry->desc) snprintf(reason, REASON_BYTES, "%s", entry->desc);
    return 0;
}

/* HDF5 wraps the words of the system in a list of numbers; the words are what helps. */
static void keep_system_words(char reason[REASON_BYTES]) {
    static const char mark[] = "error message = '";
    char *begin = strstr(reason, mark);
    if (!begin) return;
    begin += sizeof(mark) - 1;
    char *end = strchr(begin, '\'');
    if (end) *end = 0;
    memmove(reason, begin, strlen(begin) + 1);
}

tsr_status tsr_h5_fail(const char *file, int line, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES], reason[REASON_BYTES] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, reason);
    H5Eclear2(H5E_DEFAULT);
    keep_system_words(reason);
    return tsr_error_record(TSR_EIO, file, line, "%s: %s", sentence, *reason ? reason : "HDF5 gives no reason");
}

tsr_status tsr_h5_about(const char *path, tsr_status status) {
    if (status == TSR_OK) return TSR_OK;
    const tsr_error *error = tsr_error_get();
    tsr_error named = *error;
    snprintf(named.message, sizeof(named.message), "%.400s: %.600s", path, error->message);
    tsr_error_set(&named);
    return status;
}

/* Groups and attributes in the order in which they were made: netCDF cannot open files otherwise. */
static tsr_status creation_list(hid_t *out) {
    const unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    TSR_H5_TRY(*out = H5Pcreate(H5P_FILE_CREATE), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_link_creation_order(*out, tracked), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_attr_creation_order(*out, tracked), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_obj_track_times(*out, false), "cannot prepare a file");
    return TSR_OK;
}

/* Metadata waits in memory for the flush at the end (up to HDF5's limit): one place, not many, where all ranks write
 * together and could wait for one that failed. */
static tsr_status delay_metadata(hid_t access) {
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    TSR_H5_TRY(H5Pget_mdc_config(access, &config), "cannot prepare a file for all ranks");
    config.dirty_bytes_threshold = DIRTY_BYTES;
    TSR_H5_TRY(H5Pset_mdc_config(access, &config), "cannot prepare a file for all ranks");
    return TSR_OK;
}

static tsr_status access_list(tsr_comm *comm, hid_t *out) {
    TSR_H5_TRY(*out = H5Pcreate(H5P_FILE_ACCESS), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_libver_bounds(*out, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), "cannot prepare a file");
    /* A lock protects nothing here (nobody knows the temporary name) and fails where the file system has none. */
    TSR_H5_TRY(H5Pset_file_locking(*out, false, true), "cannot prepare a file");
    if (!comm || !comm->is_mpi) return TSR_OK;
    const MPI_Comm *native = comm->native(comm);
    TSR_H5_TRY(H5Pset_fapl_mpio(*out, *native, MPI_INFO_NULL), "cannot prepare a file for all ranks");
    TSR_H5_TRY(H5Pset_coll_metadata_write(*out, true), "cannot prepare a file for all ranks");
    TSR_H5_TRY(H5Pset_all_coll_metadata_ops(*out, true), "cannot prepare a file for all ranks");
    return delay_metadata(*out);
}

tsr_status tsr_h5_create(const char *path, tsr_comm *comm, hid_t *out) {
    tsr_status status = TSR_OK;
    hid_t creation = H5I_INVALID_HID, access = H5I_INVALID_HID;
    TSR_TRY_OUT(creation_list(&creation));
    TSR_TRY_OUT(access_list(comm, &access));
    TSR_H5_TRY_OUT(*out = H5Fcreate(path, H5F_ACC_TRUNC, creation, access), "cannot create %s", path);
out:
    tsr_h5_drop(&access);
    tsr_h5_drop(&creation);
    return status;
}

tsr_status tsr_h5_open(const char *path, hid_t *out) {
    tsr_status status = TSR_OK;
    hid_t access = H5I_INVALID_HID;
    TSR_TRY_OUT(access_list(NULL, &access));
    TSR_H5_TRY_OUT(*out = H5Fopen(path, H5F_ACC_RDONLY, access), "cannot open %s as HDF5", path);
out:
    tsr_h5_drop(&access);
    return status;
}

tsr_status tsr_h5_close(hid_t *id) {
    const hid_t closing = *id;
    *id = H5I_INVALID_HID;
    if (closing < 0) return TSR_OK;
    const bool is_file = H5Iget_type(closing) == H5I_FILE;
    TSR_H5_TRY(is_file ? H5Fclose(closing) : H5Idec_ref(closing), "cannot be closed");
    return TSR_OK;
}

void tsr_h5_drop(hid_t *id) {
    if (*id >= 0 && H5Iget_type(*id) == H5I_FILE)
        H5Fclose(*id);
    else if (*id >= 0)
        H5Idec_ref(*id);
    *id = H5I_INVALID_HID;
    H5Eclear2(H5E_DEFAULT);
}
