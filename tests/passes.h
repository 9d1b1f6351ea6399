/* For tests: all passes of a tally over numbers held in memory, split into tiles over any number of states. */
#ifndef TSR_TESTS_PASSES_H
#define TSR_TESTS_PASSES_H

#include "fold.h"

enum { PARTS_MAX = 8 };

/* Two columns: the numbers, and the same numbers negated. */
static const tsr_field mirror_fields[] = {{.name = "x", .unit = "EUR", .long_name = "numbers"},
                                          {.name = "y", .unit = "EUR", .long_name = "negated"},
                                          {.name = NULL}};

static inline double *mirrored(const double *values, int64_t items) {
    double *both = malloc((size_t)(2 * items + 1) * sizeof(*both));
    for (int64_t i = 0; i < items; i++) {
        both[i] = values[i];
        both[items + i] = -values[i];
    }
    return both;
}

/* A map of settings from pairs key, text; a text "[a, b]" is a list of numbers. Ends with NULL. */
static inline tsr_setting *settings_of(const char *key, ...) {
    tsr_setting *map = tree(TSR_MAP, "job.yaml:1:1", NULL, NULL);
    va_list pairs;
    va_start(pairs, key);
    for (; key != NULL; key = va_arg(pairs, const char *)) {
        char text[200], *rest = NULL;
        snprintf(text, sizeof(text), "%s", va_arg(pairs, const char *));
        tsr_setting *value = text[0] == '[' ? tree(TSR_LIST, "job.yaml:1:2", NULL, NULL) : scalar("job.yaml:1:2", text);
        char *word = text[0] == '[' ? strtok_r(text, "[], ", &rest) : NULL;
        for (; word != NULL; word = strtok_r(NULL, "[], ", &rest)) {
            value->child = realloc(value->child, (value->count + 1) * sizeof(*value->child)); // NOLINT
            value->child[value->count++] = scalar("job.yaml:1:3", word);
        }
        map->child = realloc(map->child, (map->count + 1) * sizeof(*map->child)); // NOLINT
        map->child[map->count++] = keyed(key, value);
    }
    va_end(pairs);
    return map;
}

/* Takes settings. */
static inline tsr_folder passes_open(const tsr_tally *tally, tsr_setting *settings) {
    tsr_folder folder;
    if (fold_open(tally, settings, mirror_fields, &folder) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return folder;
}

/* The settings, which are taken, must be refused. */
static inline void assert_refused(const tsr_tally *tally, tsr_setting *settings, const char *sentence) {
    tsr_folder folder;
    assert_int_equal(fold_open(tally, settings, mirror_fields, &folder), TSR_EUSAGE);
    if (strstr(tsr_error_get()->message, sentence) == NULL) fail_msg("%s", tsr_error_get()->message);
    tsr_params_destroy(&folder.params);
}

static inline void passes_settle(const tsr_folder *folder, tsr_state *state) {
    if (folder->tally->settle != NULL) folder->tally->settle(folder->model, state);
}

/* One pass: tiles are dealt to the parts in turn, the last tile first, and the parts are merged. */
static inline tsr_state *passes_once(tsr_folder *folder, const tsr_table *table, int parts) {
    tsr_state *part[PARTS_MAX];
    for (int p = 0; p < parts; p++) part[p] = fold_state(folder);
    for (int64_t tile = fold_tiles(folder, table) - 1; tile >= 0; tile--)
        fold_tile(folder, table, tile, part[tile % parts]);
    for (int p = 0; p < parts; p++) passes_settle(folder, part[p]);
    for (int p = 1; p < parts; p++) {
        assert_int_equal(tsr_state_add(part[0], part[p]), TSR_OK);
        tsr_state_destroy(&part[p]);
    }
    passes_settle(folder, part[0]);
    return part[0];
}

/* All further ones, after a first one whose state is total; their count with it. */
static inline int passes_refine(tsr_folder *folder, const tsr_table *table, int parts, tsr_state *total) {
    const tsr_tally *tally = folder->tally;
    int passes = 1;
    while (tally->unfinished != NULL && tally->unfinished(folder->model, total, passes)) {
        folder->pass = passes++;
        folder->settled = total;
        tsr_state *more = passes_once(folder, table, parts);
        assert_int_equal(tsr_state_add(total, more), TSR_OK);
        passes_settle(folder, total);
        tsr_state_destroy(&more);
    }
    folder->pass = 0;
    folder->settled = NULL;
    return passes;
}

/* All of them. */
static inline tsr_state *passes_fold(tsr_folder *folder, const tsr_table *table, int parts, int *passes) {
    tsr_state *total = passes_once(folder, table, parts);
    *passes = passes_refine(folder, table, parts, total);
    return total;
}

/* Results of numbers and of their negatives. */
static inline tsr_results *passes_solve(tsr_folder *folder, const double *values, int64_t items, int *passes) {
    double *both = mirrored(values, items);
    const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = items, .value = both};
    tsr_state *state = passes_fold(folder, &table, 1, passes);
    tsr_results *results = fold_solve(folder, state);
    tsr_state_destroy(&state);
    free(both);
    return results;
}

static inline void assert_same_words(const tsr_state *a, const tsr_state *b) {
    int64_t count = tsr_state_packed_words(a);
    assert_int_equal(tsr_state_packed_words(b), count);
    int64_t *x = malloc((size_t)count * sizeof(*x)), *y = malloc((size_t)count * sizeof(*y));
    tsr_state_pack(a, x);
    tsr_state_pack(b, y);
    assert_memory_equal(x, y, (size_t)count * sizeof(*x));
    free(x);
    free(y);
}

/* The promise of every tally: any split gives the same words. */
static inline void assert_any_split_is_the_same(tsr_folder *folder, const double *values, int64_t items) {
    static const int64_t splits[][3] = {{1000, 64, 8}, {777, 13, 3}, {4096, 1024, 2}};
    const tsr_folder kept = *folder;
    int passes, again;
    double *both = mirrored(values, items);
    const tsr_table table = {.fields = mirror_fields, .columns = 2, .items = items, .value = both};
    tsr_state *whole = passes_fold(folder, &table, 1, &passes);
    for (size_t k = 0; k < sizeof(splits) / sizeof(splits[0]); k++) {
        folder->tile_items = splits[k][0];
        folder->block_items = splits[k][1];
        tsr_state *parts = passes_fold(folder, &table, (int)splits[k][2], &again);
        assert_int_equal(passes, again);
        assert_same_words(whole, parts);
        tsr_state_destroy(&parts);
    }
    folder->tile_items = kept.tile_items;
    folder->block_items = kept.block_items;
    tsr_state_destroy(&whole);
    free(both);
}

#endif
