/* Names that a user gives: what they may be, and what is made of them. */
#include <string.h>

#include "init/init.h"

#define LONGEST_NAME 60
/* CFBundleIdentifier is the name of a folder and of a process; longer ones are met nowhere. */
#define LONGEST_ID 120

static bool init_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool init_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Words of C++, Swift and iig that no class can be called; as files they would be legal. */
static const char reserved[] =
    " "
    "alignas alignof and asm associatedtype auto bool break case catch char class "
    "concept const continue decltype default defer delete do double else enum explicit "
    "export extension extern false float for friend func goto guard if import in init "
    "inline int internal is let long main mutable namespace new nil not nullptr operator "
    "or private protected protocol public register return self short signed sizeof "
    "static struct super switch template this throw true try typedef typeid typename "
    "union unsigned using var virtual void volatile while xor KERNEL LOCAL LOCALONLY "
    "IMPL TYPE EXTENDS TARGET QUEUENAME SUPERDISPATCH ";

static bool is_reserved(const char *name)
{
    size_t n = strlen(name);
    for (const char *p = reserved; (p = strstr(p, name)) != NULL; p++) {
        if (p[-1] == ' ' && p[n] == ' ') {
            return true;
        }
    }
    return false;
}

int dx_init_check_name(struct dext_ctx *ctx, const char *name)
{
    size_t n = strlen(name);
    bool good = n && n <= LONGEST_NAME && init_is_letter(name[0]);
    for (size_t i = 0; i < n && good; i++) {
        good = init_is_letter(name[i]) || init_is_digit(name[i]) || name[i] == '_';
    }
    if (!good) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       "'%s' cannot name a class: letters, digits and underscores, a letter first, "
                       "%d at most",
                       name, LONGEST_NAME);
    }
    if (is_reserved(name)) {
        return dx_fail(ctx, DEXT_E_FORMAT, "'%s' cannot name a class: it is a word of C++ or Swift",
                       name);
    }
    if (dx_str_has_prefix(dx_str(name), "IO") || dx_str_has_prefix(dx_str(name), "OS") ||
        dx_str_has_prefix(dx_str(name), "Apple")) {
        return dx_fail(ctx, DEXT_E_FORMAT,
                       "'%s' cannot name a class of yours: the system's begin with IO, OS or Apple",
                       name);
    }
    return DEXT_OK;
}

int dx_init_check_bundle_id(struct dext_ctx *ctx, const char *id)
{
    size_t n = strlen(id), dots = 0;
    bool good = n && n <= LONGEST_ID;
    for (size_t i = 0; i < n && good; i++) {
        bool edge = i == 0 || i + 1 == n || id[i - 1] == '.';
        dots += id[i] == '.';
        good = init_is_letter(id[i]) || init_is_digit(id[i]) || (id[i] == '-' && !edge) ||
               (id[i] == '.' && !edge);
    }
    return good && dots ? DEXT_OK
                        : dx_fail(ctx, DEXT_E_FORMAT,
                                  "'%s' is no bundle identifier: parts of letters, digits and "
                                  "hyphens, with dots between",
                                  id);
}

int dx_init_check_team(struct dext_ctx *ctx, const char *team)
{
    size_t n = strlen(team);
    bool good = n == 10;
    for (size_t i = 0; i < n && good; i++) {
        good = (team[i] >= 'A' && team[i] <= 'Z') || init_is_digit(team[i]);
    }
    return good ? DEXT_OK
                : dx_fail(ctx, DEXT_E_FORMAT,
                          "'%s' is no team: ten capitals and digits, as developer.apple.com shows "
                          "them under Membership",
                          team);
}

const char *dx_init_id_part(struct dext_ctx *ctx, const char *name)
{
    char *part = dx_strdup(&ctx->arena, name);
    for (char *p = part; *p; p++) {
        *p = *p == '_' ? '-' : *p;
    }
    size_t n = strlen(part);
    while (n && part[n - 1] == '-') {
        part[--n] = 0;
    }
    return part;
}

const char *dext_init_name(struct dext_ctx *ctx, const char *path)
{
    size_t n = strlen(path);
    while (n && path[n - 1] == '/') {
        n--;
    }
    size_t from = n;
    while (from && path[from - 1] != '/') {
        from--;
    }
    char *name = dx_alloc(&ctx->arena, n - from + 1);
    size_t at = 0;
    bool up = true;
    for (size_t i = from; i < n; i++) {
        char c = path[i];
        if (!init_is_letter(c) && !init_is_digit(c)) {
            up = true;
            continue;
        }
        name[at++] = up && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        up = false;
    }
    int rc = dx_init_check_name(ctx, name);
    dext_ctx_clear(ctx);
    return rc == DEXT_OK ? name : "MyDriver";
}

/* ---- families ------------------------------------------------------------------------------- */

static const char *init_family_at(const void *user, size_t i)
{
    (void)user;
    return kb_s(kb_init_family_rows[i].family);
}

static const char *init_family_list(struct dext_ctx *ctx, const char *prefix)
{
    const char *text = "";
    for (size_t i = 0; i < kb_init_family_count; i++) {
        const char *name = init_family_at(NULL, i);
        if (dx_str_has_prefix(dx_str(name), prefix)) {
            text = dx_sprintf(&ctx->arena, "%s%s%s", text, *text ? ", " : "", name);
        }
    }
    return text;
}

const char *dext_init_family(struct dext_ctx *ctx, const char *name, const char **why)
{
    const char *one = NULL;
    size_t count = 0;
    for (size_t i = 0; i < kb_init_family_count; i++) {
        const char *family = init_family_at(NULL, i);
        if (strcmp(family, name) == 0) {
            return family;
        }
        if (*name && dx_str_has_prefix(dx_str(family), name)) {
            one = family;
            count++;
        }
    }
    if (count == 1) {
        return one;
    }
    if (count) {
        *why = dx_sprintf(&ctx->arena, "'%s' may be %s", name, init_family_list(ctx, name));
        return NULL;
    }
    const char *near = dx_str_nearest(dx_str(name), kb_init_family_count, init_family_at, NULL);
    *why = dx_sprintf(&ctx->arena, "there is no family '%s'%s%s%s known: %s", name,
                      near ? "; did you mean '" : ";", near ? near : "", near ? "'?" : "",
                      init_family_list(ctx, ""));
    return NULL;
}
