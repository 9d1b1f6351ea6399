#include "io/result/h5_image.h"

#include "io/result/contents_file.h"
#include "io/result/seal.h"

#include <stdlib.h>

enum { GROWTH_BYTES = 4 << 20 };

/* ---- opening ---- */

/* HDF5 reads the bytes where they are: whenever it asks for memory of its own, it is given those. */
static void *lend_bytes(size_t size, H5FD_file_image_op_t operation, void *data) {
    (void)size, (void)operation;
    return data;
}

static void *copy_nothing(void *to, const void *from, size_t size, H5FD_file_image_op_t operation, void *data) {
    (void)from, (void)size, (void)operation, (void)data;
    return to;
}

static herr_t free_nothing(void *bytes, H5FD_file_image_op_t operation, void *data) {
    (void)bytes, (void)operation, (void)data;
    return 0;
}

static void *share_data(void *data) { return data; }

static herr_t keep_data(void *data) {
    (void)data;
    return 0;
}

static hid_t open_in_place(unsigned char *bytes, int64_t count) {
    H5FD_file_image_callbacks_t functions = {.image_malloc = lend_bytes,
                                             .image_memcpy = copy_nothing,
                                             .image_free = free_nothing,
                                             .udata_copy = share_data,
                                             .udata_free = keep_data,
                                             .udata = bytes};
    hid_t file = H5I_INVALID_HID, access = H5Pcreate(H5P_FILE_ACCESS);
    if (H5Pset_fapl_core(access, GROWTH_BYTES, false) >= 0 && H5Pset_file_image_callbacks(access, &functions) >= 0 &&
        H5Pset_file_image(access, bytes, (size_t)count) >= 0)
        file = H5Fopen("image", H5F_ACC_RDONLY, access);
    tsr_h5_drop(&access);
    return file;
}

static tsr_status open_content(const tsr_image *image, int64_t count, hid_t *file) {
    *file = count > 0 ? open_in_place(image->bytes, count) : H5I_INVALID_HID;
    H5Eclear2(H5E_DEFAULT);
    TSR_REQUIRE(*file >= 0, TSR_ECHECKPOINT, "HDF5 cannot open it: it is damaged, or was never a result file");
    return TSR_OK;
}

/* ---- composing ---- */

/* Groups and attributes in the order in which they were made: netCDF cannot open files otherwise. */
static tsr_status creation_list(hid_t *out) {
    const unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    TSR_H5_TRY(*out = H5Pcreate(H5P_FILE_CREATE), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_link_creation_order(*out, tracked), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_attr_creation_order(*out, tracked), "cannot prepare a file");
    TSR_H5_TRY(H5Pset_obj_track_times(*out, false), "cannot prepare a file");
    return TSR_OK;
}

/* HDF5 composes a file in memory that it asks these functions for. When it closes the file it means to free it, and
 * leaves it to us instead. */
static void *move_bytes(void *bytes, size_t size, H5FD_file_image_op_t operation, void *data) {
    (void)operation;
    unsigned char *moved = realloc(bytes, size);
    if (moved) ((tsr_image *)data)->count = (int64_t)size;
    return moved;
}

static herr_t leave_bytes(void *bytes, H5FD_file_image_op_t operation, void *data) {
    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
        ((tsr_image *)data)->bytes = bytes;
    else
        free(bytes);
    return 0;
}

static tsr_status create_file(tsr_image *image, hid_t *out) {
    H5FD_file_image_callbacks_t functions = {.image_realloc = move_bytes,
                                             .image_free = leave_bytes,
                                             .udata_copy = share_data,
                                             .udata_free = keep_data,
                                             .udata = image};
    tsr_status status = TSR_OK;
    hid_t creation = H5I_INVALID_HID, access = H5I_INVALID_HID;
    TSR_TRY_OUT(creation_list(&creation));
    TSR_H5_TRY_OUT(access = H5Pcreate(H5P_FILE_ACCESS), "cannot prepare a file");
    TSR_H5_TRY_OUT(H5Pset_fapl_core(access, GROWTH_BYTES, false), "cannot prepare a file");
    TSR_H5_TRY_OUT(H5Pset_file_image_callbacks(access, &functions), "cannot prepare a file");
    TSR_H5_TRY_OUT(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST), "cannot prepare a file");
    TSR_H5_TRY_OUT(*out = H5Fcreate("image", H5F_ACC_TRUNC, creation, access), "cannot compose a file in memory");
