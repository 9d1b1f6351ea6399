#include "io/job/job_sweep.h"

#include "engine/number.h"
#include "engine/sweep.h"
#include "io/job/arena.h"
#include "io/job/job_keys.h"
#include "io/job/job_slot.h"
#include "io/job/spacing.h"
#include "io/job/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef double (*spacing_fn)(double first, double last, int64_t count, int64_t index);

typedef struct {
    const char *name;
    spacing_fn number;
    bool needs_positive;
} spacing;

static const spacing spacings[] = {{"linspace", tsr_spacing_linear, false}, {"logspace", tsr_spacing_geometric, true}};

bool tsr_sweep_is_option(const char *key) {
    static const char *const options[] = {"mode", "common_random_numbers", "differences"};
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (strcmp(key, options[i]) == 0) return true;
    return false;
}

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left for the sweep of the job"); }

static tsr_status read_end(const tsr_setting *setting, const spacing *kind, double *out) {
    tsr_number number = setting->kind == TSR_SCALAR ? tsr_number_read_real(setting->text, out) : TSR_NUMBER_MALFORMED;
    TSR_REQUIRE(number == TSR_NUMBER_OK, TSR_EUSAGE, "%s: an end of a %s must be a number, not %s%s%s", setting->where,
                kind->name, setting->kind == TSR_SCALAR ? "'" : tsr_kind_text(setting->kind),
                setting->kind == TSR_SCALAR ? tsr_shown_make(setting->text).text : "",
                setting->kind == TSR_SCALAR ? "'" : "");
    TSR_REQUIRE(*out > 0 || !kind->needs_positive, TSR_EUSAGE, "%s: the ends of a %s must be positive, and %s is not",
                setting->where, kind->name, tsr_shown_make(setting->text).text);
    return TSR_OK;
}

/* where: kept. */
static tsr_setting *number_create(tsr_arena *arena, double value, char *where) {
    tsr_setting *scalar = tsr_arena_take(arena, 1, sizeof(*scalar));
    char *text = tsr_arena_print(arena, "%s", tsr_number_text_make(value).text);
    if (scalar == NULL || text == NULL) return NULL;
    *scalar = (tsr_setting){.kind = TSR_SCALAR, .text = text, .where = where};
    return scalar;
}

/* [first, last, count] -> values */
static tsr_status read_spacing(const tsr_setting *ends, const spacing *kind, tsr_arena *arena, tsr_axis *axis) {
    TSR_REQUIRE(ends->kind == TSR_LIST && ends->count == 3, TSR_EUSAGE,
                "%s: %s takes three numbers: [first, last, count]", ends->where, kind->name);
    double first = 0, last = 0;
    TSR_TRY(read_end(ends->child[0], kind, &first));
    TSR_TRY(read_end(ends->child[1], kind, &last));
    TSR_TRY(tsr_integer_read(ends->child[2], 2, TSR_POINTS_MAX, &axis->length));
    axis->values = tsr_arena_take(arena, (size_t)axis->length, sizeof(tsr_setting *));
    if (axis->values == NULL) return no_memory();
    for (int64_t i = 0; i < axis->length; i++) {
        double value = kind->number(first, last, axis->length, i);
        TSR_REQUIRE(isfinite(value), TSR_EUSAGE, "%s: the ends of this %s are too far apart for a double", ends->where,
                    kind->name);
        axis->values[i] = number_create(arena, value, ends->where);
        if (axis->values[i] == NULL) return no_memory();
    }
    return TSR_OK;
}

static tsr_status read_list(const tsr_setting *list, tsr_axis *axis) {
    TSR_TRY(tsr_kind_check(list, TSR_LIST, "[90, 100, 110]"));
    TSR_REQUIRE(list->count > 0, TSR_EUSAGE, "%s: the list of values of %s is empty; give at least one", list->where,
                axis->param);
    for (size_t i = 0; i < list->count; i++)
        TSR_REQUIRE(list->child[i]->kind == TSR_SCALAR, TSR_EUSAGE,
                    "%s: every value of a swept parameter must be a single one, not %s", list->child[i]->where,
                    tsr_kind_text(list->child[i]->kind));
    axis->length = (int64_t)list->count;
    axis->values = list->child;
    return TSR_OK;
}

