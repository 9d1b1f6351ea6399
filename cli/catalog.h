/* Everything that can be named in a job file, from all folders that bring some. */
#ifndef TSR_CLI_CATALOG_H
#define TSR_CLI_CATALOG_H

#include "engine/job.h"

/* Sources are sorted by name. TSR_ERUNTIME: no memory. */
tsr_status tsr_catalog_create(tsr_catalog **out);
void tsr_catalog_destroy(tsr_catalog **catalog);

#endif
