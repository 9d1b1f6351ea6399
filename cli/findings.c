#include "cli/findings.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

struct tsr_findings {
    FILE *out;
    json_t *checks;
    json_t *tiles;
    int wrong;
    int skipped;
    bool out_of_memory;
};

tsr_status tsr_findings_create(FILE *out, tsr_findings **made) {
    tsr_findings *findings = calloc(1, sizeof(*findings));
    TSR_REQUIRE(findings != NULL, TSR_ERUNTIME, "no memory for findings");
    *findings = (tsr_findings){.out = out, .checks = json_array(), .tiles = json_array()};
    *made = findings;
    TSR_REQUIRE(findings->checks != NULL && findings->tiles != NULL, TSR_ERUNTIME, "no memory for findings");
    return TSR_OK;
}

void tsr_findings_destroy(tsr_findings **findings) {
    if (*findings == NULL) return;
    json_decref((*findings)->checks);
    json_decref((*findings)->tiles);
    free(*findings);
    *findings = NULL;
}

static void add(tsr_findings *findings, json_t *check) {
    if (json_array_append_new(findings->checks, check) != 0) findings->out_of_memory = true;
}

void tsr_findings_add(tsr_findings *findings, const char *name, bool is_right, const char *format, ...) {
    char text[TSR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    findings->wrong += !is_right;
    if (findings->out != NULL) fprintf(findings->out, "%-8s %-6s %s\n", name, is_right ? "ok" : "WRONG", text);
    add(findings, json_pack("{s:s, s:b, s:s}", "name", name, "right", is_right, "text", text));
}

void tsr_findings_skip(tsr_findings *findings, const char *name, const char *format, ...) {
    char text[TSR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    findings->skipped++;
    if (findings->out != NULL) fprintf(findings->out, "%-8s not checked: %s\n", name, text);
    add(findings, json_pack("{s:s, s:n, s:s}", "name", name, "right", "text", text));
}

void tsr_findings_add_tiles(tsr_findings *findings, const tsr_findings_tiles *tiles) {
    json_t *one =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "stage", tiles->stage, "point", (json_int_t)tiles->point,
                  "first_tile", (json_int_t)tiles->first_tile, "last_tile", (json_int_t)tiles->last_tile, "first_item",
                  (json_int_t)tiles->first_item, "last_item", (json_int_t)tiles->last_item, "steady", tiles->is_steady);
    if (json_array_append_new(findings->tiles, one) != 0) findings->out_of_memory = true;
}

int tsr_findings_wrong(const tsr_findings *findings) { return findings->wrong; }

int tsr_findings_skipped(const tsr_findings *findings) { return findings->skipped; }

tsr_status tsr_findings_print_json(const tsr_findings *findings, const tsr_findings_heading *heading, FILE *out) {
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, heading->seed); /* as digits: readers keep 53 bits of a number */
    json_t *object =
        json_pack("{s:s, s:s?, s:s, s:s, s:b, s:O, s:O}", "file", heading->file, "written_by", heading->written_by,
                  "checked_by", heading->checked_by, "seed", seed, "sound", findings->wrong + findings->skipped == 0,
                  "checks", findings->checks, "tiles", findings->tiles);
    char *text = object == NULL || findings->out_of_memory ? NULL : json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    TSR_REQUIRE(text != NULL, TSR_ERUNTIME, "no memory for the findings as JSON, or a name that is not UTF-8");
    fprintf(out, "%s\n", text);
    free(text);
    return TSR_OK;
}
