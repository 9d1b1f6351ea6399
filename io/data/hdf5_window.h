/* What a thread has of an HDF5 dataset in its memory: one band of it, as its elements are stored but row-major, whole,
 * and without filters.
 * Thread-safe as long as each thread has its own window and scratch; takes the lock of hdf5_lock.h for what only HDF5
 * can tell or read. Allocates nothing. */
#ifndef TSR_IO_HDF5_WINDOW_H
#define TSR_IO_HDF5_WINDOW_H

#include "io/data/hdf5_chunk.h"
#include "io/data/hdf5_shelf.h"
#include "io/data/open_files.h"

/* Where the bytes are. */
typedef struct {
    const tsr_hdf5_part *part;
    const char *path;
    const char *name; /* of the dataset */
    int variable;
    int file;
    int64_t row_elements; /* for messages: elements of a row */
    int64_t first_row;    /* for messages: rows of the files before this one */
    const tsr_files *files;
    tsr_open_files *open;
    tsr_hdf5_shelf *shelf;
} tsr_hdf5_origin;

/* Zeroed: nothing is there. */
typedef struct {
    int64_t file; /* number of the file + 1 */
    int64_t begin;
    int64_t end;         /* elements of that file */
    unsigned char *data; /* [tsr_hdf5_band_bytes of the part] */
} tsr_hdf5_window;

/* Makes the window hold the band with an element, unless it does. chunk: room for a chunk that has to be rearranged.
 * TSR_EDATA: a chunk that is damaged, with its rows; the file has changed, or ends too early; TSR_ERUNTIME. */
tsr_status tsr_hdf5_window_aim(const tsr_hdf5_origin *origin, int64_t element, const tsr_hdf5_scratch *scratch,
                               unsigned char *chunk, tsr_hdf5_window *window);

#endif
