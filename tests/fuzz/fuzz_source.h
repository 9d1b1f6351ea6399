/* Fuzz target of a source that reads one file: the first byte of the input chooses what an item is, the rest is the
 * file. Who includes it says before which source: FUZZED_SOURCE. */
#ifndef TSR_FUZZ_SOURCE_H
#define TSR_FUZZ_SOURCE_H

#include "engine/source.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COLUMNS_MAX = 256, LINE = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static tsr_status create(const char *path, bool by_cells, void **model) {
    tsr_params *params = NULL;
    tsr_setting *map = tree(TSR_MAP, "j:1:1", keyed("file", scalar("j:1:1", path)),
                            keyed("items", scalar("j:1:1", by_cells ? "cells" : "rows")), NULL);
    tsr_status status = tsr_params_bind(FUZZED_SOURCE.params, map, FUZZED_SOURCE.name, NULL, &params);
    tsr_setting_destroy(&map);
    if (status == TSR_OK) status = FUZZED_SOURCE.create(params, model);
    tsr_params_destroy(&params);
    return status;
}

/* What was accepted has names and can be read, at its beginning, its end and between. */
static void read_some(const void *model) {
    static double cell[COLUMNS_MAX * LINE];
    const tsr_field *field = FUZZED_SOURCE.fields_of(model);
    const int64_t rows = FUZZED_SOURCE.items(model);
    tsr_draws *draws = NULL;
    int columns = 0;
    while (field[columns].name != NULL)
        if (field[columns++].name[0] == '\0') abort();
    if (columns == 0 || rows < 1) abort();
    if (columns > COLUMNS_MAX) return;
    if (tsr_draws_create(FUZZED_SOURCE.workspace(model, LINE), &draws) != TSR_OK) abort();
    const int64_t places[] = {0, rows / 2, rows - 1, rows / 3};
    for (int i = 0; i < 4; i++) {
        const int64_t left = rows - places[i];
        tsr_block block = {
            .item = places[i], .items = left < LINE ? left : LINE, .stride = LINE, .columns = columns, .data = cell};
        if (FUZZED_SOURCE.fill(model, draws, &block) != TSR_OK) abort();
    }
    tsr_draws_destroy(&draws);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    char path[64];
    void *model = NULL;
    if (bytes == 0) return 0;
    const int file = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (write(file, data + 1, bytes - 1) != (ssize_t)bytes - 1) abort();
    tsr_error_clear();
    const tsr_status status = create(path, (data[0] & 1) != 0, &model);
    if (status == TSR_OK) read_some(model);
    if (status != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    if (model != NULL) FUZZED_SOURCE.destroy(model);
    close(file);
    return 0;
}

#endif
