#include "cli/catalog.h"

#include "engine/designs/designs.h"
#include "engine/tallies/tallies.h"
#include "io/csv/csv_source.h"
#include "io/data/hdf5_source.h"
#include "io/data/join.h"
#include "io/data/netcdf_source.h"
#include "io/data/npy_source.h"
#include "io/sink/hdf5_sink.h"
#include "kernels/registry.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 256 };

/* The catalog and its lists that come from more than one folder. */
typedef struct {
    tsr_catalog catalog;
    const tsr_source *sources[ROWS_MAX + 1];
    const tsr_map *maps[ROWS_MAX + 1];
    const tsr_tally *tallies[ROWS_MAX + 1];
} owned_catalog;

static const tsr_source *const file_sources[] = {&tsr_source_csv, &tsr_source_hdf5, &tsr_source_netcdf, &tsr_source_npy,
                                                 NULL};
static const tsr_sink *const file_sinks[] = {&tsr_sink_hdf5, NULL};
static const tsr_map *const file_maps[] = {&tsr_map_join, NULL};

/* Keeps the list sorted by name. */
static void add_sources(const tsr_source *const *from, const tsr_source **list) {
    int count = 0;
    while (list[count] != NULL) count++;
    for (; *from != NULL; from++, count++) {
        TSR_ASSERT(count < ROWS_MAX);
        int at = count;
        for (; at > 0 && strcmp(list[at - 1]->name, (*from)->name) > 0; at--) list[at] = list[at - 1];
        list[at] = *from;
    }
}

static void add_maps(const tsr_map *const *from, const tsr_map **list) {
    while (*list != NULL) list++;
    while (*from != NULL) *list++ = *from++;
}

static void add_tallies(const tsr_tally *const *from, const tsr_tally **list) {
    while (*list != NULL) list++;
    while (*from != NULL) *list++ = *from++;
}

tsr_status tsr_catalog_create(tsr_catalog **out) {
    owned_catalog *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the list of kernels");
    add_sources(file_sources, made->sources);
    add_sources(tsr_kernel_sources, made->sources);
    add_maps(tsr_kernel_maps, made->maps);
    add_maps(file_maps, made->maps);
    add_tallies(tsr_tallies, made->tallies);
    add_tallies(tsr_kernel_tallies, made->tallies);
    made->catalog = (tsr_catalog){.sources = made->sources,
                                  .maps = made->maps,
                                  .tallies = made->tallies,
                                  .designs = tsr_designs,
                                  .sinks = file_sinks};
    *out = &made->catalog;
    return TSR_OK;
}

void tsr_catalog_destroy(tsr_catalog **catalog) {
    free(*catalog); /* the shelf's first member */
    *catalog = NULL;
}
