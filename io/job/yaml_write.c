#include "io/job/yaml.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct {
    char *text;
    size_t length;
    size_t capacity;
} buffer;

static int append(void *data, unsigned char *bytes, size_t count) {
    buffer *into = data;
    if (into->length + count + 1 > into->capacity) {
        size_t capacity = 2 * (into->length + count + 1);
        char *text = realloc(into->text, capacity);
        if (text == NULL) return 0;
        into->text = text;
        into->capacity = capacity;
    }
    memcpy(into->text + into->length, bytes, count);
    into->length += count;
    into->text[into->length] = '\0';
    return 1;
}

/* Only double quotes have escapes for line ends and the like; an empty plain text would be no value at all. */
static bool needs_escapes(const char *text) {
    if (*text == '\0') return true;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~') return true;
    return false;
}

static bool write_text(yaml_emitter_t *emitter, const char *text) {
    yaml_event_t event;
    yaml_scalar_style_t style = needs_escapes(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE;
    union { /* libyaml copies the text, but does not say const */
        const char *in;
        yaml_char_t *out;
    } value = {.in = text};
    return yaml_scalar_event_initialize(&event, NULL, NULL, value.out, (int)strlen(text), 1, 1, style) &&
           yaml_emitter_emit(emitter, &event);
}

static bool is_list_of_scalars(const tsr_setting *node) {
    for (size_t i = 0; i < node->count; i++)
        if (node->child[i]->kind != TSR_SCALAR) return false;
    return node->kind == TSR_LIST;
}

static bool write_node(yaml_emitter_t *emitter, const tsr_setting *node);

static bool write_list(yaml_emitter_t *emitter, const tsr_setting *list) {
    yaml_event_t event;
    yaml_sequence_style_t style = is_list_of_scalars(list) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    bool ok = yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style) && yaml_emitter_emit(emitter, &event);
    for (size_t i = 0; ok && i < list->count; i++) ok = write_node(emitter, list->child[i]);
    return ok && yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool write_map(yaml_emitter_t *emitter, const tsr_setting *map) {
    yaml_event_t event;
    bool ok = yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) &&
              yaml_emitter_emit(emitter, &event);
    for (size_t i = 0; ok && i < map->count; i++)
        ok = write_text(emitter, map->child[i]->key) && write_node(emitter, map->child[i]);
    return ok && yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool write_node(yaml_emitter_t *emitter, const tsr_setting *node) {
    switch (node->kind) {
    case TSR_SCALAR: return write_text(emitter, node->text);
    case TSR_LIST: return write_list(emitter, node);
    case TSR_MAP: return write_map(emitter, node);
    }
    return false;
}

static bool write_document(yaml_emitter_t *emitter, const tsr_setting *tree) {
    yaml_event_t event;
    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(emitter, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && yaml_emitter_emit(emitter, &event) &&
           write_node(emitter, tree) && yaml_document_end_event_initialize(&event, 1) &&
           yaml_emitter_emit(emitter, &event) && yaml_stream_end_event_initialize(&event) &&
           yaml_emitter_emit(emitter, &event);
}

tsr_status tsr_yaml_write(const tsr_setting *tree, char **out) {
    buffer text = {.text = NULL};
    yaml_emitter_t emitter;
    bool ok = yaml_emitter_initialize(&emitter);
    if (ok) {
        yaml_emitter_set_output(&emitter, append, &text);
        yaml_emitter_set_unicode(&emitter, 1);
        yaml_emitter_set_width(&emitter, -1);
        ok = write_document(&emitter, tree);
        yaml_emitter_delete(&emitter);
    }
    if (!ok) {
        free(text.text);
        return TSR_FAIL(TSR_ERUNTIME, "no memory left to write the job as YAML");
    }
    *out = text.text;
    return TSR_OK;
}
