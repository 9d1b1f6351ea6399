#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/table.h"

#include <string.h>

enum { KERNELS_MAX = 256 };

/* Sources, maps, tallies, sampling designs and sinks look alike from here. */
typedef struct {
    const char *role;
    const char *name;
    const char *summary;
    const char *reference;
    const tsr_param *params;
    const tsr_source *source; /* or NULL */
} kernel;

typedef struct {
    int count;
    kernel row[KERNELS_MAX];
} kernel_list;

static void add(kernel_list *list, kernel row) {
    TSR_ASSERT(list->count < KERNELS_MAX);
    list->row[list->count++] = row;
}

static kernel_list list_kernels(const tsr_catalog *catalog) {
    kernel_list list = {0};
    for (const tsr_source *const *at = catalog->sources; *at != NULL; at++)
        add(&list, (kernel){"source", (*at)->name, (*at)->summary, (*at)->reference, (*at)->params, *at});
    for (const tsr_map *const *at = catalog->maps; *at != NULL; at++)
        add(&list, (kernel){"map", (*at)->name, (*at)->summary, (*at)->reference, (*at)->params, NULL});
    for (const tsr_tally *const *at = catalog->tallies; *at != NULL; at++)
        add(&list, (kernel){"tally", (*at)->name, (*at)->summary, (*at)->reference, (*at)->params, NULL});
    for (const tsr_design *const *at = catalog->designs; *at != NULL; at++)
        add(&list, (kernel){"sampling", (*at)->name, (*at)->summary, (*at)->reference, (*at)->params, NULL});
    for (const tsr_sink *const *at = catalog->sinks; at != NULL && *at != NULL; at++)
        add(&list, (kernel){"sink", (*at)->name, (*at)->summary, (*at)->reference, (*at)->params, NULL});
    return list;
}

/* ---- all of them ---- */

static tsr_status print_role(const kernel_list *list, const char *role, const char *title) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT};
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create(2, align, &table));
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->row[i].role, role) == 0)
            tsr_table_add(table, (const char *[]){list->row[i].name, list->row[i].summary});
    printf("%s\n", title);
    tsr_status status = tsr_table_print(table, 2, stdout);
    tsr_table_destroy(&table);
    return status;
}

static tsr_status print_list(const kernel_list *list) {
    TSR_TRY(print_role(list, "source", "Sources: where items come from"));
    TSR_TRY(print_role(list, "map", "\nMaps: turn items into other items"));
    TSR_TRY(print_role(list, "tally", "\nTallies: what is learned from items"));
    TSR_TRY(print_role(list, "sampling", "\nSampling designs: how items are drawn together for smaller error bars"));
    TSR_TRY(print_role(list, "sink", "\nSinks: where rows are kept"));
    puts("\nAll about one of them: tessera kernels NAME");
    return TSR_OK;
}

/* ---- one of them ---- */

static const char *type_name(const tsr_param *param) {
    switch (param->type) {
    case TSR_REAL: return "number";
    case TSR_INTEGER: return "whole number";
    case TSR_BOOLEAN: return "yes or no";
    case TSR_TEXT: return "text";
    case TSR_CHOICE: return param->choices;
    case TSR_FILE: return "file";
    case TSR_STAGE: return "name of an earlier stage";
    case TSR_REAL_LIST: return "numbers";
    case TSR_TEXT_LIST: return "words";
    case TSR_FILE_LIST: return "files";
    }
    return "";
}

static void add_param(tsr_table *table, const tsr_param *param) {
    char bounds[TSR_BOUNDS_BYTES], meaning[512];
    tsr_param_bounds(param, bounds);
    snprintf(meaning, sizeof(meaning), "%s (%s%s%s)", param->help, type_name(param), bounds[0] ? " " : "", bounds);
    const char *preset = param->preset == NULL ? "required" : param->preset[0] ? param->preset : "-";
    tsr_table_add(table, (const char *[]){param->name, preset, strcmp(param->unit, "1") ? param->unit : "", meaning});
}

