/* Convolution with a kernel of one's own. */
#include "kernels/images/stencil.h"
#include "kernels/images/taps.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 31 };

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"kernel", TSR_REAL_LIST, "1", NULL, 0, 0, false, false, NULL,
     "rows of weights, e.g. [[0, 1, 0], [1, -4, 1], [0, 1, 0]]; an odd number of rows and columns, up to 31"},
    TSR_RASTER_PARAMS,
    TSR_BORDER_PARAMS,
    {.name = NULL},
};

/* The value has its brackets as they were written; all rows are as long. */
static int64_t count_rows(const tsr_params *given) {
    int64_t brackets = 0;
    for (const char *c = tsr_params_written(given, 0); *c != '\0'; c++) brackets += *c == '[';
    return brackets - 1;
}

static tsr_status read_size(const tsr_params *given, int64_t size[2]) {
    int64_t count = 0;
    tsr_params_reals(given, "kernel", &count);
    const int64_t rows = count_rows(given);
    if (rows < 1 || count == 0)
        return tsr_params_fail(given, "kernel",
                               "it must be a list of rows; one row is [[1, 2, 1]], one column [[1], [2], [1]]");
    size[0] = rows;
    size[1] = count / rows;
    for (int i = 0; i < 2; i++)
        if (size[i] % 2 == 0 || size[i] > SIZE_MOST)
            return tsr_params_fail(
                given, "kernel",
                "it has %lld rows and %lld columns; both must be odd, so that there is a middle, and "
                "at most %d",
                (long long)size[0], (long long)size[1], SIZE_MOST);
    return TSR_OK;
}

/* A convolution goes through its kernel backwards: weights in the order of lines and of their cells. */
static tsr_status turn_kernel(const tsr_params *given, const int64_t size[2], tsr_stencil *self) {
    int64_t count = 0;
    const double *kernel = tsr_params_reals(given, "kernel", &count);
    self->weights = malloc((size_t)count * sizeof(*kernel));
    TSR_REQUIRE(self->weights != NULL, TSR_ERUNTIME, "no memory for %lld weights", (long long)count);
    for (int64_t i = 0; i < count; i++) {
        const int64_t from = count - 1 - i, row = i / size[1], column = i % size[1];
        self->weights[self->raster.is_stack ? i : column * size[0] + row] = kernel[from];
    }
    return TSR_OK;
}

static void combine(const tsr_stencil *self, const double *const *line, int64_t lanes, int64_t length, double *out) {
    const double *tap[SIZE_MOST * SIZE_MOST];
    int taps = 0;
    for (int k = 0; k <= 2 * self->across; k++)
        for (int d = 0; d <= 2 * self->along; d++) tap[taps++] = line[k] + d * lanes;
    tsr_taps_sum(taps, tap, self->weights, length, out);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    tsr_stencil *self = NULL;
    int64_t size[2] = {0};
    TSR_TRY(read_size(given, size));
    const int radius[2] = {(int)(size[0] / 2), (int)(size[1] / 2)};
    TSR_TRY_OUT(tsr_stencil_create(given, in, "pixel, convolved", radius, "kernel", &self));
    TSR_TRY_OUT(turn_kernel(given, size, self));
    self->combine = combine;
    tsr_stencil_arrange(self);
    *model = self;
    self = NULL;
out:
    tsr_stencil_destroy(self);
    return status;
}

const tsr_map tsr_map_convolve = {
    .name = "convolve",
    .summary = "images convolved with a kernel of weights",
    .reference =
        "out(y, x) = sum of kernel(i, j) in(y + m - i, x + n - j), (m, n) being its middle; scipy.ndimage.convolve",
    .params = params,
    .create = create,
    .destroy = tsr_stencil_destroy,
    .fields_of = tsr_stencil_fields,
    .reach = tsr_stencil_reach,
    .apply = tsr_stencil_apply,
};
