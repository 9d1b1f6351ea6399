#include "engine/param_value.h"

#include "engine/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHOICES_MAX = 32 };

tsr_status tsr_param_refuse(const char *where, const char *owner, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (where == NULL) return TSR_FAIL(TSR_EUSAGE, "%s: %s", owner, sentence);
    return TSR_FAIL(TSR_EUSAGE, "%s: %s: %s", where, owner, sentence);
}

static tsr_status copy_text(const char *text, char **out) {
    *out = strdup(text);
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for parameters");
    return TSR_OK;
}

/* The rows' bounds as header param.h reads them: infinite where there is none. */
static void bounds_of(const tsr_param *row, double *minimum, double *maximum) {
    bool free = row->minimum == 0.0 && row->maximum == 0.0;
    *minimum = free && !row->minimum_open ? -INFINITY : row->minimum;
    *maximum = (free && !row->maximum_open) || row->maximum < row->minimum ? INFINITY : row->maximum;
}

static bool is_within(const tsr_param *row, double value) {
    double minimum, maximum;
    bounds_of(row, &minimum, &maximum);
    bool above = row->minimum_open ? value > minimum : value >= minimum;
    bool below = row->maximum_open ? value < maximum : value <= maximum;
    return above && below;
}

void tsr_param_bounds(const tsr_param *row, char out[TSR_BOUNDS_BYTES]) {
    double minimum, maximum;
    bounds_of(row, &minimum, &maximum);
    int length = 0;
    out[0] = '\0';
    if (isfinite(minimum))
        length = snprintf(out, TSR_BOUNDS_BYTES, "%s %.10g", row->minimum_open ? ">" : ">=", minimum);
    if (isfinite(maximum))
        snprintf(out + length, (size_t)(TSR_BOUNDS_BYTES - length), "%s%s %.10g", length > 0 ? " and " : "",
                 row->maximum_open ? "<" : "<=", maximum);
}

static const char *meaning(const tsr_param *row, tsr_number verdict) {
    if (verdict == TSR_NUMBER_FRACTION) return "is not a whole number";
    if (verdict == TSR_NUMBER_MALFORMED) return "is not a number";
    return row->type == TSR_INTEGER ? "does not fit into 64 bits" : "is too large for a double";
}

/* One number of a row; integer is set for TSR_INTEGER rows only. where NULL: a preset, whose range is not checked. */
static tsr_status read_number(const tsr_param_reader *reader, const char *text, const char *where, double *real,
                              int64_t *integer) {
    const tsr_param *row = reader->row;
    if (*text == '\0') return tsr_param_refuse(where, reader->owner, "%s: a number is missing here", row->name);
    tsr_number verdict;
    if (row->type == TSR_INTEGER) {
        verdict = tsr_number_read_integer(text, integer);
        *real = (double)*integer;
    } else {
        verdict = tsr_number_read_real(text, real);
    }
    if (verdict != TSR_NUMBER_OK)
        return tsr_param_refuse(where, reader->owner, "%s: '%.80s' %s", row->name, text, meaning(row, verdict));
    if (where == NULL || is_within(row, *real)) return TSR_OK;
    char bounds[TSR_BOUNDS_BYTES];
    tsr_param_bounds(row, bounds);
    if (row->type == TSR_REAL_LIST)
        return tsr_param_refuse(where, reader->owner, "%s holds %.80s; each value must be %s", row->name, text, bounds);
    return tsr_param_refuse(where, reader->owner, "%s is %.80s; it must be %s", row->name, text, bounds);
}

static tsr_status read_boolean(const tsr_param_reader *reader, const char *text, const char *where, bool *out) {
    bool yes = strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0;
    bool no = strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0;
    if (!yes && !no)
        return tsr_param_refuse(where, reader->owner, "%s: '%.80s' is none of true, false, yes, no", reader->row->name,
                                text);
    *out = yes;
    return TSR_OK;
}

static tsr_status read_choice(const tsr_param_reader *reader, const char *text, const char *where, int *out) {
    char *words = NULL, *rest = NULL;
    const char *choices[CHOICES_MAX + 1] = {NULL};
    TSR_TRY(copy_text(reader->row->choices, &words));
    tsr_status status = TSR_OK;
    int count = 0;
    for (char *word = strtok_r(words, "|", &rest); word != NULL; word = strtok_r(NULL, "|", &rest)) {
        TSR_ASSERT(count < CHOICES_MAX);
        choices[count++] = word;
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(text, choices[i]) != 0) continue;
        *out = i;
        goto out;
    }
    char hint[TSR_HINT_BYTES];
    tsr_nearest_hint(text, choices, hint);
    status = tsr_param_refuse(where, reader->owner, "%s: '%.80s' is not allowed%s", reader->row->name, text, hint);
