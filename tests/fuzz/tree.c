/* The bytes of an input as a folder. See tree.h. */
#include "tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code.h"

#define MOST 64
#define MOST_NAME 300
#define MOST_PATH (MOST_NAME + 80)

struct made {
    char path[MOST_PATH]; /* absolute */
    char link[MOST_PATH]; /* where a link points; "" */
    uint8_t cdhash[20];
    bool code, folder;
};

static char root[64], head[200];
static struct made made[MOST];
static size_t count;

static const char *below(const char *path)
{
    return path + strlen(root) + 1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    return at->level ? remove(path) : 0;
}

void tree_clear(void)
{
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    count = 0;
}

static void remove_root(void)
{
    tree_clear();
    (void)rmdir(root);
}

static void root_ready(void)
{
    if (root[0] && access(root, F_OK) == 0) {
        return;
    }
    bool memory = access("/dev/shm", W_OK) == 0;
    (void)snprintf(root, sizeof root, "%s/fuzz_tree.%ld", memory ? "/dev/shm" : "/tmp",
                   (long)getpid());
    if (mkdir(root, 0700) != 0 && errno != EEXIST) {
        abort();
    }
    (void)atexit(remove_root);
}

/* ---- one entry ------------------------------------------------------------------------------ */

static bool is_inside(const char *path)
{
    size_t n = strlen(path), depth = 0;
    for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/') {
        size_t part = strcspn(p, "/");
        if (part == 0 || part > 120 || (part <= 2 && memcmp(p, "..", part) == 0) || ++depth > 12) {
            return false;
        }
    }
    return n > 0;
}

static void folders_above(char *path)
{
    for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = 0;
        (void)mkdir(path, 0700);
        *p = '/';
    }
}

static bool write_file(const char *path, const void *p, size_t n)
{
    FILE *out = fopen(path, "wb");
    if (!out) {
        return false;
    }
    (void)fwrite(p, 1, n, out);
    return fclose(out) == 0;
}

/* PATH's folder, and of Contents/MacOS the one above: where Info.plist and the seal stand. */
static void home_of(char *out, const char *path)
{
    (void)snprintf(out, MOST_PATH, "%s", path);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(out, '/');
        if (slash && (i == 0 || strcmp(slash, "/MacOS") == 0)) {
            *slash = 0;
        }
    }
}

static void put_code(struct made *m, const char *words, const uint8_t *p, size_t n)
{
    char home[MOST_PATH], info[MOST_PATH + 40], seal[MOST_PATH + 40];
    struct bytes out = {0};
    home_of(home, m->path);
    (void)snprintf(info, sizeof info, "%s/Info.plist", home);
    (void)snprintf(seal, sizeof seal, "%s/_CodeSignature/CodeResources", home);
    code_make(&out, words, p, n, info, seal, m->cdhash);
    m->code = true;
    (void)write_file(m->path, out.p, out.n);
    bytes_free(&out);
}

/* The length of the part of path that is a bundle of its own, 0: none. */
static size_t nested_bundle(const char *path)
{
    static const char *const ends[] = {".dext/", ".app/", ".framework/"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(path, ends[i]);
        if (end) {
            return (size_t)(end - path) + strlen(ends[i]) - 1;
        }
    }
    return 0;
}

static void put_seal(const struct made *to)
{
    static char paths[MOST][MOST_PATH];
    struct sealed list[MOST];
    struct bytes out = {0};
    char home[MOST_PATH];
    size_t n = 0;
    (void)snprintf(home, sizeof home, "%s", to->path);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(home + strlen(root), '/');
        if (slash) {
            *slash = 0;
        }
    }
    size_t h = strlen(home);
    for (size_t i = 0; i < count; i++) {
        const struct made *m = &made[i];
        const char *path = m->path + h + 1;
        if (m == to || m->folder || strncmp(m->path, home, h) != 0 || m->path[h] != '/') {
            continue;
        }
        size_t nested = nested_bundle(path);
        if (nested && !m->code) {
            continue;
        }
        (void)snprintf(paths[n], MOST_PATH, "%.*s", (int)(nested ? nested : strlen(path)), path);
        list[n] = (struct sealed){.path = paths[n], .cdhash = nested ? m->cdhash : NULL};
        if (m->link[0]) {
            list[n].link = m->link;
        } else {
            struct bytes file = {0};
            (void)bytes_read(&file, m->path);
            code_hash(0, file.p, file.n, list[n].sha256);
            bytes_free(&file);
        }
        n++;
    }
    code_seal(&out, list, n);
    (void)write_file(to->path, out.p, out.n);
    bytes_free(&out);
}

