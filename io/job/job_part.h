/* A part: one use of a source, a map, a tally or a sampling design, as a stage names it: NAME, or {NAME: settings}. */
#ifndef TSR_IO_JOB_PART_H
#define TSR_IO_JOB_PART_H

#include "engine/job.h"

#include <stdbool.h>

typedef enum { TSR_PART_SOURCE, TSR_PART_MAP, TSR_PART_TALLY, TSR_PART_DESIGN, TSR_PART_SINK } tsr_part_role;

/* A value type; everything is borrowed from the catalog and the tree. */
typedef struct {
    tsr_part_role role;
    const char *name;
    const tsr_param *params;     /* ends with a NULL name */
    const void *table;           /* tsr_source, tsr_map, tsr_tally or tsr_design */
    const tsr_setting *settings; /* NULL: none given */
    const char *where;
} tsr_part;

/* "source", "map", "tally", "sampling". */
const char *tsr_part_role_text(tsr_part_role role);

/* TSR_EUSAGE: neither of the two forms, or not in the catalog (names the nearest and all); TSR_ERUNTIME. */
tsr_status tsr_part_read(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog, tsr_part *out);

/* The same without a word: false where the other one fails. */
bool tsr_part_peek(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog, tsr_part *out);

#endif
