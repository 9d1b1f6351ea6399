#include "io/data/hdf5_chunk.h"

#include <string.h>
#include <zlib.h>

enum { CHECKSUM_BYTES = 4, SUM_RUN = 360, ALIGNMENT = 16 };

/* zlib makes incompressible bytes longer by less than a thousandth and some. */
size_t tsr_hdf5_scratch_bytes(const tsr_hdf5_part *part) {
    const size_t bytes = tsr_hdf5_chunk_bytes(part);
    return part->filters == 0 ? 0 : bytes + bytes / 500 + 4096;
}

/* ---- deflate ---- */

/* zlib asks for memory a few times when it begins: it gets it here, and nothing is given back. */
typedef struct {
    unsigned char *memory;
    size_t used;
} zlib_memory;

static void *take(void *data, unsigned items, unsigned size) {
    zlib_memory *memory = data;
    const size_t bytes = ((size_t)items * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > TSR_HDF5_ZLIB_BYTES - memory->used) return NULL;
    memory->used += bytes;
    return memory->memory + memory->used - bytes;
}

static void give_back(void *data, void *address) {
    (void)data;
    (void)address;
}

static tsr_status inflate_all(const unsigned char *from, size_t bytes, unsigned char *scratch, size_t room,
                              unsigned char *out, size_t *made) {
    zlib_memory memory = {.memory = scratch};
    z_stream stream = {.zalloc = take,
                       .zfree = give_back,
                       .opaque = &memory,
                       .next_in = (z_const Bytef *)(uintptr_t)from,
                       .avail_in = (uInt)bytes,
                       .next_out = out,
                       .avail_out = (uInt)room};
    TSR_REQUIRE(inflateInit(&stream) == Z_OK, TSR_ERUNTIME, "zlib cannot begin");
    const int code = inflate(&stream, Z_FINISH);
    *made = room - stream.avail_out;
    if (code == Z_STREAM_END) return TSR_OK;
    if (stream.msg != NULL) return TSR_FAIL(TSR_EDATA, "zlib says: %s", stream.msg);
    return TSR_FAIL(TSR_EDATA, "zlib says: %s",
                    stream.avail_out == 0 ? "more bytes than the chunk has" : "it ends early");
}

/* ---- shuffle ---- */

/* Byte k of all elements stands together. Constant sizes become vectors. */
#define UNSHUFFLE(size)                                                                                                \
    static void unshuffle_##size(const unsigned char *restrict from, size_t elements, unsigned char *restrict out) {   \
        for (size_t i = 0; i < elements; i++)                                                                          \
            for (size_t k = 0; k < (size); k++) out[i * (size) + k] = from[k * elements + i];                          \
    }
UNSHUFFLE(2)
UNSHUFFLE(4)
UNSHUFFLE(8)

static void unshuffle(const unsigned char *restrict from, size_t bytes, size_t size, unsigned char *restrict out) {
    const size_t elements = bytes / size, whole = elements * size;
    switch (size) {
    case 1: memcpy(out, from, whole); break;
    case 2: unshuffle_2(from, elements, out); break;
    case 4: unshuffle_4(from, elements, out); break;
    case 8: unshuffle_8(from, elements, out); break;
    default:
        for (size_t k = 0; k < size; k++)
            for (size_t i = 0; i < elements; i++) out[i * size + k] = from[k * elements + i];
    }
    memcpy(out + whole, from + whole, bytes - whole);
}

/* ---- checksum ---- */

/* Source: J. Fletcher, IEEE Trans. Commun. 30 (1982) 247, over 16-bit words, first byte high, an odd byte padded. */
static uint32_t fletcher32(const unsigned char *data, size_t bytes) {
    uint32_t sum = 0, sums = 0;
    for (size_t at = 0; at < bytes;) {
        for (int i = 0; i < SUM_RUN && at < bytes; i++, at += 2) {
            sum += (uint32_t)data[at] << 8 | (at + 1 < bytes ? data[at + 1] : 0U);
            sums += sum;
        }
        sum = (sum & 0xffff) + (sum >> 16);
        sums = (sums & 0xffff) + (sums >> 16);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sums = (sums & 0xffff) + (sums >> 16);
    return sums << 16 | sum;
}

static tsr_status check_sum(const unsigned char *data, size_t *bytes) {
    TSR_REQUIRE(*bytes >= CHECKSUM_BYTES, TSR_EDATA, "it has no checksum");
    *bytes -= CHECKSUM_BYTES;
    const unsigned char *end = data + *bytes;
    const uint32_t stored = end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    const uint32_t computed = fletcher32(data, *bytes);
    TSR_REQUIRE(stored == computed, TSR_EDATA, "its checksum is %08x, and %08x is stored", computed, stored);
    return TSR_OK;
}

/* ---- all of it ---- */

/* Filters that are still to be undone when filter i has been. */
static bool is_last(int i, uint32_t skipped) { return (~skipped & ((UINT32_C(1) << i) - 1)) == 0; }

tsr_status tsr_hdf5_chunk_decode(const tsr_hdf5_part *part, const tsr_hdf5_scratch *scratch, size_t bytes,
                                 uint32_t skipped, unsigned char *out) {
    const size_t wanted = tsr_hdf5_chunk_bytes(part), room = tsr_hdf5_scratch_bytes(part);
    unsigned char *at = scratch->stored;
    for (int i = part->filters - 1; i >= 0; i--) {
        if ((skipped >> i & 1) != 0) continue;
        if (part->filter[i] == TSR_HDF5_FLETCHER32) {
            TSR_TRY(check_sum(at, &bytes));
            continue;
        }
        const bool is_shuffle = part->filter[i] == TSR_HDF5_SHUFFLE;
        unsigned char *spare = at == scratch->stored ? scratch->other : scratch->stored;
        unsigned char *to = is_last(i, skipped) && (!is_shuffle || bytes <= wanted) ? out : spare;
        if (is_shuffle)
            unshuffle(at, bytes, part->element.bytes, to);
        else
            TSR_TRY(inflate_all(at, bytes, scratch->zlib, to == out ? wanted : room, to, &bytes));
        at = to;
    }
    TSR_REQUIRE(bytes == wanted, TSR_EDATA, "it has %zu bytes and should have %zu", bytes, wanted);
    if (at != out) memcpy(out, at, bytes);
    return TSR_OK;
}
