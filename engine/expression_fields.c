#include "engine/expression_parser.h"

#include <stdio.h>
#include <stdlib.h>

bool tsr_expression_compile_fields(const char *text, const tsr_field *fields, tsr_expression *out,
                                   tsr_mistake *mistake) {
    int count = 0;
    while (fields[count].name != NULL) count++;
    const char **names = calloc((size_t)count + 1, sizeof(*names));
    if (names == NULL) {
        *mistake = (tsr_mistake){.place = 1};
        snprintf(mistake->text, sizeof(mistake->text), "no memory for the names of %d columns", count);
        return false;
    }
    for (int i = 0; i < count; i++) names[i] = fields[i].name;
    tsr_parser parser = {.text = text, .names = names, .fields = fields, .out = out, .mistake = mistake};
    const bool compiled = tsr_parser_read(&parser);
    free(names);
    return compiled;
}
