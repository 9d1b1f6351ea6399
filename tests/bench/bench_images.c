/* What a filter costs per pixel, beside plain loops over a padded image, in both layouts. Interleaved; the least time
 * of each is printed, nothing is judged. Blocks are as large as the engine makes them.
 *
 * bench_images [FILTER]: lines "FILTER LAYOUT ns/pixel plain-ns/pixel". Beside scipy.ndimage: peers/images.py. */
#include "engine/clock.h"
#include "engine/map.h"
#include "kernels/registry.h"
#include "tests/settings.h"

#include <math.h>
#include <stdio.h>

enum { SIDE = 28, IMAGES = 128, WIDTH = 4320, ROWS = 32, RADIUS_MOST = 4, ROUNDS = 25, REPEATS = 4 };
enum { PADDED_MOST = (ROWS + 2 * RADIUS_MOST) * (WIDTH + 2 * RADIUS_MOST) };

/* ---- plain loops: row y begins at padded + y * pitch, and the image `radius` further down and to the right ---- */

typedef void (*plain_fn)(const double *padded, int height, int width, double *restrict out);

static const double kernel[5][5] = {{.01, .02, .03, .02, .01},
                                    {.02, .06, .08, .06, .02},
                                    {.03, .08, .12, .08, .03},
                                    {.02, .06, .08, .06, .02},
                                    {.01, .02, .03, .02, .01}};

static void plain_convolve(const double *padded, int height, int width, double *restrict out) {
    const int pitch = width + 4;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double sum = 0;
            for (int i = 0; i < 5; i++)
                for (int k = 0; k < 5; k++) sum += kernel[i][k] * padded[(y + i) * pitch + x + k];
            out[y * width + x] = sum;
        }
}

static void plain_gaussian(const double *padded, int height, int width, double *restrict out) {
    static double half[PADDED_MOST];
    static const double weight[9] = {1e-4, 4e-3, 5e-2, .24, .4, .24, 5e-2, 4e-3, 1e-4};
    const int pitch = width + 8;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < pitch; x++) {
            double sum = 0;
            for (int i = 0; i < 9; i++) sum += weight[i] * padded[(y + i) * pitch + x];
            half[y * pitch + x] = sum;
        }
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double sum = 0;
            for (int k = 0; k < 9; k++) sum += weight[k] * half[y * pitch + x + k];
            out[y * width + x] = sum;
        }
}

static void plain_sobel(const double *padded, int height, int width, double *restrict out) {
    const int pitch = width + 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const double *a = padded + y * pitch + x, *b = a + pitch, *c = b + pitch;
            const double across = (a[2] + 2 * b[2] + c[2]) - (a[0] + 2 * b[0] + c[0]);
            const double down = (c[0] + 2 * c[1] + c[2]) - (a[0] + 2 * a[1] + a[2]);
            out[y * width + x] = sqrt(across * across + down * down);
        }
}

static void plain_laplace(const double *padded, int height, int width, double *restrict out) {
    const int pitch = width + 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const double *a = padded + y * pitch + x, *b = a + pitch, *c = b + pitch;
            out[y * width + x] = a[1] + b[0] + b[2] + c[1] - 4 * b[1];
        }
}

static inline double median_of(int size, const double *first, int pitch) {
    double sorted[25];
    int count = 0;
    for (int i = 0; i < size; i++)
        for (int k = 0; k < size; k++) {
            const double value = first[i * pitch + k];
            int at = count++;
            for (; at > 0 && sorted[at - 1] > value; at--) sorted[at] = sorted[at - 1];
            sorted[at] = value;
        }
    return sorted[count / 2];
}

static void plain_median_3(const double *padded, int height, int width, double *restrict out) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) out[y * width + x] = median_of(3, padded + y * (width + 2) + x, width + 2);
}

static void plain_median_5(const double *padded, int height, int width, double *restrict out) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) out[y * width + x] = median_of(5, padded + y * (width + 4) + x, width + 4);
}

/* ---- the maps ---- */

typedef struct {
    const char *label, *map, *key, *value;
    int radius;
    plain_fn plain;
} filter;

static const filter filters[] = {
    {"gaussian", "gaussian", "sigma", "1", 4, plain_gaussian},
    {"median", "median", "size", "3", 1, plain_median_3},
    {"median5", "median", "size", "5", 2, plain_median_5},
    {"sobel", "sobel", NULL, NULL, 1, plain_sobel},
    {"laplace", "laplace", NULL, NULL, 1, plain_laplace},
    {"convolve", "convolve", "kernel", NULL, 2, plain_convolve},
};

static tsr_setting *number_of(double value) {
    char text[32];
    snprintf(text, sizeof(text), "%.17g", value);
    return scalar("bench", text);
}

static void append(tsr_setting *list, tsr_setting *child) {
    list->child = realloc(list->child, (list->count + 1) * sizeof(*list->child)); // NOLINT
    list->child[list->count++] = child;
}

