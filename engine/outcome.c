#include "engine/outcome.h"

#include "engine/inputs.h"
#include "engine/replicates.h"
#include "engine/stage_tally.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_BYTES = 256 };

tsr_status tsr_outcome_create(int stages, tsr_outcome **out) {
    tsr_outcome *outcome = calloc(1, sizeof(*outcome));
    if (outcome != NULL) outcome->stage = calloc((size_t)stages, sizeof(*outcome->stage));
    if (outcome == NULL || outcome->stage == NULL) {
        free(outcome);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the outcome of %d stages", stages);
    }
    outcome->stages = stages;
    *out = outcome;
    return TSR_OK;
}

static void free_axis(tsr_dimension *axis) {
    for (int64_t i = 0; i < axis->length && axis->labels != NULL; i++) free((char *)(uintptr_t)axis->labels[i]);
    free((void *)(uintptr_t)axis->labels);
    free((double *)(uintptr_t)axis->coordinates);
}

static void clear_record(tsr_stage_record *record) {
    for (int i = 0; i < record->sweep_axes; i++) free_axis(&record->axis[i]);
    for (int64_t i = 0; i < record->row.sets && record->results != NULL; i++) tsr_results_destroy(&record->results[i]);
    for (int64_t i = 0; i < record->row.history.quantities && record->history_names != NULL; i++)
        free(record->history_names[i]);
    free(record->results);
    tsr_results_destroy(&record->whole);
    tsr_states_clear(&record->states);
    for (int i = 0; i < record->headline_count && record->headlines != NULL; i++) free(record->headlines[i].name);
    free(record->headlines);
    free(record->point_items);
    free(record->inputs);
    tsr_prints_clear(&record->prints);
    free(record->history_items);
    free(record->history_names);
    free(record->history_value);
    free(record->history_error);
    free(record->phase_ns);
    free(record->rank_items);
}

void tsr_outcome_destroy(tsr_outcome **outcome) {
    if (*outcome == NULL) return;
    for (int i = 0; i < (*outcome)->stages; i++) clear_record(&(*outcome)->stage[i]);
    free((*outcome)->stage);
    free(*outcome);
    *outcome = NULL;
}

int tsr_outcome_stages(const tsr_outcome *outcome) { return outcome->stages; }

const tsr_stage_outcome *tsr_outcome_stage(const tsr_outcome *outcome, int index) { return &outcome->stage[index].row; }

/* ---- axes ---- */

/* Numbers become coordinates; anything else stays words. */
static tsr_status describe_axis(const tsr_axis *axis, const char *unit, tsr_dimension *out) {
    double *numbers = calloc((size_t)axis->length, sizeof(*numbers));
    char **words = calloc((size_t)axis->length, sizeof(*words));
    *out = (tsr_dimension){.name = axis->name, .length = axis->length, .unit = unit};
    bool numeric = true;
    for (int64_t i = 0; i < axis->length && numbers != NULL && words != NULL; i++) {
        char *end;
        numbers[i] = strtod(axis->values[i]->text, &end);
        numeric &= end != axis->values[i]->text && *end == '\0';
        words[i] = strdup(axis->values[i]->text);
    }
    out->labels = (const char *const *)words;
    if (numeric && numbers != NULL) {
        free_axis(out);
        out->labels = NULL;
        out->coordinates = numbers;
    } else {
        free(numbers);
    }
    TSR_REQUIRE(out->labels != NULL || out->coordinates != NULL, TSR_ERUNTIME, "no memory for axis %s", axis->name);
    return TSR_OK;
}

/* Zipped axes share one dimension, whose labels tell all values: "strike=90,volatility=0.2". */
static tsr_status describe_zip(const tsr_job *job, tsr_dimension *out) {
    int64_t length = job->axes[0].length;
    char **words = calloc((size_t)length, sizeof(*words));
    TSR_REQUIRE(words != NULL, TSR_ERUNTIME, "no memory for the sweep's labels");
    *out = (tsr_dimension){.name = "point", .length = length, .labels = (const char *const *)words, .unit = "1"};
    for (int64_t i = 0; i < length; i++) {
        char text[LABEL_BYTES] = "";
        size_t used = 0;
        for (int a = 0; a < job->axis_count && used < sizeof(text); a++)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s", a > 0 ? "," : "", job->axes[a].name,
                                     job->axes[a].values[i]->text);
        words[i] = strdup(text);
        TSR_REQUIRE(words[i] != NULL, TSR_ERUNTIME, "no memory for the sweep's labels");
    }
    return TSR_OK;
}

