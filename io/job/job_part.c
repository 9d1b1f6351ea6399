#include "io/job/job_part.h"

#include "io/job/wording.h"

#include <stdlib.h>
#include <string.h>

const char *tsr_part_role_text(tsr_part_role role) {
    static const char *const text[] = {"source", "map", "tally", "sampling", "sink"};
    return text[role];
}

/* Row i of the catalog as a part without settings; false after the last one. */
static bool catalog_row(const tsr_catalog *catalog, tsr_part_role role, size_t i, tsr_part *out) {
    const tsr_source *source = role == TSR_PART_SOURCE ? catalog->sources[i] : NULL;
    const tsr_map *map = role == TSR_PART_MAP ? catalog->maps[i] : NULL;
    const tsr_tally *tally = role == TSR_PART_TALLY ? catalog->tallies[i] : NULL;
    const tsr_design *design = role == TSR_PART_DESIGN ? catalog->designs[i] : NULL;
    const tsr_sink *sink = role == TSR_PART_SINK && catalog->sinks != NULL ? catalog->sinks[i] : NULL;
    *out = (tsr_part){.role = role};
    if (sink != NULL) *out = (tsr_part){role, sink->name, sink->params, sink, NULL, NULL};
    if (source != NULL) *out = (tsr_part){role, source->name, source->params, source, NULL, NULL};
    if (map != NULL) *out = (tsr_part){role, map->name, map->params, map, NULL, NULL};
    if (tally != NULL) *out = (tsr_part){role, tally->name, tally->params, tally, NULL, NULL};
    if (design != NULL) *out = (tsr_part){role, design->name, design->params, design, NULL, NULL};
    return out->table != NULL;
}

static bool is_part(const tsr_setting *node) {
    return node->kind == TSR_SCALAR || (node->kind == TSR_MAP && node->count == 1);
}

bool tsr_part_peek(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog, tsr_part *out) {
    if (!is_part(node)) return false;
    const tsr_setting *settings = node->kind == TSR_MAP ? node->child[0] : NULL;
    const char *name = settings == NULL ? node->text : settings->key;
    for (size_t i = 0; catalog_row(catalog, role, i, out); i++) {
        if (strcmp(out->name, name) != 0) continue;
        out->settings = settings;
        out->where = settings == NULL ? node->where : settings->where;
        return true;
    }
    return false;
}

static tsr_status fail_form(const tsr_setting *node, const char *role) {
    if (node->kind == TSR_LIST || node->count == 0)
        return TSR_FAIL(TSR_EUSAGE, "%s: expected the name of a %s, or {NAME: settings}, not %s", node->where, role,
                        node->kind == TSR_LIST ? "a list" : "an empty map");
    return TSR_FAIL(TSR_EUSAGE, "%s: '%s' stands beside '%s'; settings go inside: %s: {%s: ...}", node->child[1]->where,
                    tsr_shown_make(node->child[1]->key).text, tsr_shown_make(node->child[0]->key).text,
                    tsr_shown_make(node->child[0]->key).text, tsr_shown_make(node->child[1]->key).text);
}

static tsr_status fail_unknown(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog) {
    tsr_part row;
    size_t count = 0;
    while (catalog_row(catalog, role, count, &row)) count++;
    const char **names = calloc(count + 1, sizeof(*names));
    if (names == NULL) return TSR_FAIL(TSR_ERUNTIME, "no memory left to read the job");
    for (size_t i = 0; catalog_row(catalog, role, i, &row); i++) names[i] = row.name;
    const tsr_setting *named = node->kind == TSR_MAP ? node->child[0] : node;
    tsr_status status = tsr_unknown_fail(named->where, tsr_part_role_text(role),
                                         node->kind == TSR_MAP ? named->key : named->text, names);
    free(names);
    return status;
}

tsr_status tsr_part_read(const tsr_setting *node, tsr_part_role role, const tsr_catalog *catalog, tsr_part *out) {
    if (!is_part(node)) return fail_form(node, tsr_part_role_text(role));
    if (!tsr_part_peek(node, role, catalog, out)) return fail_unknown(node, role, catalog);
    return TSR_OK;
}
