#include "cli/options.h"

#include "engine/number.h"
#include "engine/param.h"

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 32, LONG_FIRST = UCHAR_MAX + 1, HELP_COLUMN = 28 };

static int count_rows(const tsr_option *table) {
    int rows = 0;
    while (table[rows].name != NULL) rows++;
    TSR_ASSERT(rows < ROWS_MAX);
    return rows;
}

/* ---- values ---- */

static tsr_status set_integer(const tsr_option *row, const char *program, const char *text, int64_t most,
                              int64_t *out) {
    bool fits = tsr_number_read_integer(text, out) == TSR_NUMBER_OK && *out >= 1 && *out <= most;
    TSR_REQUIRE(fits, TSR_EUSAGE, "%s: --%s %s: %s must be a whole number from 1 to %lld", program, row->name, text,
                row->value, (long long)most);
    return TSR_OK;
}

static tsr_status add_word(tsr_words *words, char *text, int most) {
    if (words->word == NULL) words->word = calloc((size_t)most, sizeof(*words->word));
    TSR_REQUIRE(words->word != NULL, TSR_ERUNTIME, "no memory for the command line");
    words->word[words->count++] = text;
    return TSR_OK;
}

static tsr_status set_value(const tsr_option *row, const char *program, char *text, int argc, void *values) {
    void *member = (char *)values + row->offset;
    int64_t number = 0;
    switch (row->type) {
    case TSR_OPTION_FLAG: *(bool *)member = true; break;
    case TSR_OPTION_TEXT: *(const char **)member = text; break;
    case TSR_OPTION_WORDS: return add_word(member, text, argc);
    case TSR_OPTION_COUNT:
        TSR_TRY(set_integer(row, program, text, TSR_COUNT_MAX, &number));
        *(int *)member = (int)number;
        break;
    case TSR_OPTION_SEED:
        TSR_TRY(set_integer(row, program, text, INT64_MAX, &number));
        *(uint64_t *)member = (uint64_t)number;
        break;
    }
    return TSR_OK;
}

void tsr_options_clear(const tsr_option *table, void *values) {
    for (; table->name != NULL; table++) {
        if (table->type != TSR_OPTION_WORDS) continue;
        tsr_words *words = (tsr_words *)(void *)((char *)values + table->offset);
        free(words->word);
        *words = (tsr_words){0};
    }
}

/* ---- getopt ---- */

typedef struct {
    struct option longs[ROWS_MAX + 1];
    char letters[2 * ROWS_MAX + 2];
} syntax;

static syntax syntax_of(const tsr_option *table, int rows) {
    syntax made = {.letters = ":"};
    size_t used = 1;
    for (int i = 0; i < rows; i++) {
        bool takes = table[i].type != TSR_OPTION_FLAG;
        made.longs[i] = (struct option){.name = table[i].name, .has_arg = takes, .val = LONG_FIRST + i};
        if (table[i].letter == '\0') continue;
        made.letters[used++] = table[i].letter;
        if (takes) made.letters[used++] = ':';
    }
    return made;
}

/* The row that getopt means by a code, or -1. */
static int find_row(const tsr_option *table, int rows, int code) {
    if (code >= LONG_FIRST && code < LONG_FIRST + rows) return code - LONG_FIRST;
    for (int i = 0; i < rows && code != 0; i++)
        if (table[i].letter == code) return i;
    return -1;
}

static tsr_status fail_unknown(const tsr_option *table, const char *program, const char *word) {
    char dashed[ROWS_MAX][40], given[80], hint[TSR_HINT_BYTES];
    const char *names[ROWS_MAX + 1] = {0};
    int rows = count_rows(table);
    for (int i = 0; i < rows; i++) {
        snprintf(dashed[i], sizeof(dashed[i]), "--%s", table[i].name);
        names[i] = dashed[i];
    }
    snprintf(given, sizeof(given), "%.*s", (int)strcspn(word, "="), word);
    tsr_nearest_hint(given, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "%s: unknown option %s%s", program, given, hint);
}

/* getopt said '?' or ':'; word is the one it stumbled over. */
static tsr_status fail_option(const tsr_option *table, const char *program, int said, const char *word) {
    int found = find_row(table, count_rows(table), optopt);
    char letter[] = {'-', (char)optopt, '\0'};
    if (found < 0) return fail_unknown(table, program, optopt == 0 ? word : letter);
    const tsr_option *row = &table[found];
    if (said == ':')
        return TSR_FAIL(TSR_EUSAGE, "%s: --%s needs a value: --%s %s", program, row->name, row->name, row->value);
    return TSR_FAIL(TSR_EUSAGE, "%s: --%s takes no value", program, row->name);
}

tsr_status tsr_options_parse(const tsr_option *table, const char *program, int argc, char **argv, void *values,
                             tsr_words *operands) {
    int rows = count_rows(table);
    const syntax made = syntax_of(table, rows);
    optind = 0; /* glibc: start anew */
    opterr = 0;
    for (;;) {
        int code = getopt_long(argc, argv, made.letters, made.longs, NULL);
        if (code == -1) break;
        int found = find_row(table, rows, code);
        if (found < 0) return fail_option(table, program, code, argv[optind - 1]);
        TSR_TRY(set_value(&table[found], program, optarg, argc, values));
    }
    *operands = (tsr_words){.word = argv + optind, .count = argc - optind};
    return TSR_OK;
}

/* ---- help ---- */

void tsr_options_print(const tsr_option *table, FILE *out) {
    for (; table->name != NULL; table++) {
        char left[64], letter[] = "-x, ";
        letter[1] = table->letter;
        int width = snprintf(left, sizeof(left), "  %s--%s%s%s", table->letter ? letter : "    ", table->name,
                             table->value ? " " : "", table->value ? table->value : "");
        fputs(left, out);
        if (width >= HELP_COLUMN) fputs("\n", out);
        fprintf(out, "%*s%s\n", width >= HELP_COLUMN ? HELP_COLUMN : HELP_COLUMN - width, "", table->help);
    }
}
