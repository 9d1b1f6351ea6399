/* A job: what a user asked for, checked in form but not yet bound to models. Made by io from a job file.
 * Layer 2. Plain data; one owner frees it all (tsr_job_destroy). */
#ifndef TSR_ENGINE_JOB_H
#define TSR_ENGINE_JOB_H

#include "engine/design.h"
#include "engine/map.h"
#include "engine/setting.h"
#include "engine/sink.h"
#include "engine/source.h"
#include "engine/tally.h"

/* Everything that can be named in a job file. Lists end with NULL. Put together by cli. */
typedef struct {
    const tsr_source *const *sources;
    const tsr_map *const *maps;
    const tsr_tally *const *tallies;
    const tsr_design *const *designs;
    const tsr_sink *const *sinks;
} tsr_catalog;

typedef struct {
    const tsr_source *table;
    const tsr_setting *settings; /* map, scalar, list or NULL; points into the job's document */
    const char *where;
} tsr_source_use;

typedef struct {
    const tsr_map *table;
    const tsr_setting *settings;
    const char *where;
} tsr_map_use;

typedef struct {
    const tsr_tally *table;
    const tsr_setting *settings;
    const char *where;
} tsr_tally_use;

typedef struct {
    const tsr_design *table; /* NULL: independent items */
    const tsr_setting *settings;
    const char *where;
} tsr_design_use;

typedef struct {
    const tsr_sink *table; /* NULL: rows are not kept */
    const tsr_setting *settings;
    const char *where;
} tsr_sink_use;

/* When to stop before all items are read: every named estimate must be precise enough. Bounds of 0 are not asked for.
 */
typedef struct {
    const char *where; /* NULL: read all items */
    double relative_error;
    double absolute_error;
    double ci_width; /* of the 95 % interval */
    double max_time_s;
    const char *sum_over;     /* NULL, or the sweep's only axis: the estimates of its points add up (multilevel) */
    const char *const *names; /* [count] estimates: "mean.payoff", or "mean" for all columns */
    int count;
} tsr_until;

/* What happens when a column that reaches the tallies is NaN or infinite. */
typedef enum {
    TSR_NONFINITE_ABORT, /* the run ends, naming the item */
    TSR_NONFINITE_SKIP,  /* the item is left out and counted */
    TSR_NONFINITE_KEEP   /* the tallies see it */
} tsr_nonfinite;

typedef struct {
    const char *name;
    const char *where;
    tsr_source_use source;
    tsr_design_use design;
    tsr_map_use *maps;
    int map_count;
    tsr_tally_use *tallies;
    int tally_count;
    tsr_sink_use sink;
    const char *filter; /* expression over the columns: items for which it is not true are left out; or NULL */
    const char *filter_where;
    const tsr_setting *group_by; /* keys that items are told apart by (engine/groups.h), or NULL */
    int64_t items;               /* 0: all of the dataset; with `until`: the most */
    int64_t tile_items;          /* 0: as the source says */
    tsr_until until;
    tsr_nonfinite nonfinite;
    double skip_share; /* the largest share of skipped items that is accepted */
} tsr_stage;

enum { TSR_GROUP_KEYS_MAX = 4 };

/* A swept parameter: a row of a stage's source or maps, or its `items`. */
typedef struct {
    const char *name; /* "strike": how the dimension is called; "stage.strike" when two axes would share it */
    const char *stage;
    const char *param;
    const char *where;
    tsr_setting **values; /* [length] scalars */
    int64_t length;
} tsr_axis;

typedef enum { TSR_SWEEP_PRODUCT, TSR_SWEEP_ZIP } tsr_sweep_mode;

typedef struct {
    const char *name;
    const char *title;    /* optional one line, or NULL */
    const char *file;     /* of the job, as given */
    const char *folder;   /* of the job file, for relative paths */
    const char *resolved; /* the whole job as YAML with everything --set changed: provenance */
    uint64_t seed;
    tsr_stage *stages;
    int stage_count;
    tsr_axis *axes;
    int axis_count;
    tsr_sweep_mode sweep_mode;
    bool common_random_numbers; /* every point of a sweep sees the same draws */
    const char *differences;    /* where those of every point from the first are asked for; NULL: they are not */
    tsr_setting *document;      /* owns all settings */
    void *memory;               /* owns the rest, as the maker knows */
} tsr_job;

#endif
