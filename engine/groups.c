#include "engine/groups.h"

#include "engine/number.h"
#include "engine/param.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_BYTES = 64 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the groups of a stage"); }

/* ---- what the results call them ---- */

static void clear_axis(tsr_dimension *axis) {
    for (int64_t i = 0; axis->labels != NULL && i < axis->length; i++) free((char *)(uintptr_t)axis->labels[i]);
    free((void *)(uintptr_t)axis->labels);
    free((double *)(uintptr_t)axis->coordinates);
}

static tsr_status name_categories(const char *const *category, tsr_dimension *axis) {
    char **labels = calloc((size_t)axis->length + 1, sizeof(*labels));
    axis->labels = (const char *const *)labels;
    if (labels == NULL) return no_memory();
    for (int64_t i = 0; i < axis->length; i++)
        if ((labels[i] = strdup(category[i])) == NULL) return no_memory();
    return TSR_OK;
}

static tsr_status name_integers(double first, tsr_dimension *axis) {
    double *numbers = calloc((size_t)axis->length + 1, sizeof(*numbers));
    axis->coordinates = numbers;
    if (numbers == NULL) return no_memory();
    for (int64_t i = 0; i < axis->length; i++) numbers[i] = first + (double)i;
    return TSR_OK;
}

static tsr_status name_bins(const tsr_bins *bins, tsr_dimension *axis) {
    char **labels = calloc((size_t)axis->length + 1, sizeof(*labels));
    axis->labels = (const char *const *)labels;
    if (labels == NULL) return no_memory();
    for (int64_t i = 0; i < axis->length; i++) {
        char label[LABEL_BYTES];
        snprintf(label, sizeof(label), "%.6g..%.6g", tsr_bins_edge(bins, i), tsr_bins_edge(bins, i + 1));
        if ((labels[i] = strdup(label)) == NULL) return no_memory();
    }
    return TSR_OK;
}

/* ---- what the job says ---- */

static tsr_status find_column(const tsr_setting *at, const char *name, const tsr_field *fields, int *out) {
    const char *names[1024] = {NULL};
    for (int i = 0; fields[i].name != NULL; i++) {
        if (i < 1023) names[i] = fields[i].name;
        if (strcmp(fields[i].name, name) != 0) continue;
        *out = i;
        return TSR_OK;
    }
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(name, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "%s: group_by: there is no column '%.80s'%s", at->where, name, hint);
}

static tsr_status bind_categories(const tsr_field *field, tsr_group_key *key) {
    while (field->categories[key->count] != NULL) key->count++;
    key->axis.length = key->count;
    return name_categories(field->categories, &key->axis);
}

static tsr_status read_number(const tsr_setting *at, double *out) {
    const bool good = at->kind == TSR_SCALAR && tsr_number_read_real(at->text, out) == TSR_NUMBER_OK;
    TSR_REQUIRE(good, TSR_EUSAGE, "%s: group_by: a number belongs here", at->where);
    return TSR_OK;
}

static tsr_status choose_integers(const char *where, double first, double last, tsr_group_key *key) {
    const bool good = first == floor(first) && last == floor(last) && fabs(first) < 0x1p52 && last >= first &&
                      last - first < TSR_GROUPS_MAX;
    TSR_REQUIRE(good, TSR_EUSAGE, "%s: group_by: %.17g to %.17g are not whole numbers of which there are 1 to %d",
                where, first, last, TSR_GROUPS_MAX);
    key->first = first;
    key->count = key->axis.length = (int64_t)(last - first) + 1;
    return name_integers(first, &key->axis);
}

static tsr_status bind_integers(const tsr_setting *at, tsr_group_key *key) {
    double last = 0;
    TSR_REQUIRE(at->count == 2, TSR_EUSAGE, "%s: group_by: whole numbers are given by the first and the last: [1, 12]",
                at->where);
    TSR_TRY(read_number(at->child[0], &key->first));
    TSR_TRY(read_number(at->child[1], &last));
    return choose_integers(at->where, key->first, last, key);
}

static tsr_status bind_edges(const tsr_setting *at, tsr_group_key *key) {
    const tsr_setting *list = tsr_setting_find(at, "edges");
    const bool good =
        list != NULL && at->count == 1 && list->kind == TSR_LIST && list->count >= 2 && list->count <= TSR_GROUPS_MAX;
    TSR_REQUIRE(good, TSR_EUSAGE, "%s: group_by: bins are given by two or more edges: {edges: [0, 10, 100]}",
                at->where);
    double *edge = calloc(list->count, sizeof(*edge));
    tsr_status status = edge != NULL ? TSR_OK : no_memory();
    for (size_t i = 0; status == TSR_OK && i < list->count; i++) {
        status = read_number(list->child[i], &edge[i]);
        if (status == TSR_OK && i > 0 && edge[i] <= edge[i - 1])
            status = TSR_FAIL(TSR_EUSAGE, "%s: group_by: edges must ascend; %g follows %g", list->child[i]->where,
                              edge[i], edge[i - 1]);
    }
    if (status == TSR_OK) status = tsr_edges_create(edge, (int32_t)list->count - 1, &key->edges);
    free(edge);
    if (status != TSR_OK) return status;
    key->bins = tsr_bins_between(key->edges);
    key->count = key->axis.length = key->bins.count;
    return name_bins(&key->bins, &key->axis);
}

