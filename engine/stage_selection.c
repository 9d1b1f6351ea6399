#include "engine/stage_selection.h"

#include <stdlib.h>

/* The filter and the groups, from the columns of the last link. */
static tsr_status make_filter(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    tsr_mistake mistake;
    if (spec->filter == NULL) return TSR_OK;
    if (stage->filter == NULL) stage->filter = malloc(sizeof(*stage->filter));
    TSR_REQUIRE(stage->filter != NULL, TSR_ERUNTIME, "no memory for an expression");
    TSR_REQUIRE(tsr_expression_compile_fields(spec->filter, stage->fields, stage->filter, &mistake), TSR_EUSAGE,
                "%s: where: in '%.200s', character %d: %s", spec->filter_where, spec->filter, mistake.place,
                mistake.text);
    return TSR_OK;
}

tsr_status tsr_stage_make_selection(tsr_bound_stage *stage) {
    const tsr_stage *spec = stage->spec;
    TSR_TRY(make_filter(stage));
    TSR_TRY(tsr_groups_bind(spec, stage->fields, &stage->groups));
    const bool depends = stage->rows > 1 || spec->design.table != NULL;
    TSR_REQUIRE(spec->group_by == NULL || !depends, TSR_EUSAGE,
                "%s: group_by goes with independent items only, not with %s; leave it out", spec->group_by->where,
                stage->rows > 1 ? "chains" : "a sampling design");
    TSR_REQUIRE(spec->group_by == NULL || spec->until.where == NULL, TSR_EUSAGE,
                "%s: until cannot be asked for group by group; leave out until or group_by", spec->group_by->where);
    return TSR_OK;
}
