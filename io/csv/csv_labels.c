#include "io/csv/csv_labels.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

typedef struct {
    char *text;
    uint64_t hash;
    int code;
} entry;

/* Open addressing with linear probing; at most half of the slots are in use. */
struct tsr_csv_labels {
    entry *entry; /* [slots / 2], in the order of coming */
    int count;
    int *slot; /* [slots] number of an entry plus 1, or 0 */
    int slots; /* a power of two */
    const char **sorted;
};

/* FNV-1a, by G. Fowler, L. C. Noll and K.-P. Vo. */
static uint64_t hash(const char *label, size_t bytes) {
    uint64_t value = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < bytes; i++) value = (value ^ (unsigned char)label[i]) * UINT64_C(1099511628211);
    return value ^ value >> 32;
}

/* The slot that holds the label, or the free one where it belongs. */
static int *find(const tsr_csv_labels *labels, const char *label, size_t bytes, uint64_t key) {
    const uint64_t mask = (uint64_t)labels->slots - 1;
    for (uint64_t i = key & mask;; i = (i + 1) & mask) {
        int *slot = &labels->slot[i];
        if (*slot == 0) return slot;
        const entry *held = &labels->entry[*slot - 1];
        if (held->hash == key && strncmp(held->text, label, bytes) == 0 && held->text[bytes] == '\0') return slot;
    }
}

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the labels of a column"); }

static tsr_status resize(tsr_csv_labels *labels, int slots) {
    entry *entries = realloc(labels->entry, (size_t)slots / 2 * sizeof(*entries));
    if (entries == NULL) return no_memory();
    labels->entry = entries;
    int *slot = calloc((size_t)slots, sizeof(*slot));
    if (slot == NULL) return no_memory();
    free(labels->slot);
    labels->slot = slot;
    labels->slots = slots;
    for (int i = 0; i < labels->count; i++)
        *find(labels, entries[i].text, strlen(entries[i].text), entries[i].hash) = i + 1;
    return TSR_OK;
}

tsr_status tsr_csv_labels_create(tsr_csv_labels **out) {
    tsr_csv_labels *made = calloc(1, sizeof(*made));
    if (made == NULL) return no_memory();
    const tsr_status status = resize(made, SLOTS_MIN);
    if (status == TSR_OK)
        *out = made;
    else
        tsr_csv_labels_destroy(&made);
    return status;
}

void tsr_csv_labels_destroy(tsr_csv_labels **labels) {
    if (*labels == NULL) return;
    for (int i = 0; i < (*labels)->count; i++) free((*labels)->entry[i].text);
    free((*labels)->entry);
    free((*labels)->slot);
    free((*labels)->sorted);
    free(*labels);
    *labels = NULL;
}

int tsr_csv_labels_count(const tsr_csv_labels *labels) { return labels->count; }

bool tsr_csv_labels_has(const tsr_csv_labels *labels, const char *label, size_t bytes) {
    return *find(labels, label, bytes, hash(label, bytes)) != 0;
}

tsr_status tsr_csv_labels_add(tsr_csv_labels *labels, const char *label, size_t bytes) {
    const uint64_t key = hash(label, bytes);
    int *slot = find(labels, label, bytes, key);
    if (*slot != 0) return TSR_OK;
    TSR_REQUIRE(labels->count < TSR_CSV_LABELS_MAX, TSR_EDATA, "a column of words has more than %d different ones",
                TSR_CSV_LABELS_MAX);
    char *copy = strndup(label, bytes);
    if (copy == NULL) return no_memory();
    labels->entry[labels->count++] = (entry){.text = copy, .hash = key};
    *slot = labels->count;
    return labels->count == labels->slots / 2 ? resize(labels, 2 * labels->slots) : TSR_OK;
}

tsr_status tsr_csv_labels_merge(tsr_csv_labels *labels, const tsr_csv_labels *other) {
    for (int i = 0; i < other->count; i++)
        TSR_TRY(tsr_csv_labels_add(labels, other->entry[i].text, strlen(other->entry[i].text)));
    return TSR_OK;
}

static int compare(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

tsr_status tsr_csv_labels_sort(tsr_csv_labels *labels) {
    const char **sorted = calloc((size_t)labels->count + 1, sizeof(*sorted));
    if (sorted == NULL) return no_memory();
    labels->sorted = sorted;
    for (int i = 0; i < labels->count; i++) sorted[i] = labels->entry[i].text;
    qsort(sorted, (size_t)labels->count, sizeof(*sorted), compare);
    for (int i = 0; i < labels->count; i++) {
        const size_t bytes = strlen(sorted[i]);
        labels->entry[*find(labels, sorted[i], bytes, hash(sorted[i], bytes)) - 1].code = i;
    }
    return TSR_OK;
}

const char *const *tsr_csv_labels_sorted(const tsr_csv_labels *labels) { return labels->sorted; }

int tsr_csv_labels_code(const tsr_csv_labels *labels, const char *label, size_t bytes) {
    const int slot = *find(labels, label, bytes, hash(label, bytes));
    return slot == 0 ? -1 : labels->entry[slot - 1].code;
}
