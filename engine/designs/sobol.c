#include "engine/designs/sobol.h"

#include "engine/designs/grid.h"
#include "engine/scramble.h"
#include "engine/sobol.h"

#include <stdbool.h>
#include <string.h>

enum { OWEN, SHIFT };

static const tsr_param params[] = {
    TSR_PARAM_REPLICATES,
    {.name = "scramble",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "owen",
     .choices = "owen|shift",
     .help = "what makes the points of a replicate random: nested uniform scrambling, or a digital shift (cheaper)"},
    TSR_PARAM_PATH("bridge"),
    {.name = NULL},
};

/* Points of a replicate before its numbers are made anew: 2^32 items. */
enum { BLOCK_DIGITS = 22 };

typedef struct {
    tsr_grid grid;
    int64_t replicates;
    int scramble;
    tsr_directions directions[]; /* [grid.dimensions]; for owen, of reversed digits */
} sobol;

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    const int64_t dimensions = demand->uniforms + demand->normals;
    *model = NULL;
    if (dimensions > TSR_SOBOL_DIMENSIONS)
        return tsr_params_fail(given, NULL,
                               "the source takes %lld draws for an item, and Sobol points have at most %d coordinates; "
                               "take fewer steps, or ask for 'latin_hypercube'",
                               (long long)dimensions, TSR_SOBOL_DIMENSIONS);
    const size_t bytes = sizeof(sobol) + (size_t)dimensions * sizeof(tsr_directions);
    TSR_TRY(tsr_grid_create(given, demand, stream, bytes, model));
    sobol *design = *model;
    design->replicates = tsr_params_integer(given, "replicates");
    design->scramble = tsr_params_choice(given, "scramble");
    tsr_sobol_directions(dimensions, design->directions);
    for (int64_t d = 0; design->scramble == OWEN && d < dimensions; d++)
        design->directions[d] = tsr_directions_reverse(&design->directions[d]);
    return TSR_OK;
}

/* Where the points of some items are: group g is block g / R of replicate g mod R, so that a longer run adds points to
 * every replicate. */
typedef struct {
    uint32_t block;
    int64_t key;   /* of what makes them random: the replicate, until its points begin again */
    int64_t first; /* point of the block */
    int64_t items;
} place;

static place place_of(const sobol *design, const tsr_portion *portion) {
    const int64_t group = portion->item / TSR_GROUP_ITEMS, block = group / design->replicates;
    return (place){.block = (uint32_t)(block % (INT64_C(1) << BLOCK_DIGITS)),
                   .key = group % design->replicates + design->replicates * (block >> BLOCK_DIGITS),
                   .first = portion->item % TSR_GROUP_ITEMS,
                   .items = portion->items};
}

static void fill_scrambled(const sobol *design, place at, int64_t dimension, double *out) {
    const tsr_scramble scramble = tsr_scramble_make(&design->grid.stream, at.key, dimension);
    uint32_t word[TSR_SOBOL_BLOCK];
    tsr_sobol_words(&design->directions[dimension], at.block, word);
    tsr_scramble_words(&scramble, at.items, word + at.first, out);
}

static void fill_shifted(const sobol *design, place at, int64_t dimension, double *out) {
    uint64_t shift[TSR_QUAD];
    double whole[TSR_SOBOL_BLOCK];
    const bool is_whole = at.items == TSR_SOBOL_BLOCK;
    tsr_stream_quad(&design->grid.stream, TSR_KIND_BITS, at.key, dimension, shift);
    tsr_sobol_points(&design->directions[dimension], at.block, shift[0], is_whole ? out : whole);
    if (!is_whole) memcpy(out, whole + at.first, (size_t)at.items * sizeof(*out));
}

static void coordinates(const void *model, const tsr_portion *portion, int64_t stride, double *out) {
    const sobol *design = model;
    const place at = place_of(design, portion);
    for (int64_t d = 0; d < portion->dimensions; d++)
        if (design->scramble == OWEN)
            fill_scrambled(design, at, portion->dimension + d, out + d * stride);
        else
            fill_shifted(design, at, portion->dimension + d, out + d * stride);
}

const tsr_design tsr_design_sobol = {
    .name = "sobol",
    .summary = "Sobol points in every replicate, each made random in its own way",
    .reference = "S. Joe and F. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635; A. Owen, Ann. Statist. 25 (1997) 1541; "
                 "P. L'Ecuyer and C. Lemieux, in Modeling Uncertainty (2002) 419",
    .params = params,
    .group_items = TSR_GROUP_ITEMS,
    .create = create,
    .destroy = tsr_grid_destroy,
    .coordinates = coordinates,
    .path = tsr_grid_path,
};
