/* Maps that append columns made of each item and those before it: what their models begin with, and what becomes of
 * the first items, which have nothing to look back on. */
#ifndef TSR_KERNELS_DATA_LOOKBACK_H
#define TSR_KERNELS_DATA_LOOKBACK_H

#include "engine/field_list.h"
#include "engine/kernel.h"

/* missing: NaN; drop: the first items are left out; partial: made of the items that there are. */
typedef enum { TSR_EDGE_MISSING, TSR_EDGE_DROP, TSR_EDGE_PARTIAL } tsr_edge;

#define TSR_PARAM_EDGE(CHOICES)                                                                                        \
    {                                                                                                                  \
        .name = "edge", .type = TSR_CHOICE, .unit = "1", .preset = "missing", .choices = CHOICES,                      \
        .help = "what the first items are, which have nothing before them"                                             \
    }

enum { TSR_LOOKBACK_MAX = 32768 };

/* First member of a model. */
typedef struct {
    int64_t back; /* items that each one looks back on */
    tsr_edge edge;
    int given;   /* columns that come in, and go on */
    int columns; /* of these that are looked at */
    int *column; /* [columns] */
    tsr_field_list fields;
} tsr_lookback;

/* From the rows `of` and `edge`. Cleared memory before; clear also after a failure. TSR_EUSAGE, TSR_ERUNTIME. */
tsr_status tsr_lookback_init(const tsr_params *given, const tsr_field *in, int64_t back, tsr_lookback *out);
void tsr_lookback_clear(tsr_lookback *lookback);

/* Appends the column `x.suffix`, made of column k of those that are looked at; unit NULL: that of x; meaning: what
 * stands before the name of x. */
tsr_status tsr_lookback_add(tsr_lookback *lookback, const tsr_params *given, int k, const char *suffix,
                            const char *unit, const char *meaning);

/* Rows of the map's table, whose model begins with a tsr_lookback. */
const tsr_field *tsr_lookback_fields(const void *model);
int64_t tsr_lookback_halo(const void *model);
tsr_reach tsr_lookback_reach(const void *model);

/* Copies the columns that go on. */
void tsr_lookback_copy(const tsr_lookback *lookback, const tsr_block *in, tsr_block *out);

/* Column k of those that are looked at, from the item on that is output item 0; *before: how many items stand before
 * that one, at least as many as it looks back on or all. */
const double *tsr_lookback_column(const tsr_lookback *lookback, const tsr_block *in, int k, int64_t *before);

#endif
