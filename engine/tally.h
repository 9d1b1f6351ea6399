/* A tally: folds blocks into integers and solves the integers for results.
 * Layer 2. Only a table. */
#ifndef TSR_ENGINE_TALLY_H
#define TSR_ENGINE_TALLY_H

#include "engine/block.h"
#include "engine/param.h"
#include "engine/result.h"
#include "engine/state.h"

#include <stdbool.h>
#include <stddef.h>

/* Every tally's table holds this row: which columns it reads (none given: all). */
#define TSR_PARAM_OF                                                                                                   \
    { .name = "of", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns to read (default: all)" }

/* The row of a tally that can weight its items: the column that holds their weights, finite and not negative. An item
 * counts as if there were `weight` of it in every estimate; error bars know that it is only one. */
#define TSR_PARAM_WEIGHT                                                                                               \
    { .name = "weight", .type = TSR_TEXT, .unit = "1", .preset = "", .help = "column of weights (default: none)" }

/* What a tally works on while a tile is folded. */
typedef struct {
    const void *model;
    void *scratch; /* scratch_bytes, 64-byte aligned, private to the thread, undefined at begin_tile but for what
                      begin_pass has put there */
    const tsr_state *settled; /* what all earlier passes found, same on every rank; NULL in the first pass */
    int pass;                 /* 0, 1, ...: how often these items have been read before */
    tsr_state *state;         /* the thread's own */
    uint64_t seed;            /* of the job: for tallies that draw, by item (tsr_stream_make) */
} tsr_fold;

typedef struct tsr_tally {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params; /* includes TSR_PARAM_OF */
    bool of_chains;          /* reads chains only: items of more than one row, one between begin and end */
    bool of_means;           /* tells means, which stay what they are when a design weighs the columns */
    bool in_order;           /* needs every item, next to its neighbours: goes neither with `where` nor with groups */
    bool takes_missing;      /* leaves out NaNs by itself, column by column */
    bool by_point;           /* solve needs the fields of its sweep point (their expectations): a model for each */

    /* fields: all columns of the stage, ending with a NULL name; borrowed until destroy. The model knows its columns.
     */
    tsr_status (*create)(const tsr_params *params, const tsr_field *fields, void **model);
    void (*destroy)(void *model); /* accepts NULL */

    tsr_layout (*layout)(const void *model);
    size_t (*scratch_bytes)(const void *model); /* (optional: 0) */

    /* Items behind a block that it looks at, as far as there are any: block->after (optional: none). */
    int64_t (*after)(const void *model);

    /* Makes the scratch ready for a pass from what is settled: called on every thread before its first tile of a pass,
     * and when it goes over to another sweep point (optional). TSR_ENUMERIC, TSR_ERUNTIME. */
    tsr_status (*begin_pass)(const tsr_fold *fold);

    /* One tile, or the part of a tile that belongs to one replicate or one chain: begin, blocks in ascending order,
     * end. begin and end are optional. TSR_ENUMERIC, TSR_ERUNTIME. */
    tsr_status (*begin_tile)(const tsr_fold *fold);
    tsr_status (*add_block)(const tsr_fold *fold, const tsr_block *block);
    tsr_status (*end_tile)(const tsr_fold *fold);

    /* Brings a state to its canonical form: called before states are merged, packed or solved (optional: always
     * canonical). */
    void (*settle)(const void *model, tsr_state *state);

    /* Forgets what passes after the first have added, so that more items can be added to the first (optional: tallies
     * that read once). */
    void (*rewind)(const void *model, tsr_state *state);

    /* True if all items must be read once more (optional: never). passes: how many have been done. */
    bool (*unfinished)(const void *model, const tsr_state *state, int passes);

    /* Adds results. state is settled and merged over all ranks. May use GMP; called on every rank. */
    tsr_status (*solve)(const void *model, const tsr_state *state, tsr_results *results);
} tsr_tally;

/* Resolves the `of` row against the stage's columns. out: [*count] indices, to be freed by the caller.
 * With a column of weights that one is not among "all". TSR_EUSAGE: no such column (names the nearest), or twice. */
tsr_status tsr_tally_columns(const tsr_params *params, const tsr_field *fields, int **out, int *count);

/* The place of the column that the `weight` row names; -1: the tally has no such row, or none is named.
 * TSR_EUSAGE: no such column (names the nearest). */
tsr_status tsr_tally_weight(const tsr_params *params, const tsr_field *fields, int *out);

#endif
