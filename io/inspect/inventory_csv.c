#include "io/csv/csv_heading.h"
#include "io/csv/csv_rows.h"
#include "io/input/input_note.h"
#include "io/inspect/inventory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_COMPARED = 50, READ_BYTES = 65536 };

static const char separators[] = ",;\t| ";
static const char *const separator_names[] = {"commas", "semicolons", "tabs", "bars", "blanks"};

/* How the file seems to be written. */
typedef struct {
    tsr_csv_manner manner;
    tsr_csv_heading heading;
} guess;

/* The first rows have as many cells as the heading. */
static bool are_even(tsr_csv_rows *rows, const tsr_csv_file *file, int columns) {
    bool found = true, even = tsr_csv_rows_go(rows, file->begin) == TSR_OK;
    for (int i = 0; i < ROWS_COMPARED && even; i++) {
        even = tsr_csv_rows_find(rows, &found) == TSR_OK;
        if (!even || !found) break;
        even = tsr_csv_rows_read(rows) == TSR_OK && rows->cells == columns;
    }
    return even;
}

static bool read_heading(const tsr_csv_file *file, bool has_header, guess *out) {
    tsr_csv_rows rows;
    out->manner.has_header = has_header;
    bool is_read = tsr_csv_heading_read(file, &out->manner, &out->heading) == TSR_OK;
    if (is_read) {
        is_read = tsr_csv_rows_init(file, &out->manner.grammar, READ_BYTES, &rows) == TSR_OK &&
                  are_even(&rows, file, out->heading.columns);
        tsr_csv_rows_clear(&rows);
    }
    if (!is_read) tsr_csv_heading_clear(&out->heading);
    tsr_error_clear(); /* another guess may do */
    return is_read;
}

/* A heading under one delimiter; false: it makes no sense with it. */
static bool try_delimiter(const tsr_csv_file *file, char delimiter, guess *out) {
    *out = (guess){.manner = {.missing = tsr_csv_missing_default}};
    tsr_csv_grammar_init(delimiter, &out->manner.grammar);
    bool are_numbers = true;
    if (read_heading(file, true, out)) {
        for (int i = 0; i < out->heading.columns; i++) are_numbers &= out->heading.column[i].name_is_number;
        if (!are_numbers) return true;
        tsr_csv_heading_clear(&out->heading);
    }
    return read_heading(file, false, out);
}

/* The delimiter that makes the most columns; what has one column only is taken for separated by commas. */
static bool guess_manner(const tsr_csv_file *file, guess *best) {
    bool found = false;
    for (const char *separator = separators; *separator != '\0'; separator++) {
        guess one;
        if (!try_delimiter(file, *separator, &one)) continue;
        const int least = found ? best->heading.columns + 1 : separator == separators ? 1 : 2;
        if (one.heading.columns < least) {
            tsr_csv_heading_clear(&one.heading);
            continue;
        }
        if (found) tsr_csv_heading_clear(&best->heading);
        *best = one;
        found = true;
    }
    return found;
}

/* ---- how a job reads it ---- */

static bool is_wanted(const tsr_csv_column *column, bool with_words, bool has_numbers) {
    return with_words || column->type == TSR_CSV_NUMBERS || (!has_numbers && column->type == TSR_CSV_DATES);
}

/* Columns are named where a job would not find them by itself. */
static bool write_columns(FILE *out, const tsr_csv_heading *heading, bool with_words, bool has_numbers) {
    int count = 0;
    fputs(", columns: [", out);
    for (int i = 0; i < heading->columns; i++) {
        if (!is_wanted(&heading->column[i], with_words, has_numbers)) continue;
        char *name = tsr_inventory_quote(heading->column[i].name);
        if (name == NULL) return false;
        fprintf(out, "%s%s", count++ > 0 ? ", " : "", name);
        free(name);
    }
    fputc(']', out);
    return true;
}

