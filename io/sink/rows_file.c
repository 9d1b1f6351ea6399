#include "io/sink/rows_file.h"

#include "io/data/hdf5_lock.h"
#include "io/result/h5.h"
#include "io/sink/rows_axes.h"
#include "version.h"

#include <hdf5_hl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

static const char job_attribute[] = "tessera_job", identity_attribute[] = "tessera_delivery";

static tsr_status put_text(hid_t object, const char *name, const char *text) {
    TSR_H5_TRY(H5LTset_attribute_string(object, ".", name, text), "attribute %s cannot be written", name);
    return TSR_OK;
}

/* ---- datasets ---- */

static hid_t type_of(const tsr_rows_set *set) {
    const hid_t numbers[] = {H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_STD_I64LE, H5T_STD_I32LE, H5T_STD_I16LE,
                             H5T_STD_I8LE,   H5T_STD_U32LE,  H5T_STD_U16LE, H5T_STD_U8LE,  -1,
                             H5T_STD_I64LE};
    return H5Tcopy(set->type == TSR_ROWS_WORD ? H5T_C_S1 : numbers[set->type]);
}

int64_t tsr_rows_file_chunk(const tsr_rows_plan *plan, const tsr_rows_set *set) {
    if (plan->rows == 0) return 1;
    return set->chunk_rows < plan->rows ? set->chunk_rows : plan->rows;
}

/* Axes of a dataset, with its rows. */
static int shape_of(const tsr_rows_plan *plan, const tsr_rows_set *set, hsize_t *extent) {
    const tsr_rows_layout *layout = plan->layout;
    extent[0] = (hsize_t)plan->rows;
    extent[1] = (hsize_t)set->cell_bytes; /* of a word */
    if (set->type == TSR_ROWS_WORD) return 2;
    if (!layout->is_table || set->type == TSR_ROWS_ITEM) return 1;
    for (int a = 0; a < layout->axes; a++) extent[a + 1] = (hsize_t)layout->extent[a];
    return layout->axes + 1;
}

/* Chunks get their places at once, one behind the other, since the length is fixed and nothing is compressed. */
static tsr_status make_list(const tsr_rows_plan *plan, const tsr_rows_set *set, hid_t *out) {
    hsize_t chunk[TSR_ROWS_AXES_MAX + 1];
    const int rank = shape_of(plan, set, chunk);
    chunk[0] = (hsize_t)tsr_rows_file_chunk(plan, set);
    *out = H5Pcreate(H5P_DATASET_CREATE);
    TSR_H5_TRY(*out, "no list of properties");
    TSR_H5_TRY(H5Pset_chunk(*out, rank, chunk), "chunks of %lld rows cannot be made", (long long)chunk[0]);
    if (plan->compression == 0)
        TSR_H5_TRY(H5Pset_alloc_time(*out, H5D_ALLOC_TIME_EARLY), "chunks cannot be placed early");
    else if (H5Pset_shuffle(*out) < 0 || H5Pset_deflate(*out, (unsigned)plan->compression) < 0)
        return tsr_h5_fail(__FILE__, __LINE__, "chunks cannot be compressed");
    TSR_H5_TRY(H5Pset_fill_time(*out, H5D_FILL_TIME_NEVER), "chunks cannot be left as they are");
    return tsr_rows_list_tame(*out);
}

static tsr_status describe(const tsr_rows_plan *plan, const tsr_rows_set *set, hid_t dataset) {
    const tsr_field *field = plan->layout->field[set->first];
    if (set->type == TSR_ROWS_ITEM)
        return put_text(dataset, "long_name", "number of the item in its source, from 0 on");
    bool is_alike = true;
    for (int c = 1; c < set->columns; c++) {
        const tsr_field *other = plan->layout->field[set->first + c];
        is_alike &= strcmp(other->unit != NULL ? other->unit : "1", field->unit != NULL ? field->unit : "1") == 0;
    }
    if (set->type == TSR_ROWS_WORD) TSR_TRY(put_text(dataset, "_Encoding", "utf-8")); /* for xarray */
    if (is_alike && set->type != TSR_ROWS_WORD)
        TSR_TRY(put_text(dataset, "units", field->unit != NULL ? field->unit : "1"));
    if (plan->layout->is_table) return TSR_OK;
    return put_text(dataset, "long_name", field->long_name != NULL ? field->long_name : field->name);
}

