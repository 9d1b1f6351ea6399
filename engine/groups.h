/* Groups of items, by one or several keys: a stage that groups has the results of every group.
 * Layer 3. */
#ifndef TSR_ENGINE_GROUPS_H
#define TSR_ENGINE_GROUPS_H

#include "engine/block.h"
#include "engine/job.h"
#include "engine/result.h"
#include "engine/tallies/bins.h"

/* One key: categories, whole numbers from `first` on, or bins. */
typedef struct {
    int column;
    int64_t count; /* of the groups it tells apart; 0: whole numbers that nobody has looked for yet */
    double first;
    tsr_edges *edges;   /* of bins, or NULL */
    tsr_bins bins;      /* if there are edges */
    tsr_dimension axis; /* how results name them; owns labels or coordinates */
} tsr_group_key;

/* Every combination of the keys' groups is one: count of them, row-major over the keys. Cleared memory: no groups. */
typedef struct {
    int keys;
    tsr_group_key *key; /* [keys] */
    int64_t count;      /* 1 without keys */
} tsr_groups;

/* fields: of the last link. Allocates; clear also after a failure. TSR_EUSAGE: no such column, a key that is not one,
 * or more than TSR_GROUPS_MAX groups; TSR_ERUNTIME: no memory. */
enum { TSR_GROUPS_MAX = 10000000 };
tsr_status tsr_groups_bind(const tsr_stage *stage, const tsr_field *fields, tsr_groups *out);
void tsr_groups_clear(tsr_groups *groups);

/* Gives the whole numbers first .. last to a key that has none yet. TSR_EUSAGE: more than TSR_GROUPS_MAX groups;
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_groups_complete(const tsr_stage *stage, int key, double first, double last, tsr_groups *groups);

/* The group of each item: group [block->items], -1 for those that belong to none. */
void tsr_groups_find(const tsr_groups *groups, const tsr_block *block, int64_t *group);

#endif
