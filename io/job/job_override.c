#include "io/job/job_override.h"

#include "io/job/arena.h"
#include "io/job/job_keys.h"
#include "io/job/job_slot.h"
#include "io/job/job_sweep.h"
#include "io/job/tree.h"
#include "io/job/wording.h"
#include "io/job/yaml.h"

#include <string.h>

typedef struct {
    tsr_setting *document;
    const tsr_catalog *catalog;
    const char *path;
    const char *where;
    tsr_setting *value; /* owned until it has a place in the document */
} edit;

static const char sweep_prefix[] = "sweep.";

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left to apply --set"); }

static tsr_setting *find(const tsr_setting *map, const char *key) {
    for (size_t i = 0; map->kind == TSR_MAP && i < map->count; i++)
        if (strcmp(map->child[i]->key, key) == 0) return map->child[i];
    return NULL;
}

/* The key of the sweep that means the same slot, or NULL. */
static const tsr_setting *find_axis(const tsr_setting *sweep, const tsr_slots *slots, const tsr_slot *slot) {
    for (size_t i = 0; sweep != NULL && sweep->kind == TSR_MAP && i < sweep->count; i++) {
        const tsr_setting *axis = sweep->child[i];
        const tsr_slot *swept = tsr_sweep_is_option(axis->key) ? NULL : tsr_slots_peek(slots, axis->key);
        if (swept != NULL && swept->node == slot->node && strcmp(swept->key, slot->key) == 0) return axis;
    }
    return NULL;
}

/* An axis replaces the one over the same parameter, also if that is written in another way. */
static tsr_status set_axis(edit *change, const char *key, const tsr_slots *slots) {
    tsr_setting *sweep = find(change->document, "sweep");
    if (sweep == NULL) {
        tsr_setting *empty = NULL;
        TSR_TRY(tsr_tree_create(TSR_MAP, NULL, 0, change->where, &empty));
        TSR_TRY(tsr_tree_set(change->document, "sweep", &empty));
        sweep = find(change->document, "sweep");
    }
    TSR_TRY(tsr_kind_check(sweep, TSR_MAP, "sweep: {strike: [90, 100, 110]}"));
    if (tsr_sweep_is_option(key)) return tsr_tree_set(sweep, key, &change->value);
    const tsr_slot *slot = NULL;
    TSR_TRY(tsr_slots_find(slots, key, change->where, &slot));
    const tsr_setting *axis = find_axis(sweep, slots, slot);
    return tsr_tree_set(sweep, axis == NULL ? key : axis->key, &change->value);
}

/* A value that the sweep would replace at once is a mistake. */
static tsr_status check_not_swept(const edit *change, const tsr_slot *slot) {
    tsr_slots *slots = NULL;
    TSR_TRY(tsr_slots_create(change->document, change->catalog, TSR_SLOTS_SWEEP, &slots));
    const tsr_setting *axis = find_axis(find(change->document, "sweep"), slots, slot);
    tsr_slots_destroy(&slots);
    TSR_REQUIRE(axis == NULL, TSR_EUSAGE, "%s: %s is swept at %s; set its values with --set sweep.%s=[...]",
                change->where, slot->key, axis->where, axis->key);
    return TSR_OK;
}

/* The map that holds the parameters of a part, made where the part was only a name or a bare value. */
static tsr_status open_part(const tsr_slot *slot, tsr_setting **out) {
    tsr_setting *node = slot->node;
    if (node->kind == TSR_SCALAR) {
        tsr_setting *empty = NULL;
        TSR_TRY(tsr_tree_wrap(node, slot->part.name));
        TSR_TRY(tsr_tree_create(TSR_MAP, NULL, 0, node->where, &empty));
        TSR_TRY(tsr_tree_set(node, slot->part.name, &empty));
    }
    *out = node->child[0];
    return (*out)->kind == TSR_MAP ? TSR_OK : tsr_tree_wrap(*out, slot->part.params[0].name);
}

static tsr_status set_slot(edit *change, const tsr_slots *slots) {
    const tsr_slot *slot = NULL;
    TSR_TRY(tsr_slots_find(slots, change->path, change->where, &slot));
    TSR_TRY(check_not_swept(change, slot));
    if (slot->row == NULL) return tsr_tree_set(slot->node, slot->key, &change->value);
    tsr_setting *map = NULL;
    TSR_TRY(open_part(slot, &map));
    return tsr_tree_set(map, slot->key, &change->value);
}

static tsr_status apply(edit *change) {
    bool is_axis = strncmp(change->path, sweep_prefix, strlen(sweep_prefix)) == 0;
    tsr_slots *slots = NULL;
    TSR_TRY(tsr_slots_create(change->document, change->catalog, is_axis ? TSR_SLOTS_SWEEP : TSR_SLOTS_ALL, &slots));
    tsr_status status =
        is_axis ? set_axis(change, change->path + strlen(sweep_prefix), slots) : set_slot(change, slots);
    tsr_slots_destroy(&slots);
    return status;
}

tsr_status tsr_override_apply(tsr_setting *document, const char *override, const tsr_catalog *catalog) {
    const char *equals = strchr(override, '=');
    TSR_REQUIRE(equals != NULL && equals != override, TSR_EUSAGE,
                "--set %s: expected PATH=VALUE, for example --set items=1e6", tsr_shown_make(override).text);
    tsr_status status = TSR_OK;
    edit change = {.document = document, .catalog = catalog};
    tsr_arena *arena = tsr_arena_create();
    change.path = arena == NULL ? NULL : tsr_arena_print(arena, "%.*s", (int)(equals - override), override);
    change.where = change.path == NULL ? NULL : tsr_arena_print(arena, "--set %s", tsr_shown_make(change.path).text);
    if (change.where == NULL) {
        status = no_memory();
        goto out;
    }
    TSR_TRY_OUT(tsr_yaml_read_value(equals + 1, change.where, &change.value));
    if (change.value == NULL)
        status = TSR_FAIL(TSR_EUSAGE, "%s: no value stands after the =; an empty text is written \"\"", change.where);
    else
        status = apply(&change);
out:
    tsr_setting_destroy(&change.value);
    tsr_arena_destroy(&arena);
    return status;
}
