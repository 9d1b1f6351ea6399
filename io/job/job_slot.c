#include "io/job/job_slot.h"

#include "engine/stage.h"
#include "io/job/arena.h"
#include "io/job/job_keys.h"
#include "io/job/job_rules.h"
#include "io/job/wording.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256, LIST_BYTES = 512 };

/* The paths to one slot, the full one first. */
typedef enum { FULL, WITHOUT_PART, WITHOUT_STAGE, KEY_ONLY, FORMS } path_form;

struct tsr_slots {
    const tsr_catalog *catalog;
    tsr_slots_scope scope;
    size_t count;
    size_t capacity;
    tsr_slot *slot;             /* [count] */
    const tsr_setting *unknown; /* the first part that is not in the catalog, or NULL */
    tsr_part_role unknown_role;
};

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left for the paths of the job"); }

static tsr_setting *find(const tsr_setting *map, const char *key) {
    for (size_t i = 0; map->kind == TSR_MAP && i < map->count; i++)
        if (strcmp(map->child[i]->key, key) == 0) return map->child[i];
    return NULL;
}

static tsr_status add(tsr_slots *slots, const tsr_slot *slot) {
    if (slots->count == slots->capacity) {
        size_t capacity = 2 * slots->capacity + 32;
        tsr_slot *larger = realloc(slots->slot, capacity * sizeof(*larger));
        if (larger == NULL) return no_memory();
        slots->slot = larger;
        slots->capacity = capacity;
    }
    slots->slot[slots->count++] = *slot;
    return TSR_OK;
}

static tsr_status add_part(tsr_slots *slots, tsr_setting *node, tsr_part_role role, const char *stage) {
    tsr_slot slot = {.node = node, .stage = stage};
    if (!tsr_part_peek(node, role, slots->catalog, &slot.part)) {
        if (slots->unknown == NULL) slots->unknown_role = role, slots->unknown = node;
        return TSR_OK;
    }
    for (slot.row = slot.part.params; slot.row->name != NULL; slot.row++) {
        slot.key = slot.row->name;
        TSR_TRY(add(slots, &slot));
    }
    return TSR_OK;
}

static tsr_status add_until(tsr_slots *slots, tsr_setting *until, const char *stage) {
    tsr_slot slot = {.node = until, .stage = stage, .rule = "until"};
    for (const tsr_param *row = tsr_until_rows; until != NULL && until->kind == TSR_MAP && row->name != NULL; row++) {
        slot.key = row->name;
        TSR_TRY(add(slots, &slot));
    }
    return TSR_OK;
}

/* More parts than a stage may have are left to the one who reads the stage. */
static tsr_status add_parts(tsr_slots *slots, const tsr_setting *list, tsr_part_role role, const char *stage) {
    if (list == NULL || list->kind != TSR_LIST) return TSR_OK;
    for (size_t i = 0; i < list->count && i < TSR_TALLIES_MAX; i++)
        TSR_TRY(add_part(slots, list->child[i], role, stage));
    return TSR_OK;
}

static const char *stage_name(const tsr_setting *name, const tsr_setting *source) {
    if (name != NULL && name->kind == TSR_SCALAR) return name->text;
    if (source != NULL && source->kind == TSR_SCALAR) return source->text;
    if (source != NULL && source->kind == TSR_MAP && source->count == 1) return source->child[0]->key;
    return "stage";
}

