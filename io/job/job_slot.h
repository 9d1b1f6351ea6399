/* Slots: the places of a job that a dotted path can lead to, for --set and for sweeps.
 * A full path is KEY of the job, STAGE.KEY, or STAGE.PART.PARAMETER, where PART is the name of a source, a map or a
 * tally, or STAGE.until.KEY. STAGE, PART or both may be left out where only one slot fits (but not `until`); a key of a
 * stage wins over the parameters of its parts. */
#ifndef TSR_IO_JOB_SLOT_H
#define TSR_IO_JOB_SLOT_H

#include "io/job/job_part.h"

/* A value type; everything is borrowed from the document and the catalog. */
typedef struct {
    tsr_setting *node;    /* the map that holds the key; for parameters the part, NAME or {NAME: settings} */
    const char *stage;    /* NULL: a key of the job */
    const char *key;      /* of the job or the stage, or the parameter's name */
    const char *rule;     /* "until": the node is that map of a stage; or NULL */
    const tsr_param *row; /* NULL: not a parameter */
    tsr_part part;        /* only with a row */
} tsr_slot;

typedef struct tsr_slots tsr_slots;

/* What can be set, or only what can be swept: items and the parameters of sources and maps. */
typedef enum { TSR_SLOTS_ALL, TSR_SLOTS_SWEEP } tsr_slots_scope;

/* The slots of a document that need not be a correct job: what cannot be understood has none. document: kept, and not
 * to be changed until destroy. Not thread-safe; allocates *out. TSR_ERUNTIME: no memory. */
tsr_status tsr_slots_create(tsr_setting *document, const tsr_catalog *catalog, tsr_slots_scope scope, tsr_slots **out);
void tsr_slots_destroy(tsr_slots **slots); /* accepts NULL, sets NULL */

/* The slot that a path leads to; NULL: none, or more than one. */
const tsr_slot *tsr_slots_peek(const tsr_slots *slots, const char *path);

/* The same in words. TSR_EUSAGE: unknown (names the nearest) or ambiguous (names the candidates); TSR_ERUNTIME. */
tsr_status tsr_slots_find(const tsr_slots *slots, const char *path, const char *where, const tsr_slot **out);

#endif
