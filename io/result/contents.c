#include "io/result/contents.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256 };

tsr_status tsr_contents_create(tsr_contents **out) {
    tsr_contents *contents = calloc(1, sizeof(*contents));
    TSR_REQUIRE(contents, TSR_ERUNTIME, "no memory for the contents of a file");
    tsr_contents_group(contents, -1, "");
    *out = contents;
    return TSR_OK;
}

void tsr_contents_destroy(tsr_contents **contents) {
    if (!*contents) return;
    for (int i = 0; i < (*contents)->kept_count; i++) free((*contents)->kept[i]);
    free((*contents)->kept);
    free((*contents)->entry);
    free((*contents)->heap);
    free(*contents);
    *contents = NULL;
}

/* Bytes at the end of the heap, 8-byte aligned so that numbers can be read in place; -1: no memory. */
static int64_t heap_add(tsr_contents *contents, const void *bytes, int64_t count) {
    const int64_t begin = (contents->heap_bytes + 7) / 8 * 8;
    if (begin + count > contents->heap_capacity) {
        const int64_t capacity = 2 * (begin + count);
        char *heap = realloc(contents->heap, (size_t)capacity);
        if (!heap) {
            contents->out_of_memory = true;
            return -1;
        }
        memset(heap + contents->heap_bytes, 0, (size_t)(capacity - contents->heap_bytes));
        contents->heap = heap;
        contents->heap_capacity = capacity;
    }
    memcpy(contents->heap + begin, bytes, (size_t)count);
    contents->heap_bytes = begin + count;
    return begin;
}

static int entry_add(tsr_contents *contents, const tsr_entry *entry, const char *name) {
    if (contents->count == contents->capacity) {
        const int capacity = 2 * contents->capacity + 64;
        tsr_entry *grown = realloc(contents->entry, (size_t)capacity * sizeof(*grown));
        if (!grown) {
            contents->out_of_memory = true;
            return -1;
        }
        contents->entry = grown;
        contents->capacity = capacity;
    }
    tsr_entry *added = &contents->entry[contents->count];
    *added = *entry;
    added->name = heap_add(contents, name, (int64_t)strlen(name) + 1);
    return added->name < 0 ? -1 : contents->count++;
}

/* What neither HDF5 nor netCDF takes in a name becomes an underscore. */
static void make_legal(const char *wanted, char name[NAME_BYTES]) {
    snprintf(name, NAME_BYTES, "%s", *wanted ? wanted : "unnamed");
    for (char *c = name; *c; c++)
        if (*c == '/' || iscntrl((unsigned char)*c)) *c = '_';
    if (ispunct((unsigned char)name[0]) || name[0] == ' ') name[0] = '_';
    const size_t length = strlen(name);
    if (name[length - 1] == ' ') name[length - 1] = '_';
}

static void make_unique(const tsr_contents *contents, int group, char name[NAME_BYTES]) {
    char stem[NAME_BYTES - 16];
    snprintf(stem, sizeof(stem), "%s", name);
    for (int i = 2; tsr_contents_find(contents, group, name) >= 0; i++) snprintf(name, NAME_BYTES, "%s_%d", stem, i);
}

int tsr_contents_group(tsr_contents *contents, int group, const char *name) {
    char unique[NAME_BYTES] = "";
    if (group >= 0) {
        make_legal(name, unique);
        make_unique(contents, group, unique);
    }
    return entry_add(contents, &(tsr_entry){.kind = TSR_ENTRY_GROUP, .owner = group}, unique);
}

int tsr_contents_dimension(tsr_contents *contents, int group, const char *name, int64_t length) {
    char unique[NAME_BYTES];
    make_legal(name, unique);
    make_unique(contents, group, unique);
    const tsr_entry entry = {.kind = TSR_ENTRY_DIMENSION, .owner = group, .length = length};
    return entry_add(contents, &entry, unique);
}

int tsr_contents_variable(tsr_contents *contents, int group, const tsr_variable *variable) {
    TSR_ASSERT(variable->rank <= TSR_CONTENTS_RANK_MAX);
    tsr_entry entry = {.kind = TSR_ENTRY_VARIABLE, .cell = variable->cell, .owner = group, .rank = variable->rank};
    for (int i = 0; i < variable->rank; i++) {
        if (variable->dimension[i] < 0) return -1; /* memory ran out when the dimension was added */
        entry.dimension[i] = variable->dimension[i];
    }
    entry.data = variable->data;
    char name[NAME_BYTES];
    make_legal(variable->name, name);
    const int namesake = tsr_contents_find(contents, group, name);
    const bool is_coordinate = variable->rank > 0 && namesake == variable->dimension[0];
    if (!is_coordinate || tsr_contents_coordinate(contents, namesake) >= 0) make_unique(contents, group, name);
    return entry_add(contents, &entry, name);
}

static int64_t product(const tsr_contents *contents, int rank, const int *dimension) {
    int64_t cells = 1;
    for (int i = 0; i < rank; i++) cells *= dimension[i] < 0 ? 0 : contents->entry[dimension[i]].length;
    return cells;
}

