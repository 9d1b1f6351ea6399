/* A sink: takes the items that reach the tallies, as rows, and keeps them in a file. The fourth table that a plug-in
 * fills in.
 * Layer 2. Only a table. */
#ifndef TSR_ENGINE_SINK_H
#define TSR_ENGINE_SINK_H

#include "engine/block.h"
#include "engine/comm.h"
#include "engine/param.h"

typedef struct tsr_sink {
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params;

    /* Makes the model for the columns of a stage (ends with a NULL name; borrowed until destroy). Refuses what can be
     * refused before anything is computed, such as a file that is there already. Not collective. TSR_EUSAGE,
     * TSR_ERUNTIME. */
    tsr_status (*create)(const tsr_params *params, const tsr_field *fields, void **model);
    void (*destroy)(void *model); /* accepts NULL; what was opened and not closed stays, to be taken up again */

    /* Makes room for so many rows, under another name. goes_on: rows of a run that was stopped are there already, and
     * must still be. Collective; the verdict is agreed. TSR_EIO, TSR_ECHECKPOINT: they are not. */
    tsr_status (*open)(void *model, tsr_comm *comm, int64_t rows, bool goes_on);

    /* Rows first .. first + rows->items - 1, as columns. Rows of two calls never overlap, but the same rows may come
     * again with the same values. Thread-safe; any order. TSR_EIO. */
    tsr_status (*write)(const void *model, int64_t first, const tsr_block *rows);

    /* What this rank has written is durable. Not collective. TSR_EIO. */
    tsr_status (*sync)(const void *model);

    /* All rows are there: gives the file its name. Collective; the verdict is agreed. TSR_EIO. */
    tsr_status (*close)(void *model, tsr_comm *comm);
} tsr_sink;

#endif
