/* DX619, DX621, DX622: CFBundleIdentifier, and the text for people that stands beside it. */
#include <ctype.h>

#include "rules/rule.h"

/* xnu refuses KMOD_MAX_NAME, 64, letters and more. */
#define LONGEST_BUNDLE_ID 63

/* What Xcode's build warns of (swift-build, InfoPlistProcessorTaskAction.swift: a uniform type
 * identifier). */
static bool identity_allowed(unsigned char ch)
{
    return ch < 0x80 && (isalnum(ch) || ch == '-' || ch == '.');
}

static size_t first_odd(struct dx_str id)
{
    size_t i = 0;
    while (i < id.n && identity_allowed((unsigned char)id.p[i])) {
        i++;
    }
    return i;
}

static size_t words(struct dx_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] != ' ' && (i == 0 || s.p[i - 1] == ' ');
    }
    return n;
}

/* "com.acme.app.driver": three parts or more, and nothing that no identifier has. */
static bool identity_looks_like_id(struct dx_str s)
{
    size_t dots = 0;
    if (!s.n || !isalpha((unsigned char)s.p[0])) {
        return false; /* "1.0.0" */
    }
    for (size_t i = 0; i < s.n; i++) {
        bool dot = s.p[i] == '.';
        if (dot && (i == 0 || s.p[i - 1] == '.' || i + 1 == s.n)) {
            return false;
        }
        dots += dot;
    }
    return dots >= 2 && first_odd(s) == s.n;
}

#define SENTENCE 4 /* words that no attempt at an identifier has */

static bool swapped(struct dx_check *c, const struct dext_node *id, const struct dext_node *text)
{
    bool both = dx_is_literal(id) && words(id->text) >= SENTENCE && dx_is_literal(text) &&
                words(text->text) == 1;
    if (!both && (!dx_is_literal(text) || !identity_looks_like_id(dx_str_trim(text->text)))) {
        return false;
    }
    dx_find(c, DX_INFO_TEXTS_SWAPPED, dx_at(text),
            both
                ? "OSBundleUsageDescription is \"%s\", and CFBundleIdentifier the text for people"
                : "OSBundleUsageDescription is \"%s\", which is a bundle id and no text for people",
            text->text.p);
    if (!both) {
        dx_why(c, "The text is what the user reads when the system asks whether the driver may be "
                  "installed.");
        dx_fix(c, "Say in a sentence what the driver is for.");
    }
    return both;
}

void dx_check_identifier(struct dx_check *c, const struct dext_node *root)
{
    const struct dext_node *n = dx_get(root, "CFBundleIdentifier");
    struct dx_str id;
    if (swapped(c, n, dx_get(root, "OSBundleUsageDescription")) || !dx_bundle_id(c, &id)) {
        return;
    }
    struct dx_target at = dx_at(n ? n : root);
    if (id.n > LONGEST_BUNDLE_ID) {
        dx_find(c, DX_BUNDLE_ID_LENGTH, at,
                "the bundle id %.*s has %zu characters; the kernel takes %d", (int)id.n, id.p, id.n,
                LONGEST_BUNDLE_ID);
    }
    size_t odd = first_odd(id);
    if (odd < id.n) {
        unsigned char ch = (unsigned char)id.p[odd];
        dx_find(c, DX_BUNDLE_ID_CHARACTERS, at, "the bundle id %.*s has %s in it", (int)id.n, id.p,
                ch == ' '                  ? "white space"
                : ch < 0x80 && isprint(ch) ? dx_sprintf(&c->ctx->arena, "\"%c\"", ch)
                                           : "characters that are no ASCII letters");
    }
}
