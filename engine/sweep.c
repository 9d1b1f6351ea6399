#include "engine/sweep.h"

#include <string.h>

enum { SETTINGS_MAX = 64 };

/* ---- which axes of the sweep change a stage ---- */

static int stage_index(const tsr_job *job, const char *name) {
    for (int i = 0; i < job->stage_count; i++)
        if (strcmp(job->stages[i].name, name) == 0) return i;
    return -1;
}

/* What is written for a row of a table; a value that is no map belongs to the first row. */
static const tsr_setting *written_for(const tsr_param *table, const tsr_param *row, const tsr_setting *settings) {
    if (settings != NULL && settings->kind == TSR_MAP) return tsr_setting_find(settings, row->name);
    return row == table ? settings : NULL;
}

/* The stages that a table's settings refer to, as a set of bits. */
static uint64_t referred(const tsr_job *job, const tsr_param *table, const tsr_setting *settings) {
    uint64_t stages = 0;
    for (const tsr_param *row = table; row->name != NULL; row++) {
        const tsr_setting *value = row->type == TSR_STAGE ? written_for(table, row, settings) : NULL;
        int index = value != NULL && value->kind == TSR_SCALAR ? stage_index(job, value->text) : -1;
        if (index >= 0) stages |= UINT64_C(1) << index;
    }
    return stages;
}

uint64_t tsr_sweep_needs(const tsr_job *job, int index) {
    const tsr_stage *spec = &job->stages[index];
    uint64_t needs = referred(job, spec->source.table->params, spec->source.settings);
    for (int i = 0; i < spec->map_count; i++)
        needs |= referred(job, spec->maps[i].table->params, spec->maps[i].settings);
    return needs & ((UINT64_C(1) << index) - 1);
}

/* The stage itself and all that it reads, directly or not. */
uint64_t tsr_sweep_lineage(const tsr_job *job, int index) {
    uint64_t stages = UINT64_C(1) << index;
    for (int i = index; i >= 0; i--)
        if ((stages >> i & 1) != 0) stages |= tsr_sweep_needs(job, i);
    return stages;
}

void tsr_sweep_span(const tsr_job *job, int stage, tsr_span *out) {
    uint64_t stages = tsr_sweep_lineage(job, stage);
    *out = (tsr_span){.needs_earlier = tsr_sweep_needs(job, stage) != 0, .points = 1};
    for (int i = 0; i < job->axis_count; i++) {
        bool touched = (stages >> stage_index(job, job->axes[i].stage) & 1) != 0;
        if (!touched || out->zipped) continue;
        out->zipped = job->sweep_mode == TSR_SWEEP_ZIP;
        out->axis[out->axes++] = out->zipped ? 0 : i;
        out->points *= job->axes[i].length;
    }
}

void tsr_sweep_digits(const tsr_job *job, const tsr_span *span, int64_t point, int64_t *digits) {
    for (int i = 0; i < job->axis_count; i++) digits[i] = span->zipped ? point : 0;
    for (int i = span->axes - 1; i >= 0 && !span->zipped; i--) {
        int64_t length = job->axes[span->axis[i]].length;
        digits[span->axis[i]] = point % length;
        point /= length;
    }
}

int64_t tsr_sweep_point(const tsr_job *job, const tsr_span *span, const int64_t *digits) {
    int64_t point = 0;
    for (int i = 0; i < span->axes; i++) point = point * job->axes[span->axis[i]].length + digits[span->axis[i]];
    return point;
}

/* ---- settings of one point: what is swept replaces what is written ---- */

typedef struct {
    tsr_setting map;
    tsr_setting *child[SETTINGS_MAX];
    tsr_setting swept[TSR_AXES_MAX]; /* the axis value under its parameter's name */
} point_settings;

static bool has_row(const tsr_param *table, const char *name) {
    for (const tsr_param *row = table; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return true;
    return false;
}

static void replace(point_settings *settings, int slot, const tsr_axis *axis, const tsr_setting *value) {
    char *key = (char *)(uintptr_t)axis->param; /* borrowed: bind only reads */
    settings->swept[slot] = *value;
    settings->swept[slot].key = key;
    for (size_t i = 0; i < settings->map.count; i++)
        if (strcmp(settings->child[i]->key, key) == 0) {
            settings->child[i] = &settings->swept[slot];
            return;
        }
    settings->child[settings->map.count++] = &settings->swept[slot];
}

/* A bare value binds to the first row; to put swept values beside it, it becomes a map of one. */
static tsr_status copy_written(const tsr_setting *written, const tsr_param *table, tsr_setting *first,
                               point_settings *settings) {
    settings->map = (tsr_setting){.kind = TSR_MAP, .child = settings->child};
    if (written == NULL) return TSR_OK;
    settings->map.where = written->where;
    if (written->kind == TSR_SCALAR && *written->text == '\0') return TSR_OK;
    if (written->kind != TSR_MAP) {
        *first = *written;
        first->key = (char *)(uintptr_t)table->name;
        settings->child[settings->map.count++] = first;
        return TSR_OK;
    }
    TSR_REQUIRE(written->count + TSR_AXES_MAX < SETTINGS_MAX, TSR_EUSAGE, "%s: more than %d settings", written->where,
                SETTINGS_MAX - 1 - TSR_AXES_MAX);
    for (size_t i = 0; i < written->count; i++) settings->child[settings->map.count++] = written->child[i];
    return TSR_OK;
}

tsr_status tsr_sweep_bind(const tsr_job *job, const char *stage, const int64_t *digits, const tsr_param *table,
                          const tsr_setting *written, const char *owner, const tsr_binding *binding, tsr_params **out) {
    point_settings settings;
    tsr_setting first;
    bool swept = false;
    TSR_TRY(copy_written(written, table, &first, &settings));
    for (int i = 0; i < job->axis_count; i++) {
        const tsr_axis *axis = &job->axes[i];
        if (strcmp(axis->stage, stage) != 0 || !has_row(table, axis->param)) continue;
        replace(&settings, i, axis, axis->values[digits[i]]);
        swept = true;
    }
    return tsr_params_bind(table, swept ? &settings.map : written, owner, binding, out);
}
