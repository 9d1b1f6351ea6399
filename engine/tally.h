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

/* What a tally works on while a tile is folded. */
typedef struct {
    const void *model;
    void *scratch;            /* scratch_bytes, 64-byte aligned, private to the thread, undefined at begin_tile */
    const tsr_state *settled; /* what all earlier passes found, same on every rank; NULL in the first pass */
    int pass;                 /* 0, 1, ...: how often these items have been read before */
    tsr_state *state;         /* the thread's own */
} tsr_fold;

typedef struct tsr_tally {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params; /* includes TSR_PARAM_OF */

    /* fields: all columns of the stage, ending with a NULL name; borrowed until destroy. The model knows its columns.
     */
    tsr_status (*create)(const tsr_params *params, const tsr_field *fields, void **model);
    void (*destroy)(void *model); /* accepts NULL */

    tsr_layout (*layout)(const void *model);
    size_t (*scratch_bytes)(const void *model); /* (optional: 0) */

    /* One tile: begin, blocks in ascending order, end. begin and end are optional. TSR_ENUMERIC, TSR_ERUNTIME. */
    tsr_status (*begin_tile)(const tsr_fold *fold);
    tsr_status (*add_block)(const tsr_fold *fold, const tsr_block *block);
    tsr_status (*end_tile)(const tsr_fold *fold);

    /* Brings a state to its canonical form: called before states are merged, packed or solved (optional: always
     * canonical). */
    void (*settle)(const void *model, tsr_state *state);

    /* True if all items must be read once more (optional: never). passes: how many have been done. */
    bool (*unfinished)(const void *model, const tsr_state *state, int passes);

    /* Adds results. state is settled and merged over all ranks. May use GMP; called on every rank. */
    tsr_status (*solve)(const void *model, const tsr_state *state, tsr_results *results);
} tsr_tally;

/* Resolves the `of` row against the stage's columns. out: [*count] indices, to be freed by the caller.
 * TSR_EUSAGE: no such column (names the nearest), or a column twice. */
tsr_status tsr_tally_columns(const tsr_params *params, const tsr_field *fields, int **out, int *count);

#endif