/* [list], or one of {list: [...]}, {linspace: [...]}, {logspace: [...]}. */
static tsr_status read_values(const tsr_setting *values, tsr_arena *arena, tsr_axis *axis) {
    static const char *const known[] = {"list", "linspace", "logspace", NULL};
    if (values->kind != TSR_MAP) return read_list(values, axis);
    TSR_TRY(tsr_keys_check(values, "way to give values", known));
    TSR_REQUIRE(values->count == 1, TSR_EUSAGE, "%s: give the values in one way: list, linspace or logspace",
                values->where);
    const tsr_setting *given = values->child[0];
    for (size_t i = 0; i < sizeof(spacings) / sizeof(*spacings); i++)
        if (strcmp(given->key, spacings[i].name) == 0) return read_spacing(given, &spacings[i], arena, axis);
    return read_list(given, axis);
}

static tsr_stage *stage_find(const tsr_job *job, const char *name) {
    for (int i = 0; i < job->stage_count; i++)
        if (strcmp(job->stages[i].name, name) == 0) return &job->stages[i];
    return NULL;
}

/* Can this slot take one value per point? */
static tsr_status check_slot(const tsr_slots *slots, const tsr_slot *slot, const tsr_setting *setting,
                             tsr_arena *arena) {
    if (slot->row == NULL) return TSR_OK;
    bool is_list = slot->row->type == TSR_REAL_LIST || slot->row->type == TSR_TEXT_LIST;
    TSR_REQUIRE(!is_list, TSR_EUSAGE, "%s: %s cannot be swept because its value is a list", setting->where, slot->key);
    TSR_REQUIRE(slot->row->type != TSR_STAGE, TSR_EUSAGE, "%s: %s cannot be swept because its value is a stage",
                setting->where, slot->key);
    const char *path = tsr_arena_print(arena, "%s.%s", slot->stage, slot->key); /* what an axis can name */
    if (path == NULL) return no_memory();
    TSR_REQUIRE(tsr_slots_peek(slots, path) == slot, TSR_EUSAGE,
                "%s: %s cannot be swept because the source and the maps of stage %s have more than one parameter of "
                "that name",
                setting->where, slot->key, slot->stage);
    return TSR_OK;
}

static tsr_status check_twice(const tsr_job *job, const tsr_axis *axis) {
    for (int i = 0; i < job->axis_count; i++) {
        const tsr_axis *other = &job->axes[i];
        bool same = strcmp(other->stage, axis->stage) == 0 && strcmp(other->param, axis->param) == 0;
        TSR_REQUIRE(!same, TSR_EUSAGE, "%s: %s.%s is swept twice, first at %s; keep one", axis->where, axis->stage,
                    axis->param, other->where);
    }
    return TSR_OK;
}

/* A stage that has no items of its own takes the first ones. */
static tsr_status read_items(const tsr_axis *axis, tsr_stage *stage) {
    for (int64_t i = axis->length - 1; i >= 0; i--) {
        int64_t items = 0;
        TSR_TRY(tsr_items_read(axis->values[i], &items));
        if (i == 0 && stage->items == 0) stage->items = items;
    }
    return TSR_OK;
}

static tsr_status read_axis(const tsr_setting *setting, const tsr_slots *slots, tsr_job *job) {
    TSR_REQUIRE(job->axis_count < TSR_AXES_MAX, TSR_EUSAGE, "%s: a sweep has at most %d parameters", setting->where,
                TSR_AXES_MAX);
    tsr_axis *axis = &job->axes[job->axis_count];
    const tsr_slot *slot = NULL;
    TSR_TRY(tsr_slots_find(slots, setting->key, setting->where, &slot));
    TSR_TRY(check_slot(slots, slot, setting, job->memory));
    tsr_stage *stage = stage_find(job, slot->stage);
    *axis = (tsr_axis){.name = slot->key, .stage = stage->name, .param = slot->key, .where = setting->where};
    TSR_TRY(check_twice(job, axis));
    TSR_TRY(read_values(setting, job->memory, axis));
    if (slot->row == NULL) TSR_TRY(read_items(axis, stage));
    job->axis_count++;
    return TSR_OK;
}

static tsr_status read_mode(const tsr_setting *mode, tsr_job *job) {
    if (mode == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(mode, TSR_SCALAR, "mode: zip"));
    static const char *const known[] = {"product", "zip", NULL};
    job->sweep_mode = strcmp(mode->text, "zip") == 0 ? TSR_SWEEP_ZIP : TSR_SWEEP_PRODUCT;
    bool is_known = job->sweep_mode == TSR_SWEEP_ZIP || strcmp(mode->text, "product") == 0;
    return is_known ? TSR_OK : tsr_unknown_fail(mode->where, "mode", mode->text, known);
}