static tsr_status add_set(const tsr_rows_plan *plan, hid_t file, const tsr_rows_set *set) {
    hsize_t extent[TSR_ROWS_AXES_MAX + 1];
    const int rank = shape_of(plan, set, extent);
    hid_t space = H5Screate_simple(rank, extent, NULL), type = type_of(set), list = -1, dataset = -1;
    tsr_status status = make_list(plan, set, &list);
    if (status == TSR_OK) {
        dataset = H5Dcreate2(file, set->name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
        if (dataset < 0) status = tsr_h5_fail(__FILE__, __LINE__, "dataset '%.80s' cannot be made", set->name);
    }
    if (status == TSR_OK) status = describe(plan, set, dataset);
    tsr_h5_drop(&dataset);
    tsr_h5_drop(&list);
    tsr_h5_drop(&type);
    tsr_h5_drop(&space);
    return status;
}

/* ---- the file ---- */

static tsr_status create_file(const char *path, hid_t *out) {
    hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    tsr_status status = tsr_rows_list_tame(creation);
    *out = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    if (status == TSR_OK && *out < 0) status = tsr_h5_fail(__FILE__, __LINE__, "the file cannot be made");
    tsr_h5_drop(&creation);
    tsr_h5_drop(&access);
    return status;
}

static tsr_status put_provenance(const tsr_rows_plan *plan, hid_t file) {
    const tsr_sink_about *about = plan->about;
    const unsigned long seed = about->seed;
    TSR_TRY(put_text(file, "Conventions", "CF-1.10"));
    if (about->title != NULL) TSR_TRY(put_text(file, "title", about->title));
    TSR_TRY(put_text(file, "source", "tessera " TSR_VERSION));
    TSR_TRY(put_text(file, "stage", about->stage));
    TSR_H5_TRY(H5LTset_attribute_ulong(file, ".", "seed", &seed, 1), "attribute seed cannot be written");
    TSR_TRY(put_text(file, job_attribute, plan->mark.job));
    return put_text(file, identity_attribute, plan->mark.identity);
}

static tsr_status fill_file(const tsr_rows_plan *plan, hid_t file) {
    TSR_TRY(put_provenance(plan, file));
    for (int s = 0; s < plan->layout->sets; s++) TSR_TRY(add_set(plan, file, &plan->layout->set[s]));
    return tsr_rows_axes_add(plan->layout, plan->rows, file);
}

static tsr_status pack_set(const tsr_rows_plan *plan, hid_t file, const tsr_rows_set *set, int64_t number,
                           const tsr_rows_chunks *chunks) {
    const int64_t step = tsr_rows_file_chunk(plan, set);
    hid_t dataset = H5Dopen2(file, set->name, H5P_DEFAULT);
    tsr_status status = TSR_OK;
    for (int64_t row = 0; row < plan->rows && status == TSR_OK; row += step) {
        const hsize_t at[TSR_ROWS_AXES_MAX + 1] = {(hsize_t)row};
        enum { NO_DEFLATE = 2 }; /* bit of the second filter */
        size_t bytes = 0;
        bool is_deflated = false;
        status = chunks->next(chunks->data, number++, chunks->buffer, &bytes, &is_deflated);
        if (status != TSR_OK) break;
        if (H5Dwrite_chunk(dataset, H5P_DEFAULT, is_deflated ? 0 : NO_DEFLATE, at, bytes, chunks->buffer) < 0)
            status = tsr_h5_fail(__FILE__, __LINE__, "a chunk of '%.80s' cannot be written", set->name);
    }
    tsr_h5_drop(&dataset);
    return status;
}

static tsr_status pack_file(const tsr_rows_plan *plan, hid_t file, const tsr_rows_chunks *chunks) {
    int64_t number = 0;
    for (int s = 0; s < plan->layout->sets; s++) {
        const tsr_rows_set *set = &plan->layout->set[s];
        TSR_TRY(pack_set(plan, file, set, number, chunks));
        number += (plan->rows + tsr_rows_file_chunk(plan, set) - 1) / tsr_rows_file_chunk(plan, set);
    }
    return TSR_OK;
}

static tsr_status create(const char *path, const tsr_rows_plan *plan, const tsr_rows_chunks *chunks) {
    hid_t file = -1;
    TSR_TRY(create_file(path, &file));
    tsr_status status = fill_file(plan, file);
    if (status == TSR_OK && chunks != NULL) status = pack_file(plan, file, chunks);
    const tsr_status closed = tsr_h5_close(&file);
    TSR_TRY(status);
    return closed;
}

/* ---- where the rows stand ---- */

static int64_t chunk_offset(hid_t dataset, hsize_t row) {
    const hsize_t at[TSR_ROWS_AXES_MAX + 1] = {row};
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    unsigned mask = 0;
    const herr_t found = H5Dget_chunk_info_by_coord(dataset, at, &mask, &address, &bytes);
    return found < 0 || address == HADDR_UNDEF || mask != 0 ? -1 : (int64_t)address;
}

/* The last chunk must stand where it stands if all follow the first without a gap. */
static tsr_status find_set(const tsr_rows_plan *plan, hid_t file, const tsr_rows_set *set, int64_t *offset) {
    *offset = -1;
    if (plan->rows == 0) return TSR_OK;
    hid_t dataset = H5Dopen2(file, set->name, H5P_DEFAULT);
    TSR_H5_TRY(dataset, "there is no dataset '%.80s'", set->name);
    const int64_t chunk = tsr_rows_file_chunk(plan, set), last = (plan->rows - 1) / chunk * chunk;
    const int64_t begin = chunk_offset(dataset, 0), end = chunk_offset(dataset, (hsize_t)last);
    tsr_h5_drop(&dataset);
    TSR_REQUIRE(begin >= 0 && end == begin + last * set->row_bytes, TSR_EIO,
                "the chunks of dataset '%.80s' do not follow each other", set->name);
    *offset = begin;
    return TSR_OK;
}

static tsr_status find(const char *path, const tsr_rows_plan *plan, int64_t *offset) {
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    TSR_H5_TRY(file, "the file cannot be read");
    tsr_status status = TSR_OK;
    for (int s = 0; s < plan->layout->sets && status == TSR_OK; s++)
        status = find_set(plan, file, &plan->layout->set[s], &offset[s]);
    tsr_h5_drop(&file);
    return status;
}

tsr_status tsr_rows_file_create(const char *path, const tsr_rows_plan *plan, int64_t *offset) {
    tsr_h5_begin();
    tsr_hdf5_lock();
    tsr_status status = create(path, plan, NULL);
    if (status == TSR_OK) status = find(path, plan, offset);
    tsr_hdf5_unlock();
    return tsr_h5_about(path, status);
}

tsr_status tsr_rows_file_pack(const char *path, const tsr_rows_plan *plan, const tsr_rows_chunks *chunks) {
    tsr_h5_begin();
    tsr_hdf5_lock();
    const tsr_status status = create(path, plan, chunks);
    tsr_hdf5_unlock();
    return tsr_h5_about(path, status);
}

tsr_status tsr_rows_file_find(const char *path, const tsr_rows_plan *plan, int64_t *offset) {
    tsr_h5_begin();
    tsr_hdf5_lock();
    const tsr_status status = find(path, plan, offset);
    tsr_hdf5_unlock();
    return tsr_h5_about(path, status);
}

/* ---- marks ---- */

static bool read_text(hid_t file, const char *name, size_t chars, char *out) {
    hsize_t extent[H5S_MAX_RANK];
    H5T_class_t kind = H5T_NO_CLASS;
    size_t bytes = 0;
    if (H5Aexists(file, name) <= 0 || H5LTget_attribute_info(file, ".", name, extent, &kind, &bytes) < 0) return false;
    return kind == H5T_STRING && bytes == chars && H5LTget_attribute_string(file, ".", name, out) >= 0;
}

static bool read_mark(const char *path, tsr_rows_mark *out) {
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const bool has_both = file >= 0 && read_text(file, job_attribute, sizeof(out->job), out->job) &&
                          read_text(file, identity_attribute, sizeof(out->identity), out->identity);
    tsr_h5_drop(&file);
    return has_both;
}

bool tsr_rows_file_mark(const char *path, tsr_rows_mark *out) {
    *out = (tsr_rows_mark){.job = ""};
    tsr_h5_begin();
    tsr_hdf5_lock();
    const bool has_mark = read_mark(path, out);
    tsr_hdf5_unlock();
    if (!has_mark) *out = (tsr_rows_mark){.job = ""};
    return has_mark;
}

void tsr_rows_mark_job(const tsr_sink_about *about, tsr_rows_mark *out) {
    struct sha256_ctx context;
    uint8_t sum[SHA256_DIGEST_SIZE];
    const char *job = about->job != NULL ? about->job : "";
    sha256_init(&context);
    sha256_update(&context, strlen(job) + 1, (const uint8_t *)job);
    sha256_update(&context, strlen(about->stage), (const uint8_t *)about->stage);
    sha256_digest(&context, sizeof(sum), sum);
    for (size_t i = 0; i < sizeof(sum); i++) snprintf(out->job + 2 * i, 3, "%02x", (unsigned)sum[i]);
}
