#include "kernels/images/stencil.h"

#include <string.h>

/* Doubles of the lines that are kept: what should be enough, so that they stay in the first-level cache, and what there
 * is for filters that look far. */
enum { FEW = 6144, MOST = 32768, LANES_MANY = 16, LANES_FEW = 8, CELLS_MOST = 512 };

/* ---- memory ---- */

/* Doubles of a line with its margins, of what is kept of each line, and of everything. */
static int64_t padded_length(const tsr_stencil *self, int64_t cells, int64_t lanes) {
    return (cells + 2 * self->along) * lanes;
}

static int64_t kept_length(const tsr_stencil *self, int64_t cells, int64_t lanes) {
    return self->prepared > 0 ? self->prepared * cells * lanes : padded_length(self, cells, lanes);
}

static int64_t doubles_needed(const tsr_stencil *self, int64_t cells, int64_t lanes) {
    return (2 * self->across + 1) * kept_length(self, cells, lanes) + padded_length(self, cells, lanes) + cells * lanes;
}

/* Margins are read anew for every part of a line: parts are not much shorter than these. */
void tsr_stencil_arrange(tsr_stencil *self) {
    const int64_t most = self->raster.is_stack ? self->raster.width : CELLS_MOST;
    self->lanes = self->raster.is_stack ? LANES_MANY : 1;
    self->cells = most;
    if (doubles_needed(self, most, self->lanes) > FEW && self->raster.is_stack) self->lanes = LANES_FEW;
    while (self->cells > 4 * self->along + 1 && doubles_needed(self, self->cells, self->lanes) > FEW) self->cells--;
    while (self->cells > 1 && doubles_needed(self, self->cells, self->lanes) > MOST) self->cells--;
    TSR_ASSERT(doubles_needed(self, self->cells, self->lanes) <= MOST);
}

/* ---- parts of lines ---- */

/* What is worked on at once: so many cells of all lines. */
typedef struct {
    const tsr_stencil *self;
    const tsr_block *in;
    const tsr_block *out;
    int64_t item;  /* of the block: that of the first lane, or the first cell */
    int64_t cell;  /* items are images: the first column of the image */
    int64_t cells; /* without margins */
    int64_t lanes;
} part;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static void fill(double value, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = value;
}

/* Most cells have all their lanes: the compiler knows how many these are. */
static void copy_lanes(const double *from, int64_t lanes, double *out) {
    if (lanes == LANES_MANY)
        memcpy(out, from, LANES_MANY * sizeof(*out));
    else if (lanes == LANES_FEW)
        memcpy(out, from, LANES_FEW * sizeof(*out));
    else
        memcpy(out, from, (size_t)lanes * sizeof(*out));
}

/* A cell of a row of images, or of its margins. */
static void load_cell(const part *at, const int *column, int64_t cell, double *out) {
    const tsr_stencil *self = at->self;
    const int64_t x = tsr_border_place(self->border[1], cell, self->raster.width);
    if (x < 0)
        fill(self->outside, at->lanes, out);
    else
        copy_lanes(tsr_column(at->in, column[x]) + at->item, at->lanes, out);
}

/* A row of images, with margins. */
static void load_row(const part *at, int64_t row, double *out) {
    const tsr_stencil *self = at->self;
    const int *column = self->raster.column + row * self->raster.width;
    const int64_t begin = at->cell - self->along, end = at->cell + at->cells + self->along;
    int64_t x = begin;
    for (; x < 0; x++) load_cell(at, column, x, out + (x - begin) * at->lanes);
    for (; x < least(end, self->raster.width); x++)
        copy_lanes(tsr_column(at->in, column[x]) + at->item, at->lanes, out + (x - begin) * at->lanes);
    for (; x < end; x++) load_cell(at, column, x, out + (x - begin) * at->lanes);
}

/* The value at an item beyond the picture's ends. How many rows there are matters only to filters that look beyond both
 * ends at once: then all of them can be seen. */
static double beyond_end(const part *at, const double *from, int64_t i) {
    const int64_t first = -at->in->before, last = at->in->items + at->in->after - 1, far = INT64_MAX / 4;
    const bool sees_top = at->in->before < at->self->along, sees_end = at->in->after < at->self->along;
    const int64_t rows = sees_top && sees_end ? last - first + 1 : far;
    const int64_t place = tsr_border_place(at->self->border[0], i < first ? i - first : last - i, rows);
    if (place < 0) return at->self->outside;
    return from[i < first ? first + place : last - place];
}

/* A column of the picture, with margins: items above and below, as far as there are any. If there are all, it is where
 * it is; what is beyond the picture's ends is put around a copy. */
static const double *load_column(const part *at, int64_t column, double *out) {
    const tsr_stencil *self = at->self;
    const double *from = tsr_column(at->in, self->raster.column[column]);
    const int64_t length = at->cells + 2 * self->along, first = at->item - self->along;
    const int64_t begin = -at->in->before, end = at->in->items + at->in->after;
    if (first >= begin && first + length <= end) return from + first;
    int64_t i = 0;
    for (; first + i < begin; i++) out[i] = beyond_end(at, from, first + i);
    const int64_t inside = least(length, end - first) - i;
    memcpy(out + i, from + first + i, (size_t)inside * sizeof(*out));
    for (i += inside; i < length; i++) out[i] = beyond_end(at, from, first + i);
    return out;
}

/* A line with margins, in `memory` or where it is. place: in the image; -1: what is beyond its edges in mode constant.
 */
