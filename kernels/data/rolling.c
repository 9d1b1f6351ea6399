/* Rolling statistics: of each item and those before it. */
#include "kernels/data/lookback.h"
#include "kernels/data/window.h"

#include <stdio.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns to look at (default: all)"},
    {"window", TSR_INTEGER, "items", NULL, 1, TSR_LOOKBACK_MAX, false, false, NULL,
     "items of a window: this one and those before it"},
    {"with", TSR_TEXT_LIST, "1", "mean", 0, 0, false, false, NULL, "statistics: " TSR_WINDOW_STATISTICS},
    TSR_PARAM_EDGE("missing|drop|partial"),
    {.name = NULL},
};

typedef struct {
    tsr_lookback lookback;
    int statistics;
    const tsr_window_statistic *statistic[TSR_WINDOW_STATISTICS_MAX];
} rolling;

static void destroy(void *model) {
    if (model != NULL) tsr_lookback_clear(&((rolling *)model)->lookback);
    free(model);
}

static tsr_status add_columns(const tsr_params *given, int64_t window, rolling *self) {
    for (int k = 0; k < self->lookback.columns; k++)
        for (int s = 0; s < self->statistics; s++) {
            const tsr_window_statistic *statistic = self->statistic[s];
            char suffix[64], meaning[128];
            snprintf(suffix, sizeof(suffix), "%s%lld", statistic->name, (long long)window);
            snprintf(meaning, sizeof(meaning), "of %lld items: %s", (long long)window, statistic->meaning);
            TSR_TRY(tsr_lookback_add(&self->lookback, given, k, suffix, statistic->unit, meaning));
        }
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    const int64_t window = tsr_params_integer(given, "window");
    rolling *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of rolling statistics");
    TSR_TRY_OUT(tsr_window_statistics(given, window, self->statistic, &self->statistics));
    TSR_TRY_OUT(tsr_lookback_init(given, in, window - 1, &self->lookback));
    TSR_TRY_OUT(add_columns(given, window, self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

/* The first items have shorter windows, or none. before: items that stand before x. */
static void roll(const rolling *self, const tsr_window_statistic *statistic, const double *x, int64_t before,
                 int64_t items, double *out) {
    const int64_t back = self->lookback.back;
    const int64_t short_of = back <= before ? 0 : back - before < items ? back - before : items;
    for (int64_t i = 0; i < short_of; i++)
        if (self->lookback.edge == TSR_EDGE_PARTIAL)
            tsr_window_apply(statistic, x - before, (tsr_windows){1, 1, before + i + 1}, out + i);
        else
            out[i] = NAN;
    tsr_window_apply(statistic, x + short_of - back, (tsr_windows){items - short_of, 1, back + 1}, out + short_of);
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const rolling *self = model;
    int made = self->lookback.given;
    tsr_lookback_copy(&self->lookback, in, out);
    for (int k = 0; k < self->lookback.columns; k++) {
        int64_t before;
        const double *x = tsr_lookback_column(&self->lookback, in, k, &before);
        for (int s = 0; s < self->statistics; s++)
            roll(self, self->statistic[s], x, before, out->items, tsr_column(out, made++));
    }
    return TSR_OK;
}

const tsr_map tsr_map_rolling = {
    .name = "rolling",
    .summary = "appends statistics of each item and those before it: x.mean20, x.sd20",
    .reference = "trailing windows, each computed afresh",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = tsr_lookback_fields,
    .halo = tsr_lookback_halo,
    .reach = tsr_lookback_reach,
    .apply = apply,
};
