/* Compiled for any 64-bit processor, so that it can say on an old one that it is too old; all else is behind it. */
#include "cli/command.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_RUNTIME = 71, STDOUT_BYTES = 1 << 16 };

static bool has_vectors(void) {
#ifdef __x86_64__
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
    return true;
#endif
}

/* A standard stream that came closed would be opened as somebody's file: a message would then be written into it. */
static void keep_standard_streams(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1) (void)!open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
    if (!has_vectors()) {
        fputs("tessera: this processor is too old: Tessera needs AVX2 and FMA (x86-64-v3: Intel since 2013, AMD since "
              "2015)\n",
              stderr);
        return EXIT_RUNTIME;
    }
    keep_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away must not end a run */
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of writing like others */
    setlocale(LC_CTYPE, "");
    if (!isatty(STDOUT_FILENO)) setvbuf(stdout, NULL, _IOFBF, STDOUT_BYTES);
    return tsr_command_main(argc, argv);
}
