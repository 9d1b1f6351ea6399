/* Power spectra: of each item, whose columns are a stretch of a series, the power at each frequency. */
#include "engine/field_list.h"
#include "engine/kernel.h"
#include "engine/tally.h"
#include "kernels/data/fourier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"rate", TSR_REAL, "1/time", "1", 0, 0, true, false, NULL, "values of the series per unit of time"},
    {"frequency_unit", TSR_TEXT, "1", "1", 0, 0, false, false, NULL, "what rate is counted in, such as Hz"},
    {"window", TSR_CHOICE, "1", "hann", 0, 0, false, false, "boxcar|hann|hamming|blackman", "weights of the values"},
    {"scaling", TSR_CHOICE, "1", "density", 0, 0, false, false, "density|spectrum",
     "power per unit of frequency, or power of a sine at each frequency"},
    {"of", TSR_TEXT_LIST, "1", "", 0, 0, false, false, NULL, "columns, in the order of time (default: all)"},
    {.name = NULL},
};

enum { BOXCAR, HANN, HAMMING, BLACKMAN };
enum { DENSITY, SPECTRUM };

typedef struct {
    int length;
    int *column; /* [length] */
    double weight[TSR_FOURIER_LENGTH_MAX];
    double scale; /* of the squares, without what negative frequencies add */
    tsr_fourier *fourier;
    tsr_field_list fields;
} spectrum;

static void destroy(void *model) {
    spectrum *self = model;
    if (self == NULL) return;
    free(self->column);
    tsr_fourier_destroy(&self->fourier);
    tsr_field_list_clear(&self->fields);
    free(self);
}

/* Periodic: the value behind the last one would be the first. F. J. Harris, Proc. IEEE 66 (1978) 51-83. */
static double weight_at(int window, double turns) {
    double sine, once, twice;
    tsr_sincos_turns(turns, &sine, &once);
    tsr_sincos_turns(2.0 * turns, &sine, &twice);
    switch (window) {
    case HANN: return 0.5 - 0.5 * once;
    case HAMMING: return 0.54 - 0.46 * once;
    case BLACKMAN: return (0.42 - 0.5 * once) + 0.08 * twice;
    default: return 1.0;
    }
}

static void choose_weights(const tsr_params *given, spectrum *self) {
    double sum = 0.0, squares = 0.0;
    for (int t = 0; t < self->length; t++) {
        self->weight[t] = weight_at(tsr_params_choice(given, "window"), (double)t / (double)self->length);
        sum += self->weight[t];
        squares += self->weight[t] * self->weight[t];
    }
    self->scale = tsr_params_choice(given, "scaling") == DENSITY ? 1.0 / (tsr_params_real(given, "rate") * squares)
                                                                 : 1.0 / (sum * sum);
}

static tsr_status add_fields(const tsr_params *given, const char *unit, spectrum *self) {
    const char *frequency = tsr_params_text(given, "frequency_unit");
    const bool density = tsr_params_choice(given, "scaling") == DENSITY, has_unit = strcmp(frequency, "1") != 0;
    char name[32], text[256], power[128], of[160];
    snprintf(power, sizeof(power), unit == NULL || strcmp(unit, "1") == 0 ? "1" : "%.80s^2", unit);
    snprintf(of, sizeof(of), density && has_unit ? "%s/%.60s" : "%s", power, frequency);
    for (int k = 0; k <= self->length / 2; k++) {
        const double at = k * tsr_params_real(given, "rate") / self->length;
        snprintf(name, sizeof(name), "f%04d", k);
        snprintf(text, sizeof(text), has_unit ? "power%s at %.10g %.60s" : "power%s at frequency %.10g",
                 density ? " density" : "", at, frequency);
        const tsr_field one[] = {{.name = name, .unit = of, .long_name = text}, {.name = NULL}};
        TSR_TRY(tsr_field_list_add_all(&self->fields, one));
    }
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    tsr_status status = TSR_OK;
    spectrum *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of spectra");
    TSR_TRY_OUT(tsr_tally_columns(given, in, &self->column, &self->length));
    if (self->length < 2 || self->length > TSR_FOURIER_LENGTH_MAX) {
        status = tsr_params_fail(given, "of", "%d columns; a spectrum is of 2 to %d, which the map segment makes",
                                 self->length, TSR_FOURIER_LENGTH_MAX);
        goto out;
    }
    choose_weights(given, self);
    TSR_TRY_OUT(add_fields(given, in[self->column[0]].unit, self));
    TSR_TRY_OUT(tsr_fourier_create(self->length, &self->fourier));
    *model = self;
    self = NULL;
out:
    destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const spectrum *)model)->fields.field; }

/* Lanes that have no item are zero. */
static void load(const spectrum *self, const tsr_block *in, int64_t item, tsr_phasor *x) {
    const int64_t items = in->items - item < TSR_FOURIER_LANES ? in->items - item : TSR_FOURIER_LANES;
    for (int t = 0; t < self->length; t++) {
        const double *value = tsr_column(in, self->column[t]) + item;
        x[t] = (tsr_phasor){.real = {0}};
        for (int64_t lane = 0; lane < items; lane++) x[t].real[lane] = self->weight[t] * value[lane];
    }
}

/* Negative frequencies have the same power as positive ones; 0, and the highest of an even length, stand alone. */
static void store(const spectrum *self, const tsr_phasor *x, int64_t item, tsr_block *out) {
    const int64_t items = out->items - item < TSR_FOURIER_LANES ? out->items - item : TSR_FOURIER_LANES;
    for (int k = 0; k < out->columns; k++) {
        const double scale = k == 0 || 2 * k == self->length ? self->scale : 2.0 * self->scale;
        double *power = tsr_column(out, k) + item;
        for (int64_t lane = 0; lane < items; lane++) {
            const double real = x[k].real[lane], imaginary = x[k].imaginary[lane];
            power[lane] = (real * real + imaginary * imaginary) * scale;
        }
    }
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const spectrum *self = model;
    tsr_phasor x[TSR_FOURIER_LENGTH_MAX], other[TSR_FOURIER_LENGTH_MAX];
    for (int64_t item = 0; item < out->items; item += TSR_FOURIER_LANES) {
        load(self, in, item, x);
        store(self, tsr_fourier_transform(self->fourier, x, other), item, out);
    }
    return TSR_OK;
}

const tsr_map tsr_map_power_spectrum = {
    .name = "power_spectrum",
    .summary = "the power at each frequency of items whose columns are a stretch of a series: see segment",
    .reference = "P. D. Welch, IEEE Trans. Audio Electroacoust. 15 (1967) 70-73: one-sided modified periodograms",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
