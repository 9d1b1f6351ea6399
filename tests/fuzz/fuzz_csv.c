/* Fuzz target of the CSV source. The first byte of the input chooses header and delimiter, the rest is the file. */
#include "io/csv/csv_source.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COLUMNS_MAX = 64, LINE = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static tsr_status create(const char *path, unsigned char choice, void **model) {
    static const char *const delimiters[] = {",", ";", "tab", " ", "|", "\xff", "x", "'"};
    tsr_params *params = NULL;
    tsr_setting *map = tree(TSR_MAP, "j:1:1", keyed("file", scalar("j:1:1", path)),
                            keyed("delimiter", scalar("j:1:1", delimiters[choice >> 1 & 7])),
                            keyed("header", scalar("j:1:1", (choice & 1) != 0 ? "no" : "yes")), NULL);
    tsr_status status = tsr_params_bind(tsr_source_csv.params, map, "source csv", NULL, &params);
    tsr_setting_destroy(&map);
    if (status == TSR_OK) status = tsr_source_csv.create(params, model);
    tsr_params_destroy(&params);
    return status;
}

/* Rows in any order, as a thread meets them. */
static void read_rows(const void *model, int columns, int64_t rows) {
    static double cell[COLUMNS_MAX * LINE];
    tsr_draws *draws = NULL;
    if (tsr_draws_create(tsr_source_csv.workspace(model, LINE), &draws) != TSR_OK) abort();
    for (int64_t i = 0; i < rows; i++) {
        const int64_t row = i % 3 == 2 ? rows - 1 - i : i, left = rows - row;
        tsr_block block = {
            .item = row, .items = left < LINE ? left : LINE, .stride = LINE, .columns = columns, .data = cell};
        tsr_error_clear();
        const tsr_status status = tsr_source_csv.fill(model, draws, &block);
        if (status != TSR_OK && status != TSR_EDATA) abort();
        for (int64_t j = 0; j < columns * LINE && status == TSR_OK; j++)
            if (cell[j] - cell[j] != 0.0 && cell[j] == cell[j]) abort(); /* an infinity */
    }
    tsr_draws_destroy(&draws);
}

/* What was accepted has names, and rows of numbers or missing values. */
static void read_all(const void *model) {
    const tsr_field *field = tsr_source_csv.fields_of(model);
    const int64_t rows = tsr_source_csv.items(model);
    int columns = 0;
    while (field[columns].name != NULL)
        if (field[columns++].name[0] == '\0') abort();
    if (columns == 0 || rows < 1) abort();
    if (columns <= COLUMNS_MAX) read_rows(model, columns, rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    char path[64];
    void *model = NULL;
    if (bytes == 0) return 0;
    const int file = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (write(file, data + 1, bytes - 1) != (ssize_t)bytes - 1) abort();
    tsr_error_clear();
    const tsr_status status = create(path, data[0], &model);
    if (status == TSR_OK) read_all(model);
    if (status != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    if (model != NULL) tsr_source_csv.destroy(model);
    close(file);
    return 0;
}
