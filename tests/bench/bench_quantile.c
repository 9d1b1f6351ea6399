/* What tallies of order cost per item, beside moments: the first pass of quantile, var_es and histogram, and the second
 * one of those that are exact. Normal losses, tiles of 16384. Interleaved; the least time of each is printed, nothing
 * is judged. bench_quantile */
#include "engine/clock.h"
#include "engine/tallies/tallies.h"
#include "tests/samples.h"
#include "tests/settings.h"

#include <stdio.h>

enum { TILE_ITEMS = 16384, TILES = 40, ITEMS = TILE_ITEMS * TILES, ROUNDS = 20, CANDIDATES = 6 };

static const tsr_field fields[] = {{.name = "x", .unit = "1", .long_name = ""}, {.name = NULL}};

/* One tally with one setting, in its first or second pass. */
typedef struct {
    const char *tally;
    const char *key;
    const char *text;
    const char *more_key;
    const char *more_text;
    int pass;
    const tsr_tally *table;
    tsr_params *params;
    tsr_fold fold;
    tsr_state *settled;
    double least_ns;
} candidate;

static candidate candidates[CANDIDATES] = {
    {.tally = "moments", .key = "order", .text = "2"},
    {.tally = "quantile", .key = "probabilities", .text = "0.5"},
    {.tally = "quantile", .key = "probabilities", .text = "0.5", .more_key = "exact", .more_text = "true", .pass = 1},
    {.tally = "var_es", .key = "levels", .text = "0.99", .more_key = "exact", .more_text = "true", .pass = 1},
    {.tally = "histogram", .key = "bins", .text = "100"},
    {.tally = "histogram", .key = "bins", .text = "100", .pass = 1},
};

static tsr_status fold_tiles(const candidate *one, const tsr_fold *fold, double *values) {
    for (int64_t item = 0; item < ITEMS; item += TSR_BLOCK_ITEMS_MAX) {
        tsr_block block = {item, TSR_BLOCK_ITEMS_MAX, TSR_BLOCK_ITEMS_MAX, 1, values + item};
        if (item % TILE_ITEMS == 0) TSR_TRY(one->table->begin_tile(fold));
        TSR_TRY(one->table->add_block(fold, &block));
        bool last = (item + TSR_BLOCK_ITEMS_MAX) % TILE_ITEMS == 0;
        if (last && one->table->end_tile != NULL) TSR_TRY(one->table->end_tile(fold));
    }
    return TSR_OK;
}

static tsr_status candidate_open(candidate *one, double *values) {
    for (const tsr_tally *const *table = tsr_tallies; *table != NULL; table++)
        if (strcmp((*table)->name, one->tally) == 0) one->table = *table;
    tsr_setting *more = one->more_key == NULL ? NULL : keyed(one->more_key, scalar("bench", one->more_text));
    tsr_setting *settings = tree(TSR_MAP, "bench", keyed(one->key, scalar("bench", one->text)), more, NULL);
    TSR_TRY(tsr_params_bind(one->table->params, settings, one->tally, NULL, &one->params));
    tsr_setting_destroy(&settings);
    void *model;
    TSR_TRY(one->table->create(one->params, fields, &model));
    one->fold = (tsr_fold){.model = model, .scratch = calloc(1, one->table->scratch_bytes(model))};
    TSR_TRY(tsr_state_create(one->table->layout(model), &one->fold.state));
    one->least_ns = INFINITY;
    if (one->pass == 0) return TSR_OK;
    TSR_TRY(fold_tiles(one, &one->fold, values));
    one->table->settle(model, one->fold.state);
    one->settled = one->fold.state;
    one->fold.settled = one->settled;
    one->fold.pass = 1;
    return tsr_state_create(one->table->layout(model), &one->fold.state);
}

static void candidate_close(candidate *one) {
    tsr_state_destroy(&one->fold.state);
    tsr_state_destroy(&one->settled);
    free(one->fold.scratch);
    one->table->destroy((void *)(uintptr_t)one->fold.model);
    tsr_params_destroy(&one->params);
}

static tsr_status measure(double *values) {
    for (int k = 0; k < CANDIDATES; k++) TSR_TRY(candidate_open(&candidates[k], values));
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < CANDIDATES; k++) {
            const int64_t start = tsr_clock_ns();
            TSR_TRY(fold_tiles(&candidates[k], &candidates[k].fold, values));
            candidates[k].least_ns = fmin(candidates[k].least_ns, (double)(tsr_clock_ns() - start) / ITEMS);
        }
    for (int k = 0; k < CANDIDATES; k++) {
        const candidate *one = &candidates[k];
        printf("%-10s %s: %-6s pass %d   %6.2f ns per item   %5.2f x moments   %6lld KiB\n", one->tally, one->key,
               one->text, one->pass, one->least_ns, one->least_ns / candidates[0].least_ns,
               (long long)(tsr_state_bytes(one->fold.state) / 1024));
        candidate_close(&candidates[k]);
    }
    return TSR_OK;
}

int main(void) {
    double *values = sample_normal(1, ITEMS);
    tsr_status status = measure(values);
    if (status != TSR_OK) fprintf(stderr, "%s\n", tsr_error_get()->message);
    free(values);
    return tsr_status_exit_code(status);
}
