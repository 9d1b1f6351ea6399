/* YAML as far as jobs need it: text -> a tree of settings in which every node knows its place.
 * Scalars, lists and maps in block or flow style, comments, quotes, block texts. Refused in one sentence with
 * file:line:column: syntax errors, anchors, aliases, tags, keys that are not words, keys without a value or twice in
 * one map, more than one document, and what is not plain text. Hides libyaml. */
#ifndef TSR_IO_YAML_H
#define TSR_IO_YAML_H

#include "engine/setting.h"
#include "engine/status.h"

#include <stddef.h>

enum { TSR_YAML_DEPTH_MAX = 32, TSR_YAML_KEYS_MAX = 256 };

/* text: bytes of UTF-8, with or without a byte order mark, any line ends; need not end with a zero. name: of the file,
 * for places. *out is NULL if there is nothing but space and comments. Not collective; thread-safe; allocates *out.
 * TSR_EUSAGE: see above; TSR_ERUNTIME: no memory. */
tsr_status tsr_yaml_read(const char *text, size_t bytes, const char *name, tsr_setting **out);

/* The same for a value from elsewhere, say the command line: every node stands at `where`. */
tsr_status tsr_yaml_read_value(const char *text, const char *where, tsr_setting **out);

/* A tree as YAML text, ending with a zero: lists of scalars on one line, everything else in block style. Reading it
 * back gives the same tree. Not collective; thread-safe; allocates *out (free). TSR_ERUNTIME: no memory. */
tsr_status tsr_yaml_write(const tsr_setting *tree, char **out);

#endif
