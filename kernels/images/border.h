/* What lies beyond the edges of an image: which of its pixels stands for one outside, as scipy.ndimage calls it. */
#ifndef TSR_KERNELS_IMAGES_BORDER_H
#define TSR_KERNELS_IMAGES_BORDER_H

#include "engine/kernel.h"

/*                     outside | image   | outside */
typedef enum {
    TSR_BORDER_REFLECT,  /* c b a | a b c d | d c b */
    TSR_BORDER_MIRROR,   /* d c b | a b c d | c b a */
    TSR_BORDER_NEAREST,  /* a a a | a b c d | d d d */
    TSR_BORDER_CONSTANT, /* v v v | a b c d | v v v */
    TSR_BORDER_WRAP      /* b c d | a b c d | a b c */
} tsr_border;

/* The rows of a map with edges: one mode, or one for rows and one for columns. */
#define TSR_BORDER_PARAMS                                                                                              \
    {"mode",                                                                                                           \
     TSR_TEXT_LIST,                                                                                                    \
     "1",                                                                                                              \
     "reflect",                                                                                                        \
     0,                                                                                                                \
     0,                                                                                                                \
     false,                                                                                                            \
     false,                                                                                                            \
     NULL,                                                                                                             \
     "beyond the edges: reflect, mirror, nearest, constant or wrap; two words: above and below, left and right"},      \
    {                                                                                                                  \
        "cval", TSR_REAL, "1", "0", 0, 0, false, false, NULL, "what mode constant puts beyond the edges"               \
    }

/* Reads row `mode`. out: beyond the first and last row, beyond the first and last column. TSR_EUSAGE: no such mode. */
tsr_status tsr_border_read(const tsr_params *params, tsr_border out[2]);

/* The place within 0 .. count - 1 of the pixel that stands for place i; -1: the constant. count > 0. */
int64_t tsr_border_place(tsr_border border, int64_t i, int64_t count);

#endif