static const double *load(const part *at, int64_t place, double *memory) {
    if (place >= 0 && !at->self->raster.is_stack) return load_column(at, place, memory);
    if (place < 0)
        fill(at->self->outside, padded_length(at->self, at->cells, at->lanes), memory);
    else
        load_row(at, place, memory);
    return memory;
}

/* ---- from line to line ---- */

/* The lines around one, from the first to the last, and their places in the image. */
typedef struct {
    int lines;
    int each;      /* what is kept of a line is so many */
    int64_t step;  /* doubles from one of these to the next */
    int64_t count; /* lines that there have been */
    int64_t place[TSR_STENCIL_LINES_MAX];
    const double *line[TSR_STENCIL_LINES_MAX]; /* [lines, each] */
    double *memory;                            /* [lines, each, step] */
    double *padded;
    double *made;
} window;

enum { NOTHING_YET = -2 };

static void open_window(const part *at, double *memory, window *out) {
    const tsr_stencil *self = at->self;
    out->lines = 2 * self->across + 1;
    out->each = self->prepared > 0 ? self->prepared : 1;
    out->step = kept_length(self, at->cells, at->lanes) / out->each;
    out->count = 0;
    for (int i = 0; i < out->lines; i++) out->place[i] = NOTHING_YET;
    out->memory = memory;
    out->padded = memory + out->lines * out->each * out->step;
    out->made = out->padded + padded_length(self, at->cells, at->lanes);
}

/* What is kept of a line that is already there, as lines beyond an edge may be; or NULL. */
static const double *find_line(const window *lines, int64_t place) {
    for (int i = 0; i < lines->lines - 1; i++)
        if (lines->place[i] == place) return lines->line[i * lines->each];
    return NULL;
}

/* What is kept of a new line: in its own memory, or where it is. */
static const double *keep_line(const part *at, int64_t place, const double *same, const window *lines) {
    const tsr_stencil *self = at->self;
    double *own = lines->memory + lines->count % lines->lines * lines->each * lines->step;
    if (same != NULL)
        memcpy(own, same, (size_t)(lines->each * lines->step) * sizeof(*own));
    else if (self->prepared > 0)
        self->prepare(self, load(at, place, lines->padded), at->lanes, at->cells * at->lanes, own);
    else
        return load(at, place, own);
    return own;
}

/* Forgets the first line, and puts this one behind the last. */
static void shift_window(const part *at, int64_t place, bool is_near_edge, window *lines) {
    const int last = lines->lines - 1, rest = last * lines->each;
    memmove(lines->line, lines->line + lines->each, (size_t)rest * sizeof(*lines->line));
    memmove(lines->place, lines->place + 1, (size_t)last * sizeof(*lines->place));
    const double *kept = keep_line(at, place, is_near_edge ? find_line(lines, place) : NULL, lines);
    for (int i = 0; i < lines->each; i++) lines->line[rest + i] = kept + i * lines->step;
    lines->place[last] = place;
    lines->count++;
}

static void make_line(const part *at, int64_t line, const window *lines) {
    const tsr_stencil *self = at->self;
    const tsr_raster *raster = &self->raster;
    if (!raster->is_stack) {
        double *out = tsr_column(at->out, raster->column[line]) + at->item;
        self->combine(self, lines->line, at->lanes, at->cells, out);
        return;
    }
    self->combine(self, lines->line, at->lanes, at->cells * at->lanes, lines->made);
    const int *column = raster->column + line * raster->width + at->cell;
    for (int64_t c = 0; c < at->cells; c++)
        copy_lanes(lines->made + c * at->lanes, at->lanes, tsr_column(at->out, column[c]) + at->item);
}

static void make_part(const part *at) {
    _Alignas(64) double memory[MOST];
    const tsr_stencil *self = at->self;
    const tsr_border border = self->border[self->raster.is_stack ? 0 : 1];
    const int64_t across = self->across, lines = self->raster.is_stack ? self->raster.height : self->raster.width;
    window around;
    open_window(at, memory, &around);
    for (int64_t line = -across; line < lines + across; line++) {
        shift_window(at, tsr_border_place(border, line, lines), line < across || line >= lines, &around);
        if (line >= across) make_line(at, line - across, &around);
    }
}

/* ---- blocks ---- */

static void make_images(part *at) {
    const tsr_stencil *self = at->self;
    for (at->item = 0; at->item < at->out->items; at->item += at->lanes) {
        at->lanes = least(self->lanes, at->out->items - at->item);
        for (at->cell = 0; at->cell < self->raster.width; at->cell += at->cells) {
            at->cells = least(self->cells, self->raster.width - at->cell);
            make_part(at);
        }
    }
}

static void make_rows(part *at) {
    at->lanes = 1;
    for (at->item = 0; at->item < at->out->items; at->item += at->cells) {
        at->cells = least(at->self->cells, at->out->items - at->item);
        make_part(at);
    }
}

tsr_status tsr_stencil_apply(const void *model, const tsr_block *in, tsr_block *out) {
    const tsr_stencil *self = model;
    const tsr_raster *raster = &self->raster;
    part at = {.self = self, .in = in, .out = out};
    for (int k = 0; k < raster->kept; k++) {
        const double *from = tsr_column(in, raster->keep[k]);
        memcpy(tsr_column(out, raster->keep[k]), from, (size_t)out->items * sizeof(*from));
    }
    if (raster->is_stack)
        make_images(&at);
    else
        make_rows(&at);
    return TSR_OK;
}
