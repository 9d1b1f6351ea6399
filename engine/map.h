/* A map: turns blocks into blocks, item by item, possibly looking at neighbours, or making one item of several.
 * Layer 2. Only a table. */
#ifndef TSR_ENGINE_MAP_H
#define TSR_ENGINE_MAP_H

#include "engine/block.h"
#include "engine/input.h"
#include "engine/param.h"

/* Neighbours. */
typedef struct {
    int64_t before;
    int64_t after;
} tsr_reach;

typedef struct tsr_map {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params;

    /* Makes the immutable model for input columns `in` (ends with a NULL name; borrowed for the call). */
    tsr_status (*create)(const tsr_params *params, const tsr_field *in, void **model);
    void (*destroy)(void *model); /* accepts NULL */

    /* Output columns, ending with a NULL name; borrowed until destroy. */
    const tsr_field *(*fields_of)(const void *model);

    /* Input items from one output item to the next (optional: 1): output item i is made of input items i * step on. */
    int64_t (*step)(const void *model);

    /* Following input items that each output item needs beyond its step: the last ones make no output (optional: 0). Of
     * n input items become (n - halo) / step. */
    int64_t (*halo)(const void *model);

    /* Neighbours that it looks at as far as there are any, before and behind what it needs (optional: none). At the
     * ends of a dataset there are fewer: in->before and in->after say how many there are. */
    tsr_reach (*reach)(const void *model);

    /* in: [in columns, out->items * step + halo] from input item out->item * step on, and its neighbours; out: [out
     * columns, out->items]. No aliasing.
     * TSR_EDATA when an input value has no image (log of a negative price), naming the item. */
    tsr_status (*apply)(const void *model, const tsr_block *in, tsr_block *out);

    /* The files that it has read (optional: none): [*count], borrowed from the model. */
    const tsr_input *(*inputs)(const void *model, int *count);
} tsr_map;

#endif
