/* What a histogram costs per item: bins of equal width, logarithmic ones, given edges, weights, and two columns. Tiles
 * of 16384. Interleaved; the least time of each is printed, nothing is judged. bench_histogram */
#include "engine/clock.h"
#include "engine/tallies/tallies.h"
#include "tests/samples.h"
#include "tests/settings.h"

#include <stdio.h>

enum { TILE_ITEMS = 16384, TILES = 40, ITEMS = TILE_ITEMS * TILES, ROUNDS = 20, COLUMNS = 3 };

static const tsr_field fields[] = {{.name = "x", .unit = "1", .long_name = ""},
                                   {.name = "y", .unit = "1", .long_name = ""},
                                   {.name = "w", .unit = "1", .long_name = ""},
                                   {.name = NULL}};

/* A tally with up to four settings; "a b" is a list. */
static struct {
    const char *tally;
    const char *key[4];
    const char *text[4];
    const tsr_tally *table;
    void *model;
    tsr_params *params;
    tsr_fold fold;
    double least_ns;
} candidates[] = {
    {"histogram", {"of", "bins", "range"}, {"x", "100", "0.01 10"}, .least_ns = INFINITY},
    {"histogram", {"of", "bins", "range", "scale"}, {"x", "100", "0.01 10", "log"}, .least_ns = INFINITY},
    {"histogram", {"of", "bins", "range", "scale"}, {"x", "10000", "0.01 10", "log"}, .least_ns = INFINITY},
    {"histogram", {"of", "edges"}, {"x", "0 0.1 0.2 0.3 0.5 0.7 1 1.5 2 3 5"}, .least_ns = INFINITY},
    {"histogram", {"of", "edges"}, {"x", "-3 -2 -1 -0.5 0 0.5 1 2 3"}, .least_ns = INFINITY},
    {"histogram", {"of", "bins", "range", "weight"}, {"x", "100", "0.01 10", "w"}, .least_ns = INFINITY},
    {"histogram_2d", {"of", "bins", "range"}, {"x y", "50", "0 10 0 10"}, .least_ns = INFINITY},
    {"histogram_2d", {"of", "bins", "range"}, {"x y", "2000", "0 10 0 10"}, .least_ns = INFINITY},
    {"histogram_2d", {"of", "bins", "range", "weight"}, {"x y", "50", "0 10 0 10", "w"}, .least_ns = INFINITY},
};
enum { CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };

static tsr_setting *list_of(const char *text) {
    char copy[200], *rest = NULL;
    snprintf(copy, sizeof(copy), "%s", text);
    tsr_setting *list = tree(TSR_LIST, "bench", NULL, NULL);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        list->child = realloc(list->child, (list->count + 1) * sizeof(*list->child)); // NOLINT
        list->child[list->count++] = scalar("bench", word);
    }
    return list;
}

static tsr_status candidate_open(int k) {
    tsr_setting *settings = tree(TSR_MAP, "bench", NULL, NULL);
    for (const tsr_tally *const *t = tsr_tallies; *t != NULL; t++)
        if (strcmp((*t)->name, candidates[k].tally) == 0) candidates[k].table = *t;
    const tsr_tally *table = candidates[k].table;
    for (int i = 0; i < 4 && candidates[k].key[i] != NULL; i++) {
        const char *text = candidates[k].text[i];
        tsr_setting *value = strchr(text, ' ') == NULL ? scalar("bench", text) : list_of(text);
        settings->child = realloc(settings->child, (settings->count + 1) * sizeof(*settings->child)); // NOLINT
        settings->child[settings->count++] = keyed(candidates[k].key[i], value);
    }
    TSR_TRY(tsr_params_bind(table->params, settings, table->name, NULL, &candidates[k].params));
    tsr_setting_destroy(&settings);
    TSR_TRY(table->create(candidates[k].params, fields, &candidates[k].model));
    const size_t bytes = (table->scratch_bytes(candidates[k].model) / 64 + 1) * 64;
    candidates[k].fold = (tsr_fold){.model = candidates[k].model, .scratch = aligned_alloc(64, bytes)};
    return tsr_state_create(table->layout(candidates[k].model), &candidates[k].fold.state);
}

static tsr_status fold_tiles(const tsr_tally *table, const tsr_fold *fold, double *values) {
    for (int64_t item = 0; item < ITEMS; item += TSR_BLOCK_ITEMS_MAX) {
        tsr_block block = {item, TSR_BLOCK_ITEMS_MAX, ITEMS, COLUMNS, values + item};
        if (item % TILE_ITEMS == 0) TSR_TRY(table->begin_tile(fold));
        TSR_TRY(table->add_block(fold, &block));
        if ((item + TSR_BLOCK_ITEMS_MAX) % TILE_ITEMS == 0) TSR_TRY(table->end_tile(fold));
    }
    return TSR_OK;
}

static void candidate_print_and_close(int k) {
    printf("%6.2f ns per item   %s:", candidates[k].least_ns, candidates[k].tally);
    for (int i = 0; i < 4 && candidates[k].key[i] != NULL; i++)
        printf(" %s [%s]", candidates[k].key[i], candidates[k].text[i]);
    printf("\n");
    tsr_state_destroy(&candidates[k].fold.state);
    free(candidates[k].fold.scratch);
    candidates[k].table->destroy(candidates[k].model);
    tsr_params_destroy(&candidates[k].params);
}

static tsr_status measure(double *values) {
    for (int k = 0; k < CANDIDATES; k++) TSR_TRY(candidate_open(k));
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < CANDIDATES; k++) {
            const int64_t start = tsr_clock_ns();
            TSR_TRY(fold_tiles(candidates[k].table, &candidates[k].fold, values));
            candidates[k].least_ns = fmin(candidates[k].least_ns, (double)(tsr_clock_ns() - start) / ITEMS);
        }
    for (int k = 0; k < CANDIDATES; k++) candidate_print_and_close(k);
    return TSR_OK;
}

int main(void) {
    double *values = malloc(sizeof(double) * COLUMNS * ITEMS);
    double *x = sample_normal(1, ITEMS), *y = sample_normal(2, ITEMS), *w = sample_uniforms(3, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        values[i] = exp(x[i]);
        values[ITEMS + i] = exp(y[i]);
        values[2 * ITEMS + i] = w[i];
    }
    const tsr_status status = measure(values);
    free(x);
    free(y);
    free(w);
    free(values);
    if (status != TSR_OK) fprintf(stderr, "%s\n", tsr_error_get()->message);
    return tsr_status_exit_code(status);
}
