/* Chunks as HDF5 stores them become bytes again: checksum, deflate and shuffle undone, in the memory of one thread.
 * Pure functions of bytes; thread-safe; HDF5 is not called. */
#ifndef TSR_IO_HDF5_CHUNK_H
#define TSR_IO_HDF5_CHUNK_H

#include "io/data/hdf5_part.h"

/* Memory for decoding, all of it in a thread's workspace: two buffers of tsr_hdf5_scratch_bytes, and room for zlib. */
enum { TSR_HDF5_ZLIB_BYTES = 65536 };
typedef struct {
    unsigned char *stored; /* [scratch] the chunk as it was read */
    unsigned char *other;  /* [scratch] */
    unsigned char *zlib;   /* [TSR_HDF5_ZLIB_BYTES] */
} tsr_hdf5_scratch;

/* Bytes that a stored chunk can have at most, whatever its filters made of it. */
size_t tsr_hdf5_scratch_bytes(const tsr_hdf5_part *part);

/* Decodes scratch->stored [bytes] into out [tsr_hdf5_chunk_bytes]; both scratch buffers are overwritten. skipped: bit i
 * says that filter i was not applied. TSR_EDATA: the chunk is damaged; the sentence says how, without its name. */
tsr_status tsr_hdf5_chunk_decode(const tsr_hdf5_part *part, const tsr_hdf5_scratch *scratch, size_t bytes,
                                 uint32_t skipped, unsigned char *out);

#endif
