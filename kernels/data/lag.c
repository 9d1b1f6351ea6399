/* Lags: what columns were some items ago. */
#include "kernels/data/lookback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns to look back on (default: all)"},
    {"lags", TSR_REAL_LIST, "items", "1", 1, TSR_LOOKBACK_MAX, false, false, NULL, "how many items ago"},
    TSR_PARAM_EDGE("missing|drop"),
    {.name = NULL},
};

enum { LAGS_MAX = 256 };

typedef struct {
    tsr_lookback lookback;
    int lags;
    int64_t lag[LAGS_MAX];
} lagging;

static void destroy(void *model) {
    if (model != NULL) tsr_lookback_clear(&((lagging *)model)->lookback);
    free(model);
}

static tsr_status read_lags(const tsr_params *given, lagging *self, int64_t *longest) {
    int64_t count = 0;
    const double *lag = tsr_params_reals(given, "lags", &count);
    if (count < 1 || count > LAGS_MAX)
        return tsr_params_fail(given, "lags", "%lld lags; give 1 to %d", (long long)count, LAGS_MAX);
    for (int64_t i = 0; i < count; i++) {
        if (floor(lag[i]) != lag[i]) return tsr_params_fail(given, "lags", "%g is no whole number of items", lag[i]);
        self->lag[i] = (int64_t)lag[i];
        if (self->lag[i] > *longest) *longest = self->lag[i];
    }
    self->lags = (int)count;
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    int64_t longest = 0;
    char suffix[32], meaning[64];
    lagging *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of lags");
    TSR_TRY_OUT(read_lags(given, self, &longest));
    TSR_TRY_OUT(tsr_lookback_init(given, in, longest, &self->lookback));
    for (int k = 0; k < self->lookback.columns; k++)
        for (int l = 0; l < self->lags; l++) {
            snprintf(suffix, sizeof(suffix), "lag%lld", (long long)self->lag[l]);
            snprintf(meaning, sizeof(meaning), "%lld items ago:", (long long)self->lag[l]);
            TSR_TRY_OUT(tsr_lookback_add(&self->lookback, given, k, suffix, NULL, meaning));
            self->lookback.fields.field[self->lookback.fields.count - 1].categories =
                in[self->lookback.column[k]].categories;
        }
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

/* before: items that stand before x. */
static void look_back(const double *x, int64_t before, int64_t lag, int64_t items, double *out) {
    const int64_t unknown = lag <= before ? 0 : lag - before < items ? lag - before : items;
    for (int64_t i = 0; i < unknown; i++) out[i] = NAN;
    for (int64_t i = unknown; i < items; i++) out[i] = x[i - lag];
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const lagging *self = model;
    int made = self->lookback.given;
    tsr_lookback_copy(&self->lookback, in, out);
    for (int k = 0; k < self->lookback.columns; k++) {
        int64_t before;
        const double *x = tsr_lookback_column(&self->lookback, in, k, &before);
        for (int l = 0; l < self->lags; l++) look_back(x, before, self->lag[l], out->items, tsr_column(out, made++));
    }
    return TSR_OK;
}

const tsr_map tsr_map_lag = {
    .name = "lag",
    .summary = "appends what columns were some items ago: x.lag1, x.lag5",
    .reference = "x.lagK of item t is x of item t - K",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = tsr_lookback_fields,
    .halo = tsr_lookback_halo,
    .reach = tsr_lookback_reach,
    .apply = apply,
};