static char *make_source(const char *path, const guess *how, bool with_words) {
    char *text = NULL, *file = tsr_inventory_quote(path);
    size_t bytes = 0;
    FILE *out = file != NULL ? open_memstream(&text, &bytes) : NULL;
    bool has_numbers = false, all_numbers = true, made = out != NULL;
    for (int i = 0; i < how->heading.columns; i++) {
        has_numbers |= how->heading.column[i].type == TSR_CSV_NUMBERS;
        all_numbers &= how->heading.column[i].type == TSR_CSV_NUMBERS;
    }
    if (!made) goto out;
    fprintf(out, "csv: {file: %s", file);
    if (how->manner.grammar.delimiter == '\t')
        fputs(", delimiter: tab", out);
    else if (how->manner.grammar.delimiter != ',')
        fprintf(out, ", delimiter: '%c'", how->manner.grammar.delimiter);
    if (!how->manner.has_header) fputs(", header: no", out);
    if (!all_numbers && (with_words || !has_numbers)) made = write_columns(out, &how->heading, with_words, has_numbers);
    fputc('}', out);
    made = fclose(out) == 0 && made;
out:
    free(file);
    if (made) return text;
    free(text);
    return NULL;
}

static tsr_status add_row(const char *path, const guess *how, tsr_inventory *out) {
    static const char *const kinds[] = {"numbers", "dates", "words"};
    tsr_inventory_row row = {.is_first = true};
    int count[3] = {0};
    size_t used = 0;
    for (int i = 0; i < how->heading.columns; i++) count[how->heading.column[i].type]++;
    for (int k = 0; k < 3; k++)
        if (count[k] > 0)
            used += (size_t)snprintf(row.type + used, sizeof(row.type) - used, "%s%d of %s", used > 0 ? ", " : "",
                                     count[k], kinds[k]);
    const char *const separator = strchr(separators, how->manner.grammar.delimiter);
    if (how->heading.columns > 1 && separator != NULL)
        snprintf(row.storage, sizeof(row.storage), "with %s between", separator_names[separator - separators]);
    snprintf(row.shape, sizeof(row.shape), "%d columns%s", how->heading.columns,
             how->manner.has_header ? "" : " without names");
    row.source = make_source(path, how, true);
    if (count[TSR_CSV_NUMBERS] + count[TSR_CSV_DATES] > 0) row.job = make_source(path, how, false);
    tsr_status status = TSR_OK;
    if (row.source == NULL)
        status = TSR_FAIL(TSR_ERUNTIME, "no memory to look into a file");
    else
        status = tsr_inventory_add(out, &row);
    free(row.source);
    free(row.job);
    return status;
}

tsr_status tsr_inventory_read_csv(const char *path, tsr_inventory *out) {
    struct stat about;
    guess how;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    TSR_REQUIRE(descriptor >= 0 && fstat(descriptor, &about) == 0, TSR_EDATA, "'%s' cannot be opened", path);
    char *name = strdup(path);
    tsr_input input = {.path = name,
                       .bytes = about.st_size,
                       .modified_ns = about.st_mtim.tv_sec * INT64_C(1000000000) + about.st_mtim.tv_nsec};
    tsr_csv_file file = {.descriptor = descriptor, .input = &input};
    tsr_status status = name == NULL ? TSR_FAIL(TSR_ERUNTIME, "no memory to look into a file") : TSR_OK;
    if (status == TSR_OK) status = tsr_csv_file_begin(&file);
    snprintf(out->format, sizeof(out->format), "text with delimiters");
    if (status == TSR_OK && !guess_manner(&file, &how))
        status =
            TSR_FAIL(TSR_EDATA, "'%s' is no table: its rows are of different lengths, whatever separates them", path);
    else if (status == TSR_OK) {
        status = add_row(path, &how, out);
        tsr_csv_heading_clear(&how.heading);
    }
    free(name);
    close(descriptor);
    return status;
}
