#include "cli/remarks.h"

#include "cli/format.h"
#include "engine/accuracy.h"

#include <math.h>
#include <string.h>

enum { LABEL_BYTES = 256, COSTS_MOST = 2, REPLICATES_FEW = 8 };

static const char *sampling_of(const tsr_stage_outcome *stage) {
    for (int i = 0; i < stage->components; i++)
        if (strcmp(stage->component[i].role, "sampling") == 0) return stage->component[i].name;
    return NULL;
}

static void print_replicates(const tsr_stage_outcome *stage, FILE *out) {
    const char *sampling = sampling_of(stage), *reads = stage->passes > 1 ? "; what is read again has none" : "";
    const int used = stage->replicates_used;
    if (sampling != NULL)
        fprintf(out, "  sampling %s: error bars from the spread of %d replicates%s\n", sampling, used, reads);
    else if (stage->rows > 1)
        fprintf(out, "  %s of %s: error bars from the spread between chains\n",
                tsr_format_counted(stage->items_total / stage->rows, "chain").text,
                tsr_format_counted(stage->rows, "row").text);
    if (stage->replicates > 1 && used < REPLICATES_FEW)
        fprintf(out, "  WARNING: %d replicate%s with items, %s; take more items or chains\n", used,
                used == 1 ? "" : "s",
                used < 2 ? "so that error bars are not known" : "error bars are rough and mostly too small");
    if (stage->is_weighed)
        fputs("  columns are weighed: their means are those of the source, other statistics are not\n", out);
}

/* What a tally warns of stands in the long name of its results: each warning once. */
static void print_warnings(const tsr_stage_outcome *stage, FILE *out) {
    const tsr_results *results = stage->results[0];
    const char *last = "";
    for (int i = 0; i < tsr_results_count(results); i++) {
        const tsr_result *result = tsr_results_at(results, i);
        const char *warning = strstr(result->long_name, "WARNING: ");
        if (warning == NULL || strcmp(warning, last) == 0) continue;
        fprintf(out, "  %s (%s)\n", warning, result->name);
        last = warning;
    }
}

static void print_until(const tsr_stage_outcome *stage, FILE *out) {
    const double excess = stage->until_excess;
    if (stage->until == NULL) return;
    if (excess <= 1) {
        fprintf(out, "  as precise as asked for after %s\n", tsr_format_counted(stage->items_total, "item").text);
    } else if (isfinite(excess)) {
        fprintf(out,
                "  NOT as precise as asked for: the largest error bar is %.3g times too large; it would take about "
                "%s items a point\n",
                excess, tsr_format_short(stage->until_items).text);
    } else {
        fputs("  NOT as precise as asked for: an error bar is not known, or nothing but zeros was seen\n", out);
    }
}

/* The variance of the items of which result `mean` index is the mean, or NaN. */
static double variance_of(const tsr_results *results, const tsr_result *mean, int64_t index) {
    const tsr_result *variance = tsr_results_find(results, "variance");
    const bool fits = variance != NULL && strcmp(mean->name, "mean") == 0 && variance->dimensions == mean->dimensions;
    return fits ? variance->value[index] : NAN;
}

static void print_cost(const tsr_stage_outcome *stage, const tsr_result *result, double core_seconds, FILE *out) {
    char label[LABEL_BYTES];
    const double error = tsr_result_error_at(result, 0);
    const double variance = variance_of(stage->results[0], result, 0);
    if (!(error > 0) || !isfinite(error)) return;
    tsr_result_label(result, 0, label, sizeof(label));
    fprintf(out, "  cost to accuracy of %s: error^2 x core-seconds = %.3g", label,
            tsr_accuracy_cost(error, core_seconds));
    if (stage->replicates > 1 && !stage->is_weighed && !isnan(variance))
        fprintf(out, "; an item is worth %.3g independent ones",
                tsr_accuracy_gain(variance, stage->point_items[0], error));
    fputs("\n", out);
}

/* Of the first estimates, at the first point. */
static void print_costs(const tsr_report *report, const tsr_stage_outcome *stage, FILE *out) {
    const double core_seconds = tsr_report_core_seconds(report, stage);
    const tsr_results *results = stage->results[0];
    int shown = 0;
    for (int i = 0; i < tsr_results_count(results) && shown < COSTS_MOST; i++) {
        const tsr_result *result = tsr_results_at(results, i);
        if (!result->headline || result->error == NULL || stage->sets > 1) continue;
        print_cost(stage, result, core_seconds, out);
        shown++;
    }
}

void tsr_remarks_print(const tsr_report *report, const tsr_stage_outcome *stage, FILE *out) {
    print_replicates(stage, out);
    print_until(stage, out);
    print_warnings(stage, out);
    if (!stage->is_dataset) print_costs(report, stage, out);
}
