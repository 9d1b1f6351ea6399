#include "io/data/join.h"

#include "engine/field_list.h"
#include "io/data/lookup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"table", TSR_FILE, "1", NULL, 0, 0, false, false, NULL, "CSV file of the table, which is held in memory"},
    {"on", TSR_TEXT, "1", NULL, 0, 0, false, false, NULL, "column of the dataset whose value is looked up"},
    {"columns", TSR_TEXT_LIST, "1", NULL, 0, 0, false, false, NULL, "columns of the table to append"},
    {"key", TSR_TEXT, "1", "", 0, 0, false, false, NULL, "column of the table that is looked in (default: as on)"},
    {"unmatched", TSR_CHOICE, "1", "missing", 0, 0, false, false, "missing|refuse",
     "items whose value the table does not have"},
    {.name = NULL},
};

typedef struct {
    tsr_lookup *lookup;
    int on;
    int given;             /* columns that come in, and go on */
    int64_t *row_of_label; /* of a column of categories: rows of the table, or -1; or NULL */
    int64_t labels;
    bool refuses;
    char *name; /* of the column looked at */
    tsr_field_list fields;
} joining;

static void destroy(void *model) {
    joining *self = model;
    if (self == NULL) return;
    tsr_lookup_destroy(&self->lookup);
    free(self->row_of_label);
    free(self->name);
    tsr_field_list_clear(&self->fields);
    free(self);
}

static tsr_status find_on(const tsr_params *given, const tsr_field *in, joining *self) {
    enum { CANDIDATES = 256 };
    const char *known[CANDIDATES + 1] = {NULL}, *name = tsr_params_text(given, "on");
    char hint[TSR_HINT_BYTES];
    self->on = -1;
    for (int c = 0; in[c].name != NULL; c++, self->given++) {
        if (strcmp(in[c].name, name) == 0) self->on = c;
        if (c < CANDIDATES) known[c] = in[c].name;
    }
    tsr_nearest_hint(name, known, hint);
    if (self->on < 0) return tsr_params_fail(given, "on", "there is no column '%.80s'%s", name, hint);
    self->name = strdup(name);
    TSR_REQUIRE(self->name != NULL, TSR_ERUNTIME, "no memory for the name of a column");
    return TSR_OK;
}

static tsr_status match_labels(const char *const *label, joining *self) {
    while (label[self->labels] != NULL) self->labels++;
    self->row_of_label = malloc((size_t)(self->labels + 1) * sizeof(*self->row_of_label));
    TSR_REQUIRE(self->row_of_label != NULL, TSR_ERUNTIME, "no memory for %lld words", (long long)self->labels);
    for (int64_t i = 0; i < self->labels; i++) self->row_of_label[i] = tsr_lookup_find_word(self->lookup, label[i]);
    return TSR_OK;
}

static tsr_status add_fields(const tsr_params *given, const tsr_field *in, joining *self) {
    TSR_TRY(tsr_field_list_add_all(&self->fields, in));
    for (const tsr_field *field = tsr_lookup_fields(self->lookup) + 1; field->name != NULL; field++)
        TSR_TRY(tsr_field_list_add(&self->fields, given, field, NULL));
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    const char *key = tsr_params_text(given, *tsr_params_text(given, "key") == '\0' ? "on" : "key");
    joining *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of a join");
    self->refuses = tsr_params_choice(given, "unmatched") == 1;
    TSR_TRY_OUT(find_on(given, in, self));
    TSR_TRY_OUT(tsr_lookup_create(given, key, in[self->on].categories != NULL, &self->lookup));
    if (in[self->on].categories != NULL) TSR_TRY_OUT(match_labels(in[self->on].categories, self));
    TSR_TRY_OUT(add_fields(given, in, self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const joining *)model)->fields.field; }

static const tsr_input *inputs(const void *model, int *count) {
    return tsr_lookup_inputs(((const joining *)model)->lookup, count);
}

static int64_t row_of(const joining *self, double value) {
    if (self->row_of_label == NULL) return tsr_lookup_find(self->lookup, value);
    return value >= 0.0 && value < (double)self->labels ? self->row_of_label[(int64_t)value] : -1;
}

static tsr_status refuse(const joining *self, const tsr_block *in, int64_t i) {
    const double value = tsr_column(in, self->on)[i];
    const char *const *label = self->fields.field[self->on].categories;
    const long long item = (long long)(in->item + i);
    TSR_REQUIRE(!isnan(value), TSR_EDATA, "map join: column '%.80s' of item %lld (counted from 0) is missing",
                self->name, item);
    TSR_REQUIRE(label == NULL, TSR_EDATA,
                "map join: the table has no '%.80s', which column '%.80s' of item %lld (counted from 0) holds",
                label != NULL ? label[(int64_t)value] : "", self->name, item);
    return TSR_FAIL(TSR_EDATA,
                    "map join: the table has no %.17g, which column '%.80s' of item %lld (counted from 0) is", value,
                    self->name, item);
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const joining *self = model;
    const double *on = tsr_column(in, self->on);
    for (int c = 0; c < self->given; c++)
        memcpy(tsr_column(out, c), tsr_column(in, c), (size_t)out->items * sizeof(double));
    for (int64_t i = 0; i < out->items; i++) {
        const int64_t row = row_of(self, on[i]);
        if (row < 0 && self->refuses) return refuse(self, in, i);
        for (int c = self->given; c < out->columns; c++)
            tsr_column(out, c)[i] = row < 0 ? NAN : tsr_lookup_column(self->lookup, c - self->given)[row];
    }
    return TSR_OK;
}

const tsr_map tsr_map_join = {
    .name = "join",
    .summary = "appends columns of a small table, looked up by a key: the coordinates of an airport",
    .reference = "left outer join; every key stands in one row of the table",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
    .inputs = inputs,
};
