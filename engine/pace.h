/* The pace of a run: when to keep a checkpoint, and when to stop so that the last one is safe before the time is up.
 * Layer 0. Pure arithmetic: all times are given, in seconds on one clock that never runs back; its zero may be
 * anywhere. */
#ifndef TSR_ENGINE_PACE_H
#define TSR_ENGINE_PACE_H

#include <stdbool.h>

typedef struct {
    double every_s;   /* > 0: interval asked for; 0: 60 s, or the best one if failure_s is known; < 0: never */
    double failure_s; /* mean time between failures of all nodes together; 0: unknown */
    double end_s;     /* when the time allotted ends; INFINITY: never */
    double grace_s;   /* that a scheduler leaves between asking and killing; 0: unknown */
} tsr_pace_terms;

typedef enum {
    TSR_WISH_GO_ON,
    TSR_WISH_KEEP, /* a checkpoint, then go on */
    TSR_WISH_STOP  /* a checkpoint, then stop */
} tsr_wish;

/* A value type; members are for the functions below. */
typedef struct {
    tsr_pace_terms terms;
    double begun_s;
    double looked_s;       /* when somebody looked last */
    double look_longest_s; /* between two looks */
    double taken_s;        /* when computing went on after the last checkpoint, or began */
    double still_s;        /* that it stood still for the last one */
    double cost_longest_s; /* of one: standing still, and writing until durable */
    bool has_measured;     /* there was a checkpoint */
    bool is_writing;       /* it is not durable yet */
} tsr_pace;

/* None of these functions is collective, allocates or can fail. One rank asks, all follow. */

void tsr_pace_begin(tsr_pace *pace, const tsr_pace_terms *terms, double now_s);

/* Somebody looks whether to go on: at every boundary of a tile where a stop is possible. */
void tsr_pace_note_look(tsr_pace *pace, double now_s);

/* A checkpoint was taken for any reason; computing goes on now after standing still for so long. Writing begins. */
void tsr_pace_note_taken(tsr_pace *pace, double now_s, double still_s);

/* The writing ended at that time, which may be long before it is noticed; durable, or given up. */
void tsr_pace_note_written(tsr_pace *pace, double ended_s);

/* What to do now. KEEP when the interval has passed since computing last went on, but never while the last checkpoint
 * is still being written. STOP when what is left until the end is less than tsr_pace_reserve_s. */
tsr_wish tsr_pace_wish(const tsr_pace *pace, double now_s);

/* The interval in force: as asked, or the optimum of Daly (2006) once a cost is known; but long enough for the last
 * checkpoint to have cost at most 1 % of the time. INFINITY: never.
 * Source: J. T. Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future Generation
 * Computer Systems 22 (2006) 303-312. */
double tsr_pace_interval_s(const tsr_pace *pace);

/* Time that a stop must leave: twice the longest checkpoint so far, twice the longest time between two looks, and 5 %
 * of the time allotted (at least 1 s, at most 60 s). */
double tsr_pace_reserve_s(const tsr_pace *pace, double now_s);

/* Looks are so far apart that a request to stop may not be seen within half of the grace time: worth a warning. */
bool tsr_pace_is_coarse(const tsr_pace *pace);

/* The optimum above: seconds of computing between two checkpoints that cost cost_s each. Both > 0. */
double tsr_pace_optimum_s(double cost_s, double failure_s);

#endif