/* ---- archives ------------------------------------------------------------------------------ */

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = words; (p = strstr(p, word)) != NULL; p++) {
        if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == 0)) {
            return true;
        }
    }
    return false;
}

static struct archive *archive_for(const char *words)
{
    static const struct {
        const char *word;
        int (*set)(struct archive *);
    } ways[] = {{"zip", archive_write_set_format_zip},    {"cpio", archive_write_set_format_cpio},
                {"xar", archive_write_set_format_xar},    {"pax", archive_write_set_format_pax},
                {"7zip", archive_write_set_format_7zip},  {"gz", archive_write_add_filter_gzip},
                {"bz2", archive_write_add_filter_bzip2},  {"xz", archive_write_add_filter_xz},
                {"lzma", archive_write_add_filter_lzma},  {"lz4", archive_write_add_filter_lz4},
                {"zst", archive_write_add_filter_zstd},   {"Z", archive_write_add_filter_compress},
                {"uu", archive_write_add_filter_uuencode}};
    struct archive *a = archive_write_new();
    (void)archive_write_set_format_ustar(a);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (has_word(words, ways[i].word)) {
            (void)ways[i].set(a);
        }
    }
    (void)archive_write_set_bytes_in_last_block(a, 1);
    return a;
}

static void pack_one(struct archive *a, const struct made *m)
{
    struct archive_entry *e = archive_entry_new();
    struct bytes file = {0};
    archive_entry_set_pathname(e, below(m->path));
    archive_entry_set_perm(e, m->code ? 0755 : 0644);
    archive_entry_set_mtime(e, 1700000000, 0);
    if (m->link[0]) {
        archive_entry_set_filetype(e, AE_IFLNK);
        archive_entry_set_symlink(e, m->link);
    } else {
        archive_entry_set_filetype(e, m->folder ? AE_IFDIR : AE_IFREG);
        if (!m->folder) {
            (void)bytes_read(&file, m->path);
        }
    }
    archive_entry_set_size(e, (la_int64_t)file.n);
    if (archive_write_header(a, e) == ARCHIVE_OK && file.n) {
        (void)archive_write_data(a, file.p, file.n);
    }
    bytes_free(&file);
    archive_entry_free(e);
}

static void put_pack(const struct made *to, const char *words)
{
    struct archive *a = archive_for(words);
    if (archive_write_open_filename(a, to->path) == ARCHIVE_OK) {
        for (size_t i = 0; i < count; i++) {
            if (&made[i] != to) {
                pack_one(a, &made[i]);
            }
        }
    }
    (void)archive_write_free(a);
    if (has_word(words, "alone")) {
        for (size_t i = 0; i < count; i++) {
            if (&made[i] != to) {
                (void)remove(made[i].path);
            }
        }
    }
}

/* ---- many, and much ------------------------------------------------------------------------- */

#define MOST_TIMES 260
#define MOST_REPEATED ((size_t)1200 << 10)

/* The file again and again: 0-NAME, 1-NAME ... beside where it would stand. */
static void put_times(const char *path, const char *words, const uint8_t *p, size_t n)
{
    unsigned long times = strtoul(words, NULL, 10);
    const char *name = strrchr(path, '/') + 1;
    for (unsigned long i = 0; i < times && i < MOST_TIMES && n < 4096; i++) {
        char each[MOST_NAME + 400];
        (void)snprintf(each, sizeof each, "%.*s%lu-%s", (int)(name - path), path, i, name);
        (void)write_file(each, p, n);
    }
}