out:
    tsr_h5_drop(&access);
    tsr_h5_drop(&creation);
    return status;
}

/* What HDF5 closed last may be shorter than what it asked memory for. */
static tsr_status find_end(tsr_image *image) {
    hid_t file = H5I_INVALID_HID;
    TSR_TRY(open_content(image, image->count, &file));
    image->count = H5Fget_file_image(file, NULL, 0);
    tsr_h5_drop(&file);
    TSR_H5_TRY(image->count, "cannot find the end of a file in memory");
    return TSR_OK;
}

static tsr_status seal(tsr_image *image) {
    unsigned char *bytes = realloc(image->bytes, (size_t)image->count + TSR_SEAL_BYTES);
    TSR_REQUIRE(bytes, TSR_ERUNTIME, "no memory for a file of %.1f MB", (double)image->count / 1e6);
    image->bytes = bytes;
    tsr_seal_make(bytes, image->count, (char *)bytes + image->count);
    image->count += TSR_SEAL_BYTES;
    return TSR_OK;
}

/* HDF5 has the data twice while its memory grows, and we once more. Headers take less than 1 KB an entry. */
static int64_t needed_bytes(const tsr_contents *contents) {
    int64_t bytes = 0;
    for (int i = 0; i < contents->count; i++) {
        const tsr_entry *entry = &contents->entry[i];
        bytes += 1024;
        if (entry->kind == TSR_ENTRY_VARIABLE) bytes += tsr_contents_cells(contents, i) * tsr_cell_bytes(entry->cell);
    }
    return 3 * bytes;
}

/* No disk has a part in it: what HDF5 cannot do here it has no memory for. */
static tsr_status blame_memory(tsr_status status) {
    if (status != TSR_EIO) return status;
    tsr_error error = *tsr_error_get();
    error.status = TSR_ERUNTIME;
    tsr_error_set(&error);
    return TSR_ERUNTIME;
}

tsr_status tsr_image_create(const tsr_contents *contents, tsr_image *out) {
    hid_t file = H5I_INVALID_HID;
    tsr_image image = {0};
    tsr_h5_begin();
    TSR_REQUIRE(!contents->out_of_memory, TSR_ERUNTIME, "no memory for the contents of a file");
    TSR_TRY(tsr_h5_check_memory(needed_bytes(contents)));
    tsr_status status = create_file(&image, &file);
    if (status == TSR_OK) status = tsr_contents_write(contents, file);
    const tsr_status closed = tsr_h5_close(&file);
    if (status == TSR_OK) status = closed;
    if (status == TSR_OK) status = find_end(&image);
    if (status == TSR_OK) status = seal(&image);
    if (status == TSR_OK)
        *out = image;
    else
        tsr_image_clear(&image);
    return blame_memory(status);
}

/* ---- judging ---- */

/* What stands behind HDF5's end and is no seal is what is left of one. */
static tsr_status check_end(hid_t file, int64_t count) {
    const ssize_t end = H5Fget_file_image(file, NULL, 0);
    H5Eclear2(H5E_DEFAULT);
    TSR_REQUIRE(end == count, TSR_ECHECKPOINT, "it is damaged: it has %lld bytes and should have %lld",
                (long long)count, (long long)end);
    return TSR_OK;
}

tsr_status tsr_image_open(const tsr_image *image, hid_t *file, bool *is_sealed) {
    tsr_h5_begin();
    const tsr_seal seal = tsr_seal_check(image->bytes, image->count);
    const int64_t count = image->count - (seal == TSR_SEAL_WHOLE ? TSR_SEAL_BYTES : 0);
    TSR_REQUIRE(seal != TSR_SEAL_BROKEN, TSR_ECHECKPOINT,
                "it is damaged: its bytes are not those that were sealed when it was written");
    TSR_TRY(tsr_h5_check_memory(image->count));
    TSR_TRY(open_content(image, count, file));
    const tsr_status status = check_end(*file, count);
    if (status != TSR_OK) tsr_h5_drop(file);
    *is_sealed = seal == TSR_SEAL_WHOLE;
    return status;
}
