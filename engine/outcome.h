/* The outcome: what a run keeps of each stage. The stage runner fills it; io and cli read it through engine/run.h.
 * Layer 5. */
#ifndef TSR_ENGINE_OUTCOME_H
#define TSR_ENGINE_OUTCOME_H

#include "engine/run.h"
#include "engine/stage.h"
#include "engine/states.h"

/* A result of the history, as the first round had it. */
typedef struct {
    char *name;
    int64_t length;
} tsr_headline;

/* The public rows and what they point at. */
typedef struct {
    tsr_stage_outcome row;
    tsr_dimension axis[TSR_AXES_MAX + TSR_GROUP_KEYS_MAX];
    int sweep_axes; /* of the axes, those that belong to the record */
    tsr_component component[2 + TSR_MAPS_MAX + TSR_TALLIES_MAX + TSR_OWN_TALLIES];
    const char *tally_name[TSR_TALLIES_MAX + TSR_OWN_TALLIES];
    tsr_results **results; /* [sets] */
    tsr_results *whole;    /* or NULL */
    tsr_states states;     /* [points, parts, tallies] */
    int64_t *point_items;  /* [points] */
    int64_t history_room;  /* rounds */
    int64_t *history_items;
    char **history_names;
    tsr_headline *headlines; /* [headline_count] */
    int headline_count;
    double *history_value;
    double *history_error;
    tsr_input *inputs;
    tsr_prints prints;
    int64_t *phase_ns;
    int64_t *rank_items;
} tsr_stage_record;

struct tsr_outcome {
    int stages;
    tsr_stage_record *stage;
};

tsr_status tsr_outcome_create(int stages, tsr_outcome **out);

/* Fills in all that is known once a stage is bound: names, axes, components. Allocates. */
tsr_status tsr_outcome_describe(const tsr_bound_stage *stage, tsr_stage_record *record);

/* Looks at the input files of all stages once more. TSR_EDATA: one has changed since it was read. */
tsr_status tsr_outcome_look(const tsr_outcome *outcome);

/* Every point has all of its items. */
void tsr_outcome_count_items(const tsr_bound_stage *stage, tsr_stage_record *record);

/* (Re)solves the results of every point from the states and its point_items. */
tsr_status tsr_outcome_solve(const tsr_bound_stage *stage, tsr_stage_record *record);

/* Gathers every rank's account. Collective. */
tsr_status tsr_outcome_gather(tsr_comm *comm, const int64_t *phase_ns, int64_t items, tsr_stage_record *record);

#endif
