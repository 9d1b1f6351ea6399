#include "io/csv/csv_index.h"

#include "engine/team.h"
#include "io/csv/csv_rows.h"
#include "io/csv/csv_word.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Chunks that a thread is worth its start. What of a chunk's last row may lie behind it is read along.
 */
enum { CHUNKS_EACH = 4, BEHIND_BYTES = 1 << 14 };

/* Whether a chunk begins within quotes, as soon as it is known. */
enum { UNKNOWN, OUTSIDE, WITHIN };

/* What one thread has found. */
typedef struct {
    tsr_csv_labels **labels; /* [columns], or NULL */
    size_t row_bytes_max;
    int64_t failed; /* the chunk where it gave up, or -1 */
    tsr_error error;
} harvest;

typedef struct {
    const tsr_csv_file *file;
    const tsr_csv_search *search;
    tsr_csv_index *index;
    int threads;
    atomic_int_least64_t next;  /* chunk that nobody has taken yet */
    atomic_int_least64_t limit; /* chunks from here on are of no use: an earlier one has failed */
    atomic_uchar *quotes;       /* [chunks + 1] */
    harvest *of;                /* [threads] */
} work;

static tsr_status no_memory(const tsr_csv_file *file) {
    return TSR_FAIL(TSR_ERUNTIME, "no memory for the index of '%s'", file->input->path);
}

/* ---- one chunk ---- */

/* Chunks are taken in order, and each tells its successor about quotes before it looks at anything else: the wait is
 * short. A chunk that is of no use need not know. */
static bool begins_within(work *job, int64_t chunk) {
    for (;;) {
        const unsigned char state = atomic_load_explicit(&job->quotes[chunk], memory_order_acquire);
        if (state != UNKNOWN || chunk > atomic_load(&job->limit)) return state == WITHIN;
        tsr_team_pause();
    }
}

static void tell_quotes(work *job, int64_t chunk, bool is_within) {
    atomic_store_explicit(&job->quotes[chunk + 1], is_within ? WITHIN : OUTSIDE, memory_order_release);
}

static bool is_odd(const char *text, size_t bytes) {
    unsigned char quotes = 0; /* of which only the last bit counts */
    for (size_t i = 0; i < bytes; i++) quotes = (unsigned char)(quotes + (text[i] == '"'));
    return quotes % 2 != 0;
}

static tsr_status check_row(const tsr_csv_rows *rows, const tsr_csv_search *search) {
    if (rows->cells == search->heading->columns) return TSR_OK;
    return tsr_csv_refuse(rows->file, rows->begin, "this row has %d cells, but the first row has %d", rows->cells,
                          search->heading->columns);
}

static tsr_status add_words(const tsr_csv_rows *rows, const tsr_csv_search *search, const harvest *mine) {
    for (int i = 0; i < rows->cells; i++) {
        if (mine->labels[i] == NULL || tsr_csv_is_missing(&search->manner->missing, &rows->cell[i])) continue;
        TSR_TRY(tsr_csv_word_add(rows, i, mine->labels[i]));
    }
    return TSR_OK;
}

/* The rows that follow the line ends of a chunk; the text stands at the first of these. */
static tsr_status read_rows(const work *job, int64_t chunk, int64_t end, tsr_csv_rows *rows, harvest *mine) {
    tsr_csv_index *index = job->index;
    int64_t count = 0, before = tsr_csv_place(&rows->window, rows->text.at);
    for (bool found;; before = tsr_csv_place(&rows->window, rows->text.at)) {
        TSR_TRY(tsr_csv_rows_find(rows, &found));
        if (!found || rows->line_end >= end) break;
        TSR_TRY(tsr_csv_rows_read(rows));
        TSR_TRY(check_row(rows, job->search));
        TSR_TRY(add_words(rows, job->search, mine));
        if (count++ == 0) index->place[chunk] = rows->begin;
        const size_t bytes = (size_t)(tsr_csv_place(&rows->window, rows->text.at) - before) + 1;
        if (bytes > mine->row_bytes_max) mine->row_bytes_max = bytes;
    }
    index->first[chunk + 1] = count; /* summed up later */
    return TSR_OK;
}

static tsr_status read_chunk(work *job, int64_t chunk, tsr_csv_rows *rows, harvest *mine) {
    const size_t bytes = job->search->chunk_bytes;
    const int64_t begin = job->search->heading->begin + chunk * (int64_t)bytes;
    const tsr_status status = tsr_csv_rows_go(rows, begin);
    const size_t own = rows->window.bytes < bytes ? rows->window.bytes : bytes;
    const bool is_quoted = begins_within(job, chunk);
    tell_quotes(job, chunk, status == TSR_OK && is_quoted != is_odd(rows->window.data, own));
    if (status != TSR_OK) return status;
    rows->line_end = -1;
    if (chunk > 0) {
        tsr_csv_text text = {rows->window.data, rows->window.data + own};
        tsr_csv_line_end_find(&job->search->manner->grammar, is_quoted, &text);
        if (text.at == text.end) return TSR_OK; /* it lies within one row */
        rows->text.at = text.at;
    }
    return read_rows(job, chunk, begin + (int64_t)bytes, rows, mine);
}

/* ---- all chunks ---- */