static tsr_setting *settings_of(const filter *of, bool is_stack) {
    tsr_setting *settings = tree(TSR_MAP, "bench", NULL);
    if (is_stack)
        append(settings, keyed("image", tree(TSR_LIST, "bench", number_of(SIDE), number_of(SIDE), NULL)));
    else
        append(settings, keyed("image", scalar("bench", "rows")));
    if (of->value != NULL) append(settings, keyed(of->key, scalar("bench", of->value)));
    if (of->plain != plain_convolve) return settings;
    tsr_setting *rows = keyed(of->key, tree(TSR_LIST, "bench", NULL));
    for (int i = 0; i < 5; i++) {
        append(rows, tree(TSR_LIST, "bench", NULL));
        for (int k = 0; k < 5; k++) append(rows->child[i], number_of(kernel[i][k]));
    }
    append(settings, rows);
    return settings;
}

typedef struct {
    const tsr_map *map;
    tsr_params *params;
    void *model;
    tsr_block in, out;
} candidate;

static tsr_block block_of(int columns, int64_t items, int64_t margin) {
    tsr_block block = {.items = items, .columns = columns, .before = margin, .after = margin};
    block.stride = (items + 2 * margin + 7) / 8 * 8;
    const size_t doubles = (size_t)(columns * block.stride);
    block.data = aligned_alloc(64, doubles * sizeof(double));
    if (block.data == NULL) abort();
    for (size_t i = 0; i < doubles; i++) block.data[i] = (double)(i * 2654435761u % 251);
    block.data += margin;
    return block;
}

static tsr_status candidate_open(const filter *of, bool is_stack, candidate *out) {
    static tsr_field fields[WIDTH + 1];
    const int columns = is_stack ? SIDE * SIDE : WIDTH;
    for (int c = 0; c <= columns; c++) fields[c] = (tsr_field){.name = c < columns ? "p" : NULL, .unit = "1"};
    for (const tsr_map *const *map = tsr_kernel_maps; *map != NULL; map++)
        if (strcmp((*map)->name, of->map) == 0) out->map = *map;
    tsr_setting *settings = settings_of(of, is_stack);
    const tsr_status status = tsr_params_bind(out->map->params, settings, of->label, NULL, &out->params);
    tsr_setting_destroy(&settings);
    TSR_TRY(status);
    TSR_TRY(out->map->create(out->params, fields, &out->model));
    out->in = block_of(columns, is_stack ? IMAGES : ROWS, is_stack ? 0 : of->radius);
    out->out = block_of(columns, is_stack ? IMAGES : ROWS, 0);
    return TSR_OK;
}

static void candidate_close(candidate *old) {
    free(old->in.data - old->in.before);
    free(old->out.data);
    old->map->destroy(old->model);
    tsr_params_destroy(&old->params);
}

/* As many pixels as a block has. */
static void run_plain(const filter *of, bool is_stack, const double *padded, double *out) {
    if (!is_stack) of->plain(padded, ROWS, WIDTH, out);
    const int pixels = (SIDE + 2 * of->radius) * (SIDE + 2 * of->radius), different = PADDED_MOST / pixels;
    for (int i = 0; is_stack && i < IMAGES; i++)
        of->plain(padded + i % different * pixels, SIDE, SIDE, out + i * SIDE * SIDE);
}

static tsr_status measure(const filter *of, bool is_stack) {
    static double padded[PADDED_MOST], made[ROWS * WIDTH];
    candidate ours = {0};
    double least[2] = {INFINITY, INFINITY};
    for (int i = 0; i < PADDED_MOST; i++) padded[i] = (double)((unsigned)i * 2654435761u % 251);
    TSR_TRY(candidate_open(of, is_stack, &ours));
    const double pixels = (double)(ours.out.columns * ours.out.items) * REPEATS;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = tsr_clock_ns();
        for (int i = 0; i < REPEATS; i++) TSR_TRY(ours.map->apply(ours.model, &ours.in, &ours.out));
        least[0] = fmin(least[0], (double)(tsr_clock_ns() - start) / pixels);
        start = tsr_clock_ns();
        for (int i = 0; i < REPEATS; i++) run_plain(of, is_stack, padded, made);
        least[1] = fmin(least[1], (double)(tsr_clock_ns() - start) / pixels);
    }
    printf("%s %s %.3f %.3f\n", of->label, is_stack ? "images" : "rows", least[0], least[1]);
    candidate_close(&ours);
    return TSR_OK;
}

int main(int argc, char **argv) {
    tsr_status status = TSR_OK;
    for (size_t i = 0; i < 2 * sizeof(filters) / sizeof(*filters) && status == TSR_OK; i++)
        if (argc < 2 || strcmp(argv[1], filters[i / 2].label) == 0) status = measure(&filters[i / 2], i % 2 == 0);
    if (status != TSR_OK) fprintf(stderr, "%s\n", tsr_error_get()->message);
    return tsr_status_exit_code(status);
}
