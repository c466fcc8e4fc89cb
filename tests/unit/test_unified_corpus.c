/* A real unified log against what an independent reader (libyal's dtformats) tells of it: every
 * entry has to agree in time, thread, kind, activity, process, subsystem and category, and state
 * dumps in their text as well. $DEXTCTL_CORPUS/runtime/unifiedlog. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dext/unified.h"

static const char *folder;

struct lines {
    char **list;
    size_t count, cap;
};

static void push(struct lines *l, const char *s)
{
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 1024;
        l->list = realloc(l->list, l->cap * sizeof *l->list);
        assert_non_null(l->list);
    }
    l->list[l->count++] = strdup(s);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->list[i]);
    }
    free(l->list);
}

/* Columns are padded with spaces. */
static void squeeze(char *s)
{
    char *to = s;
    for (char *p = s; *p; p++) {
        bool pad = *p == ' ' && (p[1] == '\t' || p[1] == '\n' || p[1] == 0 || p[1] == ' ');
        if (!pad && *p != '\n') {
            *to++ = *p;
        }
    }
    *to = 0;
}

static bool is_entry(const char *line)
{
    return strlen(line) > 27 && line[4] == '-' && line[26] == 'Z' && line[27] == '\t';
}

/* Columns: time, thread, kind, activity, process, days to live, "[subsystem:category] message". Of
 * a state dump the text goes on in the next line. */
static void read_expected(struct lines *out)
{
    char path[512], line[8192], *state = NULL;
    (void)snprintf(path, sizeof path, "%s/expected-f85.tsv", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        squeeze(line);
        if (is_entry(line)) {
            push(out, line);
        } else if (out->count) {
            state = out->list[out->count - 1];
            size_t n = strlen(state) + strlen(line) + 2;
            out->list[out->count - 1] = realloc(state, n);
            strcat(strcat(out->list[out->count - 1], "|"), line);
        }
    }
    (void)fclose(f);
}

struct collected {
    struct dext_unified *u;
    struct lines lines;
    int64_t last;
    size_t disordered;
};

static bool collect(void *user, const struct dext_unified_entry *e)
{
    struct collected *c = user;
    char line[8192], when[32];
    time_t seconds = (time_t)(e->time / 1000000000);
    struct tm tm;
    size_t n = 0;
    (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &tm));
    int at =
        snprintf(line, sizeof line, "%s.%06dZ\t0x%" PRIx64 "\t%s\t0x%" PRIx64 "\t%" PRIu32 "\t%u\t",
                 when, (int)(e->time % 1000000000 / 1000), e->thread,
                 dext_unified_kind_name(e->kind), e->activity, e->pid, e->ttl);
    if (e->subsystem[0] && e->category[0]) {
        at += snprintf(line + at, sizeof line - (size_t)at, "[%s:%s]", e->subsystem, e->category);
    }
    if (e->kind == DEXT_UNIFIED_STATE) {
        const char *text = dext_unified_message(c->u, e, &n);
        (void)snprintf(line + at, sizeof line - (size_t)at, "%s", text);
        char *feed = strchr(line, '\n');
        if (feed && (strstr(feed, "{\"") || strstr(feed, "<decode"))) {
            *feed = '|';
        } else {
            line[at] = 0; /* the other reader does not show property lists */
        }
    }
    squeeze(line);
    push(&c->lines, line);
    c->disordered += e->time < c->last;
    c->last = e->time;
    return true;
}

static void every_entry_agrees(void **state)
{
    (void)state;
    struct lines want = {.count = 0};
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct collected got = {.last = 0};
    char path[512];
    read_expected(&want);
    (void)snprintf(path, sizeof path, "%s/0000000000000f85.tracev3", folder);
    assert_int_equal(dext_unified_open(&got.u, ctx, path), DEXT_OK);
    assert_int_equal(dext_unified_each(got.u, NULL, collect, &got), DEXT_OK);
    assert_int_equal(got.disordered, 0);
    qsort(want.list, want.count, sizeof *want.list, by_text);
    qsort(got.lines.list, got.lines.count, sizeof *got.lines.list, by_text);
    size_t wrong = 0;
    for (size_t i = 0; i < want.count && i < got.lines.count; i++) {
        if (strcmp(want.list[i], got.lines.list[i]) != 0 && wrong++ < 10) {
            print_error("want %s\ngot  %s\n", want.list[i], got.lines.list[i]);
        }
    }
    print_message("%zu entries, %zu differ\n", got.lines.count, wrong);
    assert_int_equal(got.lines.count, want.count);
    assert_int_equal(want.count, 8654);
    assert_int_equal(wrong, 0);
    struct dext_unified_told told;
    dext_unified_told(got.u, &told);
    assert_int_equal(told.counts.damaged_chunks, 0);
    assert_int_equal(told.counts.damaged_entries, 0);
    assert_int_equal(told.counts.unknown_chunks, 0);
    assert_int_equal(told.note_count, 0);
    assert_true(told.counts.strings_missing > 0); /* only a few are there */
    dext_unified_close(got.u);
    dext_ctx_free(ctx);
    drop(&want);
    drop(&got.lines);
}

/* Five entries of 2019, by value as the other reader has them. */
static bool print(void *user, const struct dext_unified_entry *e)
{
    struct collected *c = user;
    char line[1024];
    (void)snprintf(line, sizeof line, "%" PRIu64 " %" PRIu32 " %d", e->ticks, e->pid, e->level);
    push(&c->lines, line);
    return true;
}

static void a_small_log(void **state)
{
    (void)state;
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct collected got = {.last = 0};
    char path[512];
    (void)snprintf(path, sizeof path, "%s/0000000000000030.tracev3", folder);
    assert_int_equal(dext_unified_open(&got.u, ctx, path), DEXT_OK);
    assert_int_equal(dext_unified_each(got.u, NULL, print, &got), DEXT_OK);
    static const char *const want[] = {"435663966275 14225 3", "435685614032 14225 2",
                                       "435709527991 14225 2", "435709585091 14225 3",
                                       "435760861359 14225 2"};
    assert_int_equal(got.lines.count, 5);
    for (size_t i = 0; i < got.lines.count; i++) {
        assert_string_equal(got.lines.list[i], want[i]);
    }
    dext_unified_close(got.u);
    dext_ctx_free(ctx);
    drop(&got.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_agrees),
        cmocka_unit_test(a_small_log),
    };
    static char path[512];
    const char *corpus = getenv("DEXTCTL_CORPUS");
    (void)snprintf(path, sizeof path, "%s/runtime/unifiedlog", corpus ? corpus : "");
    folder = path;
    if (access(path, R_OK) != 0) {
        (void)printf("%s is not there: nothing was compared\n", path);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