static void give_up(work *job, int64_t chunk, harvest *mine) {
    int64_t limit = atomic_load(&job->limit);
    mine->failed = chunk;
    mine->error = *tsr_error_get();
    tsr_error_clear();
    while (chunk < limit && !atomic_compare_exchange_weak(&job->limit, &limit, chunk)) continue;
}

/* Who fails stops; chunks before the one that has failed are looked at by others all the same, since they were taken
 * before it. */
static tsr_status search_chunks(int thread, void *data) {
    work *job = data;
    harvest *mine = &job->of[thread];
    tsr_csv_rows rows;
    tsr_status status =
        tsr_csv_rows_init(job->file, &job->search->manner->grammar, job->search->chunk_bytes + BEHIND_BYTES, &rows);
    while (status == TSR_OK) {
        const int64_t chunk = atomic_fetch_add(&job->next, 1);
        if (chunk >= job->index->chunks || chunk > atomic_load(&job->limit)) break;
        if (read_chunk(job, chunk, &rows, mine) == TSR_OK) continue;
        give_up(job, chunk, mine);
        break;
    }
    tsr_csv_rows_clear(&rows);
    return status;
}

/* What has failed in the file's first chunk of all that failed. */
static tsr_status judge(const work *job) {
    const harvest *first = NULL;
    for (int i = 0; i < job->threads; i++)
        if (job->of[i].failed >= 0 && (first == NULL || job->of[i].failed < first->failed)) first = &job->of[i];
    if (first == NULL) return TSR_OK;
    tsr_error_set(&first->error);
    return first->error.status;
}

static tsr_status gather(const work *job) {
    tsr_csv_index *index = job->index;
    for (int i = 0; i < job->threads; i++) {
        const harvest *one = &job->of[i];
        if (one->row_bytes_max > index->row_bytes_max) index->row_bytes_max = one->row_bytes_max;
        for (int c = 0; c < job->search->heading->columns; c++)
            if (one->labels[c] != NULL) TSR_TRY(tsr_csv_labels_merge(job->search->labels[c], one->labels[c]));
    }
    for (int64_t k = 0; k < index->chunks; k++) index->first[k + 1] += index->first[k];
    index->rows = index->first[index->chunks];
    return TSR_OK;
}

static tsr_status make_harvests(work *job) {
    const int columns = job->search->heading->columns;
    job->of = calloc((size_t)job->threads, sizeof(*job->of));
    if (job->of == NULL) return no_memory(job->file);
    for (int i = 0; i < job->threads; i++) {
        harvest *mine = &job->of[i];
        mine->failed = -1;
        mine->labels = calloc((size_t)columns, sizeof(tsr_csv_labels *));
        if (mine->labels == NULL) return no_memory(job->file);
        for (int c = 0; c < columns; c++)
            if (job->search->labels[c] != NULL) TSR_TRY(tsr_csv_labels_create(&mine->labels[c]));
    }
    return TSR_OK;
}

static void clear_harvests(work *job) {
    for (int i = 0; job->of != NULL && i < job->threads; i++) {
        for (int c = 0; job->of[i].labels != NULL && c < job->search->heading->columns; c++)
            tsr_csv_labels_destroy(&job->of[i].labels[c]);
        free(job->of[i].labels);
    }
    free(job->of);
}

/* ---- the whole ---- */

/* Small files, and systems that give no threads, are read by one. */
static int threads_for(const tsr_csv_search *search, int64_t chunks) {
    return search->threads > 0 ? search->threads : tsr_team_threads(chunks / CHUNKS_EACH);
}

static tsr_status make_room(const tsr_csv_file *file, const tsr_csv_search *search, work *job) {
    tsr_csv_index *index = job->index;
    const int64_t bytes = file->input->bytes - search->heading->begin, each = (int64_t)search->chunk_bytes;
    *index = (tsr_csv_index){.chunks = (bytes + each - 1) / each};
    const size_t chunks = (size_t)index->chunks;
    index->first = calloc(chunks + 1, sizeof(*index->first));
    index->place = calloc(chunks, sizeof(*index->place));
    job->quotes = calloc(chunks + 1, sizeof(*job->quotes));
    if (index->first == NULL || index->place == NULL || job->quotes == NULL) return no_memory(file);
    atomic_store(&job->quotes[0], OUTSIDE);
    atomic_store(&job->limit, INT64_MAX);
    job->threads = threads_for(search, index->chunks);
    return make_harvests(job);
}

tsr_status tsr_csv_index_create(const tsr_csv_file *file, const tsr_csv_search *search, tsr_csv_index *out) {
    work job = {.file = file, .search = search, .index = out};
    tsr_status status = make_room(file, search, &job);
    if (status == TSR_OK) status = tsr_team_run(job.threads, search_chunks, &job);
    if (status == TSR_OK) status = judge(&job);
    if (status == TSR_OK) status = gather(&job);
    clear_harvests(&job);
    free(job.quotes);
    return status;
}

void tsr_csv_index_clear(tsr_csv_index *index) {
    free(index->first);
    free(index->place);
    *index = (tsr_csv_index){0};
}

int64_t tsr_csv_index_find(const tsr_csv_index *index, int64_t row) {
    int64_t low = 0, high = index->chunks; /* first[low] <= row < first[high] */
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (index->first[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}
