#include "source/model.h"

#include <string.h>
#include <sys/stat.h>

#include "base/path.h"

/* Asked of every file of a tree. */
static const char *model_ending(const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 1; i <= 4 && i <= n; i++) {
        if (path[n - i] == '.') {
            return path + (n - i) + 1;
        }
    }
    return "";
}

bool dx_is_iig(const char *path)
{
    return strcmp(model_ending(path), "iig") == 0;
}

bool dx_is_cxx(const char *path)
{
    static const char *const endings[] = {"iig", "h",   "hpp", "hh", "cpp",
                                          "cc",  "cxx", "c",   "m",  "mm"};
    const char *end = model_ending(path);
    bool found = false;
    for (size_t i = 0; *end && i < sizeof endings / sizeof *endings && !found; i++) {
        found = *end == *endings[i] && strcmp(end, endings[i]) == 0;
    }
    return found;
}

struct dx_cxx *dx_cxx_new(const struct dx_token_options *opt)
{
    struct dext_ctx *ctx = dext_ctx_new(NULL);
    struct dx_cxx *code = ctx ? dx_alloc(&ctx->arena, sizeof *code) : NULL;
    if (code) {
        code->ctx = ctx;
        code->opt = *opt;
    }
    return code;
}

void dx_cxx_free(struct dx_cxx *code)
{
    if (code) {
        dx_arena_free(&code->room.arena);
        dext_ctx_free(code->ctx);
    }
}

static unsigned model_hash(struct dx_str s)
{
    unsigned h = 5381;
    for (size_t i = 0; i < s.n; i++) {
        h = h * 33 + (unsigned char)s.p[i];
    }
    return h & 255;
}

/* Whether the source is within the limits; else the rules that look for what is missing say
 * nothing, and it is told why. */
static bool model_has_room(struct dx_cxx *code, const struct dx_source *src)
{
    if (src->size > DX_CXX_FILE_BYTES) {
        dx_unread(code->ctx, "%s: %zu bytes, more than the %zu that are read of a source",
                  src->path, src->size, DX_CXX_FILE_BYTES);
    } else if (code->bytes + src->size <= DX_CXX_ALL_BYTES) {
        return true;
    } else if (!code->full) {
        code->full = true;
        dx_unread(code->ctx,
                  "%s: not read: with it the sources of one driver are more than %zu bytes",
                  src->path, DX_CXX_ALL_BYTES);
    }
    code->partial = true;
    return false;
}

void dx_cxx_add_source(struct dx_cxx *code, const struct dx_source *src)
{
    if (!model_has_room(code, src)) {
        return;
    }
    struct dx_cxx_file *f = dx_alloc(&code->ctx->arena, sizeof *f);
    code->bytes += src->size;
    dx_tokens_read(f, &code->ctx->arena, src, &code->opt, &code->room);
    if (f->cut) {
        code->partial = true;
        dx_unread(code->ctx, "%s: too many words for a source: the rest of it is not read",
                  src->path);
    }
    code->iig_count += dx_is_iig(src->path);
    unsigned h = model_hash(dx_str(f->path));
    f->next = code->by_path[h];
    code->by_path[h] = f;
    *DX_PUSH(&code->ctx->arena, code->files, code->file_count, code->file_cap) = f;
    dx_cxx_parse(code, f);
}

/* A text that is looked for, and which of its letters is rarest in code: memchr goes over a file in
 * a fraction of the time that memmem takes. */
struct model_mark {
    const char *text;
    unsigned char n, rare;
};

static bool model_has(const struct dx_source *src, const struct model_mark *m)
{
    const char *p = src->data, *end = src->data + src->size;
    while ((p = memchr(p, m->text[m->rare], (size_t)(end - p))) != NULL) {
        if (p - src->data >= m->rare && end - p >= m->n - m->rare &&
            memcmp(p - m->rare, m->text, m->n) == 0) {
            return true;
        }
        p++;
    }
    return false;
}

#define MARK(text, rare)                                                                           \
    {                                                                                              \
        text, sizeof(text) - 1, rare                                                               \
    }

/* Most files of a large driver know nothing of the system; their tokens would be of no use. */
static bool model_speaks_of_drivers(const struct dx_cxx *code, const struct dx_source *src)
{
    static const struct model_mark marks[] = {
        MARK("DriverKit", 6), MARK("IMPL(", 2), MARK("os_log", 2),   MARK("IOService", 2),
        MARK("_Impl(", 0),    MARK(".iig", 0),  MARK("public IO", 8)};
    static const struct model_mark kernel[] = {
        MARK("IOKit", 2),    MARK("IOService", 2),  MARK("super", 2),   MARK("kern_return_t", 4),
        MARK("IOReturn", 1), MARK("sys/kernel", 3), MARK("libkern", 3), MARK("mach/mach", 4)};
    const struct model_mark *list = code->opt.kernel ? kernel : marks;
    size_t n = code->opt.kernel ? sizeof kernel / sizeof *kernel : sizeof marks / sizeof *marks;
    bool found = dx_is_iig(src->path);
    for (size_t i = 0; i < n && src->size && !found; i++) {
        found = model_has(src, &list[i]);
    }
    return found;
}

