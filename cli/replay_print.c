#include "cli/replay_print.h"

#include "cli/format.h"
#include "cli/table.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS_MOST = 24, CELLS_MOST = 16 };

/* ---- tables ---- */

static void print_heading(const tsr_job *job, const tsr_replay_wish *wish, const tsr_replay *replay, FILE *out) {
    fprintf(out, "item %lld of stage %s, which has %s", (long long)wish->item, job->stages[wish->stage].name,
            tsr_format_counted(replay->items, "item").text);
    if (replay->chain_rows > 1) fprintf(out, " of %s rows", tsr_format_count(replay->chain_rows).text);
    fputs("\n", out);
    if (replay->points > 1) fprintf(out, "point %lld:", (long long)wish->point);
    for (int i = 0; i < replay->places; i++)
        fprintf(out, "%s %s=%s", i == 0 ? "" : ",", replay->place[i].name, replay->place[i].value);
    if (replay->points > 1) fputs("\n", out);
}

static void add_parameters(const tsr_replay_link *link, tsr_table *table) {
    const tsr_param *row = link->params != NULL ? tsr_params_table(link->params) : NULL;
    for (int i = 0; row != NULL && row[i].name != NULL; i++)
        tsr_table_add(table, (const char *[]){link->role, link->name, row[i].name, tsr_params_written(link->params, i),
                                              strcmp(row[i].unit, "1") == 0 ? "" : row[i].unit});
}

static tsr_status print_parameters(const tsr_replay *replay, FILE *out) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_POINT, TSR_ALIGN_LEFT};
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create(5, align, &table));
    fputs("\nparameters\n", out);
    for (int i = 0; i < replay->links; i++) add_parameters(&replay->link[i], table);
    const tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    return status;
}

static tsr_status print_draws(const tsr_replay *replay, FILE *out) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_RIGHT, TSR_ALIGN_POINT};
    tsr_table *table = NULL;
    if (replay->draws == 0) return TSR_OK;
    TSR_TRY(tsr_table_create(3, align, &table));
    fputs("\nrandom numbers\n", out);
    for (int64_t i = 0; i < replay->draws && i < DRAWS_MOST; i++) {
        const tsr_replay_draw *draw = &replay->draw[i];
        char number[24];
        snprintf(number, sizeof(number), "%lld", (long long)draw->draw);
        tsr_table_add(table, (const char *[]){draw->is_normal ? "normal" : "uniform", number,
                                              tsr_format_shortest(draw->value).text});
    }
    const tsr_status status = tsr_table_print(table, 2, out);
    if (replay->draws > DRAWS_MOST)
        fprintf(out, "  ... %s more, all of them with --json\n", tsr_format_count(replay->draws - DRAWS_MOST).text);
    tsr_table_destroy(&table);
    return status;
}

/* One line for each column of each link, with a value for each row. */
static void add_column(const tsr_replay *replay, const tsr_replay_link *link, int column, tsr_table *table) {
    const char *cells[CELLS_MOST] = {link->role, link->name, link->fields[column].name};
    tsr_text text[CELLS_MOST];
    const char *unit = link->fields[column].unit;
    for (int64_t r = 0; r < replay->rows; r++) {
        text[r] = tsr_format_shortest(link->value[r * link->columns + column]);
        cells[3 + r] = text[r].text;
    }
    cells[3 + replay->rows] = unit == NULL || strcmp(unit, "1") == 0 ? "" : unit;
    tsr_table_add(table, cells);
}

static void add_rows(const tsr_replay *replay, const char *what, const double *values, tsr_table *table) {
    const char *cells[CELLS_MOST] = {what, "", ""};
    tsr_text text[CELLS_MOST];
    for (int64_t r = 0; r < replay->rows; r++) {
        if (values != NULL)
            text[r] = tsr_format_shortest(values[r]);
        else
            snprintf(text[r].text, sizeof(text[r].text), "%lld", (long long)replay->row[r]);
        cells[3 + r] = text[r].text;
    }
    cells[3 + replay->rows] = "";
    tsr_table_add(table, cells);
}

