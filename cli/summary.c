#include "cli/summary.h"

#include "cli/format.h"
#include "cli/picture.h"
#include "cli/point.h"
#include "cli/remarks.h"
#include "cli/table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Rows of a stage and of a sweep; values of one result; estimates beside the axes of a sweep. */
enum { ROWS_MOST = 40, POINTS_MOST = 20, VALUES_MOST = 12, QUANTITIES_MOST = 4, LABEL_BYTES = 256 };

typedef struct {
    const tsr_report *report;
    const tsr_stage_outcome *stage;
    tsr_style style;
    FILE *out;
} stage_page;

static tsr_text shown(const tsr_result *result, int64_t index, bool utf8) {
    double value = result->value[index];
    if (result->error == NULL) return tsr_format_value(value);
    return tsr_format_estimate(value, tsr_result_error_at(result, index), utf8);
}

static const char *shown_unit(const tsr_result *result, int64_t index) {
    const char *unit = tsr_result_unit_at(result, index);
    return strcmp(unit, "1") == 0 ? "" : unit;
}

static void print_heading(const stage_page *page) {
    const tsr_stage_outcome *stage = page->stage;
    double seconds = (double)stage->elapsed_ns * 1e-9;
    const char *source = stage->components > 0 ? stage->component[0].name : stage->name;
    fprintf(page->out, "%s: ", stage->name);
    if (strcmp(source, stage->name) != 0) fprintf(page->out, "%s, ", source);
    if (stage->points > 1) fprintf(page->out, "%s, ", tsr_format_counted(stage->points, "point").text);
    fputs(tsr_format_counted(stage->items_total, "item").text, page->out);
    if (stage->items_before > 0 && stage->items_before == stage->items_total) {
        fputs(", from an earlier run\n", page->out);
        return;
    }
    const int64_t items = stage->items_total - stage->items_before;
    if (stage->items_before > 0)
        fprintf(page->out, ", %s of them from an earlier run, the others", tsr_format_count(stage->items_before).text);
    fprintf(page->out, " in %s", tsr_format_seconds(seconds).text);
    if (seconds > 0.0) fprintf(page->out, " (%s/s)", tsr_format_short((double)items / seconds).text);
    fputs("\n", page->out);
}

/* What a sampler draws, in its own words: a model fitted at run time is told here. */
static void print_meaning(const stage_page *page) {
    const tsr_field *fields = page->stage->fields;
    if (fields == NULL || fields[0].name == NULL || fields[1].name != NULL || fields[0].long_name == NULL) return;
    fprintf(page->out, "  %s: %s\n", fields[0].name, fields[0].long_name);
}

/* ---- one point: a list, a grid, pictures ---- */

/* How a result is shown. */
typedef enum { AS_LIST, AS_GRID, AS_PICTURE, AS_NOTHING } form;

/* The result that decides over which labels the grid stands, or NULL. */
static const tsr_result *grid_of(const tsr_results *results) {
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        if (!result->headline && tsr_picture_is_row(result)) return result;
    }
    return NULL;
}

static bool is_edges(const tsr_result *result) {
    const char *end = strrchr(result->name, '_');
    return end != NULL && strcmp(end, "_edges") == 0;
}

/* Estimates are listed with their errors; what is known of many columns besides goes into a grid without. The edges of
 * a histogram stand in its picture. */
static form form_of(const tsr_result *result, const tsr_result *grid) {
    bool is_in_grid = grid != NULL && !result->headline && tsr_picture_is_row(result);
    if (is_in_grid && tsr_picture_is_same_row(result, grid)) return AS_GRID;
    if (is_edges(result)) return AS_NOTHING;
    bool is_square = tsr_picture_is_matrix(result) && result->dimension[1].labels != NULL;
    if (is_square || tsr_picture_is_histogram(result)) return AS_PICTURE;
    return tsr_result_length(result) <= VALUES_MOST ? AS_LIST : AS_PICTURE;
}

typedef struct {
    tsr_table *table;
    int rows;
    int64_t omitted;
} value_list;

static void add_values(const stage_page *page, const tsr_result *result, value_list *list) {
    char label[LABEL_BYTES];
    for (int64_t i = 0; i < tsr_result_length(result); i++) {
        if (list->rows++ >= ROWS_MOST) {
            list->omitted++;
            continue;
        }
        tsr_result_label(result, i, label, sizeof(label));
        tsr_text value = shown(result, i, page->style.utf8);
        tsr_table_add(list->table, (const char *[]){label, value.text, shown_unit(result, i)});
    }
}