/* "origin", or {month: [1, 12]}, or {distance: {edges: [0, 500, 3000]}}. */
static tsr_status bind_key(const tsr_setting *at, const char *name, const tsr_setting *how, const tsr_field *fields,
                           tsr_group_key *key) {
    TSR_TRY(find_column(at, name, fields, &key->column));
    const tsr_field *field = &fields[key->column];
    key->axis = (tsr_dimension){.name = field->name, .unit = field->unit};
    if (how == NULL) return field->categories != NULL ? bind_categories(field, key) : TSR_OK;
    TSR_REQUIRE(field->categories == NULL, TSR_EUSAGE,
                "%s: group_by: column '%.80s' holds words; every one of them is a group: group_by: %.80s", at->where,
                field->name, field->name);
    return how->kind == TSR_LIST ? bind_integers(how, key) : bind_edges(how, key);
}

static int count_keys(const tsr_setting *at) { return at->kind == TSR_SCALAR ? 1 : (int)at->count; }

static tsr_status bind_entry(const tsr_setting *at, int index, const tsr_field *fields, tsr_group_key *key) {
    if (at->kind == TSR_SCALAR) return bind_key(at, at->text, NULL, fields, key);
    const tsr_setting *entry = at->child[index];
    if (at->kind == TSR_MAP) return bind_key(entry, entry->key, entry, fields, key);
    if (entry->kind == TSR_SCALAR) return bind_key(entry, entry->text, NULL, fields, key);
    TSR_REQUIRE(entry->kind == TSR_MAP && entry->count == 1, TSR_EUSAGE,
                "%s: group_by: a key is a column, or one column with its numbers: {month: [1, 12]}", entry->where);
    return bind_key(entry, entry->child[0]->key, entry->child[0], fields, key);
}

/* Keys that are not complete count for one. */
static tsr_status count_groups(const tsr_stage *stage, tsr_groups *groups) {
    groups->count = 1;
    for (int i = 0; i < groups->keys; i++) {
        const int64_t count = groups->key[i].count > 0 ? groups->key[i].count : 1;
        TSR_REQUIRE(count <= TSR_GROUPS_MAX / groups->count, TSR_EUSAGE, "%s: group_by: more than %d groups",
                    stage->group_by->where, TSR_GROUPS_MAX);
        groups->count *= count;
    }
    return TSR_OK;
}

tsr_status tsr_groups_bind(const tsr_stage *stage, const tsr_field *fields, tsr_groups *out) {
    const tsr_setting *at = stage->group_by;
    tsr_groups_clear(out);
    out->count = 1;
    if (at == NULL) return TSR_OK;
    const int keys = count_keys(at);
    TSR_REQUIRE(keys >= 1 && keys <= TSR_GROUP_KEYS_MAX, TSR_EUSAGE, "%s: group_by takes 1 to %d keys, not %d",
                at->where, TSR_GROUP_KEYS_MAX, keys);
    out->key = calloc((size_t)keys, sizeof(*out->key));
    if (out->key == NULL) return no_memory();
    for (; out->keys < keys; out->keys++) {
        tsr_group_key *key = &out->key[out->keys];
        const tsr_status status = bind_entry(at, out->keys, fields, key);
        if (status != TSR_OK) out->keys++;
        TSR_TRY(status);
        for (int i = 0; i < out->keys; i++)
            TSR_REQUIRE(out->key[i].column != key->column, TSR_EUSAGE, "%s: group_by: column '%.80s' is given twice",
                        at->where, key->axis.name);
    }
    return count_groups(stage, out);
}

tsr_status tsr_groups_complete(const tsr_stage *stage, int key, double first, double last, tsr_groups *groups) {
    TSR_TRY(choose_integers(stage->group_by->where, first, last, &groups->key[key]));
    return count_groups(stage, groups);
}

void tsr_groups_clear(tsr_groups *groups) {
    for (int i = 0; i < groups->keys; i++) {
        clear_axis(&groups->key[i].axis);
        tsr_edges_destroy(&groups->key[i].edges);
    }
    free(groups->key);
    *groups = (tsr_groups){.count = 1};
}

/* ---- which item belongs where ---- */

static void find_whole(const tsr_group_key *key, const double *value, int64_t items, int64_t *group) {
    for (int64_t i = 0; i < items; i++) {
        const double place = value[i] - key->first;
        const bool is_one = place >= 0 && place < (double)key->count && place == floor(place);
        group[i] = is_one && group[i] >= 0 ? group[i] * key->count + (int64_t)place : -1;
    }
}

static void find_bins(const tsr_group_key *key, const double *value, int64_t items, int64_t *group) {
    int32_t slot[TSR_BLOCK_ITEMS_MAX];
    tsr_bins_find(&key->bins, value, items, slot);
    for (int64_t i = 0; i < items; i++)
        group[i] = slot[i] < key->bins.count && group[i] >= 0 ? group[i] * key->count + slot[i] : -1;
}

void tsr_groups_find(const tsr_groups *groups, const tsr_block *block, int64_t *group) {
    memset(group, 0, (size_t)block->items * sizeof(*group));
    for (int i = 0; i < groups->keys; i++) {
        const tsr_group_key *key = &groups->key[i];
        const double *value = tsr_column(block, key->column);
        if (key->edges != NULL)
            find_bins(key, value, block->items, group);
        else
            find_whole(key, value, block->items, group);
    }
}
