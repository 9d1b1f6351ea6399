/* The loss of a portfolio: one more column, minus the weighted sum of the returns that are held. */
#include "engine/kernel.h"
#include "engine/tally.h"
#include "kernels/data/fields.h"

#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"weights", TSR_REAL_LIST, "1", NULL, 0, 0, false, false, NULL, "weight of each column, in the order of `of`"},
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns of returns (default: all)"},
    {"name", TSR_TEXT, "1", "loss", 0, 0, false, false, NULL, "what the new column is called"},
    {.name = NULL},
};

typedef struct {
    int held;        /* columns of returns */
    int *column;     /* [held] */
    double *weights; /* [held] */
    tsr_field *fields;
} portfolio;

static void destroy(void *model) {
    portfolio *self = model;
    if (self == NULL) return;
    free(self->column);
    free(self->weights);
    free(self->fields);
    free(self);
}

static tsr_status copy_weights(const tsr_params *given, portfolio *self) {
    int64_t count = 0;
    const double *weights = tsr_params_reals(given, "weights", &count);
    if (count != self->held)
        return tsr_params_fail(given, "weights", "%lld weights for %d columns: give one for each, in their order",
                               (long long)count, self->held);
    self->weights = malloc((size_t)(count + 1) * sizeof(*weights));
    TSR_REQUIRE(self->weights != NULL, TSR_ERUNTIME, "no memory for %lld weights", (long long)count);
    memcpy(self->weights, weights, (size_t)count * sizeof(*weights));
    return TSR_OK;
}

static tsr_status add_field(const tsr_params *given, const tsr_field *in, portfolio *self) {
    const char *name = tsr_params_text(given, "name");
    if (*name == '\0') return tsr_params_fail(given, "name", "the new column must have a name");
    for (const tsr_field *field = in; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return tsr_params_fail(given, "name", "there is already a column '%.80s'; choose another name", name);
    tsr_field loss = {.name = name, .unit = "1", .long_name = "minus the weighted sum of the returns"};
    return tsr_fields_copy(in, &loss, &self->fields);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    portfolio *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of a portfolio");
    TSR_TRY_OUT(tsr_tally_columns(given, in, &self->column, &self->held));
    TSR_TRY_OUT(copy_weights(given, self));
    TSR_TRY_OUT(add_field(given, in, self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const portfolio *)model)->fields; }

/* Column after column: the order of every item's sum is the order of `of`. */
static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const portfolio *self = model;
    for (int i = 0; i < in->columns; i++)
        memcpy(tsr_column(out, i), tsr_column(in, i), (size_t)out->items * sizeof(double));
    double *loss = tsr_column(out, in->columns);
    for (int64_t i = 0; i < out->items; i++) loss[i] = 0.0;
    for (int k = 0; k < self->held; k++) {
        const double *gain = tsr_column(in, self->column[k]), weight = self->weights[k];
        for (int64_t i = 0; i < out->items; i++) loss[i] -= weight * gain[i];
    }
    return TSR_OK;
}

const tsr_map tsr_map_portfolio_loss = {
    .name = "portfolio_loss",
    .summary = "appends the loss of a portfolio: minus the weighted sum of returns",
    .reference = "linearised loss: McNeil, Frey and Embrechts, Quantitative Risk Management, chapter 2",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
