#include "io/data/hdf5_part.h"

#include <string.h>

/* Read at once where the file leaves the choice: it stays in the cache of a core. What HDF5 reads costs more a call. */
enum { READ_BYTES = 256 << 10, LIBRARY_BYTES = 4 << 20, NAME_BYTES = 80 };

/* What a thread may need for a band. */
static const int64_t BAND_BYTES_MAX = INT64_C(256) << 20;
static const int64_t ELEMENTS_MAX = INT64_C(1) << 62;

void tsr_hdf5_part_clear(tsr_hdf5_part *part) {
    tsr_hdf5_element_clear(&part->element);
    *part = (tsr_hdf5_part){0};
}

static int64_t product(const int64_t *extent, int begin, int end) {
    int64_t elements = 1;
    for (int i = begin; i < end; i++) elements *= extent[i];
    return elements;
}

int64_t tsr_hdf5_part_elements(const tsr_hdf5_part *part) { return product(part->extent, 0, part->rank); }

size_t tsr_hdf5_band_bytes(const tsr_hdf5_part *part) {
    return (size_t)(part->band * part->rest) * part->element.bytes;
}

size_t tsr_hdf5_chunk_bytes(const tsr_hdf5_part *part) {
    return (size_t)product(part->chunk, 0, part->rank) * part->element.bytes;
}

tsr_hdf5_band tsr_hdf5_band_at(const tsr_hdf5_part *part, int64_t element) {
    tsr_hdf5_band band = {0};
    const int a = part->axis;
    const int64_t index = element / part->rest % part->extent[a], chunk = index / part->chunk[a] * part->chunk[a];
    const int64_t begin = chunk + (index - chunk) / part->band * part->band;
    int64_t end = begin + part->band;
    if (end > chunk + part->chunk[a]) end = chunk + part->chunk[a];
    if (end > part->extent[a]) end = part->extent[a];
    int64_t before = element / part->rest / part->extent[a];
    band.begin = (before * part->extent[a] + begin) * part->rest;
    band.indices = end - begin;
    band.count = band.indices * part->rest;
    band.origin[a] = begin;
    for (int i = a - 1; i >= 0; i--) {
        band.origin[i] = before % part->extent[i];
        before /= part->extent[i];
    }
    return band;
}

/* ---- shape ---- */

static tsr_status read_extent(hid_t space, tsr_hdf5_part *out) {
    hsize_t extent[H5S_MAX_RANK];
    const H5S_class_t kind = H5Sget_simple_extent_type(space);
    TSR_REQUIRE(kind != H5S_NULL, TSR_EDATA, "is empty: it has a type and no values");
    TSR_REQUIRE(kind != H5S_SCALAR, TSR_EDATA, "holds a single value; a dataset of rows has at least one axis");
    out->rank = H5Sget_simple_extent_dims(space, extent, NULL);
    TSR_REQUIRE(kind == H5S_SIMPLE && out->rank > 0, TSR_EDATA, "has a shape that cannot be read");
    int64_t elements = 1;
    for (int i = 0; i < out->rank; i++) {
        const int64_t most = ELEMENTS_MAX / (int64_t)out->element.bytes / (elements > 0 ? elements : 1);
        TSR_REQUIRE(extent[i] <= (hsize_t)most, TSR_EDATA, "has more than 2^62 bytes");
        out->extent[i] = out->chunk[i] = (int64_t)extent[i];
        elements *= out->extent[i];
    }
    for (int i = 1; i < out->rank; i++) TSR_REQUIRE(extent[i] > 0, TSR_EDATA, "is empty: axis %d has no length", i);
    return TSR_OK;
}

/* ---- layout ---- */

