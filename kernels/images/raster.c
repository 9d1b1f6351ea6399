#include "kernels/images/raster.h"

#include "engine/number.h"
#include "kernels/data/fields.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void tsr_raster_clear(tsr_raster *raster) {
    free(raster->column);
    free(raster->keep);
    free(raster->fields);
    *raster = (tsr_raster){0};
}

static bool read_length(const char *text, int64_t *out) {
    return tsr_number_read_integer(text, out) == TSR_NUMBER_OK && *out >= 1 && *out <= INT_MAX;
}

static tsr_status read_shape(const tsr_params *params, tsr_raster *out) {
    int64_t count = 0;
    const char *const *text = tsr_params_texts(params, "image", &count);
    if (count == 1 && strcmp(text[0], "rows") == 0) return TSR_OK;
    out->is_stack = count == 2 && read_length(text[0], &out->height) && read_length(text[1], &out->width);
    if (!out->is_stack)
        return tsr_params_fail(params, "image",
                               "%s is no shape; give [height, width] of the image that an item is, e.g. [28, 28], or "
                               "the word rows if items are the rows of one picture",
                               count > 0 ? text[0] : "an empty list");
    return TSR_OK;
}

/* ---- pixels, and columns that are none ---- */

static int find_field(const tsr_field *in, const char *name) {
    for (int c = 0; in[c].name != NULL; c++)
        if (strcmp(in[c].name, name) == 0) return c;
    return -1;
}

static tsr_status refuse_column(const tsr_params *params, const tsr_field *in, const char *name) {
    char hint[TSR_HINT_BYTES];
    const char **known = calloc((size_t)tsr_fields_count(in) + 1, sizeof(*known));
    TSR_REQUIRE(known != NULL, TSR_ERUNTIME, "no memory for the names of columns");
    for (int c = 0; in[c].name != NULL; c++) known[c] = in[c].name;
    tsr_nearest_hint(name, known, hint);
    free(known);
    return tsr_params_fail(params, "keep", "there is no column '%.80s'%s", name, hint);
}

/* is_kept: [columns], zeros at first. */
static tsr_status mark_kept(const tsr_params *params, const tsr_field *in, bool *is_kept) {
    int64_t count = 0;
    const char *const *name = tsr_params_texts(params, "keep", &count);
    for (int64_t i = 0; i < count; i++) {
        const int column = find_field(in, name[i]);
        if (column < 0) return refuse_column(params, in, name[i]);
        is_kept[column] = true;
    }
    return TSR_OK;
}

static tsr_status check_pixels(const tsr_params *params, const tsr_field *in, tsr_raster *out) {
    for (int i = 0; i < out->pixels; i++)
        if (in[out->column[i]].categories != NULL)
            return tsr_params_fail(params, "keep", "column '%.80s' holds words, no pixels; name it here",
                                   in[out->column[i]].name);
    if (out->is_stack && out->height * out->width != out->pixels)
        return tsr_params_fail(
            params, "image",
            "an image of %lld rows and %lld columns has %lld pixels, and an item has %d; name what is "
            "no pixel in keep",
            (long long)out->height, (long long)out->width, (long long)(out->height * out->width), out->pixels);
    if (out->pixels == 0) return tsr_params_fail(params, "keep", "no column is left that is a pixel");
    if (!out->is_stack) out->width = out->pixels;
    return TSR_OK;
}

static tsr_status sort_columns(const tsr_params *params, const tsr_field *in, tsr_raster *out) {
    const size_t columns = (size_t)tsr_fields_count(in);
    bool *is_kept = calloc(columns + 1, sizeof(*is_kept));
    out->column = calloc(columns + 1, sizeof(*out->column));
    out->keep = calloc(columns + 1, sizeof(*out->keep));
    const bool has_memory = is_kept != NULL && out->column != NULL && out->keep != NULL;
    tsr_status status = TSR_OK;
    if (has_memory)
        status = mark_kept(params, in, is_kept);
    else
        status = TSR_FAIL(TSR_ERUNTIME, "no memory for the places of %zu columns", columns);
    for (size_t c = 0; c < columns && status == TSR_OK; c++) {
        if (is_kept[c])
            out->keep[out->kept++] = (int)c;
        else
            out->column[out->pixels++] = (int)c;
    }
    free(is_kept);
    return status == TSR_OK ? check_pixels(params, in, out) : status;
}

tsr_status tsr_raster_read(const tsr_params *params, const tsr_field *in, const char *meaning, tsr_raster *out) {
    *out = (tsr_raster){0};
    TSR_TRY(read_shape(params, out));
    TSR_TRY(sort_columns(params, in, out));
    TSR_TRY(tsr_fields_copy(in, NULL, &out->fields));
    for (int i = 0; i < out->pixels; i++) {
        tsr_field *field = &out->fields[out->column[i]];
        field->long_name = meaning;
        field->is_control = false;
    }
    return TSR_OK;
}
