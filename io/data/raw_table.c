#include "io/data/raw_table.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that are read at a time: of all lanes together, of one, and so few that a gap is not worth reading. */
enum { READ_BYTES = 1 << 20, LANE_BYTES = 1 << 12, GAP_BYTES = 1 << 12, ALIGNMENT = 64 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the columns of a dataset"); }

void tsr_raw_table_destroy(tsr_raw_table *table) {
    if (table == NULL) return;
    tsr_open_files_destroy(&table->open);
    for (int i = 0; table->shape != NULL && i < table->files.count; i++)
        for (int a = 0; a < table->shape[i].rank; a++) free(table->shape[i].along[a]);
    for (int i = 0; i < table->columns; i++) {
        free((void *)(uintptr_t)table->fields[i].name);
        free((void *)(uintptr_t)table->fields[i].unit);
        free((void *)(uintptr_t)table->fields[i].long_name);
    }
    tsr_files_clear(&table->files);
    free(table->lane);
    free(table->width);
    free(table->strip);
    free(table->first);
    free(table->coordinate);
    free(table->shape);
    free(table->fields);
    free(table);
}

/* ---- columns ---- */

tsr_status tsr_raw_table_add_field(tsr_raw_table *table, const char *name, const char *unit, const char *long_name) {
    const size_t room = (size_t)table->columns + 2;
    if ((room & (room - 1)) == 0 || table->fields == NULL) { /* doubles at powers of two */
        tsr_field *larger = realloc(table->fields, 2 * room * sizeof(*larger));
        if (larger == NULL) return no_memory();
        table->fields = larger;
    }
    tsr_field *field = &table->fields[table->columns++];
    *field = (tsr_field){.name = strdup(name), .unit = strdup(unit), .long_name = strdup(long_name)};
    field[1] = (tsr_field){.name = NULL};
    return field->name != NULL && field->unit != NULL && field->long_name != NULL ? TSR_OK : no_memory();
}

static bool same_decoding(const tsr_decoding *a, const tsr_decoding *b) {
    bool same = a->missing_count == b->missing_count && a->is_scaled == b->is_scaled &&
                a->is_checked == b->is_checked && a->minimum == b->minimum && a->maximum == b->maximum &&
                a->scale == b->scale && a->offset == b->offset;
    for (int i = 0; same && i < a->missing_count; i++) same = a->missing[i] == b->missing[i];
    return same;
}

static bool continues(const tsr_raw_strip *last, const tsr_raw_strip *value) {
    const size_t bytes = tsr_number_bytes(last->number.type);
    return last->lane == value->lane && last->number.type == value->number.type &&
           last->number.is_swapped == value->number.is_swapped &&
           value->offset == last->offset + (size_t)last->count * bytes && value->column == last->column + last->count &&
           same_decoding(&last->decoding, &value->decoding);
}

tsr_status tsr_raw_table_add_value(tsr_raw_table *table, const tsr_raw_strip *value) {
    if (table->strips > 0 && continues(&table->strip[table->strips - 1], value)) {
        table->strip[table->strips - 1].count++;
        return TSR_OK;
    }
    const size_t room = (size_t)table->strips + 1;
    if ((room & (room - 1)) == 0) {
        tsr_raw_strip *larger = realloc(table->strip, 2 * room * sizeof(*larger));
        if (larger == NULL) return no_memory();
        table->strip = larger;
    }
    table->strip[table->strips++] = *value;
    return TSR_OK;
}

static int compare_strips(const void *a, const void *b) {
    const tsr_raw_strip *x = a, *y = b;
    return x->lane != y->lane ? (x->lane > y->lane) - (x->lane < y->lane) : x->column - y->column;
}

tsr_status tsr_raw_table_arrange(tsr_raw_table *table) {
    table->first = calloc((size_t)table->lanes + 1, sizeof(*table->first));
    if (table->first == NULL) return no_memory();
    if (table->strips > 0) qsort(table->strip, (size_t)table->strips, sizeof(*table->strip), compare_strips);
    for (int s = 0; s < table->strips; s++) table->first[table->strip[s].lane + 1]++;
    for (int l = 0; l < table->lanes; l++) table->first[l + 1] += table->first[l];
    return TSR_OK;
}

static bool is_used(const tsr_raw_table *table, int lane) { return table->first[lane + 1] > table->first[lane]; }

/* ---- a thread's windows ---- */

/* What a thread has of a lane: rows begin..end of a file. */
typedef struct {
    int64_t file; /* its number + 1; 0: nothing */
    int64_t begin;
    int64_t end;
    size_t stride; /* bytes from a row to the next, in memory */
} window;

typedef struct {
    const tsr_raw_table *table;
    window window[];
} desk;

static size_t aligned(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static size_t desk_bytes(const tsr_raw_table *table) {
    return aligned(sizeof(desk) + (size_t)table->lanes * sizeof(window));
}

static size_t window_bytes(const tsr_raw_table *table, int lane) {
    const size_t share = READ_BYTES / (size_t)table->lanes, least = table->width[lane];
    const size_t bytes = share > LANE_BYTES ? share : LANE_BYTES;
    return aligned(bytes > least ? bytes : least);
}

size_t tsr_raw_table_workspace(const tsr_raw_table *table) {
    size_t bytes = desk_bytes(table);
    for (int l = 0; l < table->lanes; l++)
        if (is_used(table, l)) bytes += window_bytes(table, l);
    return bytes;
}

/* What is asked for: rows of one file. */
typedef struct {
    const tsr_raw_table *table;
    int file;
    int64_t row; /* of the file */
    int64_t count;
    const tsr_block *out;
    int64_t at; /* index within the block */
} portion;

/* Rows from `row` on, as many as fit: with what lies between them, or one by one where that is too much. */
static tsr_status read_window(const portion *rows, int lane, int64_t row, window *own, unsigned char *data) {
    const tsr_raw_table *table = rows->table;
    const tsr_raw_lane *from = &table->lane[(int64_t)rows->file * table->lanes + lane];
    const size_t width = table->width[lane], room = window_bytes(table, lane);
    const bool is_sparse = (size_t)from->step > width + GAP_BYTES || (size_t)from->step > room;
    const int64_t place = from->begin + row / from->run * from->hop + row % from->run * from->step;
    const int64_t left = from->run - row % from->run,
                  last = rows->table->files.begin[rows->file + 1] - rows->table->files.begin[rows->file] - row;
    own->file = 0;
    own->stride = is_sparse ? width : (size_t)from->step;
    int64_t count = own->stride == 0 ? 1 : (int64_t)((room - width) / own->stride) + 1;
    if (count > left) count = left;
    if (count > last) count = last;
    if (!is_sparse)
        TSR_TRY(tsr_open_files_read(table->open, rows->file, place, (size_t)(count - 1) * own->stride + width, data));
    for (int64_t i = 0; is_sparse && i < count; i++)
        TSR_TRY(tsr_open_files_read(table->open, rows->file, place + i * from->step, width, data + (size_t)i * width));
    *own = (window){rows->file + 1, row, row + count, own->stride};
    return TSR_OK;
}

static void convert(const portion *rows, int lane, const window *own, const unsigned char *data, int64_t done,
                    int64_t count) {
    const tsr_raw_table *table = rows->table;
    const unsigned char *from = data + (size_t)(rows->row + done - own->begin) * own->stride;
    for (int s = table->first[lane]; s < table->first[lane + 1]; s++) {
        const tsr_raw_strip *strip = &table->strip[s];
        double *out = tsr_column(rows->out, strip->column) + rows->at + done;
        const tsr_number_rows matrix = {from + strip->offset, own->stride, count, strip->count};
        if (strip->count == 1)
            tsr_convert_column(strip->number, from + strip->offset, own->stride, count, out);
        else
            tsr_convert_rows(strip->number, &matrix, rows->out->stride, out);
        for (int64_t c = 0; c < strip->count && (strip->decoding.is_checked || strip->decoding.is_scaled); c++)
            tsr_decoding_apply(&strip->decoding, count, out + c * rows->out->stride);
    }
}

static tsr_status fill_lane(const portion *rows, int lane, window *own, unsigned char *data) {
    for (int64_t done = 0; done < rows->count;) {
        const int64_t row = rows->row + done;
        const bool is_there = own->file == rows->file + 1 && row >= own->begin && row < own->end;
        if (!is_there) TSR_TRY(read_window(rows, lane, row, own, data));
        const int64_t left = own->end - row, count = left < rows->count - done ? left : rows->count - done;
        convert(rows, lane, own, data, done, count);
        done += count;
    }
    return TSR_OK;
}

/* Runs of equal indices along the axis; those of the first axis go on from file to file. */
static void fill_coordinate(const portion *rows, const tsr_raw_coordinate *coordinate) {
    const tsr_raw_shape *shape = &rows->table->shape[rows->file];
    const int a = coordinate->axis;
    const double *along = shape->along[a];
    int64_t rest = 1;
    for (int i = a + 1; i < shape->rank; i++) rest *= shape->extent[i];
    const int64_t earlier = a == 0 ? rows->table->files.begin[rows->file] / rest : 0;
    int64_t index = rows->row / rest % shape->extent[a], left = rest - rows->row % rest;
    double *out = tsr_column(rows->out, coordinate->column) + rows->at;
    for (int64_t i = 0; i < rows->count; i++, left--) {
        if (left == 0) {
            left = rest;
            if (++index == shape->extent[a]) index = 0;
        }
        out[i] = along != NULL ? along[index] : (double)(earlier + index);
    }
}

static tsr_status fill_portion(const portion *rows, desk *own) {
    const tsr_raw_table *table = rows->table;
    unsigned char *data = (unsigned char *)own + desk_bytes(table);
    for (int l = 0; l < table->lanes; l++) {
        if (!is_used(table, l)) continue;
        TSR_TRY(fill_lane(rows, l, &own->window[l], data));
        data += window_bytes(table, l);
    }
    for (int c = 0; c < table->coordinates; c++) fill_coordinate(rows, &table->coordinate[c]);
    return TSR_OK;
}

tsr_status tsr_raw_table_fill(const tsr_raw_table *table, void *workspace, const tsr_block *out) {
    desk *own = workspace;
    if (own->table != table) memset(own, 0, desk_bytes(table));
    own->table = table;
    TSR_ASSERT(out->item >= 0 && out->item + out->items <= table->files.begin[table->files.count]);
    for (int64_t done = 0; done < out->items;) {
        const int64_t row = out->item + done;
        const int file = tsr_files_at(&table->files, row);
        const int64_t left = table->files.begin[file + 1] - row;
        const portion rows = {.table = table,
                              .file = file,
                              .row = row - table->files.begin[file],
                              .count = left < out->items - done ? left : out->items - done,
                              .out = out,
                              .at = done};
        TSR_TRY(fill_portion(&rows, own));
        done += rows.count;
    }
    return TSR_OK;
}
