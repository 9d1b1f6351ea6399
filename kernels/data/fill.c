/* Missing values become a number. */
#include "engine/field_list.h"
#include "engine/kernel.h"
#include "engine/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"value", TSR_REAL, "1", NULL, 0, 0, false, false, NULL, "what missing values become"},
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns to fill (default: all)"},
    {.name = NULL},
};

typedef struct {
    double value;
    bool *fills; /* [fields.count] */
    tsr_field_list fields;
} filling;

static void destroy(void *model) {
    filling *self = model;
    if (self == NULL) return;
    free(self->fills);
    tsr_field_list_clear(&self->fields);
    free(self);
}

static tsr_status mark_columns(const tsr_params *given, const tsr_field *in, filling *self) {
    int *column = NULL, columns = 0;
    TSR_TRY(tsr_tally_columns(given, in, &column, &columns));
    self->fills = calloc((size_t)self->fields.count + 1, sizeof(*self->fills));
    for (int k = 0; k < columns && self->fills != NULL; k++) self->fills[column[k]] = true;
    free(column);
    TSR_REQUIRE(self->fills != NULL, TSR_ERUNTIME, "no memory for %d columns", self->fields.count);
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    filling *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of filled columns");
    self->value = tsr_params_real(given, "value");
    TSR_TRY_OUT(tsr_field_list_add_all(&self->fields, in));
    TSR_TRY_OUT(mark_columns(given, in, self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const filling *)model)->fields.field; }

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const filling *self = model;
    for (int c = 0; c < out->columns; c++) {
        const double *x = tsr_column(in, c);
        double *filled = tsr_column(out, c);
        memcpy(filled, x, (size_t)out->items * sizeof(double));
        for (int64_t i = 0; self->fills[c] && i < out->items; i++) filled[i] = isnan(x[i]) ? self->value : x[i];
    }
    return TSR_OK;
}

const tsr_map tsr_map_fill = {
    .name = "fill",
    .summary = "missing values become a number",
    .reference = "NaN is what a missing value of a dataset is read as",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
