/* Filters that make a pixel of the pixels around it. One loop for both layouts: it goes along lines of pixels and keeps
 * those around the current one, so that each is read once and the work is done in the first-level cache.
 *
 *                   a line is             its cells are                   lanes of a cell
 * items are images  a row of the image    the columns of the image        items: the same pixel of neighbouring images
 * items are rows    a column of blocks    items: the rows of the picture  one
 *
 * The loops over the doubles of a line are therefore vector loops in both. "Across" is from line to line, "along" is
 * within a line. */
#ifndef TSR_KERNELS_IMAGES_STENCIL_H
#define TSR_KERNELS_IMAGES_STENCIL_H

#include "kernels/images/border.h"
#include "kernels/images/raster.h"

/* The largest radius, and the most lines that are kept: of a filter with radius r across that prepares m lines of each,
 * (2 r + 1) m. */
enum { TSR_STENCIL_RADIUS_MAX = 127, TSR_STENCIL_LINES_MAX = 2 * TSR_STENCIL_RADIUS_MAX + 1 };

/* The model of such a filter, immutable once made. */
typedef struct tsr_stencil {
    tsr_raster raster;
    tsr_border border[2]; /* beyond rows, beyond columns */
    double outside;       /* what is there in mode constant */
    int across;           /* how far it looks, in lines */
    int along;            /* and in cells */
    int prepared;         /* lines that `prepare` makes of one; 0: there is no such function, `combine` sees the line */
    double *weights;      /* the filter's own, freed with it; or NULL */

    /* Makes `prepared` lines of `length` doubles each, one behind the other, from a line that has margins: the
     * neighbours of line[j + along * lanes] are line[j + d * lanes], d = 0 .. 2 along. */
    void (*prepare)(const struct tsr_stencil *self, const double *line, int64_t lanes, int64_t length, double *out);

    /* Makes the pixels of a line. line: what was prepared of 2 across + 1 lines, from the first to the last, or the
     * lines with their margins. */
    void (*combine)(const struct tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                    double *out);

    int64_t lanes; /* of a cell */
    int64_t cells; /* of a line that is worked on at once */
} tsr_stencil;

/* A model with its raster and borders; functions and weights are the caller's to add. radius: in rows and columns of
 * the picture. size_row: the parameter that the radius comes from. TSR_EUSAGE: as tsr_raster_read and tsr_border_read;
 * a radius that is too large, by itself or for the image; wrap where the last row is not known when the first is
 * filtered. TSR_ERUNTIME. */
tsr_status tsr_stencil_create(const tsr_params *params, const tsr_field *in, const char *meaning, const int radius[2],
                              const char *size_row, tsr_stencil **out);

/* Says how lines are worked on, once the rest is there. */
void tsr_stencil_arrange(tsr_stencil *self);

/* Functions of the map's table. */
void tsr_stencil_destroy(void *model);
const tsr_field *tsr_stencil_fields(const void *model);
tsr_reach tsr_stencil_reach(const void *model);
tsr_status tsr_stencil_apply(const void *model, const tsr_block *in, tsr_block *out);

#endif
