#include "io/csv/csv_heading.h"

#include "engine/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool tsr_csv_cell_number(const tsr_csv_cell *cell, double *out) {
    return strlen(cell->text) == cell->bytes && tsr_number_read_real(cell->text, out) == TSR_NUMBER_OK;
}

/* Words make a column of words. What is empty, too large or no finite number may be a hole in a column of numbers: it
 * is read as such and refused at its place. */
static bool is_text(const tsr_csv_cell *cell) {
    double value;
    if (strlen(cell->text) != cell->bytes) return true;
    char *end;
    strtod(cell->text, &end);
    bool begins_number = cell->bytes == 0 || *end == '\0';
    return tsr_number_read_real(cell->text, &value) != TSR_NUMBER_OK && !begins_number;
}

static bool add_column(tsr_csv_heading *heading, const char *given) {
    size_t columns = (size_t)heading->columns + 1;
    heading->starved = true;
    char **names = realloc(heading->name, (columns + 1) * sizeof(*names));
    if (names == NULL) return false;
    heading->name = names;
    bool *flags = realloc(heading->is_number, columns * sizeof(*flags));
    if (flags == NULL) return false;
    heading->is_number = flags;
    flags[columns - 1] = false;
    names[columns] = NULL;
    if (*given == '\0' && asprintf(&names[columns - 1], "c%zu", columns) < 0) return false;
    if (*given != '\0') names[columns - 1] = strdup(given);
    heading->starved = names[columns - 1] == NULL;
    heading->columns += !heading->starved;
    return !heading->starved;
}

static bool take_cell(void *data, const tsr_csv_cell *cell) {
    tsr_csv_heading *heading = data;
    int index = heading->cell++;
    if (heading->rows == 0 && !add_column(heading, heading->header ? cell->text : "")) return false;
    if (index < heading->columns) heading->is_number[index] = !is_text(cell);
    return true;
}

static bool take_row(void *data) {
    tsr_csv_heading *heading = data;
    bool is_names = heading->header && heading->rows == 0;
    for (int i = 0; is_names && i < heading->columns; i++) heading->names_are_numbers &= heading->is_number[i];
    heading->rows++;
    heading->cell = 0;
    return is_names;
}

tsr_status tsr_csv_heading_read(const tsr_csv *csv, bool header, tsr_csv_heading *out) {
    *out = (tsr_csv_heading){.header = header, .names_are_numbers = header};
    tsr_csv_reader reader = {.cell = take_cell, .row = take_row, .data = out};
    TSR_TRY(tsr_csv_read(csv, &reader));
    TSR_REQUIRE(!out->starved, TSR_ERUNTIME, "no memory for the names of columns");
    if (out->rows < 1 + header) return tsr_csv_refuse(csv, 0, "there is no row of values");
    return TSR_OK;
}

void tsr_csv_heading_clear(tsr_csv_heading *heading) {
    for (int i = 0; i < heading->columns; i++) free(heading->name[i]);
    free(heading->name);
    free(heading->is_number);
    *heading = (tsr_csv_heading){0};
}

int tsr_csv_heading_find(const tsr_csv_heading *heading, const char *name) {
    for (int i = 0; i < heading->columns; i++)
        if (strcmp(heading->name[i], name) == 0) return i;
    return -1;
}
