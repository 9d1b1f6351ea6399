/* What is said beneath a stage's estimates: where their error bars come from, whether they are as precise as was asked
 * for, and what that cost. */
#ifndef TSR_CLI_REMARKS_H
#define TSR_CLI_REMARKS_H

#include "cli/summary.h"

/* Lines of two spaces and a sentence; none for a stage that needs no word. */
void tsr_remarks_print(const tsr_report *report, const tsr_stage_outcome *stage, FILE *out);

#endif
