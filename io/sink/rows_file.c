#include "io/sink/rows_file.h"

#include "io/data/hdf5_lock.h"
#include "io/result/h5.h"

#include <hdf5_hl.h>
#include <string.h>

static tsr_status put_text(hid_t dataset, const char *name, const char *text) {
    TSR_H5_TRY(H5LTset_attribute_string(dataset, ".", name, text), "attribute %s cannot be written", name);
    return TSR_OK;
}

static tsr_status describe(hid_t dataset, const tsr_field *field) {
    TSR_TRY(put_text(dataset, "units", field->unit != NULL ? field->unit : "1"));
    return put_text(dataset, "long_name", field->long_name != NULL ? field->long_name : "");
}

/* Chunks get their places at once, one behind the other, since the length is fixed and nothing is compressed. */
static tsr_status make_list(const tsr_rows_plan *plan, hid_t *out) {
    const hsize_t chunk = (hsize_t)plan->chunk_rows;
    *out = H5Pcreate(H5P_DATASET_CREATE);
    TSR_H5_TRY(*out, "no list of properties");
    TSR_H5_TRY(H5Pset_chunk(*out, 1, &chunk), "chunks of %lld rows cannot be made", (long long)plan->chunk_rows);
    TSR_H5_TRY(H5Pset_alloc_time(*out, H5D_ALLOC_TIME_EARLY), "chunks cannot be placed early");
    TSR_H5_TRY(H5Pset_fill_time(*out, H5D_FILL_TIME_NEVER), "chunks cannot be left as they are");
    TSR_H5_TRY(H5Pset_attr_creation_order(*out, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
               "no order of attributes");
    return TSR_OK;
}

static tsr_status add_column(hid_t file, hid_t space, hid_t list, const tsr_field *field) {
    hid_t dataset = H5Dcreate2(file, field->name, H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    TSR_H5_TRY(dataset, "dataset '%s' cannot be made", field->name);
    const tsr_status status = describe(dataset, field);
    tsr_h5_drop(&dataset);
    return status;
}

static tsr_status create_file(const char *path, hid_t *out) {
    hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    *out = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    const tsr_status status = *out >= 0 ? TSR_OK : tsr_h5_fail(__FILE__, __LINE__, "the file cannot be made");
    tsr_h5_drop(&creation);
    tsr_h5_drop(&access);
    return status;
}

static tsr_status fill_file(const tsr_rows_plan *plan, hid_t file) {
    const hsize_t rows = (hsize_t)plan->rows;
    hid_t list = -1, space = H5Screate_simple(1, &rows, NULL);
    tsr_status status = make_list(plan, &list);
    for (int c = 0; c < plan->columns && status == TSR_OK; c++) status = add_column(file, space, list, plan->field[c]);
    tsr_h5_drop(&list);
    tsr_h5_drop(&space);
    return status;
}

/* ---- where the rows stand ---- */

static int64_t chunk_offset(hid_t dataset, hsize_t row) {
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    unsigned mask = 0;
    const herr_t found = H5Dget_chunk_info_by_coord(dataset, &row, &mask, &address, &bytes);
    return found < 0 || address == HADDR_UNDEF || mask != 0 ? -1 : (int64_t)address;
}

/* The last chunk must stand where it stands if all follow the first without a gap. */
static tsr_status find_column(const tsr_rows_plan *plan, hid_t file, const char *name, int64_t *offset) {
    *offset = -1;
    if (plan->rows == 0) return TSR_OK;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    TSR_H5_TRY(dataset, "there is no dataset '%s'", name);
    const int64_t last = (plan->rows - 1) / plan->chunk_rows * plan->chunk_rows;
    const int64_t begin = chunk_offset(dataset, 0), end = chunk_offset(dataset, (hsize_t)last);
    tsr_h5_drop(&dataset);
    TSR_REQUIRE(begin >= 0 && end == begin + last * (int64_t)sizeof(double), TSR_EIO,
                "the chunks of dataset '%s' do not follow each other", name);
    *offset = begin;
    return TSR_OK;
}

static tsr_status find_columns(const tsr_rows_plan *plan, int64_t *offset) {
    hid_t file = H5Fopen(plan->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    TSR_H5_TRY(file, "the file cannot be read");
    tsr_status status = TSR_OK;
    for (int c = 0; c < plan->columns && status == TSR_OK; c++)
        status = find_column(plan, file, plan->field[c]->name, &offset[c]);
    tsr_h5_drop(&file);
    return status;
}

static tsr_status create(const tsr_rows_plan *plan, int64_t *offset) {
    hid_t file = -1;
    TSR_TRY(create_file(plan->path, &file));
    const tsr_status status = fill_file(plan, file);
    const tsr_status closed = tsr_h5_close(&file);
    TSR_TRY(status);
    TSR_TRY(closed);
    return find_columns(plan, offset);
}

tsr_status tsr_rows_file_create(const tsr_rows_plan *plan, int64_t *offset) {
    tsr_h5_begin();
    tsr_hdf5_lock();
    const tsr_status status = create(plan, offset);
    tsr_hdf5_unlock();
    return tsr_h5_about(plan->path, status);
}

tsr_status tsr_rows_file_find(const tsr_rows_plan *plan, int64_t *offset) {
    tsr_h5_begin();
    tsr_hdf5_lock();
    const tsr_status status = find_columns(plan, offset);
    tsr_hdf5_unlock();
    return tsr_h5_about(plan->path, status);
}
