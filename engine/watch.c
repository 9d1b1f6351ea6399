#include "engine/watch.h"

enum { REPORT_NS = 200000000 };

static void show_estimate(const tsr_stage_record *record, tsr_progress *progress) {
    const tsr_history *history = &record->row.history;
    if (history->rounds == 0 || history->quantities == 0) return;
    const int64_t at = (history->rounds - 1) * history->quantities;
    progress->headline = history->names[0];
    progress->value = history->value[at];
    progress->error = history->error[at];
}

static void report(tsr_watch *watch, int64_t tiles_done, bool last) {
    const tsr_stage_outcome *row = &watch->record->row;
    const int64_t now = tsr_clock_ns();
    watch->reported_ns = now;
    const double share = watch->tiles_total > 0 ? (double)tiles_done / (double)watch->tiles_total : 1.0;
    const int64_t total = watch->predicted ? watch->tiles_total * watch->tile_items : row->items_total;
    tsr_progress progress = {.stage = row->name,
                             .items_total = total,
                             .items_done = last ? total : (int64_t)(share * (double)total),
                             .predicted = watch->predicted,
                             .elapsed_ns = now - watch->begun_ns,
                             .last = last};
    if (progress.items_done > progress.items_total) progress.items_done = progress.items_total;
    show_estimate(watch->record, &progress);
    watch->options->progress(&progress, watch->options->progress_data);
}

void tsr_watch_tiles(int64_t tiles_done, void *data) {
    tsr_watch *watch = data;
    if (tsr_clock_ns() - watch->reported_ns < REPORT_NS) return;
    report(watch, watch->tiles_before + watch->tiles_done + tiles_done * watch->ranks, false);
}

void tsr_watch_end(tsr_watch *watch) { report(watch, watch->tiles_total, true); }