static tsr_status print_params(const tsr_param *params) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT};
    tsr_table *table = NULL;
    if (params[0].name == NULL) {
        puts("It has no parameters.");
        return TSR_OK;
    }
    TSR_TRY(tsr_table_create(4, align, &table));
    tsr_table_add(table, (const char *[]){"PARAMETER", "DEFAULT", "UNIT", "MEANING"});
    for (; params->name != NULL; params++) add_param(table, params);
    tsr_status status = tsr_table_print(table, 0, stdout);
    tsr_table_destroy(&table);
    return status;
}

static tsr_status print_fields(const tsr_field *fields) {
    static const tsr_align align[] = {TSR_ALIGN_LEFT, TSR_ALIGN_LEFT, TSR_ALIGN_LEFT};
    tsr_table *table = NULL;
    TSR_TRY(tsr_table_create(3, align, &table));
    tsr_table_add(table, (const char *[]){"COLUMN", "UNIT", "MEANING"});
    for (; fields->name != NULL; fields++)
        tsr_table_add(table,
                      (const char *[]){fields->name, strcmp(fields->unit, "1") ? fields->unit : "", fields->long_name});
    putchar('\n');
    tsr_status status = tsr_table_print(table, 0, stdout);
    tsr_table_destroy(&table);
    return status;
}

/* Columns that depend on parameters are those of the defaults; nothing is told of a source that has no defaults, or
 * reads a file. */
static tsr_status print_columns(const tsr_source *source) {
    tsr_params *params = NULL;
    void *model = NULL;
    if (source->fields != NULL) return print_fields(source->fields);
    tsr_status status = tsr_params_bind(source->params, NULL, source->name, NULL, &params);
    if (status == TSR_OK && source->create != NULL) status = source->create(params, &model);
    const bool made = status == TSR_OK;
    if (made) status = print_fields(source->fields_of(model));
    if (made && source->destroy != NULL) source->destroy(model);
    tsr_params_destroy(&params);
    if (!made) tsr_error_clear();
    return made ? status : TSR_OK;
}

static tsr_status print_kernel(const kernel *row) {
    printf("%s %s: %s\n", row->role, row->name, row->summary);
    if (row->reference != NULL) printf("Reference: %s\n", row->reference);
    putchar('\n');
    TSR_TRY(print_params(row->params));
    return row->source == NULL ? TSR_OK : print_columns(row->source);
}

/* A source and a tally may share a name: both are told. */
static tsr_status print_named(const kernel_list *list, const char *name) {
    const char *names[KERNELS_MAX + 1] = {0};
    char hint[TSR_HINT_BYTES];
    int found = 0;
    for (int i = 0; i < list->count; i++) {
        names[i] = list->row[i].name;
        if (strcmp(names[i], name) != 0) continue;
        if (found++ > 0) putchar('\n');
        TSR_TRY(print_kernel(&list->row[i]));
    }
    if (found > 0) return TSR_OK;
    tsr_nearest_hint(name, names, hint);
    return TSR_FAIL(TSR_EUSAGE, "kernels: there is no source, map, tally, sampling design or sink called %.80s%s", name,
                    hint);
}

static const tsr_option options[] = {{.name = NULL}};

static tsr_status kernels(int argc, char **argv) {
    tsr_words operands;
    tsr_catalog *catalog = NULL;
    TSR_TRY(tsr_command_parse(&tsr_command_kernels, argc, argv, NULL, &operands));
    TSR_TRY(tsr_catalog_create(&catalog));
    const kernel_list list = list_kernels(catalog);
    tsr_status status = operands.count == 0 ? print_list(&list) : print_named(&list, operands.word[0]);
    tsr_catalog_destroy(&catalog);
    return status;
}

const tsr_command tsr_command_kernels = {
    .name = "kernels",
    .operands = "[NAME]",
    .summary = "Lists sources, maps, tallies, sampling designs and sinks, or tells all about one",
    .examples = "  tessera kernels\n"
                "  tessera kernels european\n",
    .options = options,
    .run = kernels,
};
