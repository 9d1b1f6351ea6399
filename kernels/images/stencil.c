#include "kernels/images/stencil.h"

#include <stdlib.h>

void tsr_stencil_destroy(void *model) {
    tsr_stencil *self = model;
    if (self == NULL) return;
    tsr_raster_clear(&self->raster);
    free(self->weights);
    free(self);
}

const tsr_field *tsr_stencil_fields(const void *model) { return ((const tsr_stencil *)model)->raster.fields; }

tsr_reach tsr_stencil_reach(const void *model) {
    const tsr_stencil *self = model;
    const int64_t rows = self->raster.is_stack ? 0 : self->along;
    return (tsr_reach){.before = rows, .after = rows};
}

/* What stands beyond an edge is a pixel of the image, so many from the edge. */
static tsr_status check_radius(const tsr_params *params, const tsr_raster *raster, const int radius[2],
                               const char *size_row) {
    const int farthest = radius[0] > radius[1] ? radius[0] : radius[1];
    if (farthest > TSR_STENCIL_RADIUS_MAX)
        return tsr_params_fail(params, size_row, "the filter looks more than %d pixels far; make it smaller",
                               TSR_STENCIL_RADIUS_MAX);
    if (raster->is_stack && radius[0] >= raster->height)
        return tsr_params_fail(params, size_row,
                               "the filter looks %d pixels up and down, which images of %lld rows do not have",
                               radius[0], (long long)raster->height);
    if (radius[1] >= raster->width)
        return tsr_params_fail(params, size_row,
                               "the filter looks %d pixels to the left and right, which rows of %lld do not have",
                               radius[1], (long long)raster->width);
    return TSR_OK;
}

static tsr_status read_borders(const tsr_params *params, tsr_stencil *self) {
    TSR_TRY(tsr_border_read(params, self->border));
    self->outside = tsr_params_real(params, "cval");
    if (!self->raster.is_stack && self->border[0] == TSR_BORDER_WRAP)
        return tsr_params_fail(params, "mode",
                               "wrap would put the last row above the first, and rows are read from the first to the "
                               "last; columns can be wrapped alone, e.g. mode: [nearest, wrap]");
    return TSR_OK;
}

static tsr_status fill_in(const tsr_params *params, const tsr_field *in, const char *meaning, const int radius[2],
                          const char *size_row, tsr_stencil *self) {
    TSR_TRY(tsr_raster_read(params, in, meaning, &self->raster));
    TSR_TRY(check_radius(params, &self->raster, radius, size_row));
    self->across = radius[self->raster.is_stack ? 0 : 1];
    self->along = radius[self->raster.is_stack ? 1 : 0];
    return read_borders(params, self);
}

tsr_status tsr_stencil_create(const tsr_params *params, const tsr_field *in, const char *meaning, const int radius[2],
                              const char *size_row, tsr_stencil **out) {
    tsr_stencil *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of a filter");
    const tsr_status status = fill_in(params, in, meaning, radius, size_row, self);
    if (status == TSR_OK)
        *out = self;
    else
        tsr_stencil_destroy(self);
    return status;
}
