/* An image: a whole file in memory, with its seal at the end. HDF5 files are composed and judged as images
 * (h5_image.h), so that the disk sees nothing but one plain run of bytes. Not collective; thread-safe on different
 * images. */
#ifndef TSR_IO_IMAGE_H
#define TSR_IO_IMAGE_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    unsigned char *bytes; /* [count] */
    int64_t count;
} tsr_image;

/* Reads a whole file. Allocates out->bytes. TSR_EDATA: there is none, or it is no ordinary file (symbolic links are not
 * followed); TSR_EIO: the disk, or it changes meanwhile; TSR_ERUNTIME: no memory. */
tsr_status tsr_image_read(const char *path, tsr_image *out);

/* Frees; accepts an empty image. */
void tsr_image_clear(tsr_image *image);

/* Whether a file begins as HDF5 files do. False also for one that cannot be read. */
bool tsr_image_is_one(const char *path);

#endif