/* Its bytes again and again: more than a thread's share. */
static void put_repeated(const char *path, const char *words, const uint8_t *p, size_t n)
{
    struct bytes all = {0};
    for (unsigned long i = strtoul(words, NULL, 10); i > 0 && n && all.n + n < MOST_REPEATED; i--) {
        bytes_add(&all, p, n);
        bytes_add(&all, "\n", 1);
    }
    (void)write_file(path, all.p, all.n);
    bytes_free(&all);
}

/* ---- entries ------------------------------------------------------------------------------- */

static void put(const char *line, const uint8_t *p, size_t n)
{
    char path[MOST_NAME];
    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(line, " \t"), line);
    const char *words = line + strcspn(line, " \t");
    words += strspn(words, " \t");
    size_t end = strlen(path);
    bool folder = end && path[end - 1] == '/';
    if (folder) {
        path[end - 1] = 0;
    }
    if (count == MOST || !is_inside(path)) {
        return;
    }
    struct made *m = &made[count++];
    *m = (struct made){.folder = folder};
    (void)snprintf(m->path, sizeof m->path, "%s/%s", root, path);
    folders_above(m->path);
    if (folder) {
        (void)mkdir(m->path, 0700);
    } else if (strncmp(words, "-> ", 3) == 0) {
        (void)snprintf(m->link, sizeof m->link, "%s", words + 3);
        /* Nothing of this machine is read. */
        if (m->link[0] == '/' || strstr(m->link, "..") || symlink(m->link, m->path) != 0) {
            count--;
        }
    } else if (strncmp(words, "!code", 5) == 0) {
        put_code(m, words + 5, p, n);
    } else if (strncmp(words, "!seal", 5) == 0) {
        put_seal(m);
    } else if (strncmp(words, "!pack", 5) == 0) {
        put_pack(m, words + 5);
    } else if (strncmp(words, "!times ", 7) == 0) {
        put_times(m->path, words + 7, p, n);
    } else if (strncmp(words, "!repeat ", 8) == 0) {
        put_repeated(m->path, words + 8, p, n);
    } else {
        (void)write_file(m->path, p, n);
    }
}

static const uint8_t *next_entry(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *next = memmem(p, (size_t)(end - p), "\n@@ ", 4);
    return next ? next + 1 : end;
}

static const uint8_t *line_of(char *out, size_t room, const uint8_t *p, const uint8_t *end)
{
    const uint8_t *eol = memchr(p, '\n', (size_t)(end - p));
    size_t n = (size_t)((eol ? eol : end) - p);
    (void)snprintf(out, room, "%.*s", (int)(n < room ? n : room - 1), (const char *)p);
    return eol ? eol + 1 : end;
}

const char *tree_make(const uint8_t *data, size_t size)
{
    char line[MOST_PATH];
    data = data ? data : (const uint8_t *)"";
    const uint8_t *end = data + size, *p;
    root_ready();
    tree_clear();
    p = line_of(head, sizeof head, data, end);
    if (strncmp(head, "@@ ", 3) == 0) {
        p = data;
        head[0] = 0;
    } else if (p < end && (end - p < 3 || memcmp(p, "@@ ", 3) != 0)) {
        p = next_entry(p, end);
    }
    while (p < end) {
        const uint8_t *body = line_of(line, sizeof line, p, end);
        const uint8_t *next = next_entry(body > p ? body - 1 : body, end);
        size_t n = next > body ? (size_t)(next - body) - (next[-1] == '\n') : 0;
        put(line + 3, body, n);
        p = next;
    }
    return root;
}

const char *tree_head(void)
{
    return head;
}

int tree_wants(const char *word)
{
    return has_word(head, word);
}

const char *tree_path(size_t i)
{
    return i < count ? made[i].path : NULL;
}
