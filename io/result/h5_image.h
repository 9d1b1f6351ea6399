/* Images as HDF5 sees them: composing one, and opening one that anybody may have made.
 * Not collective; HDF5 is not thread-safe, so both belong to the thread that may call it. */
#ifndef TSR_IO_H5_IMAGE_H
#define TSR_IO_H5_IMAGE_H

#include "io/result/contents.h"
#include "io/result/h5.h"
#include "io/result/image.h"

/* Composes contents and seals them. Allocates out->bytes, which may be written by any thread. TSR_ERUNTIME: no memory,
 * now or when the contents were filled in, or with HDF5's reason. */
tsr_status tsr_image_create(const tsr_contents *contents, tsr_image *out);

/* Judges the seal before HDF5 sees a byte, then opens the file for reading; nothing is copied, so the image has to
 * outlive it. is_sealed: false where there is no seal to judge by. To be closed with tsr_h5_drop. TSR_ECHECKPOINT: the
 * seal is broken, or HDF5 cannot open it, or it ends elsewhere than it says. */
tsr_status tsr_image_open(const tsr_image *image, hid_t *file, bool *is_sealed);

#endif
