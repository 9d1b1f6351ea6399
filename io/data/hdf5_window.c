#include "io/data/hdf5_window.h"

#include "io/data/hdf5_driver.h"
#include "io/data/hdf5_lock.h"

#include <string.h>

/* A box of elements within the dataset. */
typedef struct {
    int64_t origin[H5S_MAX_RANK];
    int64_t count[H5S_MAX_RANK];
} box;

/* What fills a band. */
typedef struct {
    const tsr_hdf5_origin *from;
    const tsr_hdf5_band *band;
    const tsr_hdf5_scratch *scratch;
    unsigned char *chunk;
    unsigned char *out;
} reading;

/* Rows of the whole dataset that lie in a band, for messages. */
static tsr_status about_rows(const reading *read, tsr_status status) {
    if (status != TSR_EDATA) return status;
    const tsr_hdf5_origin *from = read->from;
    tsr_error named = *tsr_error_get();
    const int64_t first = from->first_row + read->band->begin / from->row_elements;
    const int64_t last = from->first_row + (read->band->begin + read->band->count - 1) / from->row_elements;
    snprintf(named.message, sizeof(named.message), "'%.300s', %.200s: a chunk of rows %lld to %lld is damaged: %.300s",
             from->path, from->name, (long long)first, (long long)last, tsr_error_get()->message);
    tsr_error_set(&named);
    return status;
}

/* ---- what only HDF5 can read ---- */

/* What HDF5 says of a file that has changed helps nobody. */
static tsr_status refuse_read(const tsr_hdf5_origin *from) {
    TSR_TRY(tsr_files_look(from->files, from->file));
    return tsr_hdf5_refuse(from->path, from->name, "cannot be read");
}

static tsr_status read_box(const tsr_hdf5_origin *from, const box *wanted, void *out) {
    const tsr_hdf5_part *part = from->part;
    tsr_hdf5_handles handles;
    hsize_t begin[H5S_MAX_RANK], count[H5S_MAX_RANK];
    for (int i = 0; i < part->rank; i++) {
        begin[i] = (hsize_t)wanted->origin[i];
        count[i] = (hsize_t)wanted->count[i];
    }
    TSR_TRY(tsr_hdf5_shelf_find(from->shelf, from->file, from->variable, &handles));
    const hid_t stored = H5Dget_type(handles.dataset), type = tsr_hdf5_element_memory(&part->element, stored);
    const hid_t space = H5Dget_space(handles.dataset), memory = H5Screate_simple(part->rank, count, NULL);
    const bool is_read = stored >= 0 && type >= 0 && space >= 0 && memory >= 0 &&
                         H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, count, NULL) >= 0 &&
                         H5Dread(handles.dataset, type, memory, space, H5P_DEFAULT, out) >= 0;
    tsr_status status = TSR_OK;
    if (!is_read) status = refuse_read(from);
    if (stored >= 0) H5Tclose(stored);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (memory >= 0) H5Sclose(memory);
    return status;
}

static tsr_status read_box_locked(const tsr_hdf5_origin *from, const box *wanted, void *out) {
    tsr_hdf5_lock();
    const tsr_status status = read_box(from, wanted, out);
    tsr_hdf5_unlock();
    return status;
}

static tsr_status read_library(const reading *read) {
    const tsr_hdf5_part *part = read->from->part;
    box wanted;
    for (int i = 0; i < part->rank; i++) {
        wanted.origin[i] = read->band->origin[i];
        wanted.count[i] = i < part->axis ? 1 : i == part->axis ? read->band->indices : part->extent[i];
    }
    return read_box_locked(read->from, &wanted, read->out);
}

/* ---- chunks ---- */

/* The part of a chunk that lies within the dataset. */
static box clip(const tsr_hdf5_part *part, const int64_t *origin) {
    box within = {{0}, {0}};
    for (int i = 0; i < part->rank; i++) {
        const int64_t left = part->extent[i] - origin[i];
        within.origin[i] = origin[i];
        within.count[i] = part->chunk[i] < left ? part->chunk[i] : left;
    }
    return within;
}

/* Copies a box out of `from`, which has the lengths `shape`, to its place in the band: runs along the last axis. */
static void place_box(const reading *read, const box *placed, const int64_t *shape, const unsigned char *from) {
    const tsr_hdf5_part *part = read->from->part;
    const int last = part->rank - 1, a = part->axis;
    const size_t bytes = part->element.bytes;
    int64_t index[H5S_MAX_RANK] = {0};
    for (;;) {
        int64_t source = 0, target = 0;
        for (int i = a; i <= last; i++) {
            const int64_t length = i == a ? 1 : part->extent[i];
            source = source * shape[i] + index[i];
            target = target * length + placed->origin[i] - (i == a ? read->band->origin[a] : 0) + index[i];
        }
        memcpy(read->out + (size_t)target * bytes, from + (size_t)source * bytes, (size_t)placed->count[last] * bytes);
        int i = last - 1;
        while (i >= a && ++index[i] == placed->count[i]) index[i--] = 0;
        if (i < a) return;
    }
}

