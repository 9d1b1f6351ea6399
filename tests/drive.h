/* For tests: a source run by itself, block after block, without the engine around it. */
#ifndef TSR_TESTS_DRIVE_H
#define TSR_TESTS_DRIVE_H

#include "engine/source.h"
#include "kernels/registry.h"
#include "settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const tsr_source *source;
    const tsr_field *fields;
    int columns;
    int64_t block_items;
    int64_t rows; /* of an item; a chain has more than one */
    tsr_params *params;
    void *model;
    tsr_draws *draws;
    tsr_sampling sampling;
} tsr_drive;

/* A number with all its digits under a key; without one (NULL), an entry of a list. */
static inline tsr_setting *number(const char *key, double value) {
    char text[32];
    snprintf(text, sizeof(text), "%.17g", value);
    return key ? keyed(key, scalar("test", text)) : scalar("test", text);
}

/* A list of numbers under a key; value: [count]. */
static inline tsr_setting *numbers(const char *key, int64_t count, const double *value) {
    tsr_setting *list = keyed(key, tree(TSR_LIST, "test", NULL));
    list->child = calloc((size_t)count, sizeof(*list->child)); // NOLINT
    for (int64_t i = 0; i < count; i++) list->child[list->count++] = number(NULL, value[i]);
    return list;
}

/* A built-in source, or NULL. */
static inline const tsr_source *drive_find(const char *name) {
    for (const tsr_source *const *source = tsr_kernel_sources; *source; source++)
        if (strcmp((*source)->name, name) == 0) return *source;
    return NULL;
}

static inline void drive_close(tsr_drive *drive) {
    if (drive->source && drive->source->destroy) drive->source->destroy(drive->model);
    tsr_draws_destroy(&drive->draws);
    tsr_params_destroy(&drive->params);
}

/* The numbers that a drive of this seed draws. */
static inline tsr_sampling drive_sampling(uint64_t seed) {
    return (tsr_sampling){.stream = tsr_stream_make(seed, "test", 0)};
}

/* Takes settings (NULL: all defaults). */
static inline tsr_status drive_open(const tsr_source *source, tsr_setting *settings, const tsr_binding *binding,
                                    uint64_t seed, tsr_drive *drive) {
    *drive = (tsr_drive){.source = source, .sampling = drive_sampling(seed)};
    drive->block_items = source->block_items > 0 ? source->block_items : TSR_BLOCK_ITEMS_MAX;
    tsr_status status = TSR_OK;
    TSR_TRY_OUT(tsr_params_bind(source->params, settings, source->name, binding, &drive->params));
    if (source->create) TSR_TRY_OUT(source->create(drive->params, &drive->model));
    drive->rows = source->rows ? source->rows(drive->model) : 1;
    if (source->demand) drive->sampling.demand = source->demand(drive->model);
    drive->fields = source->fields ? source->fields : source->fields_of(drive->model);
    while (drive->fields[drive->columns].name) drive->columns++;
    const size_t bytes = source->workspace ? source->workspace(drive->model, drive->block_items) : 0;
    TSR_TRY_OUT(tsr_draws_create(bytes, &drive->draws));
out:
    tsr_setting_destroy(&settings);
    if (status != TSR_OK) drive_close(drive);
    return status;
}

/* Fills one block whose memory the caller owns. */
static inline tsr_status drive_block(const tsr_drive *drive, tsr_draws *draws, tsr_block *block) {
    tsr_draws_begin(draws, &drive->sampling, block->item, block->items);
    return drive->source->fill(drive->model, draws, block);
}

/* A block of at most `most` items that ends where the range or a chain ends. */
static inline int64_t drive_cut(const tsr_drive *drive, tsr_range left, int64_t most) {
    const int64_t chain = drive->rows > 1 ? drive->rows - left.begin % drive->rows : most;
    const int64_t items = left.end - left.begin < most ? left.end - left.begin : most;
    return items < chain ? items : chain;
}

/* One column of items first .. first + items - 1; out: [items]. Of chains: of rows, the first of which begins
 * a chain. */
static inline tsr_status drive_column(const tsr_drive *drive, int column, int64_t first, int64_t items, double *out) {
    tsr_block block = {.columns = drive->columns, .stride = TSR_BLOCK_ITEMS_MAX};
    const size_t bytes = (size_t)(drive->columns * block.stride) * sizeof(double);
    block.data = aligned_alloc(64, bytes);
    tsr_status status = TSR_OK;
    for (int64_t done = 0; done < items && status == TSR_OK; done += block.items) {
        block.item = first + done;
        block.items = drive_cut(drive, (tsr_range){block.item, first + items}, drive->block_items);
        status = drive_block(drive, drive->draws, &block);
        memcpy(out + done, tsr_column(&block, column), (size_t)block.items * sizeof(double));
    }
    free(block.data);
    return status;
}

/* Mean, variance and their standard errors, from the sample's own moments. */
typedef struct {
    double mean;
    double mean_error;
    double variance;
    double variance_error;
} tsr_sample;

static inline tsr_sample sample_of(const double *value, int64_t items) {
    const double count = (double)items;
    double sum = 0.0, square = 0.0, fourth = 0.0;
    for (int64_t i = 0; i < items; i++) sum += value[i];
    for (int64_t i = 0; i < items; i++) {
        const double deviation = value[i] - sum / count;
        square += deviation * deviation;
        fourth += deviation * deviation * deviation * deviation;
    }
    const double variance = square / (count - 1.0);
    return (tsr_sample){.mean = sum / count,
                        .mean_error = sqrt(variance / count),
                        .variance = variance,
                        .variance_error = sqrt((fourth / count - variance * variance) / count)};
}

#endif