void dx_cxx_add(struct dx_cxx *code, const char *path)
{
    struct dx_source src;
    struct dx_mark mark = dx_arena_mark(&code->ctx->arena);
    path = dx_strdup(&code->ctx->arena, path);
    int rc = dx_source_read_most(&src, code->ctx, path, DX_CXX_FILE_BYTES);
    if (rc != DEXT_OK) {
        struct stat st;
        code->unread++;
        code->partial = true;
        if (rc == DEXT_E_LIMIT || dx_stat(code->ctx, path, &st) != DX_THERE_NO) {
            dext_ctx_note_error(code->ctx); /* one that is not there may be made by the build */
        }
        dext_ctx_clear(code->ctx);
        dx_arena_rewind(&code->ctx->arena, mark);
    } else if (model_speaks_of_drivers(code, &src)) {
        dx_cxx_add_source(code, &src);
    } else {
        dx_arena_rewind(&code->ctx->arena, mark);
    }
}

bool dx_cxx_has(const struct dx_cxx *code, const char *path)
{
    const struct dx_cxx_file *f = code->by_path[model_hash(dx_str(path))];
    while (f && strcmp(f->path, path) != 0) {
        f = f->next;
    }
    return f != NULL;
}

/* ---- looking up ----------------------------------------------------------------------------- */

static bool is_real(const struct dx_cxx_class *k, struct dx_str name)
{
    return !k->extends && dx_str_eq(k->name, name);
}

const struct dx_cxx_class *dx_cxx_class(const struct dx_cxx *code, struct dx_str name)
{
    const struct dx_cxx_class *best = NULL;
    for (const struct dx_cxx_class *k = code->by_name[model_hash(name)]; k; k = k->next) {
        if (is_real(k, name) && (!best || (k->iig && !best->iig))) {
            best = k;
        }
    }
    return best;
}

/* Another declaration of equal standing names another superclass. */
static bool contested(const struct dx_cxx *code, const struct dx_cxx_class *k)
{
    for (const struct dx_cxx_class *o = code->by_name[model_hash(k->name)]; o; o = o->next) {
        if (o != k && o->iig == k->iig && is_real(o, k->name) && !dx_str_eq(o->super, k->super)) {
            return true;
        }
    }
    return false;
}

const struct dx_cxx_class *dx_cxx_super(const struct dx_cxx *code, const struct dx_cxx_class *k)
{
    if (!k->super.n || contested(code, k)) {
        return NULL;
    }
    const struct dx_cxx_class *up = dx_cxx_class(code, k->super);
    return up == k ? NULL : up;
}

struct dx_str dx_cxx_base(const struct dx_cxx *code, const struct dx_cxx_class *k)
{
    for (size_t i = 0; k && i <= code->class_count; i++) {
        if (contested(code, k)) {
            break;
        }
        const struct dx_cxx_class *up = k->super.n ? dx_cxx_class(code, k->super) : NULL;
        if (!up) {
            return k->super;
        }
        k = up;
    }
    return (struct dx_str){"", 0};
}

bool dx_cxx_derives(const struct dx_cxx *code, const struct dx_cxx_class *sub,
                    const struct dx_cxx_class *k)
{
    for (size_t i = 0; sub && i <= code->class_count; i++) {
        if (dx_str_eq(sub->name, k->name)) {
            return true;
        }
        sub = dx_cxx_super(code, sub);
    }
    return false;
}

const struct dx_cxx_method *dx_cxx_method(const struct dx_cxx_class *k, struct dx_str name)
{
    for (size_t i = 0; i < k->method_count; i++) {
        if (dx_str_eq(k->methods[i].name, name)) {
            return &k->methods[i];
        }
    }
    return NULL;
}

const struct dx_cxx_function *dx_cxx_function(const struct dx_cxx *code, size_t *i,
                                              struct dx_str klass, struct dx_str name)
{
    while (*i < code->function_count) {
        const struct dx_cxx_function *fn = &code->functions[(*i)++];
        if ((!klass.n || dx_str_eq(fn->klass, klass)) && (!name.n || dx_str_eq(fn->name, name))) {
            return fn;
        }
    }
    return NULL;
}

struct dx_str dx_cxx_macro(const struct dx_cxx *code, struct dx_str name)
{
    struct dx_str found = {"", 0};
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        for (size_t i = 0; i < f->macro_count; i++) {
            const struct dx_macro *m = &f->macros[i];
            if (m->function || !dx_str_eq(m->name, name)) {
                continue;
            }
            if (found.n && !dx_str_eq(found, m->body)) {
                return (struct dx_str){"", 0};
            }
            found = m->body;
        }
    }
    return found;
}
