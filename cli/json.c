#include "cli/json.h"

#include "cli/point.h"
#include "engine/accuracy.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512 };

double tsr_report_core_seconds(const tsr_report *report, const tsr_stage_outcome *stage) {
    return stage->core_seconds_before + (double)stage->elapsed_ns * 1e-9 * report->ranks * report->threads;
}

/* Every function takes what it is given, and passes on a NULL that stands for lack of memory. */
static json_t *number_or_null(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *value_of(const tsr_result *result, int64_t index) {
    double value = result->value[index];
    bool is_count = result->integer && fabs(value) < 9007199254740992.0; /* 2^53: every whole number is a double */
    return is_count ? json_integer((json_int_t)value) : number_or_null(value);
}

/* JSON is UTF-8; a name from a file in another encoding shows '?' for what is not ASCII. */
static const char *make_utf8(char *text) {
    json_t *string = json_string(text);
    for (char *c = text; string == NULL && *c != '\0'; c++)
        if ((unsigned char)*c > 0x7f) *c = '?';
    json_decref(string);
    return text;
}

static json_t *text_of(const char *text) {
    char *copy = strdup(text);
    json_t *string = copy == NULL ? NULL : json_string(make_utf8(copy));
    free(copy);
    return string;
}

static bool add_result(json_t *results, const char *suffix, const tsr_result *result, double core_seconds) {
    char label[NAME_BYTES], name[2 * NAME_BYTES];
    int64_t length = tsr_result_length(result);
    for (int64_t i = 0; i < length; i++) {
        tsr_result_label(result, i, label, sizeof(label));
        snprintf(name, sizeof(name), "%s%s", label, suffix);
        json_t *entry = json_object();
        bool made = json_object_set_new(entry, "value", value_of(result, i)) == 0 &&
                    json_object_set_new(entry, "error", number_or_null(tsr_result_error_at(result, i))) == 0 &&
                    json_object_set_new(entry, "unit", text_of(tsr_result_unit_at(result, i))) == 0;
        const double cost = tsr_accuracy_cost(tsr_result_error_at(result, i), core_seconds);
        if (result->error != NULL) made = json_object_set_new(entry, "cost", number_or_null(cost)) == 0 && made;
        made = json_object_set_new(results, make_utf8(name), entry) == 0 && made;
        if (!made) return false;
    }
    return true;
}

static json_t *stage_of(const tsr_report *report, const tsr_stage_outcome *stage) {
    const double core_seconds = tsr_report_core_seconds(report, stage);
    json_t *results = json_object();
    bool made = results != NULL;
    for (int64_t point = 0; point < stage->sets && made; point++) {
        char suffix[NAME_BYTES];
        tsr_point_suffix(stage, point, suffix, sizeof(suffix));
        for (int i = 0; i < tsr_results_count(stage->results[point]) && made; i++)
            made = add_result(results, suffix, tsr_results_at(stage->results[point], i), core_seconds);
    }
    for (int i = 0; stage->whole != NULL && i < tsr_results_count(stage->whole) && made; i++)
        made = add_result(results, "", tsr_results_at(stage->whole, i), core_seconds);
    json_t *object = json_object();
    made = json_object_set_new(object, "items", json_integer(stage->items_total)) == 0 && made;
    made = json_object_set_new(object, "core_seconds", json_real(core_seconds)) == 0 && made;
    if (stage->until != NULL)
        made = json_object_set_new(object, "precise", json_boolean(stage->until_excess <= 1)) == 0 && made;
    made = json_object_set_new(object, "results", results) == 0 && made;
    if (made) return object;
    json_decref(object);
    return NULL;
}

static json_t *object_of(const tsr_report *report, const tsr_outcome *outcome) {
    json_t *stages = json_object();
    bool made = stages != NULL;
    for (int i = 0; i < tsr_outcome_stages(outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(outcome, i);
        made = json_object_set_new(stages, stage->name, stage_of(report, stage)) == 0 && made;
    }
    char seed[24];
    snprintf(seed, sizeof(seed), "%" PRIu64, report->seed); /* as digits: readers keep 53 bits of a number */
    json_t *object = json_pack("{s:s, s:s, s:s, s:f, s:i, s:i, s:o, s:I, s:f, s:o}", "job", report->job, "digest",
                               report->digest, "seed", seed, "seconds", report->seconds, "ranks", report->ranks,
                               "threads", report->threads, "file", text_of(report->file), "checkpoints",
                               (json_int_t)report->checkpoints, "still_seconds", report->still_s, "stages", stages);
    if (made) return object;
    json_decref(object);
    return NULL;
}

tsr_status tsr_json_print(const tsr_report *report, const tsr_outcome *outcome, FILE *out) {
    json_t *object = object_of(report, outcome);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_REAL_PRECISION(17) | JSON_INDENT(2));
    json_decref(object);
    TSR_REQUIRE(text != NULL, TSR_ERUNTIME, "no memory for the results as JSON, or a name that is not UTF-8");
    fprintf(out, "%s\n", text);
    free(text);
    return TSR_OK;
}
