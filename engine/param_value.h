/* One bound value: how a text, a list or a preset becomes what a table row asks for.
 * Layer 1, internal to param*.c. */
#ifndef TSR_ENGINE_PARAM_VALUE_H
#define TSR_ENGINE_PARAM_VALUE_H

#include "engine/param.h"

/* The member that the row's type names is in use. Zeroed memory is an empty value. */
typedef struct {
    bool is_default;
    char *where;   /* of the user's setting; NULL: default */
    char *written; /* as text, for the echo */
    double real;
    int64_t integer;
    bool boolean;
    int choice;
    char *text; /* text, choice, stage; a file is resolved */
    double *reals;
    char **texts;
    int64_t count; /* of reals or texts */
    const tsr_results *stage;
} tsr_param_value;

/* What a value is read for. */
typedef struct {
    const tsr_param *row;
    const char *owner;
    const tsr_binding *binding; /* never NULL */
} tsr_param_reader;

/* Fills a zeroed value from the user's setting. TSR_EUSAGE: not of the row's type, or out of range; TSR_ERUNTIME. */
tsr_status tsr_param_value_read(const tsr_param_reader *reader, const tsr_setting *setting, tsr_param_value *out);

/* Fills a zeroed value from the row's preset. TSR_EINTERNAL: the preset is not of the row's type; TSR_ERUNTIME. */
tsr_status tsr_param_value_preset(const tsr_param_reader *reader, tsr_param_value *out);

/* Frees what a value holds; also after a failed read. */
void tsr_param_value_clear(tsr_param_value *value);

/* TSR_EUSAGE with the sentence "where: owner: ..."; where may be NULL. */
tsr_status tsr_param_refuse(const char *where, const char *owner, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
