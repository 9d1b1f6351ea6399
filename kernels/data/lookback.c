#include "kernels/data/lookback.h"

#include "engine/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tsr_status tsr_lookback_init(const tsr_params *given, const tsr_field *in, int64_t back, tsr_lookback *out) {
    out->back = back;
    out->edge = (tsr_edge)tsr_params_choice(given, "edge");
    while (in[out->given].name != NULL) out->given++;
    TSR_TRY(tsr_tally_columns(given, in, &out->column, &out->columns));
    return tsr_field_list_add_all(&out->fields, in);
}

void tsr_lookback_clear(tsr_lookback *lookback) {
    free(lookback->column);
    tsr_field_list_clear(&lookback->fields);
}

tsr_status tsr_lookback_add(tsr_lookback *lookback, const tsr_params *given, int k, const char *suffix,
                            const char *unit, const char *meaning) {
    const tsr_field *from = &lookback->fields.field[lookback->column[k]];
    char name[256], text[512];
    snprintf(name, sizeof(name), "%.200s.%s", from->name, suffix);
    snprintf(text, sizeof(text), "%s %.200s", meaning, from->name);
    const tsr_field made = {.unit = unit != NULL ? unit : from->unit, .long_name = text};
    return tsr_field_list_add(&lookback->fields, given, &made, name);
}

const tsr_field *tsr_lookback_fields(const void *model) { return ((const tsr_lookback *)model)->fields.field; }

int64_t tsr_lookback_halo(const void *model) {
    const tsr_lookback *self = model;
    return self->edge == TSR_EDGE_DROP ? self->back : 0;
}

tsr_reach tsr_lookback_reach(const void *model) {
    const tsr_lookback *self = model;
    return (tsr_reach){.before = self->edge == TSR_EDGE_DROP ? 0 : self->back};
}

void tsr_lookback_copy(const tsr_lookback *lookback, const tsr_block *in, tsr_block *out) {
    for (int c = 0; c < lookback->given; c++)
        memcpy(tsr_column(out, c), tsr_column(in, c) + tsr_lookback_halo(lookback),
               (size_t)out->items * sizeof(double));
}

const double *tsr_lookback_column(const tsr_lookback *lookback, const tsr_block *in, int k, int64_t *before) {
    const int64_t dropped = tsr_lookback_halo(lookback);
    *before = in->before + dropped;
    return tsr_column(in, lookback->column[k]) + dropped;
}
