/* For tests: a map run by itself over a dataset in memory, in blocks of any size, as the engine would. */
#ifndef TSR_TESTS_MAPPING_H
#define TSR_TESTS_MAPPING_H

#include "drive.h"
#include "engine/links.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct {
    const tsr_map *map;
    void *model;
    tsr_link link;
    int columns; /* of its output */
} mapping;

/* The text of a setting under a key; several words, separated by commas, are a list. */
static inline tsr_setting *entry(const char *key, const char *text) {
    tsr_setting *list = keyed(key, tree(TSR_LIST, "job.yaml:3:5", NULL));
    char *copy = strdup(text), *rest = copy;
    for (char *word; (word = strsep(&rest, ",")) != NULL;) {
        tsr_setting *one = scalar("job.yaml:3:9", word + strspn(word, " "));
        if (list->count == 0 && rest == NULL) {
            tsr_setting_destroy(&list);
            free(copy);
            return keyed(key, one);
        }
        list->child = realloc(list->child, (list->count + 1) * sizeof(*list->child)); // NOLINT
        list->child[list->count++] = one;
    }
    free(copy);
    return list;
}

/* Takes settings (NULL: all defaults). */
static inline tsr_status mapping_bind(const tsr_map *map, tsr_setting *settings, const tsr_binding *binding,
                                      const tsr_field *in, mapping *out) {
    *out = (mapping){.map = map};
    tsr_error_clear();
    tsr_params *params = NULL;
    char owner[64];
    snprintf(owner, sizeof(owner), "map %s", map->name);
    tsr_status status = tsr_params_bind(map->params, settings, owner, binding, &params);
    if (status == TSR_OK) status = map->create(params, in, &out->model);
    tsr_setting_destroy(&settings);
    tsr_params_destroy(&params);
    if (status != TSR_OK) return status;
    out->link = (tsr_link){.step = map->step ? map->step(out->model) : 1,
                           .halo = map->halo ? map->halo(out->model) : 0,
                           .reach = map->reach ? map->reach(out->model) : (tsr_reach){0, 0}};
    while (in[out->link.columns].name) out->link.columns++;
    while (map->fields_of(out->model)[out->columns].name) out->columns++;
    return TSR_OK;
}

static inline tsr_status mapping_open(const char *name, tsr_setting *settings, const tsr_field *in, mapping *out) {
    for (const tsr_map *const *map = tsr_kernel_maps; *map != NULL; map++)
        if (strcmp((*map)->name, name) == 0) return mapping_bind(*map, settings, NULL, in, out);
    fail_msg("there is no map '%s'", name);
    return TSR_EUSAGE;
}

/* Must open. */
static inline mapping mapping_made(const char *name, tsr_setting *settings, const tsr_field *in) {
    mapping made;
    if (mapping_open(name, settings, in, &made) != TSR_OK) fail_msg("%s", tsr_error_get()->message);
    return made;
}

static inline void mapping_close(mapping *made) {
    made->map->destroy(made->model);
    made->model = NULL;
}

/* Must be refused, in a sentence that says so. */
static inline void mapping_refused(const char *name, tsr_setting *settings, const tsr_field *in, const char *says) {
    mapping made;
    assert_int_equal(mapping_open(name, settings, in, &made), TSR_EUSAGE);
    if (strstr(tsr_error_get()->message, says) == NULL) fail_msg("%s", tsr_error_get()->message);
    assert_null(made.model);
}

/* Maps all of `in` [columns, items] in blocks of so many output items, each with no more of `in` around it than the
 * engine gives; out: [made->columns, returned]. */
static inline int64_t mapping_run(const mapping *made, const double *in, int64_t items, int64_t block_items,
                                  double *out) {
    const int64_t results = tsr_link_output(&made->link, items);
    for (int64_t item = 0; item < results; item += block_items) {
        const tsr_range range = {item, item + block_items < results ? item + block_items : results};
        const tsr_range core = tsr_link_core(&made->link, range), all = tsr_link_reach(&made->link, range, items);
        const int64_t room = all.end - all.begin;
        double *copy = malloc((size_t)(room * made->link.columns) * sizeof(double)); /* watched by sanitizers */
        for (int c = 0; c < made->link.columns; c++)
            memcpy(copy + c * room, in + c * items + all.begin, (size_t)room * sizeof(double));
        const tsr_block input = {.item = core.begin,
                                 .items = core.end - core.begin,
                                 .stride = room,
                                 .columns = made->link.columns,
                                 .data = copy + (core.begin - all.begin),
                                 .before = core.begin - all.begin,
                                 .after = all.end - core.end};
        tsr_block output = {.item = item,
                            .items = range.end - range.begin,
                            .stride = results,
                            .columns = made->columns,
                            .data = out + item};
        assert_int_equal(made->map->apply(made->model, &input, &output), TSR_OK);
        free(copy);
    }
    return results;
}

/* The same bits, however the items are cut into blocks. */
static inline void assert_blocks_do_not_matter(const mapping *made, const double *in, int64_t items) {
    const size_t bytes = (size_t)(items * made->columns) * sizeof(double);
    double *whole = calloc(1, bytes), *pieces = calloc(1, bytes);
    mapping_run(made, in, items, items, whole);
    const int64_t sizes[] = {1, 7, 100, 1023};
    for (int i = 0; i < 4; i++) {
        memset(pieces, 0, bytes);
        mapping_run(made, in, items, sizes[i], pieces);
        for (int64_t k = 0; k < items * made->columns; k++)
            if (tsr_bits_from_double(pieces[k]) != tsr_bits_from_double(whole[k]) &&
                !(isnan(pieces[k]) && isnan(whole[k])))
                fail_msg("blocks of %lld: value %lld is %a, not %a", (long long)sizes[i], (long long)k, pieces[k],
                         whole[k]);
    }
    free(whole);
    free(pieces);
}

#endif
