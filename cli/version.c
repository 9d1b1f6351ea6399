#include "cli/command.h"

#include "engine/stream.h"
#include "version.h"

#include <dlfcn.h>
#include <string.h>

/* The dynamic loader chose one of the libraries that were built per vector width; its path tells which. */
static int vector_bits(void) {
    Dl_info library = {0};
    const char *(*function)(void) = tsr_stream_generator;
    const void *address = NULL;
    memcpy(&address, &function, sizeof(address)); /* C has no cast from functions to data */
    if (dladdr(address, &library) == 0 || library.dli_fname == NULL) return 256;
    return strstr(library.dli_fname, "x86-64-v4") ? 512 : 256;
}

static const tsr_option options[] = {{.name = NULL}};

static tsr_status version(int argc, char **argv) {
    tsr_words operands;
    TSR_TRY(tsr_command_parse(&tsr_command_version, argc, argv, NULL, &operands));
    printf("tessera %s\n"
           "revision   %s\n"
           "compiler   %s, %s\n"
           "vectors    %d bits\n"
           "generator  %s\n"
           "libraries  %s\n",
           TSR_VERSION, TSR_REVISION, TSR_COMPILER, TSR_BUILD_TYPE, vector_bits(), tsr_stream_generator(),
           TSR_LIBRARIES);
    return TSR_OK;
}

const tsr_command tsr_command_version = {
    .name = "version",
    .operands = "",
    .summary = "Tells which Tessera this is and what it was built with",
    .examples = "  tessera --version\n",
    .options = options,
    .run = version,
};
