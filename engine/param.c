#include "engine/param_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tsr_params {
    const tsr_param *table;
    int rows;
    char *owner;
    char *where;            /* of the component, or NULL */
    tsr_param_value *value; /* [rows] */
};

static int count_rows(const tsr_param *table) {
    int rows = 0;
    while (table[rows].name != NULL) rows++;
    return rows;
}

static int find_row(const tsr_param *table, const char *name) {
    for (int i = 0; table[i].name != NULL; i++)
        if (strcmp(table[i].name, name) == 0) return i;
    return -1;
}

static tsr_status params_init(const tsr_param *table, const char *owner, const char *where, tsr_params *out) {
    out->table = table;
    out->rows = count_rows(table);
    out->owner = strdup(owner);
    out->where = where == NULL ? NULL : strdup(where);
    out->value = calloc((size_t)out->rows + 1, sizeof(*out->value));
    bool complete = out->owner != NULL && out->value != NULL && (where == NULL || out->where != NULL);
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for parameters");
    return TSR_OK;
}

void tsr_params_destroy(tsr_params **params) {
    tsr_params *old = *params;
    if (old == NULL) return;
    for (int i = 0; old->value != NULL && i < old->rows; i++) tsr_param_value_clear(&old->value[i]);
    free(old->value);
    free(old->where);
    free(old->owner);
    free(old);
    *params = NULL;
}

static tsr_status refuse_unknown(const tsr_params *params, const tsr_setting *setting) {
    const char **names = calloc((size_t)params->rows + 1, sizeof(*names));
    TSR_REQUIRE(names != NULL, TSR_ERUNTIME, "no memory for parameters");
    for (int i = 0; i < params->rows; i++) names[i] = params->table[i].name;
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(setting->key, names, hint);
    free(names);
    return tsr_param_refuse(setting->where, params->owner, "unknown parameter '%.80s'%s", setting->key, hint);
}

/* Which setting belongs to which row: out [rows], NULL where none is given. */
static tsr_status match(const tsr_params *params, const tsr_setting *settings, const tsr_setting **out) {
    if (settings == NULL || (settings->kind == TSR_SCALAR && *settings->text == '\0')) return TSR_OK;
    if (params->rows == 0 && (settings->kind != TSR_MAP || settings->count > 0))
        return tsr_param_refuse(settings->where, params->owner, "it takes no parameters");
    if (settings->kind != TSR_MAP) {
        out[0] = settings;
        return TSR_OK;
    }
    for (size_t i = 0; i < settings->count; i++) {
        const tsr_setting *child = settings->child[i];
        int row = find_row(params->table, child->key);
        if (row < 0) return refuse_unknown(params, child);
        if (out[row] != NULL)
            return tsr_param_refuse(child->where, params->owner, "parameter '%s' is given twice (first at %s)",
                                    child->key, out[row]->where);
        out[row] = child;
    }
    return TSR_OK;
}

static tsr_status read_rows(tsr_params *params, const tsr_setting *const *given, const tsr_binding *binding) {
    for (int i = 0; i < params->rows; i++) {
        const tsr_param *row = &params->table[i];
        tsr_param_reader reader = {.row = row, .owner = params->owner, .binding = binding};
        if (given[i] != NULL)
            TSR_TRY(tsr_param_value_read(&reader, given[i], &params->value[i]));
        else if (row->preset != NULL)
            TSR_TRY(tsr_param_value_preset(&reader, &params->value[i]));
        else
            return tsr_param_refuse(params->where, params->owner, "required parameter '%s' is missing (%s)", row->name,
                                    row->help);
    }
    return TSR_OK;
}

tsr_status tsr_params_bind(const tsr_param *table, const tsr_setting *settings, const char *owner,
                           const tsr_binding *binding, tsr_params **out) {
    static const tsr_binding nothing = {0};
    if (binding == NULL) binding = &nothing;
    const char *where = settings == NULL || settings->where == NULL ? binding->where : settings->where;
    const tsr_setting **given = NULL;
    tsr_status status = TSR_OK;
    tsr_params *params = calloc(1, sizeof(*params));
    TSR_REQUIRE(params != NULL, TSR_ERUNTIME, "no memory for parameters");
    TSR_TRY_OUT(params_init(table, owner, where, params));
    given = calloc((size_t)params->rows + 1, sizeof(*given)); // NOLINT(bugprone-sizeof-expression)
    TSR_TRY_OUT(given == NULL ? TSR_FAIL(TSR_ERUNTIME, "no memory for parameters") : TSR_OK);
    TSR_TRY_OUT(match(params, settings, given));
    TSR_TRY_OUT(read_rows(params, given, binding));
    *out = params;
    params = NULL;
out:
    tsr_params_destroy(&params);
    free(given);
    return status;
}

static const tsr_param_value *value_of(const tsr_params *params, const char *name) {
    int row = find_row(params->table, name);
    TSR_ASSERT(row >= 0);
    return &params->value[row];
}

static const tsr_param_value *typed_value(const tsr_params *params, const char *name, tsr_param_type type) {
    int row = find_row(params->table, name);
    TSR_ASSERT(row >= 0 && params->table[row].type == type);
    return &params->value[row];
}

double tsr_params_real(const tsr_params *params, const char *name) { return typed_value(params, name, TSR_REAL)->real; }

int64_t tsr_params_integer(const tsr_params *params, const char *name) {
    return typed_value(params, name, TSR_INTEGER)->integer;
}

bool tsr_params_boolean(const tsr_params *params, const char *name) {
    return typed_value(params, name, TSR_BOOLEAN)->boolean;
}

int tsr_params_choice(const tsr_params *params, const char *name) {
    return typed_value(params, name, TSR_CHOICE)->choice;
}

const tsr_results *tsr_params_stage(const tsr_params *params, const char *name) {
    return typed_value(params, name, TSR_STAGE)->stage;
}

const char *tsr_params_text(const tsr_params *params, const char *name) {
    const tsr_param_value *value = value_of(params, name);
    TSR_ASSERT(value->text != NULL);
    return value->text;
}

const double *tsr_params_reals(const tsr_params *params, const char *name, int64_t *count) {
    const tsr_param_value *value = typed_value(params, name, TSR_REAL_LIST);
    *count = value->count;
    return value->reals;
}

const char *const *tsr_params_texts(const tsr_params *params, const char *name, int64_t *count) {
    const tsr_param_value *value = value_of(params, name);
    TSR_ASSERT(value->texts != NULL);
    *count = value->count;
    return (const char *const *)value->texts;
}

const char *tsr_params_where(const tsr_params *params, const char *name) {
    const tsr_param_value *value = value_of(params, name);
    return value->is_default ? "default" : value->where;
}

bool tsr_params_is_default(const tsr_params *params, const char *name) { return value_of(params, name)->is_default; }

const tsr_param *tsr_params_table(const tsr_params *params) { return params->table; }

const char *tsr_params_written(const tsr_params *params, int row) {
    TSR_ASSERT(row >= 0 && row < params->rows);
    return params->value[row].written;
}

tsr_status tsr_params_fail(const tsr_params *params, const char *name, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (name == NULL) return tsr_param_refuse(params->where, params->owner, "%s", sentence);
    const tsr_param_value *value = value_of(params, name);
    return tsr_param_refuse(value->is_default ? params->where : value->where, params->owner, "%s: %s", name, sentence);
}