static tsr_status read_common(const tsr_setting *common, tsr_job *job) {
    if (common == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(common, TSR_SCALAR, "common_random_numbers: false"));
    bool yes = strcmp(common->text, "true") == 0 || strcmp(common->text, "yes") == 0;
    bool no = strcmp(common->text, "false") == 0 || strcmp(common->text, "no") == 0;
    TSR_REQUIRE(yes || no, TSR_EUSAGE, "%s: common_random_numbers must be true or false, not '%s'", common->where,
                tsr_shown_make(common->text).text);
    job->common_random_numbers = yes;
    return TSR_OK;
}

static tsr_status read_differences(const tsr_setting *differences, tsr_job *job) {
    if (differences == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(differences, TSR_SCALAR, "differences: first"));
    static const char *const known[] = {"none", "first", NULL};
    const bool first = strcmp(differences->text, "first") == 0;
    if (!first && strcmp(differences->text, "none") != 0)
        return tsr_unknown_fail(differences->where, "kind of differences", differences->text, known);
    job->differences = first ? differences->where : NULL;
    return TSR_OK;
}

static tsr_status check_points(const tsr_setting *sweep, const tsr_job *job) {
    int64_t points = 1;
    for (int i = 0; i < job->axis_count; i++) {
        const tsr_axis *first = &job->axes[0], *axis = &job->axes[i];
        bool is_zip = job->sweep_mode == TSR_SWEEP_ZIP;
        TSR_REQUIRE(!is_zip || axis->length == first->length, TSR_EUSAGE,
                    "%s: mode zip needs lists of one length, but %s has %" PRId64 " values and %s has %" PRId64,
                    axis->where, first->name, first->length, axis->name, axis->length);
        points = is_zip ? axis->length : points * axis->length;
        TSR_REQUIRE(points <= TSR_POINTS_MAX, TSR_EUSAGE, "%s: the sweep has more than %d points", sweep->where,
                    TSR_POINTS_MAX);
    }
    return TSR_OK;
}

/* "strike", or "stage.strike" where another stage sweeps a parameter of that name too. */
static tsr_status name_axes(tsr_job *job) {
    for (int i = 0; i < job->axis_count; i++)
        for (int other = 0; other < job->axis_count; other++) {
            tsr_axis *axis = &job->axes[i];
            if (other == i || strcmp(axis->param, job->axes[other].param) != 0) continue;
            axis->name = tsr_arena_print(job->memory, "%s.%s", axis->stage, axis->param);
            if (axis->name == NULL) return no_memory();
            break;
        }
    return TSR_OK;
}

static tsr_status read_axes(const tsr_setting *sweep, const tsr_slots *slots, tsr_job *job) {
    job->axes = tsr_arena_take(job->memory, sweep->count, sizeof(*job->axes));
    if (job->axes == NULL) return no_memory();
    for (size_t i = 0; i < sweep->count; i++) {
        if (tsr_sweep_is_option(sweep->child[i]->key)) continue;
        TSR_TRY(read_axis(sweep->child[i], slots, job));
        if (job->sweep_mode == TSR_SWEEP_PRODUCT) TSR_TRY(check_points(sweep, job)); /* before more values are made */
    }
    TSR_TRY(name_axes(job));
    return check_points(sweep, job);
}

tsr_status tsr_sweep_read(const tsr_catalog *catalog, tsr_job *job) {
    job->sweep_mode = TSR_SWEEP_PRODUCT;
    job->common_random_numbers = true;
    const tsr_setting *sweep = tsr_setting_find(job->document, "sweep");
    if (sweep == NULL) return TSR_OK;
    TSR_TRY(tsr_kind_check(sweep, TSR_MAP, "sweep: {strike: [90, 100, 110]}"));
    TSR_TRY(read_mode(tsr_setting_find(sweep, "mode"), job));
    TSR_TRY(read_common(tsr_setting_find(sweep, "common_random_numbers"), job));
    TSR_TRY(read_differences(tsr_setting_find(sweep, "differences"), job));
    tsr_slots *slots = NULL;
    TSR_TRY(tsr_slots_create(job->document, catalog, TSR_SLOTS_SWEEP, &slots));
    tsr_status status = read_axes(sweep, slots, job);
    tsr_slots_destroy(&slots);
    return status;
}
