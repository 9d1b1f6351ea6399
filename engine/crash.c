#include "engine/crash.h"

#include "engine/roll_page.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 512 };

/* A handler gets nothing of ours. */
static const tsr_roll *_Atomic located;

static const struct {
    int number;
    const char *what;
} crashes[] = {{SIGSEGV, "it touched memory that is not its own (SIGSEGV)"},
               {SIGBUS, "memory or a file behind it has failed (SIGBUS)"},
               {SIGFPE, "an integer division by zero (SIGFPE)"},
               {SIGILL, "an instruction that this processor does not know (SIGILL)"},
               {SIGABRT, "a library gave up (SIGABRT)"}};

enum { CRASHES = sizeof(crashes) / sizeof(crashes[0]) };

static int64_t get(const _Atomic int64_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }

/* "rank 3 (pid 4711) crashed in tile 12 of stage loss, point 0" */
static void locate(char *text, size_t bytes) {
    tsr_roll_page *pages;
    char stage[TSR_ROLL_TEXT];
    int mine;
    const tsr_roll *roll = atomic_load(&located);
    snprintf(text, bytes, "pid %ld crashed", (long)getpid());
    if (roll == NULL) return;
    tsr_roll_pages(roll, &pages, &mine);
    const tsr_roll_page *page = &pages[mine];
    const int length = snprintf(text, bytes, "rank %" PRId64 " (pid %ld) crashed", get(&page->rank), (long)getpid());
    tsr_roll_text_read(&page->stage, stage);
    for (int i = 0; i < TSR_ROLL_THREADS; i++) {
        const tsr_roll_row *row = &page->row[i];
        if (get(&row->tile) < 0 || get(&row->self) != (int64_t)pthread_self()) continue;
        snprintf(text + length, bytes - (size_t)length, " in tile %" PRId64 " of stage %s, point %" PRId64,
                 get(&row->tile), stage, get(&row->point));
        return;
    }
}

/* It goes past all buffers, whose locks may be held. */
static void tell(int number) {
    char where[TEXT_BYTES / 2], text[TEXT_BYTES];
    const char *what = "";
    for (int i = 0; i < CRASHES; i++)
        if (crashes[i].number == number) what = crashes[i].what;
    locate(where, sizeof(where));
    snprintf(text, sizeof(text), "tessera: %s: %s; please report it\n", where, what);
    (void)!write(STDERR_FILENO, text, strlen(text));
    raise(number); /* its default action is in force again: SA_RESETHAND */
}

void tsr_crash_begin(void) {
    for (int i = 0; i < CRASHES; i++) {
        struct sigaction before;
        const struct sigaction ours = {.sa_handler = tell, .sa_flags = (int)SA_RESETHAND};
        sigaction(crashes[i].number, NULL, &before);
        if (before.sa_handler == SIG_DFL) sigaction(crashes[i].number, &ours, NULL);
    }
}

void tsr_crash_locate(const tsr_roll *roll) { atomic_store(&located, roll); }
