/* Where the pixels of images are in the columns of a block: an item is an image, or a row of one picture. */
#ifndef TSR_KERNELS_IMAGES_RASTER_H
#define TSR_KERNELS_IMAGES_RASTER_H

#include "engine/kernel.h"

/* The rows that tell it. */
#define TSR_RASTER_PARAMS                                                                                              \
    {"image", TSR_TEXT_LIST,                                                                                           \
     "1",     NULL,                                                                                                    \
     0,       0,                                                                                                       \
     false,   false,                                                                                                   \
     NULL,    "[height, width] if each item is an image; rows if items are the rows of one picture"},                  \
    {                                                                                                                  \
        "keep", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns that are no pixels and pass as they are"    \
    }

/* Immutable once made. */
typedef struct {
    bool is_stack;  /* an item is an image; otherwise it is a row of one picture */
    int64_t height; /* of an image; 0: nobody knows before the last row */
    int64_t width;
    int pixels;  /* of an item */
    int *column; /* [pixels]: where they are, row by row */
    int kept;
    int *keep;         /* [kept] */
    tsr_field *fields; /* the columns that came in, of which the pixels are no controls any more */
} tsr_raster;

/* Reads the rows above against the input's columns; all that `keep` does not name are pixels. meaning: what the pixels
 * will be; kept until destroy. Clear in any case. TSR_EUSAGE: no shape, another number of columns than the shape has
 * pixels, no such column, a column of words; TSR_ERUNTIME. */
tsr_status tsr_raster_read(const tsr_params *params, const tsr_field *in, const char *meaning, tsr_raster *out);
void tsr_raster_clear(tsr_raster *raster);

#endif
