#include "cli/catalog.h"

#include "engine/tallies.h"
#include "io/csv_source.h"
#include "kernels/registry.h"

#include <stdlib.h>
#include <string.h>

/* The catalog and the list of sources, which come from two folders. */
typedef struct {
    tsr_catalog catalog;
    const tsr_source *sources[];
} shelf;

static int by_name(const void *a, const void *b) {
    return strcmp((*(const tsr_source *const *)a)->name, (*(const tsr_source *const *)b)->name);
}

tsr_status tsr_catalog_create(tsr_catalog **out) {
    size_t count = 0;
    while (tsr_kernel_sources[count] != NULL) count++;
    shelf *made = calloc(1, sizeof(*made) + (count + 2) * sizeof(made->sources[0]));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the list of kernels");
    memcpy(made->sources, tsr_kernel_sources, count * sizeof(made->sources[0]));
    made->sources[count++] = &tsr_source_csv;
    qsort(made->sources, count, sizeof(made->sources[0]), by_name);
    made->catalog = (tsr_catalog){.sources = made->sources, .maps = tsr_kernel_maps, .tallies = tsr_tallies};
    *out = &made->catalog;
    return TSR_OK;
}

void tsr_catalog_destroy(tsr_catalog **catalog) {
    free(*catalog); /* the shelf's first member */
    *catalog = NULL;
}
