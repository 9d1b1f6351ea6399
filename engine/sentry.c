#include "engine/sentry.h"

#include "engine/clock.h"
#include "engine/roll_call.h"
#include "engine/roll_page.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOKS = 8, HOST_BYTES = 64, TEXT_BYTES = 4096, TILES = 10, STACK_BYTES = 1 << 18 };
#define SECOND_NS INT64_C(1000000000)
#define PERIOD_NS (SECOND_NS / 4) /* between looks, at most */
#define GRACE_NS  (10 * SECOND_NS)

/* Attention is the clock that stands still while this process is stopped. */
struct tsr_sentry {
    tsr_roll *roll;
    tsr_roll_page *pages;
    int count;
    int mine;
    tsr_sentry_options options;
    char host[HOST_BYTES];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t bell;
    bool dismissed; /* under the lock */

    int64_t period_ns;
    int64_t looked_ns;
    int64_t attention_ns;
    int64_t life;       /* of the host, at the last sign of it, */
    int64_t alive_ns;   /* which was then, in attention */
    int64_t next_ns;    /* how long a stall is worth the next call */
    int64_t last_ns;    /* attention when the end was seen coming; 0: not yet */
    int64_t wait_signs; /* of thread 0, as last seen */
    struct {
        int64_t signs;
        bool works;
        int64_t begun_ns; /* attention */
    } row[TSR_ROLL_THREADS];
};

static int64_t get(const _Atomic int64_t *word) { return atomic_load_explicit(word, memory_order_relaxed); }
static void put(_Atomic int64_t *word, int64_t value) { atomic_store_explicit(word, value, memory_order_relaxed); }

tsr_sentry_options tsr_sentry_options_make(double limit_s) {
    const double early = limit_s / 3;
    return (tsr_sentry_options){.warn_s = limit_s > 0 && early < TSR_SENTRY_WARN_S ? early : TSR_SENTRY_WARN_S,
                                .limit_s = limit_s};
}

/* ---- looking ---- */

/* Dates what has changed on the page of this rank: those who work read no clock. */
static void date_row(tsr_sentry *sentry, int index, int64_t now) {
    tsr_roll_page *page = &sentry->pages[sentry->mine];
    tsr_roll_row *row = &page->row[index];
    const int64_t signs = get(&row->signs), spent = sentry->attention_ns - sentry->row[index].begun_ns;
    if (signs == sentry->row[index].signs) return;
    const bool was_one_tile = sentry->row[index].works && signs == sentry->row[index].signs + 1;
    if (was_one_tile && spent > get(&page->longest_ns)) put(&page->longest_ns, spent);
    sentry->row[index].signs = signs;
    sentry->row[index].works = get(&row->tile) >= 0;
    sentry->row[index].begun_ns = sentry->attention_ns;
    put(&row->since_ns, now);
}

static void date_page(tsr_sentry *sentry, int64_t now) {
    tsr_roll_page *page = &sentry->pages[sentry->mine];
    const int64_t signs = get(&page->signs);
    if (signs != sentry->wait_signs) put(&page->since_ns, now);
    sentry->wait_signs = signs;
    int64_t life = signs;
    for (int i = 0; i < TSR_ROLL_THREADS; i++) {
        date_row(sentry, i, now);
        life += sentry->row[i].signs;
    }
    put(&page->life, life);
    put(&page->awake_ns, now);
}

static int64_t host_life(const tsr_sentry *sentry) {
    int64_t life = tsr_roll_life(sentry->roll);
    for (int i = 0; i < sentry->count; i++) life += get(&sentry->pages[i].heard);
    return life;
}

static int64_t longest_tile(const tsr_sentry *sentry) {
    int64_t longest = 0;
    for (int i = 0; i < sentry->count; i++)
        if (get(&sentry->pages[i].longest_ns) > longest) longest = get(&sentry->pages[i].longest_ns);
    return longest;
}

static bool is_ended(const tsr_sentry *sentry) {
    for (int i = 0; i < sentry->count; i++)
        if (get(&sentry->pages[i].ended) != 0) return true;
    return false;
}

/* The first rank of the host that is awake. */
static bool is_speaker(const tsr_sentry *sentry, int64_t now) {
    for (int i = 0; i < sentry->mine; i++) {
        const int64_t awake = get(&sentry->pages[i].awake_ns);
        if (awake > 0 && now - awake <= TSR_ROLL_ASLEEP_NS) return false;
    }
    return true;
}

/* ---- speaking ---- */

/* One write, past all buffers: others may hold their locks for ever. */
static void speak(const tsr_sentry *sentry, const char *verdict, int64_t stall_ns, int64_t now) {
    char text[TEXT_BYTES];
    int used = snprintf(text, sizeof(text), "tessera: %s %lld s%s: ", verdict, (long long)(stall_ns / SECOND_NS),
                        get(&sentry->pages[sentry->mine].ended) ? " without progress (--stall-limit)" : "");
    tsr_roll_call(sentry->roll, now, sentry->host, text + used, sizeof(text) - (size_t)used - 1);
    const size_t length = strlen(text);
    text[length] = '\n';
    (void)!write(STDERR_FILENO, text, length + 1);
}