out:
    free(words);
    return status;
}

static tsr_status read_file(const tsr_param_reader *reader, const char *text, const char *where, char **out) {
    const char *folder = reader->binding->folder;
    if (*text == '\0' && where == NULL) return copy_text(text, out);
    if (*text == '\0')
        return tsr_param_refuse(where, reader->owner, "%s: the name of a file is missing here", reader->row->name);
    if (*text == '/' || folder == NULL || *folder == '\0') return copy_text(text, out);
    bool slash = folder[strlen(folder) - 1] == '/';
    if (asprintf(out, "%s%s%s", folder, slash ? "" : "/", text) < 0) *out = NULL;
    TSR_REQUIRE(*out != NULL, TSR_ERUNTIME, "no memory for parameters");
    return TSR_OK;
}

static tsr_status read_scalar(const tsr_param_reader *reader, const char *text, const char *where,
                              tsr_param_value *out) {
    const tsr_binding *binding = reader->binding;
    switch (reader->row->type) {
    case TSR_REAL:
    case TSR_INTEGER: return read_number(reader, text, where, &out->real, &out->integer);
    case TSR_BOOLEAN: return read_boolean(reader, text, where, &out->boolean);
    case TSR_CHOICE: TSR_TRY(read_choice(reader, text, where, &out->choice)); break;
    case TSR_FILE: return read_file(reader, text, where, &out->text);
    case TSR_STAGE:
        if (binding->find != NULL && *text != '\0') out->stage = binding->find(binding->stages, text);
        break;
    default: break;
    }
    return copy_text(text, &out->text);
}

/* Appends one number or word to a list value with room for it. */
static tsr_status append(const tsr_param_reader *reader, const char *text, const char *where, tsr_param_value *out) {
    int64_t unused = 0;
    if (reader->row->type == TSR_REAL_LIST)
        TSR_TRY(read_number(reader, text, where, &out->reals[out->count], &unused));
    else if (reader->row->type == TSR_FILE_LIST)
        TSR_TRY(read_file(reader, text, where, &out->texts[out->count]));
    else
        TSR_TRY(copy_text(text, &out->texts[out->count]));
    out->count++;
    return TSR_OK;
}

static tsr_status make_room(const tsr_param_reader *reader, size_t count, tsr_param_value *out) {
    bool real = reader->row->type == TSR_REAL_LIST;
    if (real) out->reals = calloc(count + 1, sizeof(*out->reals));
    if (!real) out->texts = calloc(count + 1, sizeof(*out->texts));
    TSR_REQUIRE(real ? out->reals != NULL : out->texts != NULL, TSR_ERUNTIME, "no memory for parameters");
    return TSR_OK;
}

static bool is_flat(tsr_param_type type) { return type == TSR_TEXT_LIST || type == TSR_FILE_LIST; }

static const char *listed(tsr_param_type type) {
    return type == TSR_TEXT_LIST ? "words" : type == TSR_FILE_LIST ? "files" : "numbers";
}

static size_t count_scalars(const tsr_setting *setting) {
    if (setting->kind == TSR_SCALAR) return 1;
    size_t count = 0;
    for (size_t i = 0; i < setting->count; i++) count += count_scalars(setting->child[i]);
    return count;
}

/* Rows of a matrix must be alike: a slip in one row would otherwise shift all the numbers after it. */
static tsr_status append_all(const tsr_param_reader *reader, const tsr_setting *setting, tsr_param_value *out) {
    const tsr_param *row = reader->row;
    if (setting->kind == TSR_SCALAR) return append(reader, setting->text, setting->where, out);
    for (size_t i = 0; i < setting->count; i++) {
        const tsr_setting *child = setting->child[i];
        if (child->kind == TSR_MAP || (child->kind == TSR_LIST && is_flat(row->type)))
            return tsr_param_refuse(child->where, reader->owner, "%s: a %s stands here; it must be a list of %s",
                                    row->name, child->kind == TSR_MAP ? "map" : "list", listed(row->type));
        if (child->kind != setting->child[0]->kind || child->count != setting->child[0]->count)
            return tsr_param_refuse(child->where, reader->owner,
                                    "%s: row %zu is not as long as row 1; all rows of a matrix must be alike",
                                    row->name, i + 1);
        TSR_TRY(append_all(reader, child, out));
    }
    return TSR_OK;
}

