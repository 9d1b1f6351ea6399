/* Gaussian smoothing: along lines as they are read, then across them. */
#include "kernels/images/stencil.h"
#include "kernels/images/taps.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"sigma", TSR_REAL_LIST, "1", NULL, 0, INFINITY, false, false, NULL,
     "standard deviation in pixels; two numbers: up and down, left and right; 0 leaves a direction out"},
    TSR_RASTER_PARAMS,
    {"truncate", TSR_REAL, "1", "4", 0, INFINITY, true, false, NULL, "where weights end, in standard deviations"},
    TSR_BORDER_PARAMS,
    {.name = NULL},
};

/* Rounded as scipy does; more than is allowed counts as one more. */
static int radius_of(double sigma, double truncate) {
    const double radius = floor(truncate * sigma + 0.5);
    return radius <= TSR_STENCIL_RADIUS_MAX ? (int)radius : TSR_STENCIL_RADIUS_MAX + 1;
}

/* weight: [radius + 1], from the middle outwards; with those of the other side their sum is 1. */
static void make_weights(double sigma, int radius, double *weight) {
    double sum = 0.0;
    for (int i = 0; i <= radius; i++) weight[i] = i == 0 ? 1.0 : tsr_exp(-0.5 / (sigma * sigma) * (i * i));
    for (int i = radius; i > 0; i--) sum += 2.0 * weight[i];
    for (int i = 0; i <= radius; i++) weight[i] /= sum + 1.0;
}

static void prepare(const tsr_stencil *self, const double *line, int64_t lanes, int64_t length, double *out) {
    const double *tap[2 * TSR_STENCIL_RADIUS_MAX + 1];
    for (int d = 0; d <= 2 * self->along; d++) tap[d] = line + d * lanes;
    tsr_taps_fold(self->along, tap, self->weights + self->across + 1, length, out);
}

static void combine(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length, double *out) {
    (void)lanes;
    tsr_taps_fold(self->across, line, self->weights, length, out);
}

static tsr_status read_sigma(const tsr_params *given, double sigma[2]) {
    int64_t count = 0;
    const double *read = tsr_params_reals(given, "sigma", &count);
    if (count < 1 || count > 2)
        return tsr_params_fail(given, "sigma", "%lld numbers; give one, or two: up and down, left and right",
                               (long long)count);
    sigma[0] = read[0];
    sigma[1] = read[count - 1];
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    tsr_stencil *self = NULL;
    double sigma[2] = {0};
    TSR_TRY(read_sigma(given, sigma));
    const double truncate = tsr_params_real(given, "truncate");
    const int radius[2] = {radius_of(sigma[0], truncate), radius_of(sigma[1], truncate)};
    TSR_TRY_OUT(tsr_stencil_create(given, in, "pixel, smoothed", radius, "sigma", &self));
    self->weights = calloc((size_t)(radius[0] + radius[1] + 2), sizeof(*self->weights));
    if (self->weights == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the weights of a filter");
        goto out;
    }
    make_weights(sigma[self->raster.is_stack ? 0 : 1], self->across, self->weights);
    make_weights(sigma[self->raster.is_stack ? 1 : 0], self->along, self->weights + self->across + 1);
    self->prepared = 1;
    self->prepare = prepare;
    self->combine = combine;
    tsr_stencil_arrange(self);
    *model = self;
    self = NULL;
out:
    tsr_stencil_destroy(self);
    return status;
}

const tsr_map tsr_map_gaussian = {
    .name = "gaussian",
    .summary = "images smoothed by a Gaussian",
    .reference =
        "weights exp(-d^2 / 2 sigma^2) to d = floor(truncate sigma + 1/2), their sum 1; scipy.ndimage.gaussian_filter",
    .params = params,
    .create = create,
    .destroy = tsr_stencil_destroy,
    .fields_of = tsr_stencil_fields,
    .reach = tsr_stencil_reach,
    .apply = tsr_stencil_apply,
};
