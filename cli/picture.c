#include "cli/picture.h"

#include "cli/format.h"
#include "cli/table.h"

#include <math.h>
#include <string.h>

enum { BAR_CELLS = 30, EIGHTHS = 8 };

static bool is_short(const tsr_dimension *dimension) {
    return dimension->length > 1 && dimension->length <= TSR_MATRIX_MOST;
}

bool tsr_picture_is_row(const tsr_result *result) {
    return result->dimensions == 1 && result->dimension[0].labels != NULL && is_short(&result->dimension[0]);
}

bool tsr_picture_is_same_row(const tsr_result *a, const tsr_result *b) {
    bool same = a->dimension[0].length == b->dimension[0].length;
    for (int64_t i = 0; same && i < a->dimension[0].length; i++)
        same = strcmp(a->dimension[0].labels[i], b->dimension[0].labels[i]) == 0;
    return same;
}

bool tsr_picture_is_matrix(const tsr_result *result) {
    return result->dimensions == 2 && is_short(&result->dimension[0]) && is_short(&result->dimension[1]);
}

bool tsr_picture_is_histogram(const tsr_result *result) {
    const bool adds_up = result->integer || strcmp(result->name, "histogram") == 0;
    return adds_up && result->dimensions > 0 && strcmp(result->dimension[result->dimensions - 1].name, "bin") == 0;
}

/* ---- grids and matrices ---- */

static const tsr_align grid_align[TSR_MATRIX_MOST + 1] = {TSR_ALIGN_LEFT,  TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT,
                                                          TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT, TSR_ALIGN_RIGHT,
                                                          TSR_ALIGN_RIGHT};

static tsr_text short_number(double value) {
    tsr_text out;
    if (isnan(value)) return tsr_format_value(value);
    snprintf(out.text, sizeof(out.text), "%.4g", value);
    return out;
}

static tsr_text label_of(const tsr_dimension *dimension, int64_t index) {
    tsr_text out;
    if (dimension->labels == NULL)
        snprintf(out.text, sizeof(out.text), "%.6g", dimension->coordinates[index]);
    else
        snprintf(out.text, sizeof(out.text), "%.90s", dimension->labels[index]);
    return out;
}

static void add_titles(tsr_table *table, const char *corner, const tsr_dimension *columns) {
    tsr_text label[TSR_MATRIX_MOST];
    const char *cells[TSR_MATRIX_MOST + 1] = {corner};
    for (int64_t i = 0; i < columns->length; i++) {
        label[i] = label_of(columns, i);
        cells[i + 1] = label[i].text;
    }
    tsr_table_add(table, cells);
}

static void add_numbers(tsr_table *table, const char *name, const double *value, int64_t count, bool integer) {
    tsr_text number[TSR_MATRIX_MOST];
    const char *cells[TSR_MATRIX_MOST + 1] = {name};
    for (int64_t i = 0; i < count; i++) {
        number[i] = integer ? tsr_format_value(value[i]) : short_number(value[i]);
        cells[i + 1] = number[i].text;
    }
    tsr_table_add(table, cells);
}

tsr_status tsr_picture_grid(const tsr_result *const *rows, int count, FILE *out) {
    const tsr_dimension *columns = &rows[0]->dimension[0];
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create((int)columns->length + 1, grid_align, &table));
    add_titles(table, "", columns);
    for (int i = 0; i < count; i++)
        add_numbers(table, rows[i]->name, rows[i]->value, columns->length, rows[i]->integer);
    tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    return status;
}

tsr_status tsr_picture_matrix(const tsr_result *matrix, FILE *out) {
    const tsr_dimension *rows = &matrix->dimension[0], *columns = &matrix->dimension[1];
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create((int)columns->length + 1, grid_align, &table));
    add_titles(table, matrix->name, columns);
    for (int64_t i = 0; i < rows->length; i++)
        add_numbers(table, label_of(rows, i).text, matrix->value + i * columns->length, columns->length,
                    matrix->integer);
    tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    return status;
}

/* ---- histograms ---- */

/* One line of a picture: bins begin .. end - 1. */
typedef struct {
    int64_t begin;
    int64_t end;
    double count;
} merged_bins;

_Static_assert(3 * (BAR_CELLS + 1) < sizeof(((tsr_text *)0)->text), "a bar of three-byte cells fits a text");

