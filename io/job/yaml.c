#include "io/job/yaml.h"

#include "io/job/tree.h"
#include "io/job/wording.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { POSITION_BYTES = 48 };

typedef struct {
    yaml_parser_t parser;
    const char *text; /* [bytes], as the parser sees it */
    size_t bytes;
    const char *name;
    bool has_positions; /* places are name:line:column, not only name */
    char *place;        /* the place that was asked for last */
    size_t place_bytes;
    int depth;
} document_reader;

static const char *place_at(document_reader *reader, size_t line, size_t column) {
    if (!reader->has_positions) return reader->name;
    snprintf(reader->place, reader->place_bytes, "%s:%zu:%zu", reader->name, line + 1, column + 1);
    return reader->place;
}

static const char *place_of(document_reader *reader, yaml_mark_t mark) {
    return place_at(reader, mark.line, mark.column);
}

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory left to read YAML"); }

/* The parser stops at a byte, not at a line and a column, when it cannot even read a character. */
static tsr_status fail_at_byte(document_reader *reader) {
    size_t line = 0, column = 0;
    for (size_t i = 0; i < reader->parser.problem_offset && i < reader->bytes; i++) {
        bool is_end = reader->text[i] == '\n', is_continuation = ((unsigned char)reader->text[i] & 0xc0) == 0x80;
        line += is_end;
        column = is_end ? 0 : column + !is_continuation;
    }
    return TSR_FAIL(TSR_EUSAGE, "%s: not a plain text in UTF-8: %s", place_at(reader, line, column),
                    reader->parser.problem);
}

static bool is_tab_at(const document_reader *reader, yaml_mark_t mark) {
    const char *here = reader->text, *end = here + reader->bytes;
    for (size_t line = 0; line < mark.line && here != NULL; line++) {
        here = memchr(here, '\n', (size_t)(end - here));
        if (here != NULL) here++;
    }
    return here != NULL && mark.column < (size_t)(end - here) && here[mark.column] == '\t';
}

/* What libyaml says, for people who do not know how a YAML parser works. */
static const char *plain_words(const char *problem) {
    static const struct {
        const char *problem, *words;
    } row[] = {
        {"mapping values are not allowed in this context",
         "a colon cannot stand here; check the indentation, or put the text in quotes"},
        {"did not find expected key", "a key is expected here; check the indentation, brackets and quotes before it"},
        {"did not find expected '-' indicator", "a list goes on here, but without a dash; check the indentation"},
        {"did not find expected ',' or ']'", "a comma is missing before this place, or a list [ is not closed"},
        {"did not find expected ',' or '}'", "a comma is missing before this place, or a map { is not closed"},
        {"did not find expected node content", "a value is expected here"},
        {"found unexpected end of stream", "the text ends inside quotes"},
        {"found character that cannot start any token", "a text cannot begin with this character; put it in quotes"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
        if (strcmp(problem, row[i].problem) == 0) return row[i].words;
    return problem;
}

static tsr_status fail_syntax(document_reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR) return no_memory();
    if (parser->error == YAML_READER_ERROR) return fail_at_byte(reader);
    const char *place = place_of(reader, parser->problem_mark);
    if (is_tab_at(reader, parser->problem_mark))
        return TSR_FAIL(TSR_EUSAGE, "%s: a tab cannot stand here; indent with spaces", place);
    const char *words = plain_words(parser->problem);
    if (!reader->has_positions || parser->context == NULL || parser->context_mark.line == parser->problem_mark.line)
        return TSR_FAIL(TSR_EUSAGE, "%s: not valid YAML: %s", place, words);
    return TSR_FAIL(TSR_EUSAGE, "%s: not valid YAML: %s (in what begins in line %zu)", place, words,
                    parser->context_mark.line + 1);
}

static tsr_status next_event(document_reader *reader, yaml_event_t *event) {
    return yaml_parser_parse(&reader->parser, event) ? TSR_OK : fail_syntax(reader);
}

static bool is_plain_nothing(const yaml_event_t *event) {
    return event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0 &&
           event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Jobs are small and plain: what one node says must not depend on another one. */
static tsr_status check_plain(document_reader *reader, const yaml_event_t *event) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT: anchor = event->data.scalar.anchor, tag = event->data.scalar.tag; break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
        break;
    default: break;
    }
    TSR_REQUIRE(event->type != YAML_ALIAS_EVENT && anchor == NULL, TSR_EUSAGE,
                "%s: anchors (&) and aliases (*) are not allowed; write the value out, or put it in quotes",
                place_of(reader, event->start_mark));
    TSR_REQUIRE(tag == NULL, TSR_EUSAGE, "%s: tags (!) are not allowed; leave it away, or put the text in quotes",
                place_of(reader, event->start_mark));
    bool has_zero =
        event->type == YAML_SCALAR_EVENT && memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL;
    TSR_REQUIRE(!has_zero, TSR_EUSAGE, "%s: the character \\0 is not allowed in a text",
                place_of(reader, event->start_mark));
    return TSR_OK;
}