static void end_process(tsr_sentry *sentry, int64_t stall_ns, int64_t now) {
    put(&sentry->pages[sentry->mine].ended, 1);
    speak(sentry, "ended after", stall_ns, now);
    _exit(tsr_status_exit_code(TSR_ERUNTIME));
}

static void judge(tsr_sentry *sentry, int64_t now) {
    const int64_t life = host_life(sentry);
    if (life != sentry->life) {
        sentry->life = life;
        sentry->alive_ns = sentry->attention_ns;
        sentry->next_ns = (int64_t)(sentry->options.warn_s * (double)SECOND_NS);
    }
    if (!is_speaker(sentry, now)) return;
    const int64_t stall = sentry->attention_ns - sentry->alive_ns, tiles = TILES * longest_tile(sentry);
    const double limit = fmax(sentry->options.limit_s * (double)SECOND_NS, (double)tiles);
    if (sentry->options.limit_s > 0 && (double)stall >= limit) end_process(sentry, stall, now);
    if (stall < sentry->next_ns) return;
    speak(sentry, "no progress for", stall, now);
    sentry->next_ns *= 2;
}

/* A rank of this host ends its process, and the launcher all others; one that does not is no reason to stay. */
static void follow(tsr_sentry *sentry) {
    if (sentry->last_ns == 0) sentry->last_ns = sentry->attention_ns;
    if (sentry->attention_ns - sentry->last_ns > GRACE_NS) _exit(tsr_status_exit_code(TSR_ERUNTIME));
}

static void look(tsr_sentry *sentry) {
    const int64_t now = tsr_clock_ns(), slept = now - sentry->looked_ns;
    sentry->attention_ns += slept < 2 * sentry->period_ns ? slept : 2 * sentry->period_ns;
    sentry->looked_ns = now;
    date_page(sentry, now);
    if (is_ended(sentry))
        follow(sentry);
    else
        judge(sentry, now);
}

/* ---- the thread ---- */

static void *keep_watch(void *data) {
    tsr_sentry *sentry = data;
    pthread_mutex_lock(&sentry->lock);
    while (!sentry->dismissed) {
        struct timespec next;
        clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_nsec += (long)sentry->period_ns;
        next.tv_sec += next.tv_nsec / (long)SECOND_NS;
        next.tv_nsec %= (long)SECOND_NS;
        pthread_cond_timedwait(&sentry->bell, &sentry->lock, &next);
        if (!sentry->dismissed) look(sentry);
    }
    pthread_mutex_unlock(&sentry->lock);
    return NULL;
}

/* Signals belong to those who work. */
static int start_thread(tsr_sentry *sentry) {
    sigset_t all, before;
    pthread_attr_t small;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    const int error = pthread_create(&sentry->thread, &small, keep_watch, sentry);
    pthread_attr_destroy(&small);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void begin(tsr_sentry *sentry) {
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&sentry->bell, &steady);
    pthread_condattr_destroy(&steady);
    pthread_mutex_init(&sentry->lock, NULL);
    if (gethostname(sentry->host, sizeof(sentry->host) - 1) != 0) strcpy(sentry->host, "this host");
    sentry->count = tsr_roll_pages(sentry->roll, &sentry->pages, &sentry->mine);
    const double share = sentry->options.warn_s / LOOKS * (double)SECOND_NS;
    sentry->period_ns = share < (double)PERIOD_NS ? (int64_t)share : PERIOD_NS;
    sentry->next_ns = (int64_t)(sentry->options.warn_s * (double)SECOND_NS);
    sentry->looked_ns = tsr_clock_ns();
    date_page(sentry, sentry->looked_ns);
}

static void clear(tsr_sentry **sentry) {
    pthread_cond_destroy(&(*sentry)->bell);
    pthread_mutex_destroy(&(*sentry)->lock);
    free(*sentry);
    *sentry = NULL;
}

tsr_status tsr_sentry_start(tsr_roll *roll, const tsr_sentry_options *options, tsr_sentry **out) {
    *out = NULL;
    if (roll == NULL) return TSR_OK;
    tsr_sentry *sentry = calloc(1, sizeof(*sentry));
    TSR_REQUIRE(sentry != NULL, TSR_ERUNTIME, "no memory for the thread that watches the ranks");
    sentry->roll = roll;
    sentry->options = *options;
    begin(sentry);
    const int error = start_thread(sentry);
    if (error != 0) {
        clear(&sentry);
        return TSR_FAIL(TSR_ERUNTIME, "no thread to watch the ranks: %s", strerror(error));
    }
    *out = sentry;
    return TSR_OK;
}

void tsr_sentry_stop(tsr_sentry **sentry) {
    if (sentry == NULL || *sentry == NULL) return;
    pthread_mutex_lock(&(*sentry)->lock);
    (*sentry)->dismissed = true;
    pthread_cond_signal(&(*sentry)->bell);
    pthread_mutex_unlock(&(*sentry)->lock);
    pthread_join((*sentry)->thread, NULL);
    put(&(*sentry)->pages[(*sentry)->mine].awake_ns, 0);
    clear(sentry);
}
