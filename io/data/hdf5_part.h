/* One HDF5 dataset of one file: what its elements are, and how they lie in the file.
 * Elements are numbered row-major. They are read in bands: neighbouring indices of one axis, all of the axes after it,
 * one index of each axis before it. A band is what a thread reads, and decompresses, at once.
 * HDF5 is called: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_PART_H
#define TSR_IO_HDF5_PART_H

#include "engine/status.h"
#include "io/data/decoding.h"
#include "io/data/hdf5_element.h"

#include <hdf5.h>
#include <stdint.h>

enum { TSR_HDF5_FILTERS_MAX = 8 };

/* Who brings the bytes: pread at an address, pread of chunks that the threads decode, or HDF5 itself, one at a time. */
typedef enum { TSR_HDF5_CONTIGUOUS, TSR_HDF5_CHUNKED, TSR_HDF5_LIBRARY } tsr_hdf5_storage;

typedef enum { TSR_HDF5_SHUFFLE, TSR_HDF5_DEFLATE, TSR_HDF5_FLETCHER32 } tsr_hdf5_filter;

typedef struct {
    tsr_hdf5_storage storage;
    tsr_hdf5_element element;
    tsr_decoding decoding;
    int rank;
    int64_t extent[H5S_MAX_RANK];
    int64_t chunk[H5S_MAX_RANK]; /* = extent where there are no chunks */
    int64_t address;             /* contiguous */
    int filters;                 /* chunked: as they were applied in writing */
    tsr_hdf5_filter filter[TSR_HDF5_FILTERS_MAX];
    int axis;       /* along which bands are cut */
    int64_t band;   /* indices of a band; no band reaches over the end of a chunk */
    int64_t rest;   /* elements of one index of the axis */
    bool is_direct; /* a chunk is as wide as a band: no rearranging */
} tsr_hdf5_part;

/* A band: elements begin .. begin + count - 1, indices index .. of the axis. */
typedef struct {
    int64_t begin;
    int64_t count;
    int64_t origin[H5S_MAX_RANK]; /* of its first element */
    int64_t indices;              /* along the axis */
} tsr_hdf5_band;

/* Looks at a dataset; by_rows: every index of the first axis is a row that stays whole. file_bytes: of the file.
 * Allocates; clear in any case. The sentence of a failure is without the name of the dataset.
 * TSR_EDATA: scalar or empty, no numbers in it, a filter that HDF5 lacks, chunks too large, an address beyond the end
 * of the file; TSR_ERUNTIME. */
tsr_status tsr_hdf5_part_read(hid_t dataset, bool by_rows, int64_t file_bytes, tsr_hdf5_part *out);
void tsr_hdf5_part_clear(tsr_hdf5_part *part);

/* Elements in all; bytes of the largest band and chunk. Pure. */
int64_t tsr_hdf5_part_elements(const tsr_hdf5_part *part);
size_t tsr_hdf5_band_bytes(const tsr_hdf5_part *part);
size_t tsr_hdf5_chunk_bytes(const tsr_hdf5_part *part);

/* The band in which an element lies. Pure. */
tsr_hdf5_band tsr_hdf5_band_at(const tsr_hdf5_part *part, int64_t element);

#endif
