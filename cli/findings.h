/* Findings: what a check of a file has found, a line each as it comes, or all as one JSON object at the end. */
#ifndef TSR_CLI_FINDINGS_H
#define TSR_CLI_FINDINGS_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct tsr_findings tsr_findings;

/* out: gets the lines; NULL: none. Allocates *made. TSR_ERUNTIME: no memory. */
tsr_status tsr_findings_create(FILE *out, tsr_findings **made);
void tsr_findings_destroy(tsr_findings **findings); /* accepts NULL, sets NULL */

/* One thing that was looked at: "seal", "results" ..., whether it is right, and a sentence. Memory that runs out is
 * remembered and told at the end. */
void tsr_findings_add(tsr_findings *findings, const char *name, bool is_right, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One thing that could not be looked at, and why. */
void tsr_findings_skip(tsr_findings *findings, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tiles that differ; to be told as "tiles" as well. */
typedef struct {
    const char *stage; /* kept */
    int64_t point;
    int64_t first_tile, last_tile;
    int64_t first_item, last_item;
    bool is_steady; /* a second computation gave what the first gave */
} tsr_findings_tiles;
void tsr_findings_add_tiles(tsr_findings *findings, const tsr_findings_tiles *tiles);

/* How many were wrong, and how many could not be looked at. */
int tsr_findings_wrong(const tsr_findings *findings);
int tsr_findings_skipped(const tsr_findings *findings);

/* {"file", "written_by", "checked_by", "seed", "sound", "checks": [{"name", "right", "text"}], "tiles": [{"stage",
 * "point", "first_tile", "last_tile", "first_item", "last_item", "steady"}]}; "right" is null of what was not looked
 * at, and "written_by" where it is not known; "sound": all is right, and all was looked at. TSR_ERUNTIME: no memory. */
typedef struct {
    const char *file;
    const char *written_by; /* or NULL */
    const char *checked_by;
    uint64_t seed;
} tsr_findings_heading;
tsr_status tsr_findings_print_json(const tsr_findings *findings, const tsr_findings_heading *heading, FILE *out);

#endif
