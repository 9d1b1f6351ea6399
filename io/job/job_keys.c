#include "io/job/job_keys.h"

#include "engine/number.h"
#include "io/job/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const int64_t items_max = 1000000000000000;

const char *const tsr_job_keys[] = {"name", "title", "seed", "stages", "sweep", NULL};
const char *const tsr_stage_keys[] = {"name",  "source",    "maps",  "tallies",  "items", "tile_items", "sampling",
                                      "until", "nonfinite", "where", "group_by", "sink",  NULL};

static bool is_one_of(const char *word, const char *const *known) {
    for (; *known != NULL; known++)
        if (strcmp(word, *known) == 0) return true;
    return false;
}

tsr_status tsr_keys_check(const tsr_setting *map, const char *what, const char *const *known) {
    for (size_t i = 0; i < map->count; i++) {
        const tsr_setting *value = map->child[i];
        if (!is_one_of(value->key, known)) return tsr_unknown_fail(value->where, what, value->key, known);
    }
    return TSR_OK;
}

tsr_status tsr_kind_check(const tsr_setting *setting, tsr_setting_kind kind, const char *example) {
    TSR_REQUIRE(setting->kind == kind, TSR_EUSAGE, "%s: %s must be %s, not %s; for example %s", setting->where,
                setting->key == NULL ? "this" : tsr_shown_make(setting->key).text, tsr_kind_text(kind),
                tsr_kind_text(setting->kind), example);
    return TSR_OK;
}

tsr_status tsr_name_read(const tsr_setting *setting, const char **out) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    TSR_TRY(tsr_kind_check(setting, TSR_SCALAR, "name: market-risk"));
    size_t length = strlen(setting->text);
    TSR_REQUIRE(length > 0 && strspn(setting->text, allowed) == length, TSR_EUSAGE,
                "%s: the name '%s' may only hold letters, digits, - and _", setting->where,
                tsr_shown_make(setting->text).text);
    TSR_REQUIRE(setting->text[0] != '-', TSR_EUSAGE, "%s: the name '%s' must not begin with -, as options do",
                setting->where, tsr_shown_make(setting->text).text);
    TSR_REQUIRE(length <= TSR_NAME_BYTES_MAX, TSR_EUSAGE, "%s: the name '%s' is longer than %d characters",
                setting->where, tsr_shown_make(setting->text).text, TSR_NAME_BYTES_MAX);
    *out = setting->text;
    return TSR_OK;
}

tsr_status tsr_integer_read(const tsr_setting *setting, int64_t minimum, int64_t maximum, int64_t *out) {
    const char *key = setting->key == NULL ? "this" : setting->key;
    TSR_REQUIRE(setting->kind == TSR_SCALAR, TSR_EUSAGE, "%s: %s must be a whole number, not %s", setting->where, key,
                tsr_kind_text(setting->kind));
    int64_t value = 0;
    tsr_number number = tsr_number_read_integer(setting->text, &value);
    TSR_REQUIRE(number != TSR_NUMBER_MALFORMED && number != TSR_NUMBER_FRACTION, TSR_EUSAGE,
                "%s: %s must be a whole number such as 1000000 or 1e6, not '%s'", setting->where, key,
                tsr_shown_make(setting->text).text);
    TSR_REQUIRE(number == TSR_NUMBER_OK && value >= minimum && value <= maximum, TSR_EUSAGE,
                "%s: %s must lie between %" PRId64 " and %" PRId64 ", and %s does not", setting->where, key, minimum,
                maximum, tsr_shown_make(setting->text).text);
    *out = value;
    return TSR_OK;
}

tsr_status tsr_items_read(const tsr_setting *setting, int64_t *out) {
    return tsr_integer_read(setting, 1, items_max, out);
}

tsr_status tsr_seed_read(const tsr_setting *setting, uint64_t *out) {
    TSR_TRY(tsr_kind_check(setting, TSR_SCALAR, "seed: 20261121"));
    const char *text = setting->text;
    errno = 0;
    uint64_t seed = strtoull(text, NULL, 10);
    TSR_REQUIRE(*text != '\0' && strspn(text, "0123456789") == strlen(text) && errno == 0, TSR_EUSAGE,
                "%s: seed must be a whole number from 0 to 18446744073709551615 in plain digits, not '%s'",
                setting->where, tsr_shown_make(text).text);
    *out = seed;
    return TSR_OK;
}