/* name: of the stage, or NULL. */
static tsr_status add_stage(tsr_slots *slots, tsr_setting *map, const tsr_setting *name) {
    if (map->kind != TSR_MAP) return TSR_OK;
    tsr_setting *source = find(map, "source");
    tsr_slot slot = {.node = map, .stage = stage_name(name, source)};
    for (size_t i = 0; tsr_stage_keys[i] != NULL; i++) {
        slot.key = tsr_stage_keys[i];
        bool can_set = slots->scope == TSR_SLOTS_ALL && strcmp(slot.key, "name") != 0;
        if (can_set || strcmp(slot.key, "items") == 0) TSR_TRY(add(slots, &slot));
    }
    if (source != NULL) TSR_TRY(add_part(slots, source, TSR_PART_SOURCE, slot.stage));
    TSR_TRY(add_parts(slots, find(map, "maps"), TSR_PART_MAP, slot.stage));
    if (slots->scope == TSR_SLOTS_SWEEP) return TSR_OK;
    TSR_TRY(add_until(slots, find(map, "until"), slot.stage));
    tsr_setting *sampling = find(map, "sampling");
    if (sampling != NULL) TSR_TRY(add_part(slots, sampling, TSR_PART_DESIGN, slot.stage));
    tsr_setting *sink = find(map, "sink");
    if (sink != NULL) TSR_TRY(add_part(slots, sink, TSR_PART_SINK, slot.stage));
    return add_parts(slots, find(map, "tallies"), TSR_PART_TALLY, slot.stage);
}

static tsr_status add_all(tsr_slots *slots, tsr_setting *document) {
    tsr_slot slot = {.node = document};
    for (size_t i = 0; slots->scope == TSR_SLOTS_ALL && tsr_job_keys[i] != NULL; i++) {
        slot.key = tsr_job_keys[i];
        if (strcmp(slot.key, "stages") != 0) TSR_TRY(add(slots, &slot));
    }
    const tsr_setting *stages = find(document, "stages");
    if (stages == NULL) return add_stage(slots, document, NULL);
    for (size_t i = 0; stages->kind == TSR_LIST && i < stages->count && i < TSR_STAGES_MAX; i++)
        TSR_TRY(add_stage(slots, stages->child[i], find(stages->child[i], "name")));
    return TSR_OK;
}

tsr_status tsr_slots_create(tsr_setting *document, const tsr_catalog *catalog, tsr_slots_scope scope, tsr_slots **out) {
    tsr_slots *slots = calloc(1, sizeof(*slots));
    if (slots == NULL) return no_memory();
    slots->catalog = catalog;
    slots->scope = scope;
    tsr_status status = add_all(slots, document);
    if (status == TSR_OK)
        *out = slots;
    else
        tsr_slots_destroy(&slots);
    return status;
}

void tsr_slots_destroy(tsr_slots **slots) {
    if (*slots == NULL) return;
    free((*slots)->slot);
    free(*slots);
    *slots = NULL;
}

/* One path to a slot; false if the slot has no path of this form. */
static bool print_path(const tsr_slot *slot, path_form form, char out[PATH_BYTES]) {
    bool has_part = slot->row != NULL || slot->rule != NULL, has_stage = slot->stage != NULL;
    if ((form == WITHOUT_PART || form == WITHOUT_STAGE) && !has_part) return false;
    if ((form == WITHOUT_PART || form == KEY_ONLY) && slot->rule != NULL) return false;
    if (form == KEY_ONLY && !has_stage) return false;
    has_part = has_part && (form == FULL || form == WITHOUT_STAGE);
    has_stage = has_stage && (form == FULL || form == WITHOUT_PART);
    int length = snprintf(out, PATH_BYTES, "%s%s%s%s%s", has_stage ? slot->stage : "", has_stage ? "." : "",
                          !has_part            ? ""
                          : slot->rule != NULL ? slot->rule
                                               : slot->part.name,
                          has_part ? "." : "", slot->key);
    return length < PATH_BYTES;
}

static bool leads_to(const char *path, const tsr_slot *slot, path_form from, path_form to) {
    char form[PATH_BYTES];
    for (path_form i = from; i <= to; i++)
        if (print_path(slot, i, form) && strcmp(form, path) == 0) return true;
    return false;
}

static bool is_key(const tsr_slot *slot) { return slot->row == NULL && slot->rule == NULL; }

/* How many slots a path leads to in one of these forms; keys: of keys of the job and its stages only. first: the first
 * one. */
