/* What the moments tally costs per item, on a block that stays in L1, beside the plainest vector loop that sums x and
 * x^2: centring, more powers, extremes and exact tiles. Interleaved; the least time of each and the ratio are printed,
 * nothing is judged. bench_moments */
#include "engine/clock.h"
#include "engine/tallies/lanes.h"
#include "engine/tallies/moments.h"
#include "tests/settings.h"

#include <math.h>
#include <stdio.h>

enum { TILE_ITEMS = 16384, ROUNDS = 60, TILES = 20, ORDERS = 4, CANDIDATES = 2 * ORDERS };

static const tsr_field fields[] = {
    {.name = "x", .unit = "1", .long_name = ""}, {.name = "w", .unit = "1", .long_name = ""}, {.name = NULL}};

typedef struct {
    tsr_params *params;
    void *model;
    tsr_fold fold;
} candidate;

static tsr_status candidate_open(int order, bool weighted, candidate *out) {
    char text[2] = {(char)('0' + order), '\0'};
    tsr_setting *settings =
        tree(TSR_MAP, "bench", keyed("order", scalar("bench", text)), keyed("of", scalar("bench", "x")),
             keyed("weight", scalar("bench", weighted ? "w" : "")), NULL);
    const tsr_tally *tally = &tsr_tally_moments;
    TSR_TRY(tsr_params_bind(tally->params, settings, tally->name, NULL, &out->params));
    tsr_setting_destroy(&settings);
    TSR_TRY(tally->create(out->params, fields, &out->model));
    out->fold = (tsr_fold){.model = out->model, .scratch = calloc(1, tally->scratch_bytes(out->model))};
    return tsr_state_create(tally->layout(out->model), &out->fold.state);
}

static void candidate_close(candidate *old) {
    tsr_state_destroy(&old->fold.state);
    free(old->fold.scratch);
    tsr_tally_moments.destroy(old->model);
    tsr_params_destroy(&old->params);
}

static tsr_status fold_tiles(const tsr_fold *fold, tsr_block *block) {
    for (int t = 0; t < TILES; t++) {
        TSR_TRY(tsr_tally_moments.begin_tile(fold));
        for (int64_t item = 0; item < TILE_ITEMS; item += block->items) {
            block->item = (int64_t)t * TILE_ITEMS + item;
            TSR_TRY(tsr_tally_moments.add_block(fold, block));
        }
        TSR_TRY(tsr_tally_moments.end_tile(fold));
    }
    return TSR_OK;
}

static double sum_plainly(const tsr_block *block) {
    double sum[TSR_LANES] = {0}, square[TSR_LANES] = {0};
    for (int64_t i = 0; i < block->items; i += TSR_LANES)
        for (int l = 0; l < TSR_LANES; l++) {
            const double x = block->data[i + l];
            sum[l] += x;
            square[l] = fma(x, x, square[l]);
        }
    return tsr_lanes_fold(sum) + tsr_lanes_fold(square);
}

/* total: takes the sums, so that they are not left out. */
static double time_plain(const tsr_block *block, double *total) {
    const int64_t start = tsr_clock_ns();
    for (int t = 0; t < TILES; t++)
        for (int64_t item = 0; item < TILE_ITEMS; item += block->items) {
            block->data[0] = 100 + t / 16.0; /* or the compiler sums once for all */
            *total += sum_plainly(block);
        }
    return (double)(tsr_clock_ns() - start) / (TILES * TILE_ITEMS);
}

static tsr_status measure(candidate *candidates, tsr_block *block, double *least_ns) {
    double total = 0;
    for (int round = 0; round < ROUNDS; round++) {
        least_ns[0] = fmin(least_ns[0], time_plain(block, &total));
        for (int k = 0; k < CANDIDATES; k++) {
            const int64_t start = tsr_clock_ns();
            TSR_TRY(fold_tiles(&candidates[k].fold, block));
            least_ns[k + 1] = fmin(least_ns[k + 1], (double)(tsr_clock_ns() - start) / (TILES * TILE_ITEMS));
        }
    }
    return total > 0 ? TSR_OK : TSR_FAIL(TSR_EINTERNAL, "the plain sums are gone");
}

int main(void) {
    candidate candidates[CANDIDATES] = {0};
    double least_ns[CANDIDATES + 1];
    for (int k = 0; k <= CANDIDATES; k++) least_ns[k] = INFINITY;
    tsr_block block = {.items = TSR_BLOCK_ITEMS_MAX, .stride = TSR_BLOCK_ITEMS_MAX, .columns = 2};
    block.data = aligned_alloc(64, 2 * TSR_BLOCK_ITEMS_MAX * sizeof(*block.data));
    if (block.data == NULL) return 71;
    for (int i = 0; i < TSR_BLOCK_ITEMS_MAX; i++) {
        block.data[i] = 100 + (i * 37 % 1024) / 1024.0;
        block.data[TSR_BLOCK_ITEMS_MAX + i] = 1 + (i * 41 % 1024) / 1024.0;
    }
    tsr_status status = TSR_OK;
    for (int k = 0; k < CANDIDATES && status == TSR_OK; k++)
        status = candidate_open(k % ORDERS + 1, k >= ORDERS, &candidates[k]);
    if (status == TSR_OK) status = measure(candidates, &block, least_ns);
    if (status == TSR_OK) {
        printf("plain sums of x and x^2  %.3f ns/item\n", least_ns[0]);
        for (int k = 0; k < CANDIDATES; k++)
            printf("moments, order %d%-9s %.3f ns/item, %.2f x\n", k % ORDERS + 1, k >= ORDERS ? ", weighted" : "",
                   least_ns[k + 1], least_ns[k + 1] / least_ns[0]);
    } else {
        fprintf(stderr, "%s\n", tsr_error_get()->message);
    }
    for (int k = 0; k < CANDIDATES; k++) candidate_close(&candidates[k]);
    free(block.data);
    return tsr_status_exit_code(status);
}