/* A key as text; borrowed from the event. */
static tsr_status check_key(document_reader *reader, const yaml_event_t *event, const tsr_setting *map) {
    TSR_TRY(check_plain(reader, event));
    const char *place = place_of(reader, event->start_mark);
    TSR_REQUIRE(event->type == YAML_SCALAR_EVENT && event->data.scalar.length > 0, TSR_EUSAGE,
                "%s: a key must be a word, not empty, a list or a map", place);
    TSR_REQUIRE(map->count < TSR_YAML_KEYS_MAX, TSR_EUSAGE, "%s: more than %d keys in one map", place,
                TSR_YAML_KEYS_MAX);
    const char *key = (const char *)event->data.scalar.value;
    const tsr_setting *first = tsr_setting_find(map, key);
    TSR_REQUIRE(first == NULL, TSR_EUSAGE, "%s: '%s' stands twice in one map, first at %s; keep one", place,
                tsr_shown_make(key).text, first->where);
    return TSR_OK;
}

static tsr_status read_node(document_reader *reader, const yaml_event_t *event, yaml_mark_t mark, tsr_setting **out);

/* One more value of a list. ended: there was none. */
static tsr_status read_entry(document_reader *reader, tsr_setting *list, bool *ended) {
    yaml_event_t event;
    tsr_setting *value = NULL;
    TSR_TRY(next_event(reader, &event));
    tsr_status status = TSR_OK;
    *ended = event.type == YAML_SEQUENCE_END_EVENT;
    if (*ended) goto out;
    if (is_plain_nothing(&event)) {
        status = TSR_FAIL(TSR_EUSAGE, "%s: an entry of this list is empty; write a value, or delete it",
                          place_of(reader, event.start_mark));
        goto out;
    }
    TSR_TRY_OUT(read_node(reader, &event, event.start_mark, &value));
    TSR_TRY_OUT(tsr_tree_insert(list, list->count, NULL, &value));
out:
    yaml_event_delete(&event);
    return status;
}

static tsr_status read_value(document_reader *reader, const yaml_event_t *key, tsr_setting *map) {
    const char *name = (const char *)key->data.scalar.value;
    yaml_event_t event;
    tsr_setting *value = NULL;
    TSR_TRY(next_event(reader, &event));
    tsr_status status = TSR_OK;
    if (is_plain_nothing(&event)) {
        status = TSR_FAIL(TSR_EUSAGE,
                          "%s: '%s' has no value; write it after the colon, or indent the lines that belong to it",
                          place_of(reader, key->start_mark), tsr_shown_make(name).text);
        goto out;
    }
    TSR_TRY_OUT(read_node(reader, &event, key->start_mark, &value));
    TSR_TRY_OUT(tsr_tree_insert(map, map->count, name, &value));
out:
    yaml_event_delete(&event);
    return status;
}

/* One more key of a map, with its value. ended: there was none. */
static tsr_status read_pair(document_reader *reader, tsr_setting *map, bool *ended) {
    yaml_event_t key;
    TSR_TRY(next_event(reader, &key));
    tsr_status status = TSR_OK;
    *ended = key.type == YAML_MAPPING_END_EVENT;
    if (*ended) goto out;
    TSR_TRY_OUT(check_key(reader, &key, map));
    TSR_TRY_OUT(read_value(reader, &key, map));
out:
    yaml_event_delete(&key);
    return status;
}

static tsr_status read_children(document_reader *reader, tsr_setting *node) {
    for (bool ended = false; !ended;)
        TSR_TRY(node->kind == TSR_LIST ? read_entry(reader, node, &ended) : read_pair(reader, node, &ended));
    return TSR_OK;
}