/* Ours to decode, or HDF5's; or a filter that is not there, by its name. */
static tsr_status read_filter(hid_t list, unsigned i, tsr_hdf5_part *out) {
    unsigned flags, config, value[16] = {0};
    size_t values = sizeof(value) / sizeof(*value);
    char name[NAME_BYTES] = "";
    const H5Z_filter_t filter = H5Pget_filter2(list, i, &flags, &values, value, sizeof(name), name, &config);
    TSR_REQUIRE(filter >= 0, TSR_EDATA, "has a filter that cannot be read");
    TSR_REQUIRE(H5Zfilter_avail(filter) > 0, TSR_EDATA,
                "is compressed by filter %d (%s), which this HDF5 does not have; h5repack -f GZIP=1 on a machine that "
                "has it makes a file that can be read",
                (int)filter, name);
    switch (filter) {
    case H5Z_FILTER_SHUFFLE:
        out->filter[i] = TSR_HDF5_SHUFFLE;
        TSR_REQUIRE(out->element.is_foreign || (values > 0 && value[0] == out->element.bytes), TSR_EDATA,
                    "is shuffled by %u bytes, and its elements have %zu: the file is damaged", value[0],
                    out->element.bytes);
        break;
    case H5Z_FILTER_DEFLATE: out->filter[i] = TSR_HDF5_DEFLATE; break;
    case H5Z_FILTER_FLETCHER32: out->filter[i] = TSR_HDF5_FLETCHER32; break;
    default: out->storage = TSR_HDF5_LIBRARY; break;
    }
    return TSR_OK;
}

static tsr_status read_filters(hid_t list, tsr_hdf5_part *out) {
    const int filters = H5Pget_nfilters(list);
    TSR_REQUIRE(filters >= 0, TSR_EDATA, "has filters that cannot be read");
    TSR_REQUIRE(filters <= TSR_HDF5_FILTERS_MAX, TSR_EDATA, "has more than %d filters", TSR_HDF5_FILTERS_MAX);
    for (int i = 0; i < filters; i++) TSR_TRY(read_filter(list, (unsigned)i, out));
    out->filters = filters;
    return TSR_OK;
}

static tsr_status read_chunks(hid_t list, tsr_hdf5_part *out) {
    hsize_t chunk[H5S_MAX_RANK];
    unsigned options = 0;
    TSR_REQUIRE(H5Pget_chunk(list, out->rank, chunk) == out->rank && H5Pget_chunk_opts(list, &options) >= 0, TSR_EDATA,
                "has chunks that cannot be read");
    uint64_t bytes = out->element.bytes;
    out->storage = options != 0 || out->element.is_foreign ? TSR_HDF5_LIBRARY : TSR_HDF5_CHUNKED;
    for (int i = 0; i < out->rank; i++) {
        TSR_REQUIRE(chunk[i] > 0 && chunk[i] <= UINT32_MAX && bytes * chunk[i] <= UINT32_MAX, TSR_EDATA,
                    "has chunks of more than 4 GB");
        bytes *= chunk[i];
        out->chunk[i] = (int64_t)chunk[i];
    }
    return read_filters(list, out);
}

static tsr_status read_address(hid_t dataset, hid_t list, int64_t file_bytes, tsr_hdf5_part *out) {
    const haddr_t address = H5Dget_offset(dataset);
    const int64_t bytes = tsr_hdf5_part_elements(out) * (int64_t)out->element.bytes;
    out->storage = TSR_HDF5_LIBRARY;
    if (H5Pget_external_count(list) != 0 || address == HADDR_UNDEF || out->element.is_foreign) return TSR_OK;
    TSR_REQUIRE(address <= (haddr_t)file_bytes && bytes <= file_bytes - (int64_t)address, TSR_EDATA,
                "ends beyond the end of the file, which must have been cut short");
    out->storage = TSR_HDF5_CONTIGUOUS;
    out->address = (int64_t)address;
    return TSR_OK;
}

