/* What the covariance tally costs per item and pair of columns, on blocks that stay in L2: without errors, with them,
 * and weighted. Interleaved; the least time of each is printed, nothing is judged. bench_covariance */
#include "engine/clock.h"
#include "engine/tallies/covariance.h"
#include "tests/settings.h"

#include <math.h>
#include <stdio.h>

enum { COLUMNS = 8, TILE_ITEMS = 16384, ROUNDS = 40, TILES = 4, CANDIDATES = 4 };

typedef struct {
    const char *name;
    const char *errors;
    const char *weight;
    tsr_params *params;
    void *model;
    tsr_fold fold;
    double least_ns;
} candidate;

static candidate candidates[CANDIDATES] = {{.name = "plain", .errors = "false", .weight = ""},
                                           {.name = "with errors", .errors = "true", .weight = ""},
                                           {.name = "weighted", .errors = "false", .weight = "w"},
                                           {.name = "weighted, with errors", .errors = "true", .weight = "w"}};

static tsr_status candidate_open(const tsr_field *fields, candidate *out) {
    const tsr_tally *tally = &tsr_tally_covariance;
    tsr_setting *of = tree(TSR_LIST, "bench", NULL);
    of->child = calloc(COLUMNS, sizeof(*of->child)); // NOLINT
    for (int c = 0; c < COLUMNS; c++) of->child[of->count++] = scalar("bench", fields[c].name);
    tsr_setting *settings = tree(TSR_MAP, "bench", keyed("of", of), keyed("errors", scalar("bench", out->errors)),
                                 keyed("weight", scalar("bench", out->weight)), NULL);
    TSR_TRY(tsr_params_bind(tally->params, settings, tally->name, NULL, &out->params));
    tsr_setting_destroy(&settings);
    TSR_TRY(tally->create(out->params, fields, &out->model));
    const size_t bytes = (tally->scratch_bytes(out->model) / 64 + 1) * 64;
    out->fold = (tsr_fold){.model = out->model, .scratch = aligned_alloc(64, bytes)};
    out->least_ns = INFINITY;
    return tsr_state_create(tally->layout(out->model), &out->fold.state);
}

static tsr_status fold_tiles(const tsr_fold *fold, tsr_block *block) {
    for (int t = 0; t < TILES; t++) {
        TSR_TRY(tsr_tally_covariance.begin_tile(fold));
        for (int64_t item = 0; item < TILE_ITEMS; item += block->items) {
            block->item = (int64_t)t * TILE_ITEMS + item;
            TSR_TRY(tsr_tally_covariance.add_block(fold, block));
        }
        TSR_TRY(tsr_tally_covariance.end_tile(fold));
    }
    return TSR_OK;
}

static tsr_status measure(const tsr_field *fields, tsr_block *block) {
    for (int k = 0; k < CANDIDATES; k++) TSR_TRY(candidate_open(fields, &candidates[k]));
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < CANDIDATES; k++) {
            const int64_t start = tsr_clock_ns();
            TSR_TRY(fold_tiles(&candidates[k].fold, block));
            const double items = (double)TILES * TILE_ITEMS * COLUMNS * (COLUMNS + 1) / 2;
            candidates[k].least_ns = fmin(candidates[k].least_ns, (double)(tsr_clock_ns() - start) / items);
        }
    return TSR_OK;
}

int main(void) {
    static char name[COLUMNS + 1][2];
    tsr_field fields[COLUMNS + 2] = {{0}};
    for (int c = 0; c <= COLUMNS; c++) {
        name[c][0] = c == COLUMNS ? 'w' : (char)('a' + c);
        fields[c] = (tsr_field){.name = name[c], .unit = "1", .long_name = ""};
    }
    tsr_block block = {.items = TSR_BLOCK_ITEMS_MAX, .stride = TSR_BLOCK_ITEMS_MAX, .columns = COLUMNS + 1};
    block.data = aligned_alloc(64, (size_t)block.columns * TSR_BLOCK_ITEMS_MAX * sizeof(*block.data));
    if (block.data == NULL) return 71;
    for (int64_t i = 0; i < block.columns * block.stride; i++) block.data[i] = 1 + (double)(i * 37 % 1021) / 1024;
    const tsr_status status = measure(fields, &block);
    if (status != TSR_OK) fprintf(stderr, "%s\n", tsr_error_get()->message);
    for (int k = 0; k < CANDIDATES; k++) {
        if (status == TSR_OK) printf("%-22s %.3f ns per item and pair\n", candidates[k].name, candidates[k].least_ns);
        tsr_state_destroy(&candidates[k].fold.state);
        free(candidates[k].fold.scratch);
        tsr_tally_covariance.destroy(candidates[k].model);
        tsr_params_destroy(&candidates[k].params);
    }
    free(block.data);
    return tsr_status_exit_code(status);
}
