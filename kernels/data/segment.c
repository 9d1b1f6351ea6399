/* Segments: one item of every stretch of a series, its values as columns. */
#include "engine/field_list.h"
#include "engine/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"of", TSR_TEXT, "1", "", 0, 0, false, false, NULL, "column to cut (default: the only one)"},
    {"length", TSR_INTEGER, "items", "256", 2, 4096, false, false, NULL, "items of a segment"},
    {"overlap", TSR_INTEGER, "items", "-1", -1, 4095, false, false, NULL,
     "items that a segment shares with the next one (-1: half of them)"},
    {"detrend", TSR_CHOICE, "1", "mean", 0, 0, false, false, "none|mean|linear", "what is taken away from a segment"},
    {.name = NULL},
};

enum { NONE, MEAN, LINEAR, STRIP = 256 };

typedef struct {
    int column;
    int detrend;
    int64_t length;
    int64_t overlap;
    tsr_field_list fields;
} cutting;

static void destroy(void *model) {
    if (model != NULL) tsr_field_list_clear(&((cutting *)model)->fields);
    free(model);
}

static tsr_status find_column(const tsr_params *given, const tsr_field *in, cutting *self) {
    enum { CANDIDATES = 256 };
    const char *known[CANDIDATES + 1] = {NULL}, *name = tsr_params_text(given, "of");
    char hint[TSR_HINT_BYTES];
    if (*name == '\0' && in[1].name == NULL) return TSR_OK;
    if (*name == '\0') return tsr_params_fail(given, "of", "name the column to cut into segments");
    for (int c = 0; in[c].name != NULL; c++) {
        self->column = c;
        if (strcmp(in[c].name, name) == 0) return TSR_OK;
        if (c < CANDIDATES) known[c] = in[c].name;
    }
    tsr_nearest_hint(name, known, hint);
    return tsr_params_fail(given, "of", "there is no column '%.80s'%s", name, hint);
}

static tsr_status add_fields(const tsr_field *from, cutting *self) {
    for (int64_t k = 0; k < self->length; k++) {
        char name[256], text[320];
        snprintf(name, sizeof(name), "%.200s.%lld", from->name, (long long)k);
        snprintf(text, sizeof(text), "item %lld of a segment of %.200s", (long long)k, from->name);
        const tsr_field one[] = {{.name = name, .unit = from->unit, .long_name = text}, {.name = NULL}};
        TSR_TRY(tsr_field_list_add_all(&self->fields, one));
    }
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    cutting *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of segments");
    self->length = tsr_params_integer(given, "length");
    self->overlap = tsr_params_integer(given, "overlap");
    self->detrend = tsr_params_choice(given, "detrend");
    if (self->overlap < 0) self->overlap = self->length / 2;
    if (self->overlap >= self->length) {
        status = tsr_params_fail(given, "overlap", "%lld items, but segments have only %lld; it must be less",
                                 (long long)self->overlap, (long long)self->length);
        goto out;
    }
    TSR_TRY_OUT(find_column(given, in, self));
    TSR_TRY_OUT(add_fields(&in[self->column], self));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const cutting *)model)->fields.field; }

static int64_t step(const void *model) {
    const cutting *self = model;
    return self->length - self->overlap;
}

static int64_t halo(const void *model) { return ((const cutting *)model)->overlap; }

/* Segments are worked on side by side: `items` of the columns from `segment` on, `stride` apart. */
static void subtract_mean(double *segment, int64_t stride, int64_t items, int64_t length) {
    double mean[STRIP] = {0};
    for (int64_t k = 0; k < length; k++)
        for (int64_t i = 0; i < items; i++) mean[i] += segment[k * stride + i];
    for (int64_t i = 0; i < items; i++) mean[i] /= (double)length;
    for (int64_t k = 0; k < length; k++)
        for (int64_t i = 0; i < items; i++) segment[k * stride + i] -= mean[i];
}

/* The slope of least squares, by time from the middle; its sum of squares is n (n^2 - 1) / 12. */
static void subtract_slope(double *segment, int64_t stride, int64_t items, int64_t length) {
    double slope[STRIP] = {0};
    const double n = (double)length, squares = n * (n * n - 1.0) / 12.0, middle = 0.5 * (n - 1.0);
    for (int64_t k = 0; k < length; k++)
        for (int64_t i = 0; i < items; i++) slope[i] += ((double)k - middle) * segment[k * stride + i];
    for (int64_t i = 0; i < items; i++) slope[i] /= squares;
    for (int64_t k = 0; k < length; k++)
        for (int64_t i = 0; i < items; i++) segment[k * stride + i] -= ((double)k - middle) * slope[i];
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const cutting *self = model;
    const double *x = tsr_column(in, self->column);
    const int64_t apart = step(model);
    for (int64_t begin = 0; begin < out->items; begin += STRIP) {
        const int64_t items = begin + STRIP < out->items ? STRIP : out->items - begin;
        double *segment = out->data + begin;
        for (int64_t k = 0; k < self->length; k++)
            for (int64_t i = 0; i < items; i++) segment[k * out->stride + i] = x[(begin + i) * apart + k];
        if (self->detrend >= MEAN) subtract_mean(segment, out->stride, items, self->length);
        if (self->detrend == LINEAR) subtract_slope(segment, out->stride, items, self->length);
    }
    return TSR_OK;
}

const tsr_map tsr_map_segment = {
    .name = "segment",
    .summary = "one item of every stretch of a series, its values as columns, without their mean or trend",
    .reference = "P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967) 70-73",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .step = step,
    .halo = halo,
    .apply = apply,
};
