/* A map: turns blocks into blocks, item by item, possibly looking at a few following items (its halo).
 * Layer 2. Only a table. */
#ifndef TSR_ENGINE_MAP_H
#define TSR_ENGINE_MAP_H

#include "engine/block.h"
#include "engine/param.h"

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

    /* Following input items that each output item needs: output has this many items fewer than input (optional: 0). */
    int64_t (*halo)(const void *model);

    /* in: [in columns, out->items + halo] from item out->item on; out: [out columns, out->items]. No aliasing.
     * TSR_EDATA when an input value has no image (log of a negative price), naming the item. */
    tsr_status (*apply)(const void *model, const tsr_block *in, tsr_block *out);
} tsr_map;

#endif