static tsr_status print_list(const stage_page *page, const tsr_results *results) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_POINT, TSR_ALIGN_LEFT};
    const tsr_result *grid = grid_of(results);
    value_list list = {0};
    TSR_TRY(tsr_table_create(3, align, &list.table));
    for (int headline = 1; headline >= 0; headline--)
        for (int i = 0; i < tsr_results_count(results); i++) {
            const tsr_result *result = tsr_results_at(results, i);
            if (result->headline == headline && form_of(result, grid) == AS_LIST) add_values(page, result, &list);
        }
    tsr_status status = tsr_table_print(list.table, 2, page->out);
    if (list.omitted > 0)
        fprintf(page->out, "  ... %s more in %s\n", tsr_format_count(list.omitted).text, page->report->file);
    tsr_table_destroy(&list.table);
    return status;
}

static tsr_status print_grid(const stage_page *page, const tsr_results *results) {
    const tsr_result *rows[ROWS_MOST], *grid = grid_of(results);
    int count = 0;
    for (int i = 0; i < tsr_results_count(results) && count < ROWS_MOST; i++)
        if (form_of(tsr_results_at(results, i), grid) == AS_GRID) rows[count++] = tsr_results_at(results, i);
    if (count == 0) return TSR_OK;
    fputs("\n", page->out);
    return tsr_picture_grid(rows, count, page->out);
}

static tsr_status print_picture(const stage_page *page, const tsr_results *results, const tsr_result *result) {
    char edges[LABEL_BYTES];
    snprintf(edges, sizeof(edges), "%s_edges", result->name);
    fputs("\n", page->out);
    if (tsr_picture_is_histogram(result) && page->style.pictures)
        return tsr_picture_histogram(result, tsr_results_find(results, edges), page->style.utf8, page->out);
    if (tsr_picture_is_matrix(result)) return tsr_picture_matrix(result, page->out);
    fprintf(page->out, "  %s: %s values in %s\n", result->name, tsr_format_count(tsr_result_length(result)).text,
            page->report->file);
    return TSR_OK;
}

static tsr_status print_point(const stage_page *page) {
    const tsr_results *results = page->stage->results[0];
    const tsr_result *grid = grid_of(results);
    TSR_TRY(print_list(page, results));
    TSR_TRY(print_grid(page, results));
    for (int i = 0; i < tsr_results_count(results); i++)
        if (form_of(tsr_results_at(results, i), grid) == AS_PICTURE)
            TSR_TRY(print_picture(page, results, tsr_results_at(results, i)));
    return TSR_OK;
}

/* ---- a sweep: a table ---- */

/* One value of each point that is shown as a column. */
typedef struct {
    int result;
    int64_t index;
} quantity;

/* The place of the differences of a result from the first point, or -1. */
static int find_differences(const tsr_results *results, const tsr_result *of) {
    char name[LABEL_BYTES];
    snprintf(name, sizeof(name), "%s_difference", of->name);
    for (int i = 0; i < tsr_results_count(results); i++)
        if (strcmp(tsr_results_at(results, i)->name, name) == 0) return i;
    return -1;
}

static bool is_difference(const tsr_results *results, int index) {
    for (int i = 0; i < tsr_results_count(results); i++)
        if (find_differences(results, tsr_results_at(results, i)) == index) return true;
    return false;
}

/* The first few values of headline results; of all results when none is a headline. Each has its difference beside it,
 * if there is one. */
static int choose_quantities(const tsr_results *results, quantity chosen[QUANTITIES_MOST]) {
    int count = 0;
    for (int headline = 1; headline >= 0 && count == 0; headline--)
        for (int i = 0; i < tsr_results_count(results); i++) {
            const tsr_result *result = tsr_results_at(results, i);
            const int difference = find_differences(results, result), needed = difference < 0 ? 1 : 2;
            if (result->headline != headline || is_difference(results, i)) continue;
            for (int64_t j = 0; j < tsr_result_length(result) && count + needed <= QUANTITIES_MOST; j++) {
                chosen[count++] = (quantity){.result = i, .index = j};
                if (difference >= 0) chosen[count++] = (quantity){.result = difference, .index = j};
            }
        }
    return count;
}

enum { COLUMNS_MOST = 16 };

