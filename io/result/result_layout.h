/* The layout of a result file: a run as contents, without a file. Internal to result_*.c.
 * None of these functions is collective; each adds to contents, whose memory remembers when it runs out. */
#ifndef TSR_IO_RESULT_LAYOUT_H
#define TSR_IO_RESULT_LAYOUT_H

#include "io/result/result_axes.h"
#include "io/result/result_file.h"

/* Everything. TSR_EINTERNAL: a tally says something of another kind at another point of the sweep. */
tsr_status tsr_result_layout(const tsr_run_record *record, tsr_contents *contents);

/* Root variables alone: results and history of all stages that have run, with their axes. TSR_EINTERNAL as above. */
tsr_status tsr_result_add_stages(const tsr_run_record *record, tsr_contents *contents);

/* Global attributes: what was run, by which program, when, where, with which digest. */
void tsr_result_add_provenance(const tsr_run_record *record, tsr_contents *contents);

/* Group /parameters/<stage>: every bound parameter as it was written. */
void tsr_result_add_parameters(const tsr_run_record *record, tsr_contents *contents);

/* Group /run: hosts, CPUs, threads, times and items of every rank. */
void tsr_result_add_ranks(const tsr_run_record *record, tsr_contents *contents);

/* Root variables <stage>_<result>: values, errors, units. TSR_EINTERNAL as above. */
tsr_status tsr_result_add_results(const tsr_stage_outcome *stage, tsr_result_axes *axes);

/* Root variables <stage>_history_*: how the headline results converged. */
void tsr_result_add_history(const tsr_stage_outcome *stage, tsr_result_axes *axes);

/* Group /state/<stage>/<tally>: the packed integers that the digest covers. */
void tsr_result_add_state(const tsr_run_record *record, tsr_contents *contents);

/* Group /points/<stage>: how many items were read at each point of the sweep. */
void tsr_result_add_points(const tsr_run_record *record, tsr_contents *contents);

/* Group /inputs/<stage>: the files that its source has read. */
void tsr_result_add_inputs(const tsr_run_record *record, tsr_contents *contents);

/* Group /integrity/<stage>: the prints of its tiles. */
void tsr_result_add_prints(const tsr_run_record *record, tsr_contents *contents);

/* The same of one stage, into a group that is there. */
void tsr_result_add_point_items(const char *stage, int64_t points, const int64_t *point_items, tsr_contents *contents,
                                int parent);
void tsr_result_add_stage_inputs(const char *stage, int64_t inputs, const tsr_input *input, tsr_contents *contents,
                                 int parent);

/* The axes of a stage's sweep as dimensions of a variable; returns how many. coordinates: names of further variables
 * along them, "" if none. */
int tsr_result_sweep(const tsr_stage_outcome *stage, tsr_result_axes *axes, int dimension[TSR_CONTENTS_RANK_MAX],
                     char coordinates[TSR_COORDINATES_BYTES]);

#endif
