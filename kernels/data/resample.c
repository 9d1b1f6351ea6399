/* Resampling: one item of every so many, with their statistics. */
#include "engine/field_list.h"
#include "engine/kernel.h"
#include "engine/tally.h"
#include "kernels/data/window.h"

#include <stdio.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"every", TSR_INTEGER, "items", NULL, 1, 32768, false, false, NULL, "items that become one"},
    {"with", TSR_TEXT_LIST, "1", "mean", 0, 0, false, false, NULL, "statistics: " TSR_WINDOW_STATISTICS},
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns to keep (default: all)"},
    {.name = NULL},
};

typedef struct {
    int64_t every;
    int columns;
    int *column; /* [columns] */
    int statistics;
    const tsr_window_statistic *statistic[TSR_WINDOW_STATISTICS_MAX];
    tsr_field_list fields;
} resampling;

static void destroy(void *model) {
    resampling *self = model;
    if (self == NULL) return;
    free(self->column);
    tsr_field_list_clear(&self->fields);
    free(self);
}

static tsr_status add_field(const tsr_params *given, const tsr_field *from, const tsr_window_statistic *statistic,
                            resampling *self) {
    char name[256], text[512];
    snprintf(name, sizeof(name), "%.200s.%s", from->name, statistic->name);
    snprintf(text, sizeof(text), "of %lld items: %s %.200s", (long long)self->every, statistic->meaning, from->name);
    const tsr_field made = {.unit = statistic->unit != NULL ? statistic->unit : from->unit,
                            .long_name = text,
                            .categories = statistic->keeps_category ? from->categories : NULL};
    return tsr_field_list_add(&self->fields, given, &made, name);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    resampling *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of resampling");
    self->every = tsr_params_integer(given, "every");
    TSR_TRY_OUT(tsr_window_statistics(given, self->every, self->statistic, &self->statistics));
    TSR_TRY_OUT(tsr_tally_columns(given, in, &self->column, &self->columns));
    for (int k = 0; k < self->columns; k++)
        for (int s = 0; s < self->statistics; s++)
            TSR_TRY_OUT(add_field(given, &in[self->column[k]], self->statistic[s], self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const resampling *)model)->fields.field; }

static int64_t step(const void *model) { return ((const resampling *)model)->every; }

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const resampling *self = model;
    const tsr_windows windows = {out->items, self->every, self->every};
    int made = 0;
    for (int k = 0; k < self->columns; k++)
        for (int s = 0; s < self->statistics; s++)
            tsr_window_apply(self->statistic[s], tsr_column(in, self->column[k]), windows, tsr_column(out, made++));
    return TSR_OK;
}

const tsr_map tsr_map_resample = {
    .name = "resample",
    .summary = "one item of every so many, with their statistics: x.mean, x.last, or x.open, x.high, x.low, x.close",
    .reference = "windows that follow each other; the last one is left out unless it is whole",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .step = step,
    .apply = apply,
};
