#include "cli/picture.h"

#include "cli/format.h"
#include "cli/table.h"

#include <math.h>
#include <string.h>

enum { BAR_CELLS = 30, EIGHTHS = 8 };

bool tsr_picture_is_matrix(const tsr_result *result) {
    if (result->dimensions != 2) return false;
    for (int i = 0; i < 2; i++)
        if (result->dimension[i].labels == NULL || result->dimension[i].length > TSR_MATRIX_MOST) return false;
    return result->dimension[0].length > 1 && result->dimension[1].length > 1;
}

bool tsr_picture_is_histogram(const tsr_result *result) {
    return result->integer && result->dimensions > 0 &&
           strcmp(result->dimension[result->dimensions - 1].name, "bin") == 0;
}

/* ---- matrices ---- */

static tsr_text short_number(double value) {
    tsr_text out;
    snprintf(out.text, sizeof(out.text), "%.4g", value);
    return out;
}

tsr_status tsr_picture_matrix(const tsr_result *matrix, FILE *out) {
    static const tsr_align align[TSR_MATRIX_MOST + 1] = {TSR_ALIGN_LEFT,  TSR_ALIGN_POINT, TSR_ALIGN_POINT,
                                                         TSR_ALIGN_POINT, TSR_ALIGN_POINT, TSR_ALIGN_POINT,
                                                         TSR_ALIGN_POINT};
    const tsr_dimension *rows = &matrix->dimension[0], *columns = &matrix->dimension[1];
    tsr_text number[TSR_MATRIX_MOST];
    const char *cells[TSR_MATRIX_MOST + 1] = {matrix->name};
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create((int)columns->length + 1, align, &table));
    for (int64_t j = 0; j < columns->length; j++) cells[j + 1] = columns->labels[j];
    tsr_table_add(table, cells);
    for (int64_t i = 0; i < rows->length; i++) {
        cells[0] = rows->labels[i];
        for (int64_t j = 0; j < columns->length; j++) {
            number[j] = short_number(matrix->value[i * columns->length + j]);
            cells[j + 1] = number[j].text;
        }
        tsr_table_add(table, cells);
    }
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

/* edge: [bins + 1] or NULL. */
static void add_bar(tsr_table *table, const merged_bins *bar, double share, const double *edge, bool utf8) {
    tsr_text begin = edge != NULL ? short_number(edge[bar->begin]) : tsr_format_count(bar->begin);
    tsr_text end = edge != NULL ? short_number(edge[bar->end]) : tsr_format_count(bar->end);
    tsr_table_add(table, (const char *[]){begin.text, "..", end.text, tsr_format_count((int64_t)bar->count).text,
                                          draw(share, utf8).text});
}

static tsr_status draw_bars(const double *count, int64_t bins, const double *edge, bool utf8, FILE *out) {
    static const tsr_align align[] = {TSR_ALIGN_POINT, TSR_ALIGN_LEFT, TSR_ALIGN_POINT, TSR_ALIGN_RIGHT,
                                      TSR_ALIGN_LEFT};
    merged_bins bars[TSR_BARS_MOST] = {0};
    int64_t merged = (bins + TSR_BARS_MOST - 1) / TSR_BARS_MOST;
    int lines = (int)((bins + merged - 1) / merged);
    double most = 1.0;
    tsr_table *table = NULL;
    for (int i = 0; i < lines; i++) {
        bars[i] = (merged_bins){.begin = i * merged, .end = (i + 1) * merged < bins ? (i + 1) * merged : bins};
        for (int64_t bin = bars[i].begin; bin < bars[i].end; bin++) bars[i].count += count[bin];
        most = fmax(most, bars[i].count);
    }
    TSR_TRY(tsr_table_create(5, align, &table));
    for (int i = 0; i < lines; i++) add_bar(table, &bars[i], bars[i].count / most, edge, utf8);
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
        print_title(histogram, row, out);
        TSR_TRY(draw_bars(histogram->value + row * bins, bins, edge, utf8, out));
    }
    return TSR_OK;
}
