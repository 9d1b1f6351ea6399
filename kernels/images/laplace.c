/* The Laplacian of images: what the four neighbours have more than the pixel. */
#include "kernels/images/stencil.h"

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    TSR_RASTER_PARAMS,
    TSR_BORDER_PARAMS,
    {.name = NULL},
};

static void combine(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                    double *restrict out) {
    (void)self;
    const double *before = line[0] + lanes, *left = line[1], *middle = line[1] + lanes, *right = line[1] + 2 * lanes;
    const double *after = line[2] + lanes;
    for (int64_t j = 0; j < length; j++) out[j] = fma(-4.0, middle[j], (before[j] + after[j]) + (left[j] + right[j]));
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_stencil *self = NULL;
    const int radius[2] = {1, 1};
    TSR_TRY(tsr_stencil_create(given, in, "Laplacian", radius, "image", &self));
    self->combine = combine;
    tsr_stencil_arrange(self);
    *model = self;
    return TSR_OK;
}

const tsr_map tsr_map_laplace = {
    .name = "laplace",
    .summary = "the Laplacian of images: second differences, down and across",
    .reference = "up + down + left + right - 4 middle; scipy.ndimage.laplace",
    .params = params,
    .create = create,
    .destroy = tsr_stencil_destroy,
    .fields_of = tsr_stencil_fields,
    .reach = tsr_stencil_reach,
    .apply = tsr_stencil_apply,
};
