/* For tests: chains of a source, all columns, without the engine around it. */
#ifndef TSR_TESTS_CHAINS_H
#define TSR_TESTS_CHAINS_H

#include "drive.h"
#include "engine/tallies/series.h"
#include "fold.h"

/* Whole chains 0 .. chains - 1: value [columns, chains x rows]. */
typedef struct {
    tsr_drive drive;
    int64_t chains;
    int64_t rows; /* of all chains */
    double *value;
} tsr_chains;

static inline void chains_fill(tsr_chains *chains) {
    const tsr_drive *drive = &chains->drive;
    tsr_block block = {.columns = drive->columns, .stride = TSR_BLOCK_ITEMS_MAX};
    block.data = aligned_alloc(64, (size_t)(block.columns * block.stride) * sizeof(double));
    for (block.item = 0; block.item < chains->rows; block.item += block.items) {
        block.items = drive_cut(drive, (tsr_range){block.item, chains->rows}, drive->block_items);
        assert_int_equal(drive_block(drive, drive->draws, &block), TSR_OK);
        for (int c = 0; c < block.columns; c++)
            memcpy(chains->value + c * chains->rows + block.item, tsr_column(&block, c),
                   (size_t)block.items * sizeof(double));
    }
    free(block.data);
}

/* Takes settings. The source must exist and accept them. */
static inline tsr_chains chains_make(const char *source, tsr_setting *settings, int64_t chains, uint64_t seed) {
    tsr_chains made = {.chains = chains};
    if (drive_open(drive_find(source), settings, NULL, seed, &made.drive) != TSR_OK)
        fail_msg("%s", tsr_error_get()->message);
    made.rows = chains * made.drive.rows;
    made.value = malloc((size_t)(made.drive.columns * made.rows) * sizeof(double));
    chains_fill(&made);
    return made;
}

static inline void chains_clear(tsr_chains *old) {
    drive_close(&old->drive);
    free(old->value);
}

/* Column by name: [rows]. */
static inline const double *chains_column(const tsr_chains *chains, const char *name) {
    for (int c = 0; c < chains->drive.columns; c++)
        if (strcmp(chains->drive.fields[c].name, name) == 0) return chains->value + c * chains->rows;
    return NULL;
}

/* Mean and its standard error from the means of the chains, which are independent. */
static inline tsr_sample chains_mean(const tsr_chains *chains, const char *name) {
    const double *value = chains_column(chains, name);
    const int64_t rows = chains->drive.rows;
    double *mean = calloc((size_t)chains->chains, sizeof(*mean));
    for (int64_t i = 0; i < chains->rows; i++) mean[i / rows] += value[i] / (double)rows;
    const tsr_sample sample = sample_of(mean, chains->chains);
    free(mean);
    return sample;
}

/* What the tally "series" says of all columns. */
static inline tsr_results *chains_series(const tsr_chains *chains) {
    const tsr_table table = {chains->drive.fields, chains->drive.columns, chains->rows, chains->value};
    tsr_folder folder;
    tsr_setting *settings = tree(TSR_MAP, "test", number("lags", 32), NULL);
    assert_int_equal(fold_open(&tsr_tally_series, settings, table.fields, &folder), TSR_OK);
    folder.tile_items = chains->drive.rows;
    tsr_state *state = fold_state(&folder);
    for (int64_t chain = 0; chain < chains->chains; chain++) fold_tile(&folder, &table, chain, state);
    tsr_results *results = fold_solve(&folder, state);
    tsr_state_destroy(&state);
    fold_close(&folder);
    return results;
}

/* A number of one column: "tau", "energy". */
static inline double chains_value(const tsr_results *results, const char *result, const char *column) {
    const tsr_result *found = fold_result(results, result);
    for (int64_t c = 0; c < found->dimension[0].length; c++)
        if (strcmp(found->dimension[0].labels[c], column) == 0) return found->value[c];
    return NAN;
}

#endif
