#include "app/fold.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "app/term.h"

#define HANG 4        /* columns that a line without a column of its own goes on further right */
#define LABEL_MOST 24 /* a first column wider than that is no label */
#define UNIT_MOST                                                                                  \
    3 /* words between two gaps that are one thing: "<IOUserSerial, id 0x1000004b2>" */
#define TAB_STOP 8

struct fold {
    FILE *to; /* where app->out went */
    size_t width;
    unsigned exact; /* how often that was asked for */
    char *held;     /* what follows the last line end */
    size_t n, cap;
};

/* ---- one line ----------------------------------------------------------------------------- */

/* Length of the change of style at p, 0 when none is there: it takes no column. They are the
 * program's own: term_put lets none of a file pass. */
static size_t fold_style(const char *p, size_t n)
{
    size_t len = 2;
    if (n < 2 || p[0] != '\033' || p[1] != '[') {
        return 0;
    }
    while (len < n && p[len] != 'm') {
        len++;
    }
    return len < n ? len + 1 : n;
}

/* Column after the n bytes at p, the first of which stands in column. */
static size_t fold_columns(const char *p, size_t n, size_t column)
{
    for (size_t i = 0, len; i < n; i += len) {
        len = fold_style(p + i, n - i);
        if (len == 0 && p[i] == '\t') {
            len = 1;
            column += TAB_STOP - column % TAB_STOP;
        } else if (len == 0) {
            len = term_utf8(p + i, n - i);
            len = len ? len : 1;
            column += term_columns(p + i, len);
        }
    }
    return column;
}

static size_t fold_blanks(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] == ' ') {
        i++;
    }
    return i;
}

/* Length of the bullet ("-  ") or number ("1. ") at p. */
static size_t fold_mark(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= '0' && p[i] <= '9') {
        i++;
    }
    const bool number = i > 0 && i + 1 < n && p[i] == '.' && p[i + 1] == ' ';
    const bool bullet = i == 0 && n > 1 && p[0] == '-' && p[1] == ' ';
    return number || bullet ? i + 1 + fold_blanks(p + i + 1, n - i - 1) : 0;
}

/* Bytes at p up to the next gap of two blanks; *words: how many are in it. */
static size_t fold_part(const char *p, size_t n, size_t *words)
{
    size_t i = 0;
    for (*words = 1; i < n && fold_blanks(p + i, n - i) < 2; i++) {
        *words += p[i] == ' ' && i + 1 < n;
    }
    return i;
}

/* Columns of what stands at p if it is one thing, which is not broken where it has room on a line;
 * 0: it is none. */
static size_t fold_unit(const char *p, size_t n)
{
    size_t words;
    const size_t len = fold_part(p, n, &words);
    return words <= UNIT_MOST ? fold_columns(p, len, 0) : 0;
}

/* Column where a line goes on: below its text, which begins after the first gap of two blanks,
 * unless what stands there has room further left alone. */
static size_t fold_hang(const char *p, size_t n, size_t width)
{
    const size_t from = fold_blanks(p, n), mark = fold_mark(p + from, n - from);
    const size_t plain = (from > width / 2 ? width / 2 : from) + HANG;
    size_t words;
    if (mark) {
        return from + mark;
    }
    size_t at = from + fold_part(p + from, n - from, &words);
    at += fold_blanks(p + at, n - at);
    const size_t column = fold_columns(p, at, 0), unit = fold_unit(p + at, n - at);
    const bool label = at < n && column <= from + LABEL_MOST && column <= width / 2;
    return label && (column + unit <= width || plain + unit > width) ? column : plain;
}

/* The next word at p: blanks, then what is none. *blanks: how many. */
static size_t fold_word(const char *p, size_t n, size_t *blanks)
{
    size_t i = *blanks = fold_blanks(p, n);
    while (i < n && p[i] != ' ') {
        i++;
    }
    return i;
}

/* Whether the word at p, behind so many blanks that end in column, begins a line of its own: where
 * it stands it has no room, and it has more below. */
static bool fold_breaks(const struct fold *f, const char *p, size_t n, size_t blanks, size_t column,
                        size_t hang, size_t word)
{
    const size_t unit = blanks > 1 ? fold_unit(p, n) : 0;
    return column > hang && (fold_columns(p, word, column) > f->width ||
                             (unit && column + unit > f->width && hang + unit <= f->width));
}

/* n bytes at p, without the line end. */
static void fold_line(const struct fold *f, const char *p, size_t n)
{
    if (f->exact || fold_columns(p, n, 0) <= f->width) {
        (void)fwrite(p, 1, n, f->to);
        return;
    }
    const size_t hang = fold_hang(p, n, f->width);
    size_t blanks, column = 0;
    for (bool first = true; n; first = false) {
        const size_t len = fold_word(p, n, &blanks), word = len - blanks;
        column += blanks;
        if (!first && word && fold_breaks(f, p + blanks, n - blanks, blanks, column, hang, word)) {
            (void)fprintf(f->to, "\n%*s", (int)hang, "");
            column = hang;
        } else if (word) {
            (void)fprintf(f->to, "%*s", (int)blanks, "");
        }
        (void)fwrite(p + blanks, 1, word, f->to);
        column = fold_columns(p + blanks, word, column);
        p += len;
        n -= len;
    }
}

/* ---- the stream --------------------------------------------------------------------------- */

static bool fold_take(struct fold *f, const char *data, size_t size)
{
    if (f->n + size > f->cap) {
        f->cap = (f->n + size) * 2;
        f->held = app_grow(f->held, f->cap);
    }
    memcpy(f->held + f->n, data, size);
    f->n += size;
    size_t done = 0;
    for (const char *end; (end = memchr(f->held + done, '\n', f->n - done)) != NULL;) {
        fold_line(f, f->held + done, (size_t)(end - f->held) - done);
        (void)fputc('\n', f->to);
        done = (size_t)(end - f->held) + 1;
    }
    memmove(f->held, f->held + done, f->n - done);
    f->n -= done;
    return fflush(f->to) == 0 && !ferror(f->to);
}

#ifdef __APPLE__
static int fold_write(void *user, const char *data, int size)
{
    return size >= 0 && fold_take(user, data, (size_t)size) ? size : -1;
}

static FILE *fold_stream(struct fold *f)
{
    return funopen(f, NULL, fold_write, NULL, NULL);
}
#else
static ssize_t fold_write(void *user, const char *data, size_t size)
{
    return fold_take(user, data, size) ? (ssize_t)size : 0; /* 0 is an error to stdio */
}

static FILE *fold_stream(struct fold *f)
{
    return fopencookie(f, "w", (cookie_io_functions_t){.write = fold_write});
}
#endif

void fold_open(struct app *app, size_t width)
{
    if (!app->out_tty || app->fold) {
        return;
    }
    struct fold *f = app_alloc(sizeof *f);
    *f = (struct fold){.to = app->out, .width = width};
    app->fold = f;
    app->out = fold_stream(f);
    if (!app->out) {
        abort(); /* only memory can be missing */
    }
    (void)setvbuf(app->out, NULL, _IOLBF, 0);
}

void fold_exact(const struct app *app, bool exact)
{
    if (app->fold) {
        (void)fflush(app->out);
        app->fold->exact += exact ? 1 : -1U;
    }
}

void fold_close(struct app *app)
{
    struct fold *f = app->fold;
    if (!f) {
        return;
    }
    const bool failed = ferror(app->out) != 0;
    app->lost = fclose(app->out) != 0 || failed || app->lost;
    fold_line(f, f->held, f->n);
    app->out = f->to;
    app->fold = NULL;
    free(f->held);
    free(f);
}
