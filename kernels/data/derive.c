/* New columns from formulas over the columns that are there. */
#include "engine/definition.h"
#include "engine/kernel.h"
#include "kernels/data/fields.h"

#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"columns", TSR_TEXT_LIST, "1", NULL, 0, 0, false, false, NULL,
     "new columns, each as 'name = expression' or 'name [unit] = expression'"},
    {.name = NULL},
};

enum { NEW_MAX = 64 };

typedef struct {
    int given; /* columns that come in */
    int made;
    tsr_expression *expression; /* [made]; the variables are the columns before it */
    tsr_field *fields;
} derivation;

static void destroy(void *model) {
    derivation *self = model;
    if (self == NULL) return;
    free(self->expression);
    free(self->fields);
    free(self);
}

static tsr_status refuse(const tsr_params *given, const char *text, int place, const tsr_mistake *mistake) {
    return tsr_params_fail(given, "columns", "in '%.200s', character %d: %s", text, place, mistake->text);
}

/* Appends the field of one definition. */
static tsr_status add_field(const tsr_params *given, const char *text, const tsr_definition *definition,
                            derivation *self) {
    for (const tsr_field *field = self->fields; field->name != NULL; field++)
        if (strcmp(field->name, definition->name) == 0)
            return tsr_params_fail(given, "columns", "there is already a column '%s'; choose another name",
                                   definition->name);
    const tsr_field last = {.name = definition->name, .unit = definition->unit, .long_name = text};
    tsr_field *grown = NULL;
    TSR_TRY(tsr_fields_copy(self->fields, &last, &grown));
    free(self->fields);
    self->fields = grown;
    return TSR_OK;
}

static tsr_status define(const tsr_params *given, const char *text, derivation *self) {
    tsr_definition definition;
    tsr_mistake mistake;
    if (!tsr_definition_read(text, &definition, &mistake)) return refuse(given, text, mistake.place, &mistake);
    if (!tsr_expression_compile_fields(definition.expression, self->fields, &self->expression[self->made], &mistake))
        return refuse(given, text, mistake.place + (int)(definition.expression - text), &mistake);
    self->made++;
    return add_field(given, text, &definition, self);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    int64_t count = 0;
    const char *const *texts = tsr_params_texts(given, "columns", &count);
    if (count < 1 || count > NEW_MAX)
        return tsr_params_fail(given, "columns", "%lld new columns; give 1 to %d", (long long)count, NEW_MAX);
    derivation *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of derived columns");
    self->given = tsr_fields_count(in);
    self->expression = calloc((size_t)count, sizeof(*self->expression));
    if (self->expression == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld expressions", (long long)count);
        goto out;
    }
    TSR_TRY_OUT(tsr_fields_copy(in, NULL, &self->fields));
    for (int64_t i = 0; i < count; i++) TSR_TRY_OUT(define(given, texts[i], self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const derivation *)model)->fields; }

/* A formula reads the columns of `out` that are already there. */
static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const derivation *self = model;
    for (int c = 0; c < self->given; c++)
        memcpy(tsr_column(out, c), tsr_column(in, c), (size_t)out->items * sizeof(double));
    for (int k = 0; k < self->made; k++)
        tsr_expression_apply(&self->expression[k], out, tsr_column(out, self->given + k));
    return TSR_OK;
}

const tsr_map tsr_map_derive = {
    .name = "derive",
    .summary = "appends columns that are formulas of the others: 'gain [EUR] = close - open'",
    .reference = "the language of engine/expression.h; a formula may use the columns defined before it",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