static tsr_status read_layout(hid_t dataset, hid_t list, int64_t file_bytes, tsr_hdf5_part *out) {
    switch (H5Pget_layout(list)) {
    case H5D_CONTIGUOUS: return read_address(dataset, list, file_bytes, out);
    case H5D_CHUNKED: return read_chunks(list, out);
    case H5D_COMPACT:
    case H5D_VIRTUAL: out->storage = TSR_HDF5_LIBRARY; return TSR_OK;
    default: return TSR_FAIL(TSR_EDATA, "has a layout that cannot be read");
    }
}

/* ---- bands ---- */

/* The largest power of two of indices that fits into some bytes, so that bands and tiles end together. */
static int64_t fitting(int64_t bytes, int64_t index_bytes, int64_t most) {
    int64_t indices = 1;
    while (2 * indices <= most && 2 * indices * index_bytes <= bytes) indices *= 2;
    return indices;
}

/* Where chunks do not bind, the first axis whose index is small enough. */
static int free_axis(const tsr_hdf5_part *part, int64_t bytes) {
    int axis = 0;
    while (axis + 1 < part->rank && product(part->extent, axis + 1, part->rank) > bytes / (int64_t)part->element.bytes)
        axis++;
    return axis;
}

static int chunk_axis(const tsr_hdf5_part *part) {
    int axis = 0;
    while (axis + 1 < part->rank && part->chunk[axis] == 1) axis++;
    return axis;
}

static bool is_chunked(const tsr_hdf5_part *part) {
    return memcmp(part->chunk, part->extent, (size_t)part->rank * sizeof(*part->chunk)) != 0 || part->filters > 0;
}

static tsr_status cut_bands(bool by_rows, tsr_hdf5_part *out) {
    const bool is_free = out->storage != TSR_HDF5_CHUNKED && !is_chunked(out);
    const int64_t wanted = out->storage == TSR_HDF5_LIBRARY ? LIBRARY_BYTES : READ_BYTES;
    if (!by_rows) out->axis = is_free ? free_axis(out, wanted) : chunk_axis(out);
    const int a = out->axis;
    out->rest = product(out->extent, a + 1, out->rank);
    out->is_direct = true;
    for (int i = a + 1; i < out->rank; i++) out->is_direct &= out->chunk[i] == out->extent[i];
    const int64_t index_bytes = out->rest * (int64_t)out->element.bytes;
    const int64_t length = out->chunk[a] < out->extent[a] ? out->chunk[a] : out->extent[a];
    const bool is_whole = !is_free && (out->filters > 0 || !out->is_direct);
    out->band = is_whole ? out->chunk[a] : fitting(wanted, index_bytes, length);
    TSR_REQUIRE(
        index_bytes <= BAND_BYTES_MAX && out->band <= BAND_BYTES_MAX / index_bytes, TSR_EDATA,
        "must be read %.4g MB at a time because of the shape of its chunks, and %lld MB are allowed; h5repack "
        "-l CHUNK=... gives it chunks that are short along axis %d and as long as it is along the axes after it",
        (double)out->band * (double)index_bytes / 1e6, (long long)(BAND_BYTES_MAX >> 20), a);
    return TSR_OK;
}

tsr_status tsr_hdf5_part_read(hid_t dataset, bool by_rows, int64_t file_bytes, tsr_hdf5_part *out) {
    *out = (tsr_hdf5_part){.decoding = tsr_decoding_none()};
    tsr_status status = TSR_OK;
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset), list = H5Dget_create_plist(dataset);
    if (type < 0 || space < 0 || list < 0) {
        status = TSR_FAIL(TSR_EDATA, "cannot be read");
        goto out;
    }
    TSR_TRY_OUT(tsr_hdf5_element_read(type, &out->element));
    if (out->element.count == 0) {
        status = TSR_FAIL(TSR_EDATA, "holds %s, neither numbers nor words", out->element.why);
        goto out;
    }
    TSR_TRY_OUT(read_extent(space, out));
    TSR_TRY_OUT(read_layout(dataset, list, file_bytes, out));
    TSR_TRY_OUT(cut_bands(by_rows, out));
out:
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (list >= 0) H5Pclose(list);
    return status;
}
