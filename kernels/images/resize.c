/* Images of another size. */
#include "kernels/data/fields.h"
#include "kernels/images/raster.h"
#include "kernels/images/scaling.h"
#include "kernels/images/taps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 48, SIZE_MOST = 65536, TAPS_AT_ONCE = 64 };

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"to", TSR_REAL_LIST, "1", NULL, 1, SIZE_MOST, false, false, NULL, "[height, width] of the new images"},
    TSR_RASTER_PARAMS,
    {"with", TSR_CHOICE, "1", "area", 0, 0, false, false, "area|bilinear|nearest",
     "the average of what a new pixel covers; or between the four pixels around its centre; or the nearest pixel"},
    {.name = NULL},
};

typedef struct {
    tsr_raster raster;
    tsr_scaling rows;
    tsr_scaling columns;
    tsr_field *fields; /* columns that are kept, then the new pixels, row by row */
} resizing;

static void destroy(void *model) {
    resizing *self = model;
    if (self == NULL) return;
    tsr_raster_clear(&self->raster);
    tsr_scaling_clear(&self->rows);
    tsr_scaling_clear(&self->columns);
    free(self->fields);
    free(self);
}

/* ---- names ---- */

static int digits_of(int64_t number) { return snprintf(NULL, 0, "%lld", (long long)number); }

/* p03_14: row 3, column 14. name: [pixels] */
static void name_pixels(const resizing *self, char (*name)[NAME_BYTES]) {
    const int64_t height = self->rows.length, width = self->columns.length;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            snprintf(name[y * width + x], NAME_BYTES, "p%0*lld_%0*lld", digits_of(height - 1), (long long)y,
                     digits_of(width - 1), (long long)x);
}

static tsr_status check_names(const tsr_params *given, const tsr_field *kept, const tsr_field *made) {
    for (const tsr_field *field = kept; field != made; field++)
        for (const tsr_field *pixel = made; pixel->name != NULL; pixel++)
            if (strcmp(field->name, pixel->name) == 0)
                return tsr_params_fail(given, "keep", "column '%.80s' has the name of a new pixel", field->name);
    return TSR_OK;
}

static tsr_status make_fields(const tsr_params *given, const tsr_field *in, resizing *self) {
    const tsr_raster *raster = &self->raster;
    const int64_t pixels = self->rows.length * self->columns.length;
    tsr_status status = TSR_OK;
    tsr_field *field = calloc((size_t)(raster->kept + pixels) + 1, sizeof(*field));
    char(*name)[NAME_BYTES] = calloc((size_t)pixels, sizeof(*name));
    if (field == NULL || name == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the names of %lld pixels", (long long)pixels);
        goto out;
    }
    tsr_field *made = field + raster->kept;
    for (int k = 0; k < raster->kept; k++) field[k] = in[raster->keep[k]];
    name_pixels(self, name);
    for (int64_t i = 0; i < pixels; i++)
        made[i] = (tsr_field){.name = name[i], .unit = in[raster->column[0]].unit, .long_name = "pixel, resized"};
    TSR_TRY_OUT(check_names(given, field, made));
    TSR_TRY_OUT(tsr_fields_copy(field, NULL, &self->fields));
out:
    free(name);
    free(field);
    return status;
}

/* ---- the map ---- */

static tsr_status read_size(const tsr_params *given, int64_t size[2]) {
    int64_t count = 0;
    const double *read = tsr_params_reals(given, "to", &count);
    const bool is_size = count == 2 && read[0] == floor(read[0]) && read[1] == floor(read[1]);
    if (!is_size || read[0] * read[1] > SIZE_MOST)
        return tsr_params_fail(given, "to",
                               "it must be [height, width], two whole numbers, of at most %d pixels, e.g. [14, 14]",
                               SIZE_MOST);
    size[0] = (int64_t)read[0];
    size[1] = (int64_t)read[1];
    return TSR_OK;
}

static tsr_status fill_in(const tsr_params *given, const tsr_field *in, resizing *self) {
    const tsr_scaling_method method = (tsr_scaling_method)tsr_params_choice(given, "with");
    int64_t size[2] = {0};
    TSR_TRY(read_size(given, size));
    TSR_TRY(tsr_raster_read(given, in, "pixel", &self->raster));
    if (!self->raster.is_stack)
        return tsr_params_fail(given, "image",
                               "only whole images can be resized, and an item is a row here; give [height, width] of "
                               "images that are items");
    TSR_TRY(tsr_scaling_create(method, self->raster.height, size[0], &self->rows));
    TSR_TRY(tsr_scaling_create(method, self->raster.width, size[1], &self->columns));
    return make_fields(given, in, self);
}

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    resizing *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for the model of a filter");
    const tsr_status status = fill_in(given, in, self);
    if (status == TSR_OK)
        *model = self;
    else
        destroy(self);
    return status;
}

static const tsr_field *fields_of(const void *model) { return ((const resizing *)model)->fields; }

/* Some pixels of one row, times the weight of the row. */
static void add_row(const resizing *self, const tsr_block *in, int64_t row, double weight, int64_t x, bool is_first,
                    int64_t items, double *made) {
    const tsr_scaling *columns = &self->columns;
    const int *column = self->raster.column + row * self->raster.width + columns->first[x];
    const double *line[TAPS_AT_ONCE];
    double each[TAPS_AT_ONCE];
    for (int64_t k = 0; k < columns->count[x]; k += TAPS_AT_ONCE) {
        int taps = 0;
        for (; taps < TAPS_AT_ONCE && k + taps < columns->count[x]; taps++) {
            line[taps] = tsr_column(in, column[k + taps]);
            each[taps] = weight * columns->weight[x * columns->most + k + taps];
        }
        if (is_first && k == 0)
            tsr_taps_sum(taps, line, each, items, made);
        else
            tsr_taps_add(taps, line, each, items, made);
    }
}

static void make_pixel(const resizing *self, const tsr_block *in, int64_t y, int64_t x, int64_t items, double *made) {
    const tsr_scaling *rows = &self->rows;
    const double sum = rows->sum * self->columns.sum;
    for (int64_t k = 0; k < rows->count[y]; k++)
        add_row(self, in, rows->first[y] + k, rows->weight[y * rows->most + k], x, k == 0, items, made);
    for (int64_t i = 0; i < items; i++) made[i] /= sum;
}

static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const resizing *self = model;
    int column = 0;
    for (; column < self->raster.kept; column++) {
        const double *from = tsr_column(in, self->raster.keep[column]);
        memcpy(tsr_column(out, column), from, (size_t)out->items * sizeof(*from));
    }
    for (int64_t y = 0; y < self->rows.length; y++)
        for (int64_t x = 0; x < self->columns.length; x++, column++)
            make_pixel(self, in, y, x, out->items, tsr_column(out, column));
    return TSR_OK;
}

const tsr_map tsr_map_resize = {
    .name = "resize",
    .summary = "images of another size: averages over boxes, between neighbours, or the nearest pixel",
    .reference = "pixels are squares of one size: centre y of a new row lies at (y + 1/2) height / new height - 1/2",
    .params = params,
    .create = create,
    .destroy = destroy,
    .fields_of = fields_of,
    .apply = apply,
};
