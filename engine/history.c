#include "engine/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_BYTES = 256 };

static int64_t count_headlines(const tsr_results *results, int *count) {
    int64_t values = 0;
    *count = 0;
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        if (!result->headline) continue;
        values += tsr_result_length(result);
        ++*count;
    }
    return values;
}

static tsr_status name_headlines(const tsr_results *results, tsr_headline *headlines, char **names) {
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        if (!result->headline) continue;
        *headlines = (tsr_headline){.name = strdup(result->name), .length = tsr_result_length(result)};
        TSR_REQUIRE(headlines++->name != NULL, TSR_ERUNTIME, "no memory for the history");
        for (int64_t j = 0; j < tsr_result_length(result); j++) {
            char label[LABEL_BYTES];
            tsr_result_label(result, j, label, sizeof(label));
            *names = strdup(label);
            TSR_REQUIRE(*names++ != NULL, TSR_ERUNTIME, "no memory for the history");
        }
    }
    return TSR_OK;
}

static tsr_status make_room(tsr_stage_record *record, int64_t rounds) {
    tsr_history *history = &record->row.history;
    const size_t values = (size_t)(record->row.points * rounds * history->quantities);
    record->history_room = rounds;
    record->history_items = calloc((size_t)rounds, sizeof(int64_t));
    record->history_names = calloc((size_t)history->quantities + 1, sizeof(char *));
    record->headlines = calloc((size_t)record->headline_count + 1, sizeof(*record->headlines));
    record->history_value = calloc(values + 1, sizeof(double));
    record->history_error = calloc(values + 1, sizeof(double));
    const bool complete = record->history_items != NULL && record->history_names != NULL && record->headlines != NULL &&
                          record->history_value != NULL && record->history_error != NULL;
    TSR_REQUIRE(complete, TSR_ERUNTIME, "no memory for the history");
    history->items = record->history_items;
    history->names = (const char *const *)record->history_names;
    history->value = record->history_value;
    history->error = record->history_error;
    return TSR_OK;
}

/* Groups of items have none. */
static tsr_status start_history(tsr_stage_record *record, int64_t rounds) {
    if (record->row.sets > record->row.points) return make_room(record, rounds);
    record->row.history.quantities = count_headlines(record->results[0], &record->headline_count);
    TSR_TRY(make_room(record, rounds));
    return name_headlines(record->results[0], record->headlines, record->history_names);
}

/* A result that comes and goes (items that were skipped) has a place only if the first round had it, and leaves NaN
 * where it is missing or has another shape. */
static void note_point(const tsr_stage_record *record, const tsr_results *results, double *value, double *error) {
    for (int i = 0; i < record->headline_count; i++) {
        const int64_t length = record->headlines[i].length;
        const tsr_result *result = tsr_results_find(results, record->headlines[i].name);
        const bool fits = result != NULL && tsr_result_length(result) == length;
        for (int64_t j = 0; j < length; j++) {
            *value++ = fits ? result->value[j] : NAN;
            *error++ = fits ? tsr_result_error_at(result, j) : NAN;
        }
    }
}

tsr_status tsr_history_note(tsr_stage_record *record, int64_t items, int64_t rounds) {
    tsr_history *history = &record->row.history;
    if (record->history_items == NULL) TSR_TRY(start_history(record, rounds));
    int64_t round = history->rounds++;
    TSR_ASSERT(round < record->history_room);
    record->history_items[round] = items;
    for (int64_t point = 0; point < record->row.points; point++) {
        int64_t at = (point * record->history_room + round) * history->quantities;
        note_point(record, record->results[point], &record->history_value[at], &record->history_error[at]);
    }
    return TSR_OK;
}

void tsr_history_end(tsr_stage_record *record) {
    const int64_t values = record->row.history.rounds * record->row.history.quantities;
    const int64_t room = record->history_room * record->row.history.quantities;
    for (int64_t point = 1; point < record->row.points && values < room; point++) {
        memmove(record->history_value + point * values, record->history_value + point * room,
                (size_t)values * sizeof(double));
        memmove(record->history_error + point * values, record->history_error + point * room,
                (size_t)values * sizeof(double));
    }
    record->history_room = record->row.history.rounds;
}

/* ---- of a run that was stopped ---- */

static tsr_status refuse(const tsr_stage_record *record) {
    return TSR_FAIL(TSR_ECHECKPOINT, "stage %s: what is stored of its history is damaged", record->row.name);
}

/* The labels behind the tabs of a line. */
static tsr_status read_labels(const char *line, int64_t count, char **names) {
    for (int64_t j = 0; j < count; j++) {
        line += strcspn(line, "\t\n");
        line += *line == '\t';
        names[j] = strndup(line, strcspn(line, "\t\n"));
        TSR_REQUIRE(names[j] != NULL, TSR_ERUNTIME, "no memory for the history");
    }
    return TSR_OK;
}

static tsr_status read_headlines(const char *lines, tsr_stage_record *record) {
    char **names = record->history_names;
    int64_t left = record->row.history.quantities;
    for (int i = 0; i < record->headline_count; i++) {
        const char *end = strchr(lines, '\n'), *blank = strchr(lines, ' ');
        if (end == NULL || blank == NULL || blank > end) return refuse(record);
        tsr_headline *headline = &record->headlines[i];
        headline->length = strtoll(blank + 1, NULL, 10);
        headline->name = strndup(lines, (size_t)(blank - lines));
        TSR_REQUIRE(headline->name != NULL, TSR_ERUNTIME, "no memory for the history");
        if (headline->length < 1 || headline->length > left) return refuse(record);
        TSR_TRY(read_labels(blank, headline->length, names));
        names += headline->length;
        left -= headline->length;
        lines = end + 1;
    }
    return left == 0 ? TSR_OK : refuse(record);
}

static int count_lines(const char *text) {
    int lines = 0;
    for (; *text != '\0'; text++) lines += *text == '\n';
    return lines;
}

tsr_status tsr_history_restore(tsr_stage_record *record, const tsr_stored_history *stored, int64_t room) {
    if (stored->rounds == 0) return TSR_OK;
    record->row.history.quantities = stored->quantities;
    record->headline_count = count_lines(stored->headlines);
    TSR_TRY(make_room(record, room));
    TSR_TRY(read_headlines(stored->headlines, record));
    const size_t row = (size_t)(stored->rounds * stored->quantities);
    for (int64_t point = 0; point < record->row.points && row > 0; point++) {
        const int64_t at = point * room * stored->quantities;
        memcpy(record->history_value + at, stored->value + (size_t)point * row, row * sizeof(double));
        memcpy(record->history_error + at, stored->error + (size_t)point * row, row * sizeof(double));
    }
    memcpy(record->history_items, stored->items, (size_t)stored->rounds * sizeof(int64_t));
    record->row.history.rounds = stored->rounds;
    return TSR_OK;
}
