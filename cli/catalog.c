#include "cli/catalog.h"

#include "engine/designs/designs.h"
#include "engine/tallies/tallies.h"
#include "io/csv/csv_source.h"
#include "kernels/registry.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCES_MAX = 256 };

/* The catalog and the list of sources, which come from two folders. */
typedef struct {
    tsr_catalog catalog;
    const tsr_source *sources[SOURCES_MAX + 1];
} owned_catalog;

/* Keeps the list sorted by name. */
static void add_source(owned_catalog *shelf, int count, const tsr_source *source) {
    TSR_ASSERT(count < SOURCES_MAX);
    int at = count;
    for (; at > 0 && strcmp(shelf->sources[at - 1]->name, source->name) > 0; at--)
        shelf->sources[at] = shelf->sources[at - 1];
    shelf->sources[at] = source;
}

tsr_status tsr_catalog_create(tsr_catalog **out) {
    owned_catalog *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the list of kernels");
    int count = 0;
    add_source(made, count++, &tsr_source_csv);
    for (const tsr_source *const *source = tsr_kernel_sources; *source != NULL; source++)
        add_source(made, count++, *source);
    made->catalog = (tsr_catalog){
        .sources = made->sources, .maps = tsr_kernel_maps, .tallies = tsr_tallies, .designs = tsr_designs};
    *out = &made->catalog;
    return TSR_OK;
}

void tsr_catalog_destroy(tsr_catalog **catalog) {
    free(*catalog); /* the shelf's first member */
    *catalog = NULL;
}
