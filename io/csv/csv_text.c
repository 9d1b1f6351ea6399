#include "io/csv/csv_text.h"

#include "io/input/input_note.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 65536, BOM_BYTES = 3 };

struct tsr_csv {
    tsr_csv_origin origin;
    char *memory;
    const char *text; /* memory after the byte order mark */
    size_t bytes;
    char *path; /* a copy */
    tsr_input input;
};

static tsr_status refuse_file(const tsr_csv_origin *origin, const char *sentence) {
    return TSR_FAIL(TSR_EDATA, "%s: '%s' (%s) %s", origin->where, origin->name, origin->path, sentence);
}

static tsr_status refuse_errno(const tsr_csv_origin *origin, const char *what) {
    return TSR_FAIL(TSR_EDATA, "%s: '%s' (%s) %s: %s", origin->where, origin->name, origin->path, what,
                    strerror(errno));
}

static tsr_status read_all(int file, size_t size, tsr_csv *csv) {
    csv->memory = malloc(size + 1);
    TSR_REQUIRE(csv->memory != NULL, TSR_ERUNTIME, "no memory for the %zu bytes of '%s'", size, csv->origin.name);
    while (csv->bytes < size) {
        ssize_t got = read(file, csv->memory + csv->bytes, size - csv->bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse_errno(&csv->origin, "cannot be read");
        if (got == 0) return refuse_file(&csv->origin, "became shorter while it was read");
        csv->bytes += (size_t)got;
    }
    return TSR_OK;
}

static tsr_status read_file(tsr_csv *csv) {
    struct stat about;
    int file = open(csv->origin.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    if (file < 0) return refuse_errno(&csv->origin, "cannot be opened");
    tsr_status status = TSR_OK;
    if (fstat(file, &about) != 0)
        status = refuse_errno(&csv->origin, "cannot be read");
    else if (!S_ISREG(about.st_mode))
        status = refuse_file(&csv->origin, S_ISDIR(about.st_mode) ? "is a directory, not a file" : "is not a file");
    else
        status = read_all(file, (size_t)about.st_size, csv);
    if (status == TSR_OK && !tsr_input_is_unchanged(file, &about))
        status = refuse_file(&csv->origin, "has changed while it was read");
    if (status == TSR_OK) csv->input = tsr_input_note(csv->path, &about, csv->memory, csv->bytes);
    close(file);
    return status;
}

tsr_status tsr_csv_open(const tsr_csv_origin *origin, tsr_csv **out) {
    tsr_csv *csv = calloc(1, sizeof(*csv));
    TSR_REQUIRE(csv != NULL, TSR_ERUNTIME, "no memory for '%s'", origin->name);
    tsr_status status = TSR_OK;
    csv->origin = *origin;
    csv->path = strdup(origin->path);
    TSR_TRY_OUT(csv->path != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for '%s'", origin->name));
    TSR_TRY_OUT(read_file(csv));
    csv->text = csv->memory;
    if (csv->bytes >= BOM_BYTES && memcmp(csv->text, "\xef\xbb\xbf", BOM_BYTES) == 0) {
        csv->text += BOM_BYTES;
        csv->bytes -= BOM_BYTES;
    }
    TSR_TRY_OUT(csv->bytes == 0 ? refuse_file(origin, "is empty") : TSR_OK);
    *out = csv;
    csv = NULL;
out:
    tsr_csv_close(&csv);
    return status;
}

void tsr_csv_close(tsr_csv **csv) {
    if (*csv == NULL) return;
    free((*csv)->memory);
    free((*csv)->path);
    free(*csv);
    *csv = NULL;
}

tsr_input tsr_csv_take_input(tsr_csv *csv) {
    csv->path = NULL;
    return csv->input;
}

static bool ends_line(const tsr_csv *csv, size_t place) {
    bool carriage = csv->text[place] == '\r' && (place + 1 == csv->bytes || csv->text[place + 1] != '\n');
    return csv->text[place] == '\n' || carriage;
}

int64_t tsr_csv_rows_max(const tsr_csv *csv) {
    int64_t rows = 1;
    for (size_t i = 0; i < csv->bytes; i++) rows += ends_line(csv, i);
    return rows;
}

/* libcsv knows neither numbers of cells nor how to stop: this stands between it and the reader. */
typedef struct {
    const tsr_csv_reader *reader;
    int64_t cells;
    bool stopped;
} scan;

static void take_cell(void *text, size_t bytes, void *data) {
    scan *state = data;
    if (state->stopped) return;
    tsr_csv_cell cell = {.text = bytes == 0 ? "" : text, .bytes = bytes, .number = state->cells++};
    state->stopped = !state->reader->cell(state->reader->data, &cell);
}

static void take_row(int end, void *data) {
    (void)end;
    scan *state = data;
    if (!state->stopped) state->stopped = !state->reader->row(state->reader->data);
}

/* Feeds the text in chunks until the reader has enough. end: bytes fed without an error. Returns libcsv's code. */
static int feed(const tsr_csv *csv, size_t chunk, scan *state, size_t *end) {
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) return CSV_ENOMEM;
    csv_set_delim(&parser, (unsigned char)csv->origin.delimiter);
    int code = CSV_SUCCESS;
    size_t place = 0;
    while (place < csv->bytes && code == CSV_SUCCESS && !state->stopped) {
        size_t bytes = csv->bytes - place < chunk ? csv->bytes - place : chunk;
        size_t done = csv_parse(&parser, csv->text + place, bytes, take_cell, take_row, state);
        if (done != bytes) code = csv_error(&parser);
        place += done;
    }
    if (code == CSV_SUCCESS && !state->stopped && csv_fini(&parser, take_cell, take_row, state) != 0)
        code = csv_error(&parser);
    csv_free(&parser);
    *end = place;
    return code;
}

/* "name:line:column" of a byte; columns count characters. */
static tsr_status refuse_at(const tsr_csv *csv, size_t place, const char *sentence) {
    int64_t line = 1, column = 1;
    for (size_t i = 0; i < place && i < csv->bytes; i++) {
        bool continues = ((unsigned char)csv->text[i] & 0xc0) == 0x80; /* a later byte of a UTF-8 character */
        column = ends_line(csv, i) ? 1 : column + !continues;
        line += ends_line(csv, i);
    }
    return TSR_FAIL(TSR_EDATA, "%s:%lld:%lld: %s", csv->origin.name, (long long)line, (long long)column, sentence);
}

static bool skip_cells(void *data, const tsr_csv_cell *cell) { return cell->number + 1 < *(const int64_t *)data; }

static bool skip_row(void *data) {
    (void)data;
    return true;
}

/* Where a cell begins. Places cost time, so they are found again, byte by byte, only for the cell that is refused:
 * it begins after the byte that ended the cell before it. */
static size_t find_cell(const tsr_csv *csv, int64_t cell) {
    tsr_csv_reader reader = {.cell = skip_cells, .row = skip_row, .data = &cell};
    scan state = {.reader = &reader};
    size_t place = 0;
    if (cell > 0) feed(csv, 1, &state, &place);
    bool new_row = cell == 0 || csv->text[place - 1] != csv->origin.delimiter;
    const char *blanks = new_row ? " \t\r\n" : " \t";
    while (place < csv->bytes && csv->text[place] != csv->origin.delimiter && csv->text[place] != '\0' &&
           strchr(blanks, csv->text[place]) != NULL)
        place++;
    return place;
}

tsr_status tsr_csv_refuse(const tsr_csv *csv, int64_t cell, const char *format, ...) {
    char sentence[TSR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    return refuse_at(csv, find_cell(csv, cell), sentence);
}

tsr_status tsr_csv_read(const tsr_csv *csv, const tsr_csv_reader *reader) {
    scan state = {.reader = reader};
    size_t end = 0;
    int code = feed(csv, CHUNK_BYTES, &state, &end);
    if (code == CSV_SUCCESS) return TSR_OK;
    TSR_REQUIRE(code == CSV_EPARSE, TSR_ERUNTIME, "no memory for a cell of '%s'", csv->origin.name);
    if (end == csv->bytes) return refuse_at(csv, find_cell(csv, state.cells), "this quoted cell is never closed");
    return refuse_at(csv, end,
                     "a quote stands where none is allowed; quote the whole cell and double the quotes in it");
}
