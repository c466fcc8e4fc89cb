#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDS(text) text, sizeof(text) - 1

enum dx_path_kind dx_path_kind(const char *path)
{
    static const struct {
        const char *end;
        size_t n;
        enum dx_path_kind kind;
    } ends[] = {
        {ENDS(".dext"), DX_PATH_DEXT},
        {ENDS(".app"), DX_PATH_APP},
        {ENDS(".systemextension"), DX_PATH_EXTENSION},
        {ENDS(".xcodeproj"), DX_PATH_XCODEPROJ},
        {ENDS(".pbxproj"), DX_PATH_PBXPROJ},
        {ENDS(".provisionprofile"), DX_PATH_PROFILE},
        {ENDS(".mobileprovision"), DX_PATH_PROFILE},
        {ENDS(".entitlements"), DX_PATH_ENTITLEMENTS},
        {ENDS(".xcent"), DX_PATH_ENTITLEMENTS},
        {ENDS(".plist"), DX_PATH_PLIST},
        {ENDS(".plist.in"), DX_PATH_TEMPLATE},
        {ENDS(".plist.template"), DX_PATH_TEMPLATE},
        {ENDS(".plist.tmpl"), DX_PATH_TEMPLATE},
        {ENDS(".plist.tpl"), DX_PATH_TEMPLATE},
        {ENDS(".entitlements.in"), DX_PATH_TEMPLATE},
        {ENDS(".entitlements.template"), DX_PATH_TEMPLATE},
        {ENDS(".pkg"), DX_PATH_ARCHIVE},
        {ENDS(".mpkg"), DX_PATH_ARCHIVE},
        {ENDS(".xar"), DX_PATH_ARCHIVE},
        {ENDS(".zip"), DX_PATH_ARCHIVE},
        {ENDS(".ipa"), DX_PATH_ARCHIVE},
        {ENDS(".tar"), DX_PATH_ARCHIVE},
        {ENDS(".tgz"), DX_PATH_ARCHIVE},
        {ENDS(".tar.gz"), DX_PATH_ARCHIVE},
        {ENDS(".tbz"), DX_PATH_ARCHIVE},
        {ENDS(".tar.bz2"), DX_PATH_ARCHIVE},
        {ENDS(".txz"), DX_PATH_ARCHIVE},
        {ENDS(".tar.xz"), DX_PATH_ARCHIVE},
        {ENDS(".dmg"), DX_PATH_ARCHIVE},
        {ENDS(".7z"), DX_PATH_ARCHIVE},
        {ENDS(".tar.zst"), DX_PATH_ARCHIVE},
        {ENDS(".tzst"), DX_PATH_ARCHIVE},
        {ENDS(".cpio.gz"), DX_PATH_ARCHIVE},
        {ENDS(".cpio"), DX_PATH_ARCHIVE},
    };
    const char *name = dx_path_name(path);
    size_t n = strlen(name);
    char last =
        n ? (char)(name[n - 1] | 0x20) : 0; /* a letter in lower case; rules most names out */
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = ends[i].n;
        if (n > m && (ends[i].end[m - 1] | 0x20) == last &&
            strcasecmp(name + n - m, ends[i].end) == 0) {
            return ends[i].kind;
        }
    }
    return strcmp(name, "project.yml") == 0 ? DX_PATH_PBXPROJ : DX_PATH_OTHER;
}

/* Of a name that no file system can hold nothing is there; a path that is too long as a whole may
 * lead to something. */
static bool path_too_long(const char *path)
{
    for (size_t n; *path; path += n + (path[n] == '/')) {
        n = strcspn(path, "/");
        if (n > 255) {
            return true;
        }
    }
    return false;
}

static enum dx_there path_told(struct dext_ctx *ctx, const char *path, int rc, struct stat *st)
{
    if (rc == 0) {
        return DX_THERE;
    }
    memset(st, 0, sizeof *st);
    if (errno == ENOENT || errno == ENOTDIR || (errno == ENAMETOOLONG && path_too_long(path))) {
        return DX_THERE_NO;
    }
    dx_unread(ctx, "%s: cannot be looked at: %s", path, strerror(errno));
    return DX_THERE_UNKNOWN;
}

enum dx_there dx_stat(struct dext_ctx *ctx, const char *path, struct stat *st)
{
    return path_told(ctx, path, stat(path, st), st);
}

enum dx_there dx_lstat(struct dext_ctx *ctx, const char *path, struct stat *st)
{
    return path_told(ctx, path, lstat(path, st), st);
}

