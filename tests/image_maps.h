/* For tests: maps of images, applied to images that stand row by row in memory. */
#ifndef TSR_TESTS_IMAGE_MAPS_H
#define TSR_TESTS_IMAGE_MAPS_H

#include "io/job/yaml.h"
#include "mapping.h"

typedef char image_settings[256];

typedef struct {
    int64_t items;
    int64_t height;
    int64_t width;
} image_shape;

/* Settings in flow style, without braces ("{}": none), and what an image is. */
static inline tsr_setting *image_setting(const char *settings, const char *image) {
    char text[400];
    tsr_setting *read = NULL;
    const bool is_none = strcmp(settings, "{}") == 0;
    snprintf(text, sizeof(text), "{image: %s%s%s}", image, is_none ? "" : ", ", is_none ? "" : settings);
    tsr_error_clear();
    if (tsr_yaml_read_value(text, "job.yaml:3:5", &read) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return read;
}

/* So many columns: p0, p1, ... Free them at once. */
static inline tsr_field *pixel_fields(int64_t columns) {
    enum { NAME_BYTES = 24 };
    const size_t rows = (size_t)columns + 1;
    tsr_field *fields = calloc(rows, sizeof(*fields) + NAME_BYTES);
    char *name = (char *)(fields + rows);
    for (int64_t c = 0; c < columns; c++, name += NAME_BYTES) {
        snprintf(name, NAME_BYTES, "p%lld", (long long)c);
        fields[c] = (tsr_field){.name = name, .unit = "m", .long_name = "pixel", .is_control = true};
    }
    return fields;
}

/* Numbers that do not repeat. */
static inline void fill_pixels(uint64_t seed, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) {
        const uint64_t mixed = (seed * 1000003u + (uint64_t)i) * 0x9e3779b97f4a7c15u;
        out[i] = (double)((mixed ^ (mixed >> 29)) >> 12) * 0x1p-52 * 100.0;
    }
}

/* in: [rows, columns]; out: [columns, rows] */
static inline void turn_matrix(const double *in, int64_t rows, int64_t columns, double *out) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < columns; c++) out[c * rows + r] = in[r * columns + c];
}

/* Takes settings; every row of `in` [items, columns] is an item; out: [items, columns of the map]. */
static inline void filter_items(const char *map, tsr_setting *settings, int64_t items, int64_t columns, int64_t block,
                                const double *in, double *out) {
    tsr_field *fields = pixel_fields(columns);
    mapping made = mapping_made(map, settings, fields);
    double *turned = malloc((size_t)(items * columns) * sizeof(double));
    double *filtered = malloc((size_t)(items * made.columns) * sizeof(double));
    turn_matrix(in, items, columns, turned);
    assert_int_equal(mapping_run(&made, turned, items, block, filtered), items);
    turn_matrix(filtered, made.columns, items, out);
    mapping_close(&made);
    free(filtered);
    free(turned);
    free(fields);
}

/* in, out: [items, height, width] */
static inline void filter_images(const char *map, const char *settings, image_shape shape, const double *in,
                                 double *out) {
    char image[64];
    snprintf(image, sizeof(image), "[%lld, %lld]", (long long)shape.height, (long long)shape.width);
    filter_items(map, image_setting(settings, image), shape.items, shape.height * shape.width, shape.items, in, out);
}

/* in, out: [height, width]; in blocks of so many rows. */
static inline void filter_picture(const char *map, const char *settings, int64_t height, int64_t width, int64_t block,
                                  const double *in, double *out) {
    filter_items(map, image_setting(settings, "rows"), height, width, block, in, out);
}

#endif
