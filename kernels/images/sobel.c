/* Gradients by Sobel's operator: differences in one direction, smoothed by 1 2 1 in the other. */
#include "kernels/images/stencil.h"

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"gradient", TSR_CHOICE, "1", "magnitude", 0, 0, false, false, "magnitude|x|y",
     "length of the gradient; or its part from left to right; or from top to bottom"},
    TSR_RASTER_PARAMS,
    TSR_BORDER_PARAMS,
    {.name = NULL},
};

/* Two lines: differences along, and what is smoothed along. */
static void prepare(const tsr_stencil *self, const double *line, int64_t lanes, int64_t length, double *out) {
    (void)self;
    const double *left = line, *middle = line + lanes, *right = line + 2 * lanes;
    double *restrict difference = out, *restrict smooth = out + length;
    for (int64_t j = 0; j < length; j++) {
        difference[j] = right[j] - left[j];
        smooth[j] = fma(2.0, middle[j], left[j] + right[j]);
    }
}

static void combine_along(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                          double *restrict out) {
    (void)self, (void)lanes;
    const double *before = line[0], *at = line[2], *after = line[4];
    for (int64_t j = 0; j < length; j++) out[j] = fma(2.0, at[j], before[j] + after[j]);
}

static void combine_across(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                           double *restrict out) {
    (void)self, (void)lanes;
    const double *before = line[1], *after = line[5];
    for (int64_t j = 0; j < length; j++) out[j] = after[j] - before[j];
}

static void combine_both(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length,
                         double *restrict out) {
    (void)self, (void)lanes;
    const double *before = line[0], *at = line[2], *after = line[4], *smooth_before = line[1], *smooth_after = line[5];
    for (int64_t j = 0; j < length; j++) {
        const double along = fma(2.0, at[j], before[j] + after[j]), across = smooth_after[j] - smooth_before[j];
        out[j] = sqrt(along * along + across * across);
    }
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    enum { MAGNITUDE, X };
    static const char *const meaning[] = {"length of the gradient, times 8", "gradient from left to right, times 8",
                                          "gradient from top to bottom, times 8"};
    tsr_stencil *self = NULL;
    const int choice = tsr_params_choice(given, "gradient"), radius[2] = {1, 1};
    TSR_TRY(tsr_stencil_create(given, in, meaning[choice], radius, "image", &self));
    self->prepared = 2;
    self->prepare = prepare;
    if (choice == MAGNITUDE)
        self->combine = combine_both;
    else
        self->combine = (choice == X) == self->raster.is_stack ? combine_along : combine_across;
    tsr_stencil_arrange(self);
    *model = self;
    return TSR_OK;
}

const tsr_map tsr_map_sobel = {
    .name = "sobel",
    .summary = "edges of images: Sobel's gradient",
    .reference =
        "x: columns -1 0 1 smoothed by rows 1 2 1, y the other way round, not divided by 8; scipy.ndimage.sobel",
    .params = params,
    .create = create,
    .destroy = tsr_stencil_destroy,
    .fields_of = tsr_stencil_fields,
    .reach = tsr_stencil_reach,
    .apply = tsr_stencil_apply,
};