static const char *unit_of(const tsr_param *table, const char *name) {
    for (const tsr_param *row = table; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return row->unit;
    return NULL;
}

static const char *axis_unit(const tsr_job *job, const tsr_axis *axis) {
    for (int s = 0; s < job->stage_count; s++) {
        const tsr_stage *spec = &job->stages[s];
        if (strcmp(spec->name, axis->stage) != 0) continue;
        const char *unit = unit_of(spec->source.table->params, axis->param);
        for (int i = 0; i < spec->map_count && unit == NULL; i++)
            unit = unit_of(spec->maps[i].table->params, axis->param);
        if (unit != NULL) return unit;
    }
    return "1";
}

static tsr_status describe_axes(const tsr_bound_stage *stage, tsr_stage_record *record) {
    const tsr_job *job = stage->job;
    record->row.axis = record->axis;
    for (int i = 0; i < stage->span.axes; i++) {
        const tsr_axis *axis = &job->axes[stage->span.axis[i]];
        record->row.axes = record->sweep_axes = i + 1;
        if (stage->span.zipped)
            TSR_TRY(describe_zip(job, &record->axis[i]));
        else
            TSR_TRY(describe_axis(axis, axis_unit(job, axis), &record->axis[i]));
    }
    for (int i = 0; i < stage->groups.keys; i++) record->axis[record->row.axes++] = stage->groups.key[i].axis;
    return TSR_OK;
}

/* ---- the stage ---- */

static void describe_components(const tsr_bound_stage *stage, tsr_stage_record *record) {
    const tsr_stage *spec = stage->spec;
    tsr_component *next = record->component;
    *next++ = (tsr_component){"source", spec->source.table->name, stage->point[0].source_params};
    if (spec->design.table != NULL)
        *next++ = (tsr_component){"sampling", spec->design.table->name, stage->design_params};
    for (int i = 0; i < spec->map_count; i++)
        *next++ = (tsr_component){"map", spec->maps[i].table->name, stage->point[0].map_params[i]};
    for (int i = 0; i < stage->tally_count; i++) {
        *next++ = (tsr_component){"tally", stage->tally[i].table->name, stage->tally[i].params};
        record->tally_name[i] = stage->tally[i].table->name;
    }
    record->row.component = record->component;
    record->row.components = (int)(next - record->component);
    record->row.tally_names = record->tally_name;
    record->row.tallies = stage->tally_count;
}

void tsr_outcome_count_items(const tsr_bound_stage *stage, tsr_stage_record *record) {
    record->row.items = stage->point[0].items;
    record->row.items_total = 0;
    record->row.replicates_used = stage->replicates;
    for (int64_t i = 0; i < stage->span.points; i++) {
        const int64_t items = stage->point[i].items, unit = stage->unit_items;
        record->point_items[i] = items;
        record->row.items_total += items;
        if (unit > 0 && (items + unit - 1) / unit < record->row.replicates_used)
            record->row.replicates_used = (int)((items + unit - 1) / unit);
    }
}

tsr_status tsr_outcome_describe(const tsr_bound_stage *stage, tsr_stage_record *record) {
    record->row.name = stage->spec->name;
    record->row.points = stage->span.points;
    record->row.sets = stage->span.points * stage->groups.count;
    record->row.rows = stage->rows;
    record->row.is_dataset = stage->spec->source.table->items != NULL;
    record->row.replicates = stage->replicates;
    record->row.is_weighed = stage->spec->design.table != NULL && stage->spec->design.table->weights != NULL;
    record->row.until = stage->spec->until.where != NULL ? &stage->spec->until : NULL;
    record->row.tile_items = stage->tile_items;
    record->row.fields = stage->fields;
    describe_components(stage, record);
    TSR_TRY(tsr_inputs_collect(stage, &record->inputs, &record->row.inputs));
    record->row.input = record->inputs;
    TSR_TRY(tsr_prints_create(stage->span.points, NULL, NULL, 0, &record->prints));
    record->row.prints = &record->prints;
    TSR_TRY(describe_axes(stage, record));
    const tsr_states shape = {.points = stage->span.points,
                              .parts = stage->replicates > 1 ? 1 + stage->replicates : 1,
                              .tallies = stage->tally_count};
    TSR_TRY(tsr_states_create(shape, &record->states));
    for (int64_t slot = 0; slot < record->states.count; slot++) {
        TSR_TRY(tsr_stage_state(stage, (int)(slot % stage->tally_count), &record->states.state[slot]));
    }
    record->row.states = record->states.state;
    record->row.parts = shape.parts;
    record->point_items = calloc((size_t)stage->span.points, sizeof(*record->point_items));
    record->row.point_items = record->point_items;
    TSR_REQUIRE(record->point_items != NULL, TSR_ERUNTIME, "no memory for %lld sweep points",
                (long long)stage->span.points);
    tsr_outcome_count_items(stage, record);
    record->results = calloc((size_t)record->row.sets, sizeof(tsr_results *));
    TSR_REQUIRE(record->results != NULL, TSR_ERUNTIME, "no memory for %lld sets of results",
                (long long)record->row.sets);
    record->row.results = (const tsr_results *const *)record->results;
    return TSR_OK;
}

tsr_status tsr_outcome_solve(const tsr_bound_stage *stage, tsr_stage_record *record) {
    TSR_TRY(tsr_replicates_solve(stage, &record->states, record->point_items, record->results));
    if (stage->groups.keys == 0 || stage->span.points > 1) return TSR_OK;
    TSR_TRY(tsr_own_solve(stage, &record->states, 0, &record->whole));
    record->row.whole = record->whole;
    return TSR_OK;
}

tsr_status tsr_outcome_look(const tsr_outcome *outcome) {
    for (int i = 0; i < outcome->stages; i++)
        TSR_TRY(tsr_inputs_look(outcome->stage[i].inputs, outcome->stage[i].row.inputs));
    return TSR_OK;
}

/* ---- ranks ---- */

tsr_status tsr_outcome_gather(tsr_comm *comm, const int64_t *phase_ns, int64_t items, tsr_stage_record *record) {
    record->phase_ns = calloc((size_t)comm->size * TSR_PHASES, sizeof(int64_t));
    record->rank_items = calloc((size_t)comm->size, sizeof(int64_t));
    bool complete = record->phase_ns != NULL && record->rank_items != NULL;
    TSR_TRY(tsr_comm_agree(comm, complete ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for the times of the ranks")));
    comm->gather(comm, phase_ns, (int64_t)(TSR_PHASES * sizeof(*phase_ns)), record->phase_ns);
    comm->gather(comm, &items, (int64_t)sizeof(items), record->rank_items);
    record->row.phase_ns = record->phase_ns;
    record->row.rank_items = record->rank_items;
    return TSR_OK;
}
