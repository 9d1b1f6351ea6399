/* Columns to keep, in the order wanted and under the names wanted. */
#include "engine/definition.h"
#include "engine/field_list.h"
#include "engine/kernel.h"

#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"columns", TSR_TEXT_LIST, "1", NULL, 0, 0, false, false, NULL,
     "columns to keep, each as 'name', 'new = name' or 'new [unit] = name'"},
    {.name = NULL},
};

typedef struct {
    int *column; /* [fields.count] */
    tsr_field_list fields;
} selection;

static void destroy(void *model) {
    selection *self = model;
    if (self == NULL) return;
    free(self->column);
    tsr_field_list_clear(&self->fields);
    free(self);
}

static int find(const tsr_field *in, const char *name) {
    for (int c = 0; in[c].name != NULL; c++)
        if (strcmp(in[c].name, name) == 0) return c;
    return -1;
}

static tsr_status refuse(const tsr_params *given, const tsr_field *in, const char *name) {
    enum { CANDIDATES = 256 };
    const char *known[CANDIDATES + 1] = {NULL};
    for (int c = 0; c < CANDIDATES && in[c].name != NULL; c++) known[c] = in[c].name;
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, known, hint);
    return tsr_params_fail(given, "columns", "there is no column '%.80s'%s", name, hint);
}

/* A name as it stands, also one with a '=' in it; else 'new = name'. */
static tsr_status pick(const tsr_params *given, const tsr_field *in, const char *text, selection *self) {
    tsr_definition definition = {.expression = text};
    tsr_mistake mistake;
    int column = find(in, text);
    const bool renamed = column < 0 && strchr(text, '=') != NULL && tsr_definition_read(text, &definition, &mistake);
    const char *name = definition.expression + strspn(definition.expression, " ");
    if (renamed) column = find(in, name);
    if (column < 0) return refuse(given, in, name);
    self->column[self->fields.count] = column;
    tsr_field kept = in[column];
    if (renamed && strcmp(definition.unit, "1") != 0) kept.unit = definition.unit;
    return tsr_field_list_add(&self->fields, given, &kept, renamed ? definition.name : NULL);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    int64_t count = 0;
    const char *const *texts = tsr_params_texts(given, "columns", &count);
    if (count < 1) return tsr_params_fail(given, "columns", "name at least one column");
    selection *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of selected columns");
    self->column = calloc((size_t)count, sizeof(*self->column));
    if (self->column == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for %lld columns", (long long)count);
        goto out;
    }
    for (int64_t i = 0; i < count; i++) TSR_TRY_OUT(pick(given, in, texts[i], self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const selection *)model)->fields.field; }

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const selection *self = model;
    for (int c = 0; c < out->columns; c++)
        memcpy(tsr_column(out, c), tsr_column(in, self->column[c]), (size_t)out->items * sizeof(double));
    return TSR_OK;
}

const tsr_map tsr_map_select = {
    .name = "select",
    .summary = "keeps some columns, in this order, and renames them: [time, price = close]",
    .reference = "projection",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