static tsr_status print_columns(const tsr_replay *replay, FILE *out) {
    tsr_align align[CELLS_MOST] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT};
    const int columns = 4 + (int)replay->rows;
    tsr_table *table = NULL;
    TSR_REQUIRE(columns <= CELLS_MOST, TSR_EINTERNAL, "%lld rows to show", (long long)replay->rows);
    for (int i = 3; i < columns - 1; i++) align[i] = TSR_ALIGN_POINT;
    TSR_TRY(tsr_table_create(columns, align, &table));
    fputs("\ncolumns\n", out);
    if (replay->chain_rows > 1) add_rows(replay, "row", NULL, table);
    if (replay->weight != NULL) add_rows(replay, "weight", replay->weight, table);
    for (int i = 0; i < replay->links; i++)
        for (int c = 0; c < replay->link[i].columns; c++) add_column(replay, &replay->link[i], c, table);
    const tsr_status status = tsr_table_print(table, 2, out);
    tsr_table_destroy(&table);
    return status;
}

tsr_status tsr_replay_print(const tsr_job *job, const tsr_replay_wish *wish, const tsr_replay *replay, FILE *out) {
    print_heading(job, wish, replay, out);
    TSR_TRY(print_parameters(replay, out));
    TSR_TRY(print_draws(replay, out));
    return print_columns(replay, out);
}

/* ---- JSON ---- */

/* Every function passes on a NULL that stands for lack of memory. */
static json_t *number_or_null(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *numbers_of(const double *value, int64_t count, int64_t stride) {
    json_t *list = json_array();
    bool made = list != NULL;
    for (int64_t i = 0; i < count && made; i++)
        made = json_array_append_new(list, number_or_null(value[i * stride])) == 0;
    if (made) return list;
    json_decref(list);
    return NULL;
}

static json_t *part_of(const tsr_replay *replay, const tsr_replay_link *link) {
    json_t *parameters = json_object(), *columns = json_object();
    const tsr_param *row = link->params != NULL ? tsr_params_table(link->params) : NULL;
    bool made = true;
    for (int i = 0; row != NULL && row[i].name != NULL; i++)
        made &= json_object_set_new(parameters, row[i].name, json_string(tsr_params_written(link->params, i))) == 0;
    for (int c = 0; c < link->columns; c++)
        made &= json_object_set_new(columns, link->fields[c].name,
                                    numbers_of(link->value + c, replay->rows, link->columns)) == 0;
    json_t *part = json_pack("{s:s, s:s, s:o, s:o}", "role", link->role, "name", link->name, "parameters", parameters,
                             "columns", columns);
    if (made) return part;
    json_decref(part);
    return NULL;
}

static json_t *parts_of(const tsr_replay *replay) {
    json_t *list = json_array();
    for (int i = 0; i < replay->links; i++)
        if (json_array_append_new(list, part_of(replay, &replay->link[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *draws_of(const tsr_replay *replay) {
    json_t *list = json_array();
    bool made = list != NULL;
    for (int64_t i = 0; i < replay->draws && made; i++) {
        const tsr_replay_draw *draw = &replay->draw[i];
        json_t *one = json_pack("{s:s, s:I, s:f}", "kind", draw->is_normal ? "normal" : "uniform", "draw",
                                (json_int_t)draw->draw, "value", draw->value);
        made = json_array_append_new(list, one) == 0;
    }
    if (made) return list;
    json_decref(list);
    return NULL;
}

static json_t *rows_of(const tsr_replay *replay) {
    json_t *list = json_array();
    for (int64_t i = 0; i < replay->rows; i++)
        if (json_array_append_new(list, json_integer(replay->row[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *place_of(const tsr_replay *replay) {
    json_t *place = json_object();
    for (int i = 0; i < replay->places; i++)
        if (json_object_set_new(place, replay->place[i].name, json_string(replay->place[i].value)) != 0) {
            json_decref(place);
            return NULL;
        }
    return place;
}

tsr_status tsr_replay_print_json(const tsr_job *job, const tsr_replay_wish *wish, const tsr_replay *replay, FILE *out) {
    json_t *weights = replay->weight != NULL ? numbers_of(replay->weight, replay->rows, 1) : json_null();
    json_t *object = json_pack("{s:s, s:s, s:I, s:o, s:I, s:o, s:o, s:o, s:o}", "job", job->name, "stage",
                               job->stages[wish->stage].name, "point", (json_int_t)wish->point, "place",
                               place_of(replay), "item", (json_int_t)wish->item, "rows", rows_of(replay), "parts",
                               parts_of(replay), "weights", weights, "draws", draws_of(replay));
    char *text = object == NULL ? NULL : json_dumps(object, JSON_REAL_PRECISION(17) | JSON_INDENT(2));
    json_decref(object);
    TSR_REQUIRE(text != NULL, TSR_ERUNTIME, "no memory for an item as JSON, or a name that is not UTF-8");
    fprintf(out, "%s\n", text);
    free(text);
    return TSR_OK;
}