/* mark: where people look for the node: at its key if it has one. */
static tsr_status read_node(document_reader *reader, const yaml_event_t *event, yaml_mark_t mark, tsr_setting **out) {
    TSR_TRY(check_plain(reader, event));
    if (event->type == YAML_SCALAR_EVENT)
        return tsr_tree_create(TSR_SCALAR, (const char *)event->data.scalar.value, event->data.scalar.length,
                               place_of(reader, mark), out);
    TSR_REQUIRE(reader->depth < TSR_YAML_DEPTH_MAX, TSR_EUSAGE, "%s: lists and maps are nested more than %d deep",
                place_of(reader, event->start_mark), TSR_YAML_DEPTH_MAX);
    tsr_setting *node = NULL;
    TSR_TRY(tsr_tree_create(event->type == YAML_SEQUENCE_START_EVENT ? TSR_LIST : TSR_MAP, NULL, 0,
                            place_of(reader, mark), &node));
    reader->depth++;
    tsr_status status = read_children(reader, node);
    reader->depth--;
    if (status == TSR_OK)
        *out = node;
    else
        tsr_setting_destroy(&node);
    return status;
}

/* Reads events up to one of this type, or up to the end of the stream; event is to be deleted by the caller. */
static tsr_status skip_to(document_reader *reader, yaml_event_type_t type, yaml_event_t *event) {
    TSR_TRY(next_event(reader, event));
    while (event->type != type && event->type != YAML_STREAM_END_EVENT) {
        yaml_event_delete(event);
        TSR_TRY(next_event(reader, event));
    }
    return TSR_OK;
}

static tsr_status read_document(document_reader *reader, tsr_setting **out) {
    yaml_event_t event;
    TSR_TRY(skip_to(reader, YAML_DOCUMENT_START_EVENT, &event));
    bool is_empty = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
    if (is_empty) return TSR_OK;
    TSR_TRY(next_event(reader, &event));
    tsr_status status = is_plain_nothing(&event) ? TSR_OK : read_node(reader, &event, event.start_mark, out);
    yaml_event_delete(&event);
    TSR_TRY(status);
    TSR_TRY(skip_to(reader, YAML_DOCUMENT_START_EVENT, &event));
    if (event.type != YAML_STREAM_END_EVENT)
        status = TSR_FAIL(TSR_EUSAGE, "%s: a second document begins here; one file holds one job",
                          place_of(reader, event.start_mark));
    yaml_event_delete(&event);
    return status;
}

static void skip_byte_order_mark(document_reader *reader) {
    if (reader->bytes < 3 || memcmp(reader->text, "\xef\xbb\xbf", 3) != 0) return;
    reader->text += 3;
    reader->bytes -= 3;
}

static tsr_status read_all(document_reader *reader, tsr_setting **out) {
    const char *zero = reader->bytes == 0 ? NULL : memchr(reader->text, '\0', reader->bytes);
    TSR_REQUIRE(zero == NULL, TSR_EUSAGE, "%s: not a text file (byte %zu is zero); a job is plain text in UTF-8",
                reader->name, (size_t)(zero - reader->text) + 1);
    skip_byte_order_mark(reader);
    reader->place_bytes = strlen(reader->name) + POSITION_BYTES;
    reader->place = malloc(reader->place_bytes);
    if (reader->place == NULL) return no_memory();
    tsr_setting *tree = NULL;
    tsr_status status = TSR_OK;
    if (!yaml_parser_initialize(&reader->parser)) {
        status = no_memory();
        goto out;
    }
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)reader->text, reader->bytes);
    status = read_document(reader, &tree);
    yaml_parser_delete(&reader->parser);
    if (status == TSR_OK)
        *out = tree;
    else
        tsr_setting_destroy(&tree);
out:
    free(reader->place);
    return status;
}

tsr_status tsr_yaml_read(const char *text, size_t bytes, const char *name, tsr_setting **out) {
    *out = NULL;
    return read_all(&(document_reader){.text = text, .bytes = bytes, .name = name, .has_positions = true}, out);
}

tsr_status tsr_yaml_read_value(const char *text, const char *where, tsr_setting **out) {
    *out = NULL;
    return read_all(&(document_reader){.text = text, .bytes = strlen(text), .name = where}, out);
}
