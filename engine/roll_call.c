#include "engine/roll_call.h"

#include "engine/roll_page.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAMED_MAX = 8 };

typedef enum { GONE, ASLEEP, WORKS, WAITS } situation;

/* A call being written. */
typedef struct {
    tsr_roll_page *pages;
    int count;
    int64_t now_ns;
    const char *host;
    char *text;
    size_t bytes;
    size_t used;
} call;

static int64_t get(const _Atomic int64_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }

__attribute__((format(printf, 2, 3))) static void say(call *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(out->text + out->used, out->bytes - out->used, format, arguments);
    va_end(arguments);
    out->used += length > 0 ? (size_t)length : 0;
    if (out->used > out->bytes - 1) out->used = out->bytes - 1;
}

static void begin_group(call *out) {
    if (out->used > 0) say(out, "; ");
}

static void say_since(call *out, int64_t since_ns) {
    if (since_ns > 0) say(out, " since %" PRId64 " s", (out->now_ns - since_ns) / INT64_C(1000000000));
}

/* The thread that has been in its tile longest, or -1. Thread 0 has none while it waits. */
static int slowest_thread(const tsr_roll_page *page, bool waits, int *working) {
    int slowest = -1;
    *working = 0;
    for (int i = waits ? 1 : 0; i < TSR_ROLL_THREADS; i++) {
        if (get(&page->row[i].tile) < 0) continue;
        ++*working;
        if (slowest < 0 || get(&page->row[i].since_ns) < get(&page->row[slowest].since_ns)) slowest = i;
    }
    return slowest;
}

static void read_wait(const tsr_roll_page *page, char wait[TSR_ROLL_TEXT]) { tsr_roll_text_read(&page->wait, wait); }

static situation find_situation(const call *out, const tsr_roll_page *page) {
    char wait[TSR_ROLL_TEXT];
    int working;
    const int64_t awake = get(&page->awake_ns);
    if (kill((pid_t)get(&page->pid), 0) != 0 && errno == ESRCH) return GONE;
    if (awake > 0 && out->now_ns - awake > TSR_ROLL_ASLEEP_NS) return ASLEEP;
    read_wait(page, wait);
    return slowest_thread(page, wait[0] != '\0', &working) >= 0 ? WORKS : WAITS;
}

/* ---- those who are told by themselves ---- */

static void say_work(call *out, const tsr_roll_page *page) {
    char wait[TSR_ROLL_TEXT], stage[TSR_ROLL_TEXT];
    int working;
    read_wait(page, wait);
    tsr_roll_text_read(&page->stage, stage);
    const int thread = slowest_thread(page, wait[0] != '\0', &working);
    if (thread < 0) return;
    const tsr_roll_row *row = &page->row[thread];
    say(out, " works on tile %" PRId64 " of stage %s, point %" PRId64 ", thread %d,", get(&row->tile), stage,
        get(&row->point), thread);
    say_since(out, get(&row->since_ns));
    if (working > 1) say(out, " (%d more threads are in tiles)", working - 1);
}

static void say_page(call *out, const tsr_roll_page *page, situation where) {
    begin_group(out);
    say(out, "rank %" PRId64 " (%s, pid %" PRId64 ")", get(&page->rank), out->host, get(&page->pid));
    if (where == GONE) say(out, " is gone");
    if (where == ASLEEP) {
        say(out, " has been stopped");
        say_since(out, get(&page->awake_ns));
    }
    if (where == WORKS) say_work(out, page);
}

static void say_pages(call *out, situation wanted) {
    int found = 0;
    for (int i = 0; i < out->count; i++) {
        if (find_situation(out, &out->pages[i]) != wanted) continue;
        if (++found <= NAMED_MAX) say_page(out, &out->pages[i], wanted);
    }
    if (found <= NAMED_MAX) return;
    begin_group(out);
    say(out, "%d more ranks %s", found - NAMED_MAX,
        wanted == WORKS ? "work on tiles" : (wanted == GONE ? "are gone" : "have been stopped"));
}

/* ---- those who wait ---- */

static bool waits_for(const call *out, int index, const char *wanted) {
    char wait[TSR_ROLL_TEXT];
    if (find_situation(out, &out->pages[index]) != WAITS) return false;
    read_wait(&out->pages[index], wait);
    return strcmp(wait, wanted) == 0;
}

/* "ranks 0-2, 5"; returns how many they are. */
static int say_ranks(call *out, const char *wait) {
    int members = 0;
    for (int i = 0; i < out->count; i++) members += waits_for(out, i, wait);
    say(out, members == 1 ? "rank" : "ranks");
    const char *between = " ";
    for (int i = 0; i < out->count; i++) {
        if (!waits_for(out, i, wait)) continue;
        const int64_t first = get(&out->pages[i].rank);
        int last = i;
        while (last + 1 < out->count && get(&out->pages[last + 1].rank) == first + last + 1 - i &&
               waits_for(out, last + 1, wait))
            last++;
        say(out, last > i ? "%s%" PRId64 "-%" PRId64 : "%s%" PRId64, between, first, first + last - i);
        between = ", ";
        i = last;
    }
    return members;
}

static void say_group(call *out, const char *wait) {
    int64_t since = 0;
    for (int i = 0; i < out->count; i++) {
        const int64_t begun = waits_for(out, i, wait) ? get(&out->pages[i].since_ns) : 0;
        if (begun > 0 && (since == 0 || begun < since)) since = begun;
    }
    begin_group(out);
    const int members = say_ranks(out, wait);
    if (wait[0] != '\0')
        say(out, members == 1 ? " waits" : " wait");
    else
        say(out, members == 1 ? " has no tile" : " have no tile");
    say_since(out, since);
    if (wait[0] != '\0') say(out, ": %s", wait);
}

static void say_waits(call *out) {
    for (int i = 0; i < out->count; i++) {
        char wait[TSR_ROLL_TEXT];
        if (find_situation(out, &out->pages[i]) != WAITS) continue;
        read_wait(&out->pages[i], wait);
        bool told = false;
        for (int earlier = 0; earlier < i; earlier++) told = told || waits_for(out, earlier, wait);
        if (!told) say_group(out, wait);
    }
}

void tsr_roll_call(const tsr_roll *roll, int64_t now_ns, const char *host, char *text, size_t bytes) {
    int mine;
    call out = {.now_ns = now_ns, .host = host, .text = text, .bytes = bytes};
    text[0] = '\0';
    out.count = tsr_roll_pages(roll, &out.pages, &mine);
    for (situation where = GONE; where < WAITS; where++) say_pages(&out, where);
    say_waits(&out);
}
