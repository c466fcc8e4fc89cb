#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "explain_view.h"

#define CHUNK_BYTES ((size_t)256 << 10)

static const struct opt options[] = {
    {"redact", 'r', NULL, NULL,
     "mask user names, serial numbers, UUIDs and addresses in lines of the input", NULL},
    OPT_END,
};

struct session {
    struct app *app;
    struct dext_explain *explain;
    struct explain_input *inputs;
    size_t count, cap;
    bool unreadable;
};

static void unreadable(struct session *s, const char *path, const char *reason)
{
    app_error(s->app, "%s: %s", path, reason);
    s->unreadable = true;
}

static void add_input(struct session *s, const char *path, enum dext_text_kind kind)
{
    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->inputs = app_grow(s->inputs, s->cap * sizeof *s->inputs);
    }
    s->inputs[s->count++] = (struct explain_input){path, kind};
    if (kind == DEXT_TEXT_EMPTY) {
        unreadable(s, path, "it is empty");
    } else if (kind == DEXT_TEXT_BINARY) {
        unreadable(s, path,
                   "not a text; a .logarchive is made readable with: log show --archive "
                   "PATH --style ndjson --info --debug");
    }
}

static void read_all(struct session *s, int fd, const char *path)
{
    char *chunk = app_alloc(CHUNK_BYTES);
    ssize_t got;
    bool more = true;
    dext_explain_begin(s->explain, path);
    while (more && (got = read(fd, chunk, CHUNK_BYTES)) != 0) {
        if (got > 0) {
            more = dext_explain_feed(s->explain, chunk, (size_t)got);
        } else if (errno != EINTR) {
            unreadable(s, path, strerror(errno));
            break;
        }
    }
    enum dext_text_kind kind = dext_explain_end(s->explain);
    if (got >= 0) {
        add_input(s, path, kind);
    }
    free(chunk);
}

static void one(struct session *s, const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        read_all(s, STDIN_FILENO, path);
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        app_error(s->app, "%s: cannot be opened: %s", path, strerror(errno));
        s->unreadable = true;
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        unreadable(s, path, "a folder; name the files in it");
    } else {
        read_all(s, fd, path);
    }
    (void)close(fd);
}

static int run(struct app *app, const struct args *args)
{
    struct session s = {.app = app, .explain = dext_explain_new(app->ctx)};
    struct dext_explanation result;
    for (size_t i = 0; i < args->operand_count; i++) {
        one(&s, args->operands[i]);
    }
    if (args->operand_count == 0) {
        one(&s, "-");
    }
    dext_explain_result(s.explain, &result);
    explain_view(&(struct explain_out){.app = app,
                                       .result = &result,
                                       .inputs = s.inputs,
                                       .input_count = s.count,
                                       .redact = opt_flag(args, "redact")});
    dext_explain_free(s.explain);
    free(s.inputs);
    return s.unreadable ? APP_UNREADABLE : result.verdict_count ? APP_FINDINGS : APP_CLEAN;
}

static const struct cmd_example examples[] = {
    {"printf 'DK: MyDriver-0x100000abc: provider entitlements check failed\\n' | dextctl explain",
     "one line of the kernel's log"},
    {NULL, NULL},
};

const struct cmd cmd_explain = {
    .name = "explain",
    .summary = "find the cause of a failure in logs, lists and questions",
    .usage = "explain [OPTIONS] [FILE]...",
    .text =
        "Reads logs in any style of log show, copies from Console, lists of system extensions, "
        "pasted lines and questions in prose. For each driver it puts what it finds in the order "
        "of a driver's life: build, sign, embed, activate, approve, stage, match, launch, start, "
        "serve. The first stage that failed is the cause, what came later its consequence. Lines "
        "that look bad but are not are named as such.\n\n"
        "Without FILE, or with -, standard input is read. A log may be of any size.",
    .formats = "human|json|ndjson|markdown",
    .options = options,
    .examples = examples,
    .exits = "  0  no failure found\n"
             "  1  a cause was found\n"
             "  2  wrong usage\n"
             "  3  an input could not be read\n",
    .operands = "file",
    .run = run,
};
