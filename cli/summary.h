/* What a run found, as text for people: per stage a heading and a table, headline results first. */
#ifndef TSR_CLI_SUMMARY_H
#define TSR_CLI_SUMMARY_H

#include "cli/json.h"

/* How the text is made. */
typedef struct {
    bool utf8;
    bool pictures; /* draw histograms; else say where they are */
} tsr_style;

/* TSR_ERUNTIME: no memory. */
tsr_status tsr_summary_print(const tsr_report *report, const tsr_outcome *outcome, tsr_style style, FILE *out);

#endif
