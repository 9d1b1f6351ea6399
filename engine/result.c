#include "engine/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies are many and small and die together: each is one allocation, remembered in one list. */
struct tsr_results {
    int count;
    const tsr_result **result; /* [count] */
    size_t copies;
    void **copy;  /* [copies] */
    bool starved; /* a copy could not be made */
};

tsr_status tsr_results_create(tsr_results **out) {
    *out = calloc(1, sizeof(**out));
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for results");
    return TSR_OK;
}

void tsr_results_destroy(tsr_results **results) {
    tsr_results *old = *results;
    if (old == NULL) return;
    for (size_t i = 0; i < old->copies; i++) free(old->copy[i]);
    free(old->copy);
    free(old->result);
    free(old);
    *results = NULL;
}

/* A copy that lives as long as the results; NULL for NULL, and when starved. */
static void *keep(tsr_results *results, const void *data, size_t bytes) {
    if (data == NULL) return NULL;
    void **grown = realloc(results->copy, (results->copies + 1) * sizeof(*grown));
    if (grown != NULL) results->copy = grown;
    void *copy = grown == NULL ? NULL : malloc(bytes + 1);
    if (copy == NULL) {
        results->starved = true;
        return NULL;
    }
    memcpy(copy, data, bytes);
    results->copy[results->copies++] = copy;
    return copy;
}

static const char *keep_text(tsr_results *results, const char *text) {
    return text == NULL ? NULL : keep(results, text, strlen(text) + 1);
}

static const char *const *keep_texts(tsr_results *results, const char *const *texts, int64_t count) {
    const char **copy = keep(results, texts, (size_t)count * sizeof(*texts));
    for (int64_t i = 0; copy != NULL && i < count; i++) copy[i] = keep_text(results, texts[i]);
    return copy;
}

static const double *keep_numbers(tsr_results *results, const double *numbers, int64_t count) {
    return keep(results, numbers, (size_t)count * sizeof(*numbers));
}

static tsr_dimension keep_dimension(tsr_results *results, const tsr_dimension *dimension) {
    return (tsr_dimension){
        .name = keep_text(results, dimension->name),
        .length = dimension->length,
        .labels = keep_texts(results, dimension->labels, dimension->length),
        .coordinates = keep_numbers(results, dimension->coordinates, dimension->length),
        .unit = keep_text(results, dimension->unit == NULL ? "1" : dimension->unit),
    };
}

/* Members of the copy that are no pointers come with the first assignment. */
static const tsr_result *keep_result(tsr_results *results, const tsr_result *result) {
    tsr_result copy = *result;
    int64_t length = tsr_result_length(result);
    copy.name = keep_text(results, result->name);
    copy.long_name = keep_text(results, result->long_name == NULL ? "" : result->long_name);
    copy.unit = keep_text(results, result->unit == NULL ? "1" : result->unit);
    for (int i = 0; i < result->dimensions; i++) copy.dimension[i] = keep_dimension(results, &result->dimension[i]);
    copy.units = keep_texts(results, result->units, result->dimensions > 0 ? result->dimension[0].length : 1);
    copy.value = keep_numbers(results, result->value, length);
    copy.error = keep_numbers(results, result->error, length);
    return keep(results, &copy, sizeof(copy));
}

tsr_status tsr_results_add(tsr_results *results, const tsr_result *result) {
    TSR_ASSERT(result->dimensions >= 0 && result->dimensions <= TSR_DIMENSIONS_MAX);
    TSR_REQUIRE(tsr_results_find(results, result->name) == NULL, TSR_EUSAGE,
                "two tallies of the stage give '%s'; name all columns in one of them, or take one away", result->name);
    size_t bytes = ((size_t)results->count + 1) * sizeof(*results->result); // NOLINT(bugprone-sizeof-expression)
    const tsr_result **grown = realloc(results->result, bytes);
    TSR_REQUIRE(grown != NULL, TSR_ERUNTIME, "no memory for result '%s'", result->name);
    results->result = grown;
    const tsr_result *copy = keep_result(results, result);
    TSR_REQUIRE(!results->starved, TSR_ERUNTIME, "no memory for result '%s'", result->name);
    results->result[results->count++] = copy;
    return TSR_OK;
}

/* kept: a copy that the list made itself */
static void replace(const double *kept, const double *with, int64_t length) {
    memcpy((double *)(uintptr_t)kept, with, (size_t)length * sizeof(*kept));
}

void tsr_results_set_error(tsr_results *results, int index, const double *error) {
    const tsr_result *result = tsr_results_at(results, index);
    if (result->error != NULL) replace(result->error, error, tsr_result_length(result));
}

void tsr_results_set_value(tsr_results *results, int index, const double *value) {
    const tsr_result *result = tsr_results_at(results, index);
    replace(result->value, value, tsr_result_length(result));
}

int tsr_results_count(const tsr_results *results) { return results->count; }

const tsr_result *tsr_results_at(const tsr_results *results, int index) {
    TSR_ASSERT(index >= 0 && index < results->count);
    return results->result[index];
}

const tsr_result *tsr_results_find(const tsr_results *results, const char *name) {
    for (int i = 0; i < results->count; i++)
        if (strcmp(results->result[i]->name, name) == 0) return results->result[i];
    return NULL;
}

/* Values per step along a dimension. */
static int64_t stride_of(const tsr_result *result, int dimension) {
    int64_t stride = 1;
    for (int i = dimension + 1; i < result->dimensions; i++) stride *= result->dimension[i].length;
    return stride;
}

int64_t tsr_result_length(const tsr_result *result) { return stride_of(result, -1); }

/* "loss", "0.99", or the place itself where a dimension has neither labels nor coordinates. */
static int write_place(const tsr_dimension *dimension, int64_t place, char *out, size_t bytes) {
    if (dimension->labels != NULL) return snprintf(out, bytes, ".%s", dimension->labels[place]);
    if (dimension->coordinates != NULL) return snprintf(out, bytes, ".%.6g", dimension->coordinates[place]);
    return snprintf(out, bytes, ".%lld", (long long)place);
}

void tsr_result_label(const tsr_result *result, int64_t index, char *out, size_t bytes) {
    TSR_ASSERT(index >= 0 && index < tsr_result_length(result));
    size_t used = (size_t)snprintf(out, bytes, "%s", result->name);
    for (int i = 0; i < result->dimensions && used < bytes; i++) {
        const tsr_dimension *dimension = &result->dimension[i];
        int64_t place = index / stride_of(result, i) % dimension->length;
        used += (size_t)write_place(dimension, place, out + used, bytes - used);
    }
}

double tsr_result_error_at(const tsr_result *result, int64_t index) {
    TSR_ASSERT(index >= 0 && index < tsr_result_length(result));
    return result->error == NULL ? NAN : result->error[index];
}

const char *tsr_result_unit_at(const tsr_result *result, int64_t index) {
    TSR_ASSERT(index >= 0 && index < tsr_result_length(result));
    return result->units == NULL ? result->unit : result->units[index / stride_of(result, 0)];
}