static void write_setting(FILE *stream, const tsr_setting *setting) {
    if (setting->kind == TSR_SCALAR) {
        fputs(setting->text, stream);
        return;
    }
    fputc('[', stream);
    for (size_t i = 0; i < setting->count; i++) {
        if (i > 0) fputs(", ", stream);
        write_setting(stream, setting->child[i]);
    }
    fputc(']', stream);
}

static tsr_status echo(const tsr_setting *setting, char **out) {
    size_t bytes = 0;
    FILE *stream = open_memstream(out, &bytes);
    TSR_REQUIRE(stream != NULL, TSR_ERUNTIME, "no memory for parameters");
    write_setting(stream, setting);
    TSR_REQUIRE(fclose(stream) == 0, TSR_ERUNTIME, "no memory for parameters");
    return TSR_OK;
}

static bool is_list_type(tsr_param_type type) { return type == TSR_REAL_LIST || is_flat(type); }

static const char *wanted(tsr_param_type type) {
    switch (type) {
    case TSR_REAL: return "a number";
    case TSR_INTEGER: return "a whole number";
    case TSR_BOOLEAN: return "true or false";
    case TSR_FILE: return "the name of a file";
    case TSR_STAGE: return "the name of a stage";
    case TSR_REAL_LIST: return "a list of numbers";
    case TSR_TEXT_LIST: return "a list of words";
    case TSR_FILE_LIST: return "a list of files";
    default: return "a word";
    }
}

/* A text with a colon, such as a formula a ? b : c, is a map unless it is quoted. */
static const char *quotes_hint(const tsr_param *row, const tsr_setting *setting) {
    const bool text = row->type == TSR_TEXT && setting->kind == TSR_MAP;
    return text ? "; put it in quotes if it holds a colon" : "";
}

tsr_status tsr_param_value_read(const tsr_param_reader *reader, const tsr_setting *setting, tsr_param_value *out) {
    const tsr_param *row = reader->row;
    bool fits = setting->kind == TSR_SCALAR || (setting->kind == TSR_LIST && is_list_type(row->type));
    if (!fits)
        return tsr_param_refuse(setting->where, reader->owner, "%s: a %s stands here; it must be %s%s", row->name,
                                setting->kind == TSR_MAP ? "map" : "list", wanted(row->type),
                                quotes_hint(row, setting));
    TSR_TRY(copy_text(setting->where, &out->where));
    TSR_TRY(echo(setting, &out->written));
    if (!is_list_type(row->type)) return read_scalar(reader, setting->text, setting->where, out);
    TSR_TRY(make_room(reader, count_scalars(setting), out));
    return append_all(reader, setting, out);
}

static tsr_status split_preset(const tsr_param_reader *reader, tsr_param_value *out) {
    char *words = NULL, *rest = NULL;
    TSR_TRY(copy_text(reader->row->preset, &words));
    tsr_status status = make_room(reader, strlen(words), out);
    char *word = strtok_r(words, "[], ", &rest);
    for (; word != NULL && status == TSR_OK; word = strtok_r(NULL, "[], ", &rest))
        status = append(reader, word, NULL, out);
    free(words);
    return status;
}

tsr_status tsr_param_value_preset(const tsr_param_reader *reader, tsr_param_value *out) {
    const char *preset = reader->row->preset;
    out->is_default = true;
    TSR_TRY(copy_text(preset, &out->written));
    tsr_status status =
        is_list_type(reader->row->type) ? split_preset(reader, out) : read_scalar(reader, preset, NULL, out);
    if (status != TSR_EUSAGE) return status;
    tsr_error_clear(); /* the user did nothing wrong */
    return TSR_FAIL(TSR_EINTERNAL, "%s: the preset '%s' of parameter '%s' must be %s", reader->owner, preset,
                    reader->row->name, wanted(reader->row->type));
}

void tsr_param_value_clear(tsr_param_value *value) {
    for (int64_t i = 0; value->texts != NULL && i < value->count; i++) free(value->texts[i]);
    free(value->texts);
    free(value->reals);
    free(value->text);
    free(value->written);
    free(value->where);
    *value = (tsr_param_value){0};
}