static size_t count_matches(const tsr_slots *slots, const char *path, path_form from, path_form to, bool keys,
                            const tsr_slot **first) {
    size_t matches = 0;
    for (size_t i = slots->count; i-- > 0;) {
        if ((keys && !is_key(&slots->slot[i])) || !leads_to(path, &slots->slot[i], from, to)) continue;
        *first = &slots->slot[i];
        matches++;
    }
    return matches;
}

/* A full path wins over what another one could be short for, and a key of a stage over parameters of its parts. */
static size_t match(const tsr_slots *slots, const char *path, const tsr_slot **first) {
    size_t matches = count_matches(slots, path, FULL, FULL, false, first);
    if (matches == 0) matches = count_matches(slots, path, WITHOUT_PART, KEY_ONLY, true, first);
    return matches > 0 ? matches : count_matches(slots, path, WITHOUT_PART, KEY_ONLY, false, first);
}

const tsr_slot *tsr_slots_peek(const tsr_slots *slots, const char *path) {
    const tsr_slot *first = NULL;
    return match(slots, path, &first) == 1 ? first : NULL;
}

static tsr_status fail_ambiguous(const tsr_slots *slots, const char *path, const char *where) {
    char list[LIST_BYTES] = "", full[PATH_BYTES];
    size_t length = 0;
    for (size_t i = 0; i < slots->count && length < sizeof(list) - 1; i++) {
        const tsr_slot *slot = &slots->slot[i];
        if (!leads_to(path, slot, FULL, KEY_ONLY) || !print_path(slot, FULL, full)) continue;
        length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s at %s", length == 0 ? "" : " or ", full,
                                   slot->row == NULL ? slot->node->where : slot->part.where);
    }
    return TSR_FAIL(TSR_EUSAGE, "%s: '%s' is ambiguous, it could be %s; say which, or change the job file", where,
                    tsr_shown_make(path).text, list);
}

static size_t count_dots(const char *path) {
    size_t dots = 0;
    for (; *path != '\0'; path++) dots += *path == '.';
    return dots;
}

static bool is_listed(const char *path, const char *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], path) == 0) return true;
    return false;
}

/* Paths with as many words as the one that was not found, each once. */
static tsr_status list_paths(const tsr_slots *slots, size_t dots, tsr_arena *arena, const char **out) {
    char path[PATH_BYTES];
    size_t count = 0;
    for (size_t i = 0; i < slots->count; i++)
        for (path_form form = FULL; form < FORMS; form++) {
            if (!print_path(&slots->slot[i], form, path) || count_dots(path) != dots) continue;
            if (is_listed(path, out, count)) continue;
            out[count] = tsr_arena_print(arena, "%s", path);
            if (out[count++] == NULL) return no_memory();
        }
    return TSR_OK;
}

static tsr_status fail_unknown(const tsr_slots *slots, const char *path, const char *where) {
    tsr_part part; /* a part that is unknown hides the parameters that may be meant */
    if (slots->unknown != NULL) TSR_TRY(tsr_part_read(slots->unknown, slots->unknown_role, slots->catalog, &part));
    const char *what = slots->scope == TSR_SLOTS_SWEEP ? "parameter" : "path";
    size_t dots = count_dots(path);
    tsr_arena *arena = tsr_arena_create();
    const char **known = calloc(FORMS * slots->count + 1, sizeof(*known));
    tsr_status status = arena == NULL || known == NULL ? no_memory() : TSR_OK;
    if (status == TSR_OK) status = list_paths(slots, dots > 2 ? 2 : dots, arena, known);
    if (status == TSR_OK) status = tsr_unknown_fail(where, what, path, known);
    free(known);
    tsr_arena_destroy(&arena);
    return status;
}

tsr_status tsr_slots_find(const tsr_slots *slots, const char *path, const char *where, const tsr_slot **out) {
    size_t matches = match(slots, path, out);
    if (matches == 0) return fail_unknown(slots, path, where);
    return matches == 1 ? TSR_OK : fail_ambiguous(slots, path, where);
}