static void add_titles(const stage_page *page, const quantity *chosen, int count, tsr_table *table) {
    const tsr_stage_outcome *stage = page->stage;
    const char *cells[COLUMNS_MOST];
    char label[QUANTITIES_MOST][LABEL_BYTES];
    for (int axis = 0; axis < stage->axes; axis++) cells[axis] = stage->axis[axis].name;
    for (int i = 0; i < count; i++) {
        const tsr_result *result = tsr_results_at(stage->results[0], chosen[i].result);
        const char *unit = shown_unit(result, chosen[i].index);
        tsr_result_label(result, chosen[i].index, label[i], sizeof(label[i]));
        size_t used = strlen(label[i]);
        if (unit[0] != '\0') snprintf(label[i] + used, sizeof(label[i]) - used, " [%s]", unit);
        cells[stage->axes + i] = label[i];
    }
    tsr_table_add(table, cells);
}

static void add_point(const stage_page *page, int64_t point, const quantity *chosen, int count, tsr_table *table) {
    const tsr_stage_outcome *stage = page->stage;
    const char *cells[COLUMNS_MOST];
    tsr_text text[COLUMNS_MOST];
    for (int axis = 0; axis < stage->axes; axis++) text[axis] = tsr_point_place(stage, point, axis);
    for (int i = 0; i < count; i++) {
        const tsr_result *result = tsr_results_at(stage->results[point], chosen[i].result);
        text[stage->axes + i] = shown(result, chosen[i].index, page->style.utf8);
    }
    for (int i = 0; i < stage->axes + count; i++) cells[i] = text[i].text;
    tsr_table_add(table, cells);
}

/* What differences are taken from. */
static void print_first(const stage_page *page, const quantity *chosen, int count) {
    char suffix[LABEL_BYTES];
    tsr_point_suffix(page->stage, 0, suffix, sizeof(suffix));
    for (int i = 0; i < count; i++)
        if (is_difference(page->stage->results[0], chosen[i].result)) {
            fprintf(page->out, "  differences are from the first point, %s\n", suffix);
            return;
        }
}

static tsr_status print_sweep(const stage_page *page) {
    const tsr_stage_outcome *stage = page->stage;
    tsr_align align[COLUMNS_MOST];
    quantity chosen[QUANTITIES_MOST];
    tsr_table *table = NULL;
    int count = choose_quantities(stage->results[0], chosen);
    TSR_REQUIRE(stage->axes + count <= COLUMNS_MOST, TSR_EINTERNAL, "a sweep over %d axes", stage->axes);
    for (int i = 0; i < COLUMNS_MOST; i++) align[i] = TSR_ALIGN_POINT;
    TSR_TRY(tsr_table_create(stage->axes + count, align, &table));
    add_titles(page, chosen, count, table);
    for (int64_t point = 0; point < stage->sets && point < POINTS_MOST; point++)
        if (stage->sets > stage->points || stage->whole == NULL || stage->point_items[point] > 0)
            add_point(page, point, chosen, count, table);
    tsr_status status = tsr_table_print(table, 2, page->out);
    if (stage->sets > POINTS_MOST)
        fprintf(page->out, "  ... %s more in %s\n", tsr_format_count(stage->sets - POINTS_MOST).text,
                page->report->file);
    print_first(page, chosen, count);
    tsr_table_destroy(&table);
    return status;
}

/* ---- all ---- */

/* What it took not to lose the run. */
static void print_checkpoints(const tsr_report *report, FILE *out) {
    if (report->checkpoints == 0) return;
    fprintf(out, "kept    %s, for which computing stood still %s (%.2g %%)\n",
            tsr_format_counted(report->checkpoints, "checkpoint").text, tsr_format_seconds(report->still_s).text,
            100 * report->still_s / report->seconds);
}

tsr_status tsr_summary_print(const tsr_report *report, const tsr_outcome *outcome, tsr_style style, FILE *out) {
    for (int i = 0; i < tsr_outcome_stages(outcome); i++) {
        const stage_page page = {.report = report, .stage = tsr_outcome_stage(outcome, i), .style = style, .out = out};
        print_heading(&page);
        print_meaning(&page);
        TSR_TRY(page.stage->axes > 0 ? print_sweep(&page) : print_point(&page));
        if (page.stage->whole != NULL) TSR_TRY(print_list(&page, page.stage->whole));
        tsr_remarks_print(report, page.stage, out);
        fputs("\n", out);
    }
    fprintf(out, "seed    %" PRIu64 "\n", report->seed);
    fprintf(out, "digest  %s\n", report->digest);
    fprintf(out, "file    %s\n", report->file);
    fprintf(out, "time    %s on %s x %s\n", tsr_format_seconds(report->seconds).text,
            tsr_format_counted(report->ranks, "rank").text, tsr_format_counted(report->threads, "thread").text);
    print_checkpoints(report, out);
    return TSR_OK;
}
