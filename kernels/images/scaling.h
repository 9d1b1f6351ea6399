/* How a row of pixels becomes one of another length: which pixels each new one is made of.
 * Weights are whole numbers, and their sum is the same for all new pixels: sums of whole numbers stay exact, and are
 * divided once. */
#ifndef TSR_KERNELS_IMAGES_SCALING_H
#define TSR_KERNELS_IMAGES_SCALING_H

#include "engine/kernel.h"

typedef enum {
    TSR_SCALING_AREA,     /* the average of what the new pixel covers, parts of pixels as parts */
    TSR_SCALING_BILINEAR, /* between the two pixels whose centres are around its own; at the edges, the first or last */
    TSR_SCALING_NEAREST   /* the one that its centre lies in; between two, the later one */
} tsr_scaling_method;

typedef struct {
    int64_t length; /* of the new row */
    int64_t most;   /* pixels that one is made of */
    double sum;     /* of the weights of each */
    int64_t *first; /* [length] */
    int64_t *count; /* [length], at most `most` */
    double *weight; /* [length, most] */
} tsr_scaling;

/* Lengths: 1 .. 65536. Allocates; clear in any case. TSR_ERUNTIME: no memory. */
tsr_status tsr_scaling_create(tsr_scaling_method method, int64_t from, int64_t to, tsr_scaling *out);
void tsr_scaling_clear(tsr_scaling *scaling);

#endif
