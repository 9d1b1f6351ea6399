#include "cli/format.h"
#include "cli/inspect.h"
#include "cli/table.h"
#include "io/csv/csv_date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS_SHOWN = 40, ROWS_SHOWN = 100, WORD_BYTES = 40, STEM_BYTES = 48 };

/* ---- values ---- */

static tsr_text date_of(double seconds) {
    tsr_text shown = {""};
    struct tm parts;
    const time_t whole = (time_t)floor(seconds);
    if (gmtime_r(&whole, &parts) == NULL) return tsr_format_value(seconds);
    const bool is_day = fmod(seconds, 86400) == 0;
    strftime(shown.text, sizeof(shown.text), is_day ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S", &parts);
    return shown;
}

static tsr_text value_of(const tsr_field *field, double value) {
    tsr_text shown = {"-"};
    if (isnan(value)) return shown;
    if (field->categories != NULL) {
        snprintf(shown.text, sizeof(shown.text), "%.*s", WORD_BYTES, field->categories[(int64_t)value]);
        return shown;
    }
    return strcmp(field->unit, TSR_CSV_DATE_UNIT) == 0 ? date_of(value) : tsr_format_value(value);
}

static const char *unit_of(const tsr_field *field) {
    const bool is_date = strcmp(field->unit, TSR_CSV_DATE_UNIT) == 0;
    return is_date ? "date" : strcmp(field->unit, "1") == 0 ? "" : field->unit;
}

static int64_t count_categories(const tsr_field *field) {
    int64_t count = 0;
    while (field->categories[count] != NULL) count++;
    return count;
}

/* ---- a result of ours ---- */

static tsr_status print_run(const tsr_inspection *found, FILE *out) {
    const tsr_stored_run *run = found->run;
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT};
    tsr_table *table = NULL;
    fprintf(out, "%s: %s of Tessera, %s\n", found->path, run->is_checkpoint ? "checkpoint of a run" : "results",
            tsr_format_bytes(found->inventory.bytes).text);
    fprintf(out, "\n  job       %s\n  digest    %s\n  written   by revision %s%s\n", run->job_file, run->digest,
            run->revision, run->is_sealed ? "" : "; another program has changed the file since");
    TSR_TRY(tsr_table_create(3, align, &table));
    tsr_table_add(table, (const char *[]){"STAGE", "POINTS", "ITEMS OF EACH"});
    for (int64_t i = 0; i < run->stages; i++) {
        const tsr_stored_stage *stage = &run->stage[i];
        if (stage->name == NULL || stage->points < 1) continue;
        tsr_table_add(table, (const char *[]){stage->name, tsr_format_count(stage->points).text,
                                              tsr_format_count(stage->point_items[0]).text});
    }
    fputc('\n', out);
    const tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    fprintf(out, "\n%s %s\n", run->is_checkpoint ? "Go on with it: tessera resume" : "Check it: tessera verify",
            found->path);
    return status;
}

/* ---- tables and columns ---- */

static tsr_status print_tables(const tsr_inspection *found, FILE *out) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT};
    const tsr_inventory *all = &found->inventory;
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create(5, align, &table));
    tsr_table_add(table, (const char *[]){"TABLE", "SHAPE", "TYPE", "UNIT", "STORED"});
    for (int i = 0; i < all->count && i < ROWS_SHOWN; i++) {
        const tsr_inventory_row *row = &all->row[i];
        tsr_table_add(table, (const char *[]){*row->name != '\0' ? row->name : "rows", row->shape, row->type, row->unit,
                                              row->storage});
    }
    const tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    if (all->count > ROWS_SHOWN) fprintf(out, "  ... and %d more\n", all->count - ROWS_SHOWN);
    return status;
}

static void add_column(tsr_table *table, const tsr_excerpt_column *column, int64_t rows) {
    tsr_text first = {""}, minimum = {""}, maximum = {""}, missing = {""};
    size_t used = 0;
    for (int i = 0; i < TSR_EXCERPT_SHOWN && i < rows && used < sizeof(first.text); i++)
        used += (size_t)snprintf(first.text + used, sizeof(first.text) - used, "%s%s", i > 0 ? ", " : "",
                                 value_of(column->field, column->first[i]).text);
    if (column->field->categories != NULL)
        snprintf(minimum.text, sizeof(minimum.text), "%lld words", (long long)count_categories(column->field));
    else {
        minimum = value_of(column->field, column->minimum);
        maximum = value_of(column->field, column->maximum);
    }
    if (column->missing > 0) missing = tsr_format_count(column->missing);
    tsr_table_add(table, (const char *[]){column->field->name, unit_of(column->field), minimum.text, maximum.text,
                                          missing.text, first.text});
}

