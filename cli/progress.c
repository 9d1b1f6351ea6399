#include "cli/progress.h"

#include "cli/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_CELLS = 20, WIDTH_DEFAULT = 80, WIDTH_PLAIN = 200 };
static const int64_t plain_every_ns = INT64_C(10000000000);

/* ---- the text ---- */

static double share_of(const tsr_progress *progress) {
    if (progress->items_total <= 0) return 0.0;
    return fmin(1.0, (double)progress->items_done / (double)progress->items_total);
}

static void append(char out[TSR_PROGRESS_BYTES], const char *before, const char *text) {
    size_t used = strlen(out);
    snprintf(out + used, TSR_PROGRESS_BYTES - used, "%s%s", before, text);
}

static void append_bar(double share, bool utf8, char out[TSR_PROGRESS_BYTES]) {
    int full = (int)(share * BAR_CELLS);
    append(out, "", utf8 ? "  " : "  [");
    for (int i = 0; i < BAR_CELLS; i++) append(out, "", i < full ? (utf8 ? "\u2588" : "#") : (utf8 ? "\u2591" : "."));
    append(out, "", utf8 ? "" : "]");
}

static void append_speed(const tsr_progress *progress, char out[TSR_PROGRESS_BYTES]) {
    double seconds = (double)progress->elapsed_ns * 1e-9;
    append(out, "  ", tsr_format_short((double)progress->items_done).text);
    append(out, progress->predicted ? " of about " : " of ", tsr_format_short((double)progress->items_total).text);
    if (progress->items_done <= 0 || seconds <= 0.0) return;
    append(out, "  ", tsr_format_short((double)progress->items_done / seconds).text);
    append(out, "", "/s");
}

static void append_estimate(const tsr_progress *progress, bool utf8, char out[TSR_PROGRESS_BYTES]) {
    if (progress->headline == NULL) return;
    append(out, "  ", progress->headline);
    append(out, " ", tsr_format_estimate(progress->value, progress->error, utf8).text);
}

static void append_rest(const tsr_progress *progress, double share, char out[TSR_PROGRESS_BYTES]) {
    if (share <= 0.0) return;
    char whole[16];
    double seconds = (double)progress->elapsed_ns * 1e-9 * (1.0 - share) / share;
    snprintf(whole, sizeof(whole), "%.0f s", fmin(ceil(seconds), 60.0));
    append(out, "  ", seconds < 59.0 ? whole : tsr_format_seconds(seconds).text);
    append(out, "", " left");
}

/* Characters of a UTF-8 text. */
static int width_of_text(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* What goes first when a line is too long; the share, and then the estimate, stay longest. */
typedef enum { DROP_NOTHING, DROP_BAR, DROP_SPEED, DROP_REST, DROP_ESTIMATE, DROP_STAGE } drop;

static void write_without(const tsr_progress *progress, drop dropped, bool utf8, char out[TSR_PROGRESS_BYTES]) {
    char percent[16];
    double share = share_of(progress);
    out[0] = '\0';
    if (dropped < DROP_STAGE) append(out, "", progress->stage);
    if (dropped < DROP_BAR) append_bar(share, utf8, out);
    snprintf(percent, sizeof(percent), "%3d %%", (int)(share * 100.0));
    append(out, dropped < DROP_STAGE ? "  " : "", percent);
    if (dropped < DROP_SPEED) append_speed(progress, out);
    if (dropped < DROP_REST) append_rest(progress, share, out);
    if (dropped < DROP_ESTIMATE) append_estimate(progress, utf8, out);
}

/* A number that is cut looks like another number: whole parts are left out until the line fits. */
void tsr_progress_write(const tsr_progress *progress, bool bar, bool utf8, int width, char out[TSR_PROGRESS_BYTES]) {
    for (drop dropped = bar ? DROP_NOTHING : DROP_BAR; dropped <= DROP_STAGE; dropped++) {
        write_without(progress, dropped, utf8, out);
        if (width_of_text(out) <= width) return;
    }
}

/* ---- where it is shown ---- */

static int width_of(FILE *out) {
    struct winsize size = {0};
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return WIDTH_DEFAULT;
    return size.ws_col;
}

tsr_progress_line tsr_progress_line_make(FILE *out) {
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return (tsr_progress_line){.out = out,
                               .is_terminal = !is_dumb && isatty(fileno(out)),
                               .utf8 = tsr_format_is_utf8(),
                               .said_ns = tsr_clock_ns()};
}

void tsr_progress_line_clear(tsr_progress_line *line) {
    if (line->drawn) fputs("\r\x1b[K", line->out);
    if (line->drawn) fflush(line->out);
    line->drawn = false;
}

void tsr_progress_line_show(const tsr_progress *progress, void *data) {
    tsr_progress_line *line = data;
    char text[TSR_PROGRESS_BYTES];
    if (line->is_terminal) {
        tsr_progress_line_clear(line);
        if (progress->last) return; /* the result table says the rest */
        tsr_progress_write(progress, true, line->utf8, width_of(line->out) - 1, text);
        fputs(text, line->out);
        fflush(line->out);
        line->drawn = true;
    } else if (!progress->last && tsr_clock_ns() - line->said_ns >= plain_every_ns) {
        tsr_progress_write(progress, false, line->utf8, WIDTH_PLAIN, text);
        fprintf(line->out, "tessera: %s\n", text);
        line->said_ns = tsr_clock_ns();
    }
}
