#include "io/data/npy_header.h"
#include "io/inspect/inventory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDE_ROW = 64 };

static void describe(const tsr_npy_header *header, tsr_inventory_row *row) {
    size_t used = 0;
    for (int a = 0; a < header->rank && used < sizeof(row->shape); a++)
        used += (size_t)snprintf(row->shape + used, sizeof(row->shape) - used, "%s%lld", a > 0 ? " x " : "",
                                 (long long)header->shape[a]);
    snprintf(row->type, sizeof(row->type), "%s", header->type);
    snprintf(row->storage, sizeof(row->storage), "%s order", header->is_fortran && header->rank > 1 ? "Fortran" : "C");
}

static tsr_status add_row(const char *path, const tsr_npy_header *header, tsr_inventory *out) {
    tsr_inventory_row row = {.is_first = true};
    int64_t width = header->cells;
    for (int a = 1; a < header->rank; a++) width *= header->shape[a];
    char *file = tsr_inventory_quote(path), *source = NULL;
    const bool by_cells = width > WIDE_ROW && !header->is_fortran;
    describe(header, &row);
    if (file == NULL || asprintf(&source, "npy: {file: %s%s}", file, by_cells ? ", items: cells" : "") < 0)
        source = NULL;
    free(file);
    TSR_REQUIRE(source != NULL, TSR_ERUNTIME, "no memory to look into a file");
    row.source = row.job = source;
    const tsr_status status = tsr_inventory_add(out, &row);
    free(source);
    return status;
}

tsr_status tsr_inventory_read_npy(const char *path, tsr_inventory *out) {
    tsr_npy_header header = {0};
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    TSR_REQUIRE(file >= 0, TSR_EDATA, "'%s' cannot be opened", path);
    snprintf(out->format, sizeof(out->format), "NumPy array");
    tsr_status status = tsr_npy_file_read(file, path, &header);
    close(file);
    if (status == TSR_OK) status = add_row(path, &header, out);
    tsr_npy_header_clear(&header);
    return status;
}