bool dx_is_folder(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    return dx_stat(ctx, path, &st) == DX_THERE && S_ISDIR(st.st_mode);
}

bool dx_is_file(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    return dx_stat(ctx, path, &st) == DX_THERE && S_ISREG(st.st_mode);
}

const char *dx_not_a_file(mode_t mode)
{
    if (S_ISDIR(mode)) {
        return "is a folder, not a file";
    }
    if (S_ISFIFO(mode)) {
        return "is a FIFO, not a file";
    }
    if (S_ISCHR(mode) || S_ISBLK(mode)) {
        return "is a device, not a file";
    }
    return S_ISSOCK(mode) ? "is a socket, not a file" : "is not a regular file";
}

bool dx_is_named_file(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    enum dx_there there = dx_stat(ctx, path, &st);
    if (there == DX_THERE && !S_ISREG(st.st_mode)) {
        dx_unread(ctx, "%s: %s", path, dx_not_a_file(st.st_mode));
        return false;
    }
    if (there == DX_THERE_NO && lstat(path, &st) == 0) {
        dx_unread(ctx, "%s: is a link that leads nowhere", path);
    }
    return there == DX_THERE;
}

bool dx_path_head(struct dext_ctx *ctx, const char *path, void *to, size_t n, size_t *got)
{
    *got = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        dx_unread(ctx, "%s: cannot be opened: %s", path, strerror(errno));
        return false;
    }
    dx_opened(ctx, fd);
    ssize_t more = 1;
    while (*got < n && more != 0) {
        more = pread(fd, (char *)to + *got, n - *got, (off_t)*got);
        if (more < 0 && errno != EINTR) {
            dx_unread(ctx, "%s: cannot be read: %s", path, strerror(errno));
            break;
        }
        *got += more > 0 ? (size_t)more : 0;
    }
    (void)close(fd);
    return more >= 0;
}

bool dx_is_file_or_folder(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    return dx_stat(ctx, path, &st) == DX_THERE && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

const char *dx_path_join(struct dext_ctx *ctx, const char *folder, const char *name)
{
    size_t n = strlen(folder);
    bool slash = n && folder[n - 1] != '/';
    size_t m = strlen(name);
    char *path = dx_alloc_raw(&ctx->arena, n + slash + m + 1);
    memcpy(path, folder, n); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

const char *dx_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *dx_path_folder(struct dext_ctx *ctx, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return "";
    }
    return dx_strndup(&ctx->arena, path, slash == path ? 1 : (size_t)(slash - path));
}

struct dx_str dx_path_normal(struct dext_ctx *ctx, struct dx_str path)
{
    bool rooted = path.n && path.p[0] == '/';
    char *out = dx_alloc(&ctx->arena, path.n + 1);
    size_t n = 0, base = 0; /* "../" up to base cannot be taken back */
    for (size_t i = 0, len; i < path.n; i += len + 1) {
        const char *part = path.p + i, *slash = memchr(part, '/', path.n - i);
        len = slash ? (size_t)(slash - part) : path.n - i;
        if (len == 0 || (len == 1 && part[0] == '.')) {
            continue;
        }
        bool up = len == 2 && part[0] == '.' && part[1] == '.';
        if (up && n > base) {
            const char *last = dx_memrchr(out + base, '/', n - base);
            n = last ? (size_t)(last - out) : base;
            continue;
        }
        if (up && rooted) {
            continue;
        }
        if (n || rooted) {
            out[n++] = '/';
        }
        memcpy(out + n, part, len);
        n += len;
        base = up ? n : base;
    }
    out[n] = 0;
    return (struct dx_str){out, n};
}

static const char *const template_marks[] = {".in", ".template", ".tmpl", ".tpl"};

size_t dx_path_template(const char *path)
{
    struct dx_str s = dx_str(path);
    for (size_t i = 0; i < sizeof template_marks / sizeof *template_marks; i++) {
        if (dx_str_has_suffix(s, template_marks[i])) {
            return strlen(template_marks[i]);
        }
    }
    return 0;
}

bool dx_path_has_template(struct dext_ctx *ctx, const char *path)
{
    struct stat st;
    for (size_t i = 0; i < sizeof template_marks / sizeof *template_marks; i++) {
        const char *beside = dx_sprintf(&ctx->arena, "%s%s", path, template_marks[i]);
        if (dx_lstat(ctx, beside, &st) != DX_THERE_NO) {
            return true;
        }
    }
    return false;
}
