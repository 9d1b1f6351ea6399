/* A sampling design: where the draws of a stage come from, and which items depend on each other for the sake of a
 * smaller error (Sobol points, Latin hypercubes, antithetic pairs). Without a design all items are independent.
 * Layer 2. Only a table; the designs are in engine/designs/. */
#ifndef TSR_ENGINE_DESIGN_H
#define TSR_ENGINE_DESIGN_H

#include "engine/param.h"
#include "engine/path.h"
#include "engine/stream.h"
#include "engine/tally.h"

/* How many draws of each kind an item takes at most; both 0: any number. */
typedef struct {
    int64_t uniforms;
    int64_t normals;
    int64_t paths; /* the normals drive so many Brownian paths in equal time steps, normal `step * paths + path`;
                      0: they are no increments */
} tsr_demand;

/* Items of a replicate that a design makes dependent on each other lie in groups of so many; replicate r of R has the
 * groups r, r + R, r + 2 R, ... */
enum { TSR_GROUP_ITEMS = 1024, TSR_REPLICATES_MAX = 256 };

/* Every design's table holds this row. Error bars come from the spread of the replicates. */
#define TSR_PARAM_REPLICATES                                                                                           \
    {                                                                                                                  \
        .name = "replicates", .type = TSR_INTEGER, .unit = "1", .preset = "32", .minimum = 2,                          \
        .maximum = TSR_REPLICATES_MAX,                                                                                 \
        .help = "independent repetitions, whose spread gives the error bars of all results"                            \
    }

/* What is asked of a design at once: some coordinates of some items. A value type. */
typedef struct {
    int64_t item; /* items item .. item + items - 1, all of one group of TSR_GROUP_ITEMS */
    int64_t items;
    int64_t dimension;  /* dimension d is uniform d of the kernel for d < demand.uniforms, and normal */
    int64_t dimensions; /* d - demand.uniforms after that (by the inverse of the normal law) */
} tsr_portion;

typedef struct tsr_design {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params; /* includes TSR_PARAM_REPLICATES */
    int64_t group_items;     /* a multiple of TSR_GROUP_ITEMS */

    /* Makes the immutable model for a kernel of this demand and the random numbers of one sweep point.
     * TSR_EUSAGE through tsr_params_fail: the design does not fit the demand; TSR_ERUNTIME. */
    tsr_status (*create)(const tsr_params *params, const tsr_demand *demand, const tsr_stream *stream, void **model);
    void (*destroy)(void *model); /* accepts NULL */

    /* Coordinates of items: uniforms in (0, 1), that of dimension + d of item + i to out[d * stride + i]. Draws ask for
     * up to TSR_QUAD dimensions, all of one kind, from a multiple of TSR_QUAD of their kind on; or for one. The numbers
     * are a pure function of (model, item, dimension). Thread-safe, allocates nothing.
     * NULL: the items are independent, as without a design. */
    void (*coordinates)(const void *model, const tsr_portion *portion, int64_t stride, double *out);

    /* How the normals of a path become its increments, borrowed from the model (optional; NULL: they are the
     * increments). Normal k * paths + p of the kernel's demand is the k'th of path p before that, and its step k then.
     */
    const tsr_path *(*path)(const void *model);

    /* Importance sampling (optional): by what the source's columns of each item are multiplied, so that their means
     * stay what they are with uniform draws. out [items]. */
    void (*weights)(const void *model, int64_t item, int64_t items, double *out);

    /* Learning before the first pass (optional, all three or none). As long as training_items says more than 0, the
     * engine folds so many items, numbered from 0, into a state of the tally `training`, whose model is the design's
     * own, and gives the settled state to train. The design sees to it that no training shares random numbers with
     * another one or with the passes. train: the same on all ranks; TSR_ENUMERIC, TSR_ERUNTIME. */
    int64_t (*training_items)(const void *model);
    const tsr_tally *training;
    tsr_status (*train)(void *model, const tsr_state *state);
} tsr_design;

/* What the draws of a stage's sweep point are made from. A value type. */
typedef struct {
    tsr_stream stream;
    tsr_demand demand;
    const tsr_design *design; /* NULL: independent items */
    const void *design_model;
} tsr_sampling;

#endif