static tsr_status print_columns(const tsr_inspection *found, FILE *out) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT,  TSR_ALIGN_LEFT,  TSR_ALIGN_RIGHT,
                                      TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT, TSR_ALIGN_LEFT};
    const tsr_excerpt *excerpt = &found->excerpt;
    tsr_table *table = NULL;
    const bool is_all = excerpt->taken == excerpt->rows;
    fprintf(out, "\n%s%s%s rows%s%s\n", found->chosen->name, *found->chosen->name != '\0' ? ": " : "",
            tsr_format_count(excerpt->rows).text, is_all ? "" : "; minima, maxima and missing values of ",
            is_all ? "" : tsr_format_count(excerpt->taken).text);
    TSR_TRY(tsr_table_create(6, align, &table));
    tsr_table_add(table, (const char *[]){"COLUMN", "UNIT", "MINIMUM", "MAXIMUM", "MISSING", "FIRST ROWS"});
    for (int c = 0; c < excerpt->known && c < COLUMNS_SHOWN; c++) add_column(table, &excerpt->column[c], excerpt->rows);
    const tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    if (excerpt->columns > COLUMNS_SHOWN) fprintf(out, "  ... and %d more\n", excerpt->columns - COLUMNS_SHOWN);
    return status;
}

tsr_status tsr_inspection_print(const tsr_inspection *found, FILE *out) {
    const tsr_inventory *all = &found->inventory;
    if (found->run != NULL) return print_run(found, out);
    fprintf(out, "%s: %s, %s\n\n", found->path, all->format, tsr_format_bytes(all->bytes).text);
    TSR_TRY(print_tables(found, out));
    if (found->chosen != NULL) TSR_TRY(print_columns(found, out));
    if (found->chosen != NULL && found->chosen->job != NULL)
        fprintf(out, "\nA job that reads it: tessera inspect %s --job\n", found->path);
    return TSR_OK;
}

/* ---- a job ---- */

/* Letters and digits of the file's name. */
static void name_job(const char *path, char out[STEM_BYTES]) {
    const char *slash = strrchr(path, '/'), *at = slash != NULL ? slash + 1 : path, *dot = strrchr(at, '.');
    size_t used = 0;
    for (; *at != '\0' && (dot == NULL || at < dot || used == 0) && used + 1 < STEM_BYTES; at++) {
        const bool fits = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                          *at == '_' || (*at == '-' && used > 0);
        out[used++] = fits ? *at : '_';
    }
    out[used] = '\0';
}

tsr_status tsr_inspection_print_job(const tsr_inspection *found, FILE *out) {
    char stem[STEM_BYTES];
    TSR_REQUIRE(found->run == NULL, TSR_EDATA, "'%s' is a result of Tessera; nothing is left to be computed from it",
                found->path);
    TSR_REQUIRE(found->chosen != NULL && found->chosen->job != NULL, TSR_EDATA,
                "'%s' has no table of numbers that a job could compute with", found->path);
    name_job(found->path, stem);
    fprintf(out, "# Proposed by `tessera inspect`: the first moments of every column.\n");
    fprintf(out, "name: %s-summary\nseed: 1\nstages:\n  - name: rows\n    source:\n      %s\n", stem,
            found->chosen->job);
    fprintf(out, "    nonfinite: {policy: skip, limit: 1}   # rows with missing values are left out and counted\n");
    fprintf(out, "    tallies: [moments]\n");
    for (int c = 0; c < found->excerpt.known; c++) {
        const tsr_excerpt_column *column = &found->excerpt.column[c];
        if (column->field->categories == NULL) continue;
        fprintf(out, "    # group_by: '%s'   # of each of its %s words; name it in `columns`\n", column->field->name,
                tsr_format_count(count_categories(column->field)).text);
        break;
    }
    return TSR_OK;
}
