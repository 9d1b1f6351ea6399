#include "engine/pace.h"

#include <math.h>

static const double EVERY_S = 60;  /* where nothing is asked for and nothing known */
static const double OPTIMUM_S = 1; /* the least interval that is chosen without being asked for */
static const double COST_SHARE = 0.01;

void tsr_pace_begin(tsr_pace *pace, const tsr_pace_terms *terms, double now_s) {
    *pace = (tsr_pace){.terms = *terms, .begun_s = now_s, .looked_s = now_s, .taken_s = now_s};
}

void tsr_pace_note_look(tsr_pace *pace, double now_s) {
    pace->look_longest_s = fmax(pace->look_longest_s, now_s - pace->looked_s);
    pace->looked_s = now_s;
}

/* Standing still is no time between looks: it is part of the cost. */
void tsr_pace_note_taken(tsr_pace *pace, double now_s, double still_s) {
    pace->looked_s = now_s;
    pace->taken_s = now_s;
    pace->still_s = still_s;
    pace->cost_longest_s = fmax(pace->cost_longest_s, still_s);
    pace->has_measured = true;
    pace->is_writing = true;
}

static double cost_s(const tsr_pace *pace, double now_s) {
    const double writing = pace->is_writing ? pace->still_s + now_s - pace->taken_s : 0;
    return fmax(pace->cost_longest_s, writing);
}

void tsr_pace_note_written(tsr_pace *pace, double ended_s) {
    pace->cost_longest_s = cost_s(pace, ended_s);
    pace->is_writing = false;
}

double tsr_pace_optimum_s(double cost_s, double failure_s) {
    const double ratio = cost_s / (2 * failure_s);
    if (ratio >= 1) return failure_s;
    return sqrt(2 * cost_s * failure_s) * (1 + sqrt(ratio) / 3 + ratio / 9) - cost_s;
}

double tsr_pace_interval_s(const tsr_pace *pace) {
    const tsr_pace_terms *terms = &pace->terms;
    if (terms->every_s < 0) return INFINITY;
    double interval = terms->every_s > 0 ? terms->every_s : EVERY_S;
    const bool is_chosen = terms->every_s == 0 && terms->failure_s > 0 && pace->has_measured;
    if (is_chosen) interval = fmax(OPTIMUM_S, tsr_pace_optimum_s(pace->still_s, terms->failure_s));
    return fmax(interval, pace->still_s * (1 - COST_SHARE) / COST_SHARE);
}

double tsr_pace_reserve_s(const tsr_pace *pace, double now_s) {
    const double look = fmax(pace->look_longest_s, now_s - pace->looked_s);
    const double margin = fmax(1, fmin(60, 0.05 * (pace->terms.end_s - pace->begun_s)));
    return 2 * cost_s(pace, now_s) + 2 * look + margin;
}

tsr_wish tsr_pace_wish(const tsr_pace *pace, double now_s) {
    if (pace->terms.end_s - now_s < tsr_pace_reserve_s(pace, now_s)) return TSR_WISH_STOP;
    const bool is_due = !pace->is_writing && now_s - pace->taken_s >= tsr_pace_interval_s(pace);
    return is_due ? TSR_WISH_KEEP : TSR_WISH_GO_ON;
}

bool tsr_pace_is_coarse(const tsr_pace *pace) {
    return pace->terms.grace_s > 0 && pace->look_longest_s > pace->terms.grace_s / 2;
}
