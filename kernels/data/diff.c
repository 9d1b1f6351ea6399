/* Differences: how much columns have changed. */
#include "kernels/data/lookback.h"

#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns to take differences of (default: all)"},
    {"lag", TSR_INTEGER, "items", "1", 1, TSR_LOOKBACK_MAX, false, false, NULL, "since how many items ago"},
    TSR_PARAM_EDGE("missing|drop"),
    {.name = NULL},
};

static void destroy(void *model) {
    if (model != NULL) tsr_lookback_clear(model);
    free(model);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    tsr_lookback *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of differences");
    TSR_TRY_OUT(tsr_lookback_init(given, in, tsr_params_integer(given, "lag"), self));
    for (int k = 0; k < self->columns; k++) TSR_TRY_OUT(tsr_lookback_add(self, given, k, "diff", NULL, "change of"));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const tsr_lookback *self = model;
    tsr_lookback_copy(self, in, out);
    for (int k = 0; k < self->columns; k++) {
        int64_t before;
        const double *x = tsr_lookback_column(self, in, k, &before);
        double *change = tsr_column(out, self->given + k);
        const int64_t unknown = self->back <= before ? 0 : self->back - before;
        for (int64_t i = 0; i < out->items; i++) change[i] = i < unknown ? NAN : x[i] - x[i - self->back];
    }
    return TSR_OK;
}

const tsr_map tsr_map_diff = {
    .name = "diff",
    .summary = "appends how much columns have changed: x.diff, this minus an earlier item",
    .reference = "x.diff of item t is x of item t minus x of item t - lag",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = tsr_lookback_fields,
    .halo = tsr_lookback_halo,
    .reach = tsr_lookback_reach,
    .apply = apply,
};
