/* What `tessera inspect` has found in a file. */
#ifndef TSR_CLI_INSPECT_H
#define TSR_CLI_INSPECT_H

#include "cli/excerpt.h"
#include "io/inspect/inventory.h"
#include "io/result/stored_run.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const char *path;
    tsr_inventory inventory;
    const tsr_inventory_row *chosen; /* the table that is looked at, or NULL: none can be */
    tsr_excerpt excerpt;             /* of it */
    tsr_stored_run *run;             /* the file is a result or a checkpoint, or NULL */
} tsr_inspection;

/* A number of a column as its meaning: a date, a category, or the number. */
tsr_status tsr_inspection_print(const tsr_inspection *found, FILE *out);

/* One JSON object on one line. TSR_ERUNTIME: no memory. */
tsr_status tsr_inspection_print_json(const tsr_inspection *found, FILE *out);

/* A job that reads the chosen table and runs as it is. TSR_EDATA: there is nothing that a job could compute with. */
tsr_status tsr_inspection_print_job(const tsr_inspection *found, FILE *out);

#endif