/* A bar of `share` of the full width, in UTF-8 to an eighth of a cell; what is not empty is seen. */
static tsr_text draw(double share, bool utf8) {
    static const char *const part[EIGHTHS] = {"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
    tsr_text out = {""};
    size_t used = 0;
    for (int left = (int)ceil(share * BAR_CELLS * EIGHTHS); left > 0; left -= EIGHTHS) {
        const char *cell = left >= EIGHTHS ? "\u2588" : part[left];
        used += (size_t)snprintf(out.text + used, sizeof(out.text) - used, "%s", utf8 ? cell : "#");
    }
    return out;
}

/* An edge with the digits that tell it from its neighbours. */
static tsr_text edge_text(double edge, double width) {
    tsr_text out;
    int decimals = (int)fmax(0.0, 1.0 - floor(log10(width)));
    if (decimals > 7 || fabs(edge) >= 1e7) return short_number(edge);
    snprintf(out.text, sizeof(out.text), "%.*f", decimals, edge);
    return out;
}

/* What the bars of a picture stand for. */
typedef struct {
    const double *edge; /* [bins + 1], or NULL: numbers of bins */
    bool equal;         /* bins have one width, to 10 % */
    bool integer;       /* counts, not sums of weights */
} bar_style;

static void add_bar(tsr_table *table, const merged_bins *bar, double share, const bar_style *style, bool utf8) {
    const double *edge = style->edge;
    tsr_text begin = tsr_format_count(bar->begin), end = tsr_format_count(bar->end);
    if (edge != NULL) {
        double width = edge[bar->end] - edge[bar->begin];
        begin = style->equal ? edge_text(edge[bar->begin], width) : short_number(edge[bar->begin]);
        end = style->equal ? edge_text(edge[bar->end], width) : short_number(edge[bar->end]);
    }
    const tsr_text count = style->integer ? tsr_format_count((int64_t)bar->count) : short_number(bar->count);
    tsr_table_add(table, (const char *[]){begin.text, "..", end.text, count.text, draw(share, utf8).text});
}

static bool is_equal(const double *edge, int64_t bins) {
    const double width = edge[1] - edge[0];
    for (int64_t i = 1; i < bins; i++)
        if (fabs(edge[i + 1] - edge[i] - width) > 0.1 * width) return false;
    return true;
}

/* Bins of one line: a number that leaves no smaller rest at the end, if one is near. */
static int64_t bins_of_line(int64_t bins) {
    int64_t least = (bins + TSR_BARS_MOST - 1) / TSR_BARS_MOST;
    for (int64_t merged = least; merged <= 2 * least; merged++)
        if (bins % merged == 0) return merged;
    return least;
}

static tsr_status draw_bars(const double *count, int64_t bins, const bar_style *style, bool utf8, FILE *out) {
    const tsr_align align[] = {TSR_ALIGN_POINT, TSR_ALIGN_LEFT, TSR_ALIGN_POINT,
                               style->integer ? TSR_ALIGN_RIGHT : TSR_ALIGN_POINT, TSR_ALIGN_LEFT};
    merged_bins bars[TSR_BARS_MOST] = {0};
    int64_t merged = bins_of_line(bins);
    int lines = (int)((bins + merged - 1) / merged);
    double most = 0.0;
    tsr_table *table = NULL;
    for (int i = 0; i < lines; i++) {
        bars[i] = (merged_bins){.begin = i * merged, .end = (i + 1) * merged < bins ? (i + 1) * merged : bins};
        for (int64_t bin = bars[i].begin; bin < bars[i].end; bin++) bars[i].count += count[bin];
        most = fmax(most, bars[i].count);
    }
    TSR_TRY(tsr_table_create(5, align, &table));
    for (int i = 0; i < lines; i++) add_bar(table, &bars[i], most > 0.0 ? bars[i].count / most : 0.0, style, utf8);
    tsr_status status = tsr_table_print(table, 4, out);
    tsr_table_destroy(&table);
    return status;
}

/* The labels of a row of the histogram: "histogram.loss" without its bin. */
static void print_title(const tsr_result *histogram, int64_t first, FILE *out) {
    tsr_result row = *histogram;
    char label[256];
    row.dimensions--;
    tsr_result_label(&row, first, label, sizeof(label));
    fprintf(out, "  %s\n", label);
}

tsr_status tsr_picture_histogram(const tsr_result *histogram, const tsr_result *edges, bool utf8, FILE *out) {
    int64_t bins = histogram->dimension[histogram->dimensions - 1].length;
    int64_t rows = bins > 0 ? tsr_result_length(histogram) / bins : 0;
    bool has_edges = edges != NULL && tsr_result_length(edges) == rows * (bins + 1);
    for (int64_t row = 0; row < rows; row++) {
        const double *edge = has_edges ? edges->value + row * (bins + 1) : NULL;
        const bar_style style = {
            .edge = edge, .equal = has_edges && is_equal(edge, bins), .integer = histogram->integer};
        print_title(histogram, row, out);
        TSR_TRY(draw_bars(histogram->value + row * bins, bins, &style, utf8, out));
    }
    return TSR_OK;
}