/* HDF5 knows what stands for chunks that were never written, and what is wrong with those it cannot find. */
static tsr_status read_unknown(const reading *read, const int64_t *origin) {
    const tsr_hdf5_part *part = read->from->part;
    const box wanted = clip(part, origin);
    if (part->is_direct) return read_library(read);
    TSR_TRY(read_box_locked(read->from, &wanted, read->chunk));
    place_box(read, &wanted, wanted.count, read->chunk);
    return TSR_OK;
}

static tsr_status find_chunk(const tsr_hdf5_origin *from, const int64_t *origin, tsr_hdf5_place *place,
                             bool *is_found) {
    hsize_t begin[H5S_MAX_RANK];
    tsr_hdf5_handles handles;
    for (int i = 0; i < from->part->rank; i++) begin[i] = (hsize_t)origin[i];
    tsr_hdf5_lock();
    const tsr_status status = tsr_hdf5_shelf_find(from->shelf, from->file, from->variable, &handles);
    if (status == TSR_OK) *is_found = tsr_hdf5_driver_find(handles.file, handles.dataset, begin, place);
    tsr_hdf5_unlock();
    return status;
}

static tsr_status read_filtered(const reading *read, const tsr_hdf5_place *place, unsigned char *out) {
    const tsr_hdf5_origin *from = read->from;
    const size_t room = tsr_hdf5_scratch_bytes(from->part);
    if ((size_t)place->bytes > room)
        return about_rows(read, TSR_FAIL(TSR_EDATA, "it has %lld bytes in the file and can have %zu at most",
                                         (long long)place->bytes, room));
    TSR_TRY(tsr_open_files_read(from->open, from->file, place->address, (size_t)place->bytes, read->scratch->stored));
    return about_rows(read,
                      tsr_hdf5_chunk_decode(from->part, read->scratch, (size_t)place->bytes, place->skipped, out));
}

/* Without filters a band may be a part of a chunk. */
static tsr_status read_plain(const reading *read, const tsr_hdf5_place *place, unsigned char *out) {
    const tsr_hdf5_origin *from = read->from;
    const tsr_hdf5_part *part = from->part;
    const size_t wanted = tsr_hdf5_chunk_bytes(part);
    if ((size_t)place->bytes != wanted)
        return about_rows(read, TSR_FAIL(TSR_EDATA, "it has %lld bytes in the file and should have %zu",
                                         (long long)place->bytes, wanted));
    if (!part->is_direct) return tsr_open_files_read(from->open, from->file, place->address, wanted, out);
    const int64_t before = read->band->origin[part->axis] % part->chunk[part->axis] * part->rest;
    return tsr_open_files_read(from->open, from->file, place->address + before * (int64_t)part->element.bytes,
                               (size_t)read->band->count * part->element.bytes, out);
}

static tsr_status read_chunk(const reading *read, const int64_t *origin) {
    const tsr_hdf5_part *part = read->from->part;
    tsr_hdf5_place place;
    bool is_found = false;
    TSR_TRY(find_chunk(read->from, origin, &place, &is_found));
    if (!is_found) return read_unknown(read, origin);
    unsigned char *to = part->is_direct ? read->out : read->chunk;
    TSR_TRY(part->filters > 0 ? read_filtered(read, &place, to) : read_plain(read, &place, to));
    if (part->is_direct) return TSR_OK;
    const box placed = clip(part, origin);
    place_box(read, &placed, part->chunk, read->chunk);
    return TSR_OK;
}

/* All chunks of the band, row-major. */
static tsr_status read_chunks(const reading *read) {
    const tsr_hdf5_part *part = read->from->part;
    const int a = part->axis;
    int64_t origin[H5S_MAX_RANK];
    memcpy(origin, read->band->origin, sizeof(origin));
    origin[a] = origin[a] / part->chunk[a] * part->chunk[a];
    for (;;) {
        TSR_TRY(read_chunk(read, origin));
        int i = part->rank - 1;
        for (; i > a; i--) {
            origin[i] += part->chunk[i];
            if (origin[i] < part->extent[i]) break;
            origin[i] = 0;
        }
        if (i <= a) return TSR_OK;
    }
}

/* ---- windows ---- */

static tsr_status read_band(const reading *read) {
    const tsr_hdf5_origin *from = read->from;
    const int64_t bytes = (int64_t)from->part->element.bytes;
    switch (from->part->storage) {
    case TSR_HDF5_CHUNKED: return read_chunks(read);
    case TSR_HDF5_LIBRARY: return read_library(read);
    default:
        return tsr_open_files_read(from->open, from->file, from->part->address + read->band->begin * bytes,
                                   (size_t)(read->band->count * bytes), read->out);
    }
}

tsr_status tsr_hdf5_window_aim(const tsr_hdf5_origin *origin, int64_t element, const tsr_hdf5_scratch *scratch,
                               unsigned char *chunk, tsr_hdf5_window *window) {
    if (window->file == origin->file + 1 && element >= window->begin && element < window->end) return TSR_OK;
    const tsr_hdf5_band band = tsr_hdf5_band_at(origin->part, element);
    const reading read = {origin, &band, scratch, chunk, window->data};
    window->file = 0;
    TSR_TRY(read_band(&read));
    window->file = origin->file + 1;
    window->begin = band.begin;
    window->end = band.begin + band.count;
    return TSR_OK;
}
