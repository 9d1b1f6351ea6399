#include "io/result/h5_image.h"

#include "io/result/contents_file.h"
#include "io/result/seal.h"

#include <hdf5_hl.h>
#include <stdlib.h>

enum { GROWTH_BYTES = 4 << 20 };

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

/* In memory alone. */
static tsr_status create_file(hid_t *out) {
    tsr_status status = TSR_OK;
    hid_t creation = H5I_INVALID_HID, access = H5I_INVALID_HID;
    TSR_TRY_OUT(creation_list(&creation));
    TSR_H5_TRY_OUT(access = H5Pcreate(H5P_FILE_ACCESS), "cannot prepare a file");
    TSR_H5_TRY_OUT(H5Pset_fapl_core(access, GROWTH_BYTES, false), "cannot prepare a file");
    TSR_H5_TRY_OUT(H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST), "cannot prepare a file");
    TSR_H5_TRY_OUT(*out = H5Fcreate("image", H5F_ACC_TRUNC, creation, access), "cannot compose a file in memory");
out:
    tsr_h5_drop(&access);
    tsr_h5_drop(&creation);
    return status;
}

static tsr_status take_bytes(hid_t file, tsr_image *out) {
    TSR_H5_TRY(H5Fflush(file, H5F_SCOPE_GLOBAL), "cannot compose a file in memory");
    const ssize_t count = H5Fget_file_image(file, NULL, 0);
    TSR_H5_TRY(count, "cannot take a file from memory");
    out->bytes = malloc((size_t)count + TSR_SEAL_BYTES);
    TSR_REQUIRE(out->bytes, TSR_ERUNTIME, "no memory for a file of %.1f MB", (double)count / 1e6);
    TSR_H5_TRY(H5Fget_file_image(file, out->bytes, (size_t)count), "cannot take a file from memory");
    tsr_seal_make(out->bytes, count, (char *)out->bytes + count);
    out->count = count + TSR_SEAL_BYTES;
    return TSR_OK;
}

tsr_status tsr_image_create(const tsr_contents *contents, tsr_image *out) {
    tsr_status status = TSR_OK;
    hid_t file = H5I_INVALID_HID;
    tsr_image image = {0};
    tsr_h5_begin();
    TSR_REQUIRE(!contents->out_of_memory, TSR_ERUNTIME, "no memory for the contents of a file");
    TSR_TRY_OUT(create_file(&file));
    TSR_TRY_OUT(tsr_contents_write(contents, file));
    TSR_TRY_OUT(take_bytes(file, &image));
    *out = image;
    image = (tsr_image){0};
out:
    tsr_image_clear(&image);
    tsr_h5_drop(&file);
    return status;
}

/* ---- judging ---- */

static tsr_status open_content(const tsr_image *image, int64_t count, hid_t *file) {
    *file = H5LTopen_file_image(image->bytes, (size_t)count, H5LT_FILE_IMAGE_DONT_COPY | H5LT_FILE_IMAGE_DONT_RELEASE);
    H5Eclear2(H5E_DEFAULT);
    TSR_REQUIRE(*file >= 0, TSR_ECHECKPOINT, "it is damaged: HDF5 cannot open it");
    return TSR_OK;
}

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
    TSR_TRY(open_content(image, count, file));
    const tsr_status status = check_end(*file, count);
    if (status != TSR_OK) tsr_h5_drop(file);
    *is_sealed = seal == TSR_SEAL_WHOLE;
    return status;
}
