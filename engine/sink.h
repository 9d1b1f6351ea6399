/* A sink: takes the items that reach the tallies, as rows, and keeps them in a file. The fourth table that a plug-in
 * fills in.
 * Layer 2. Only a table. */
#ifndef TSR_ENGINE_SINK_H
#define TSR_ENGINE_SINK_H

#include "engine/block.h"
#include "engine/comm.h"
#include "engine/param.h"

/* Whose rows they are. Borrowed as long as the model that is made with it. */
typedef struct {
    const char *title; /* of the job, or NULL */
    const char *stage;
    const char *job; /* all of it, as text */
    uint64_t seed;
} tsr_sink_about;

/* The rows that will come. */
typedef struct {
    int64_t count;
    uint64_t identity; /* of two deliveries with one identity all rows are the same */
    bool goes_on;      /* of a run that was stopped: some of them are there already, and must still be */
} tsr_sink_rows;

typedef struct tsr_sink {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params; /* the first of them is the file that it writes, as text */

    /* Makes the model for the columns of a stage (ends with a NULL name; borrowed until destroy). Looks at no
     * file. Not collective. TSR_EUSAGE, TSR_ERUNTIME. */
    tsr_status (*create)(const tsr_params *params, const tsr_field *fields, const tsr_sink_about *about, void **model);
    void (*destroy)(void *model); /* accepts NULL; what was opened and not closed stays, to be taken up again */

    /* Refuses, before anything is computed, what can be refused then, such as a file of others that is there already.
     * Not collective: rank 0 only. TSR_EUSAGE, TSR_EIO. */
    tsr_status (*check)(const void *model);

    /* Makes room for the rows, under another name. is_there: all of them have been delivered before, by a run that was
     * stopped afterwards: nothing is to be written or closed. Collective; the verdict is agreed. TSR_EIO; TSR_EUSAGE:
     * a file of others stands in the way; TSR_ECHECKPOINT: rows that must be there are not. */
    tsr_status (*open)(void *model, tsr_comm *comm, const tsr_sink_rows *rows, bool *is_there);

    /* Rows first .. first + rows->items - 1, as columns. Rows of two calls never overlap, but the same rows may come
     * again with the same values. Thread-safe; any order. TSR_EIO; TSR_EDATA: a value that the sink cannot hold. */
    tsr_status (*write)(const void *model, int64_t first, const tsr_block *rows);

    /* What this rank has written is durable. Not collective. TSR_EIO. */
    tsr_status (*sync)(const void *model);

    /* All rows are there: gives the file its name. threads: of this rank. Collective; the verdict is agreed. TSR_EIO,
     * TSR_ERUNTIME. */
    tsr_status (*close)(void *model, tsr_comm *comm, int threads);
} tsr_sink;

#endif