/* The dimension of words of `width` bytes, shared by all words of a group. */
static int string_dimension(tsr_contents *contents, int group, int64_t width) {
    char name[32];
    snprintf(name, sizeof(name), "string%lld", (long long)width);
    const int known = tsr_contents_find(contents, group, name);
    if (known >= 0 && contents->entry[known].kind == TSR_ENTRY_DIMENSION && contents->entry[known].length == width)
        return known;
    return tsr_contents_dimension(contents, group, name, width);
}

int tsr_contents_words(tsr_contents *contents, int group, const tsr_variable *variable) {
    TSR_ASSERT(variable->rank < TSR_CONTENTS_RANK_MAX);
    const char *const *words = variable->data;
    const int64_t count = product(contents, variable->rank, variable->dimension);
    size_t width = 1;
    for (int64_t i = 0; i < count; i++)
        if (strlen(words[i]) > width) width = strlen(words[i]);
    char *padded = tsr_contents_keep(contents, count, (int64_t)width);
    if (!padded) return -1;
    for (int64_t i = 0; i < count; i++) memcpy(padded + i * (int64_t)width, words[i], strlen(words[i]));

    tsr_variable characters = *variable;
    characters.cell = TSR_CELL_CHARACTER;
    characters.data = padded;
    characters.dimension[characters.rank++] = string_dimension(contents, group, (int64_t)width);
    const int entry = tsr_contents_variable(contents, group, &characters);
    tsr_contents_text(contents, entry, "_Encoding", "utf-8");
    return entry;
}

static void attribute(tsr_contents *contents, int owner, const char *name, tsr_cell cell, const void *value,
                      int64_t cells) {
    if (owner < 0) return; /* memory ran out when the owner was added */
    tsr_entry entry = {.kind = TSR_ENTRY_ATTRIBUTE, .cell = cell, .owner = owner, .length = cells};
    entry.value = heap_add(contents, value, cells * tsr_cell_bytes(cell));
    if (entry.value >= 0) entry_add(contents, &entry, name);
}

void tsr_contents_text(tsr_contents *contents, int owner, const char *name, const char *text) {
    if (!text) text = "";
    attribute(contents, owner, name, TSR_CELL_CHARACTER, text, (int64_t)strlen(text) + 1);
}

void tsr_contents_integer(tsr_contents *contents, int owner, const char *name, int64_t value) {
    attribute(contents, owner, name, TSR_CELL_INTEGER, &value, 1);
}

void tsr_contents_unsigned(tsr_contents *contents, int owner, const char *name, uint64_t value) {
    attribute(contents, owner, name, TSR_CELL_UNSIGNED, &value, 1);
}

void tsr_contents_real(tsr_contents *contents, int owner, const char *name, double value) {
    attribute(contents, owner, name, TSR_CELL_REAL, &value, 1);
}

void *tsr_contents_adopt(tsr_contents *contents, void *memory) {
    if (memory && contents->kept_count == contents->kept_capacity) {
        const int capacity = 2 * contents->kept_capacity + 64;
        void **grown = realloc(contents->kept, (size_t)capacity * sizeof(*grown));
        if (!grown) {
            free(memory);
            memory = NULL;
        } else {
            contents->kept = grown;
            contents->kept_capacity = capacity;
        }
    }
    contents->out_of_memory |= !memory;
    if (memory) contents->kept[contents->kept_count++] = memory;
    return memory;
}

void *tsr_contents_keep(tsr_contents *contents, int64_t count, int64_t bytes_each) {
    return tsr_contents_adopt(contents, calloc((size_t)(count > 0 ? count : 1), (size_t)bytes_each));
}

const char *tsr_contents_name(const tsr_contents *contents, int entry) {
    return entry < 0 ? "" : contents->heap + contents->entry[entry].name;
}

int tsr_contents_find(const tsr_contents *contents, int group, const char *name) {
    for (int i = 1; i < contents->count; i++) {
        const tsr_entry *entry = &contents->entry[i];
        if (entry->owner == group && entry->kind != TSR_ENTRY_ATTRIBUTE && !strcmp(contents->heap + entry->name, name))
            return i;
    }
    return -1;
}

int tsr_contents_coordinate(const tsr_contents *contents, int dimension) {
    for (int i = dimension + 1; i < contents->count; i++) {
        const tsr_entry *entry = &contents->entry[i];
        if (entry->kind == TSR_ENTRY_VARIABLE && entry->rank > 0 && entry->dimension[0] == dimension &&
            entry->owner == contents->entry[dimension].owner &&
            !strcmp(tsr_contents_name(contents, i), tsr_contents_name(contents, dimension)))
            return i;
    }
    return -1;
}

int64_t tsr_contents_cells(const tsr_contents *contents, int variable) {
    return product(contents, contents->entry[variable].rank, contents->entry[variable].dimension);
}

int64_t tsr_cell_bytes(tsr_cell cell) { return cell == TSR_CELL_CHARACTER ? 1 : 8; }
