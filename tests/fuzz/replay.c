/* Runs a fuzz target over kept inputs: replay FILE...; a failure is a crash, or what the sanitizers say. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* In memory of exactly its size, so that a byte too many is seen. */
static int replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return 1;
    const size_t bytes = (size_t)ftell(file);
    uint8_t *data = malloc(bytes > 0 ? bytes : 1);
    rewind(file);
    int failed = data == NULL || fread(data, 1, bytes, file) != bytes;
    fclose(file);
    if (!failed) failed = LLVMFuzzerTestOneInput(data, bytes);
    free(data);
    return failed;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        fprintf(stderr, "%s\n", argv[i]); /* the last one said is the one at fault */
        if (replay(argv[i]) != 0) return 1;
    }
    return argc > 1 ? 0 : 1;
}
