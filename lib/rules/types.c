/* DX103-DX105, DX315: keys and types of a personality. What the kernel does with a wrong type, and
 * whether the driver can match then, stands in lib/data/keys.rec. */
#include "rules/types.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int bus_scope(const struct dx_personality *p)
{
    switch (p->bus ? (int)p->bus->bus : -1) {
    case KB_PROVIDER_BUS_USB_DEVICE:
    case KB_PROVIDER_BUS_USB_INTERFACE:
        return KB_KEY_SCOPE_USB;
    case KB_PROVIDER_BUS_PCI:
        return KB_KEY_SCOPE_PCI;
    case KB_PROVIDER_BUS_HID:
        return KB_KEY_SCOPE_HID;
    case KB_PROVIDER_BUS_SCSI:
        return KB_KEY_SCOPE_SCSI;
    case KB_PROVIDER_BUS_STORAGE:
        return KB_KEY_SCOPE_STORAGE;
    default:
        return -1;
    }
}

static bool types_type_fits(int type, const struct dext_node *n)
{
    switch (type) {
    case KB_KEY_TYPE_STRING:
        return n->kind == DEXT_STRING;
    case KB_KEY_TYPE_INTEGER:
        return n->kind == DEXT_INTEGER;
    case KB_KEY_TYPE_INTEGER_OR_WILDCARD:
        return n->kind == DEXT_INTEGER || (n->kind == DEXT_STRING && dx_str_is(n->text, "*"));
    case KB_KEY_TYPE_BOOLEAN:
        return n->kind == DEXT_BOOL;
    case KB_KEY_TYPE_DICTIONARY:
        return n->kind == DEXT_DICT;
    case KB_KEY_TYPE_ARRAY:
        return n->kind == DEXT_ARRAY;
    case KB_KEY_TYPE_STRING_OR_ARRAY:
        return n->kind == DEXT_STRING || n->kind == DEXT_ARRAY;
    case KB_KEY_TYPE_DICT_OR_ARRAY:
        return n->kind == DEXT_DICT || n->kind == DEXT_ARRAY;
    default:
        return true;
    }
}

static const char *types_type_words(int type)
{
    switch (type) {
    case KB_KEY_TYPE_STRING:
        return "a string";
    case KB_KEY_TYPE_INTEGER:
        return "an integer";
    case KB_KEY_TYPE_INTEGER_OR_WILDCARD:
        return "an integer (or the string \"*\")";
    case KB_KEY_TYPE_BOOLEAN:
        return "<true/> or <false/>";
    case KB_KEY_TYPE_DICTIONARY:
        return "a dictionary";
    case KB_KEY_TYPE_ARRAY:
        return "an array";
    case KB_KEY_TYPE_STRING_OR_ARRAY:
        return "a string or an array of strings";
    default:
        return "a dictionary or an array of dictionaries";
    }
}

const char *dx_kind_words(const struct dext_node *n)
{
    switch (n->kind) {
    case DEXT_INTEGER:
        return "an integer";
    case DEXT_ARRAY:
        return "an array";
    case DEXT_REAL:
        return "a <real> number";
    case DEXT_DICT:
        return "a dictionary";
    case DEXT_STRING:
        return "a string";
    case DEXT_BOOL:
        return "a boolean";
    case DEXT_DATE:
        return "a date";
    default:
        return "data";
    }
}

/* ---- mends that cannot change what was meant ------------------------------------------------ */

static void types_replace(struct dx_check *c, const struct dext_node *n, const char *element)
{
    dx_fix(c, "Write %s.", element);
    dx_edit_replace_element(c, n, element);
}

static void mend_integer(struct dx_check *c, const struct dext_node *n, int64_t most)
{
    uint64_t value = 0;
    bool minus = false;
    struct dx_str text = dx_str_trim(n->text);
    if (n->kind == DEXT_STRING && dx_parse_integer(text, &value, &minus) && !minus) {
        bool hex = text.n > 1 && (text.p[1] == 'x' || text.p[1] == 'X');
        if (text.n > 1 && text.p[0] == '0' && !hex) {
            /* "0403": written by somebody who thinks in hexadecimal, or padded? */
            dx_fix(c,
                   "Write <integer> and the decimal number; %.*s may have been meant as "
                   "hexadecimal.",
                   (int)text.n, text.p);
            return;
        }
    } else if (n->kind == DEXT_REAL && n->real >= 0 && n->real < 4294967296.0) {
        value = (uint64_t)n->real;
        if ((double)value < n->real) {
            return;
        }
    } else {
        return;
    }
    if (most <= 0 || value <= (uint64_t)most) {
        types_replace(
            c, n, dx_sprintf(&c->ctx->arena, "<integer>%llu</integer>", (unsigned long long)value));
    }
}

static void types_mend_boolean(struct dx_check *c, const struct dext_node *n)
{
    static const char *const yes[] = {"true", "yes", "1"}, *const no[] = {"false", "no", "0"};
    for (size_t i = 0; i < COUNT(yes); i++) {
        struct dx_str text = dx_str_trim(n->text);
        if (dx_str_is_nocase(text, yes[i])) {
            types_replace(c, n, "<true/>");
        } else if (dx_str_is_nocase(text, no[i])) {
            types_replace(c, n, "<false/>");
        }
    }
}

static void types_mend(struct dx_check *c, const struct dext_node *n, const struct kb_key *key)
{
    bool scalar = n->kind == DEXT_STRING || n->kind == DEXT_INTEGER || n->kind == DEXT_REAL;
    if (!scalar) {
        return;
    }
    if (key->type == KB_KEY_TYPE_INTEGER || key->type == KB_KEY_TYPE_INTEGER_OR_WILDCARD) {
        mend_integer(c, n, key->max);
    } else if (key->type == KB_KEY_TYPE_BOOLEAN) {
        types_mend_boolean(c, n);
    } else if (key->type == KB_KEY_TYPE_STRING && key->scope == KB_KEY_SCOPE_INFO) {
        /* A version or name that was written as a number keeps its letters. */
        types_replace(
            c, n, dx_sprintf(&c->ctx->arena, "<string>%.*s</string>", (int)n->text.n, n->text.p));
    }
}

/* ---- one value ------------------------------------------------------------------------------ */

static void report_type(struct dx_check *c, const struct dext_node *n, const char *name,
                        const struct kb_key *key)
{
    char value[80] = "";
    if (n->kind == DEXT_STRING || n->kind == DEXT_INTEGER || n->kind == DEXT_REAL) {
        (void)snprintf(value, sizeof value, n->kind == DEXT_STRING ? " \"%.60s\"" : " %.60s",
                       n->text.p ? n->text.p : "");
    }
    dx_find(c, DX_WRONG_VALUE_TYPE, dx_at(n), "%s is %s%s, not %s", name, dx_kind_words(n), value,
            types_type_words(key->type));
    /* What becomes of a <real> on its way into the kernel is not known: IOKitUser's serialiser
     * converts it with CFNumberGetValue. */
    if (key->wrong_type_severity != KB_KEY_WRONG_TYPE_SEVERITY_ERROR || n->kind == DEXT_REAL) {
        dx_severity(c, DEXT_WARNING);
    }
    if (*kb_s(key->wrong_type)) {
        dx_why(c, "%s", kb_s(key->wrong_type));
    }
    dx_fix(c, "Write %s.", types_type_words(key->type));
}

/* A string whose placeholder is not known may become anything. */
static bool types_unknown(const struct dx_check *c, const struct dext_node *n,
                          const struct kb_key *key)
{
    struct dx_str value;
    return n->bad || (n->kind == DEXT_STRING && key->type != KB_KEY_TYPE_STRING &&
                      (!dx_value(c, n, &value) ||
                       (key->type == KB_KEY_TYPE_INTEGER_OR_WILDCARD && dx_str_is(value, "*"))));
}

static bool check_elements(struct dx_check *c, const struct dext_node *array,
                           const struct kb_key *key, int type)
{
    struct kb_key element = *key;
    bool found = false;
    element.type = type;
    size_t i = 0;
    for (const struct dext_node *n = array->child; n; n = n->next, i++) {
        if (!types_type_fits(type, n) && !types_unknown(c, n, &element)) {
            report_type(c, n, dx_sprintf(&c->ctx->arena, "element %zu of %s", i, kb_s(key->key)),
                        &element);
            types_mend(c, n, &element);
            found = true;
        }
    }
    return found;
}

static bool check_array(struct dx_check *c, const struct dext_node *n, const struct kb_key *key)
{
    if (dx_str_is(n->key, "idProductArray") || dx_str_is(n->key, "ProductIDArray")) {
        return check_elements(c, n, key, KB_KEY_TYPE_INTEGER);
    }
    if (key->type == KB_KEY_TYPE_DICT_OR_ARRAY) {
        return check_elements(c, n, key, KB_KEY_TYPE_DICTIONARY);
    }
    if (dx_str_is(n->key, "IONameMatch") || dx_str_is(n->key, "IOPropertyExistsMatch")) {
        return check_elements(c, n, key, KB_KEY_TYPE_STRING);
    }
    return false;
}

bool dx_check_value_type(struct dx_check *c, const struct dext_node *n, const struct kb_key *key)
{
    if (types_unknown(c, n, key)) {
        return false;
    }
    if (!types_type_fits(key->type, n)) {
        report_type(c, n, n->key.p, key);
        types_mend(c, n, key);
        return true;
    }
    return n->kind == DEXT_ARRAY && check_array(c, n, key);
}

static void check_known(struct dx_check *c, const struct dext_node *n, const struct kb_key *key)
{
    /* IOProbeScore and the PCI keys have rules of their own. */
    if (dx_str_is(n->key, "IOProbeScore") ||
        (key->scope == KB_KEY_SCOPE_PCI && key->type == KB_KEY_TYPE_STRING) ||
        dx_check_value_type(c, n, key)) {
        return;
    }
    int64_t value;
    bool bounded = key->max != 0;
    if (bounded && dx_int(n, &value) && (value < key->min || value > key->max)) {
        dx_find(c, DX_MATCH_VALUE_RANGE, dx_at(n), "%s is %lld; it can be %lld to %lld", n->key.p,
                (long long)value, (long long)key->min, (long long)key->max);
    }
}

/* ---- spelling ------------------------------------------------------------------------------- */

/* Two letters may be wrong in a long name, one in a short one; very short names say nothing. */
static size_t most_slips(struct dx_str name)
{
    return name.n >= 10 ? 2 : name.n >= 6 ? 1 : 0;
}

const struct kb_key *dx_meant_key(const struct dext_node *n, unsigned scopes)
{
    const struct kb_key *best = NULL;
    size_t most = most_slips(n->key), least = most + 1;
    bool unique = true;
    if (!most || dx_kb_key_first(n->key) < kb_key_count) {
        return NULL;
    }
    for (size_t i = 0; i < kb_key_count; i++) {
        const struct kb_key *key = &kb_key_rows[i];
        size_t d = scopes >> key->scope & 1 && types_type_fits(key->type, n)
                       ? dx_str_distance(n->key, dx_str(kb_s(key->key)), most)
                       : most + 1;
        if (d < least) {
            best = key;
            least = d;
            unique = true;
        } else if (d <= most && d == least && !dx_str_is(dx_str(kb_s(key->key)), kb_s(best->key))) {
            unique = false;
        }
    }
    return unique ? best : NULL;
}

/* What every personality of a driver extension needs. */
static const char *const class_keys[] = {"IOClass", "IOProviderClass", "IOUserClass",
                                         "IOUserServerName"};

/* Only slips are reported: any other unknown key is data for the driver, which is legal. So is one
 * that stands beside the key it resembles (a value kept for later), and a dictionary that the
 * driver may hand to Create(). */
static void check_spelling(struct dx_check *c, const struct dext_node *n,
                           const struct dext_node *dict, unsigned scopes)
{
    const struct kb_key *meant =
        n->kind == DEXT_DICT && dx_get(n, "IOClass") ? NULL : dx_meant_key(n, scopes);
    if (!meant || dx_get(dict, kb_s(meant->key))) {
        return;
    }
    dx_find(c, DX_UNKNOWN_PERSONALITY_KEY, dx_at_key(n), "%s is no known key; is %s meant?",
            n->key.p, kb_s(meant->key));
    for (size_t i = 0; i < sizeof class_keys / sizeof *class_keys; i++) {
        if (strcmp(kb_s(meant->key), class_keys[i]) == 0) {
            dx_severity(c, DEXT_ERROR);
            dx_why(
                c,
                "The kernel looks keys up by their exact names: to it %s is missing, and without "
                "it no driver starts from this personality.",
                class_keys[i]);
        }
    }
    dx_fix(c, "Write %s.", kb_s(meant->key));
    dx_edit_replace_key(c, n, kb_s(meant->key));
}

/* ---- templates ------------------------------------------------------------------------------ */

/* "[DRIVERKIT CLASS NAME]": capitals in brackets. */
static bool bracketed(struct dx_str s)
{
    if (s.n < 5 || s.p[0] != '[' || s.p[s.n - 1] != ']') {
        return false;
    }
    for (size_t i = 1; i + 1 < s.n; i++) {
        if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && s.p[i] != ' ' && s.p[i] != '_') {
            return false;
        }
    }
    return true;
}

static bool of_template_company(struct dx_str text)
{
    static const char *const companies[] = {"yourcompany", "your-company", "mycompany",
                                            "companyname", "your-domain",  "yourdomain"};
    for (size_t i = 0; i + 9 <= text.n; i++) {
        char c = (char)(text.p[i] | 0x20);
        if (c != 'y' && c != 'm' && c != 'c') {
            continue;
        }
        for (size_t k = 0; k < COUNT(companies); k++) {
            size_t n = strlen(companies[k]);
            if (*companies[k] == c && i + n <= text.n &&
                strncasecmp(text.p + i, companies[k], n) == 0) {
                return true;
            }
        }
    }
    return false;
}

const char *dx_template_leftover(struct dx_str text)
{
    if (bracketed(dx_str_trim(text))) {
        return "a placeholder in brackets";
    }
    if (text.n && memchr(text.p, '#', text.n) && dx_str_contains(text, "<#") &&
        dx_str_contains(text, "#>")) {
        return "a placeholder of Xcode's editor";
    }
    /* Only in identifiers: prose may speak of a company. */
    if (text.n && !memchr(text.p, ' ', text.n) && of_template_company(text)) {
        return "the company of a template";
    }
    return NULL;
}

/* A value that repeats the bundle's identifier is told there. */
static bool told_of_bundle(const struct dx_check *c, const struct dext_node *n)
{
    const struct dext_node *id = dx_get(c->unit->info->pl->root, "CFBundleIdentifier");
    return id && id->kind == DEXT_STRING && dx_str_eq(id->text, n->text);
}

static void check_template(struct dx_check *c, const struct dext_node *n)
{
    const char *left = n->kind == DEXT_STRING ? dx_template_leftover(n->text) : NULL;
    if (left && !told_of_bundle(c, n)) {
        dx_find(c, DX_TEMPLATE_PLACEHOLDER, dx_at(n), "%s is still \"%s\", %s",
                n->in_dict ? n->key.p : "an element", n->text.p, left);
    }
    for (const struct dext_node *e = n->child; e; e = e->next) {
        if (!e->overridden) {
            check_template(c, e);
        }
    }
}

/* The identifier of the sample driver that Xcode's first template came from; told once. */
static void check_null_driver(struct dx_check *c, const struct dx_personality *p)
{
    enum { PLACES = 3 };
    const struct dext_node *const at[PLACES] = {p->server_name, p->bundle_id, p->category};
    const struct dext_node *first = NULL;
    const char *also = "";
    for (size_t i = 0; i < PLACES; i++) {
        if (at[i] && at[i]->kind == DEXT_STRING &&
            dx_str_is(at[i]->text, "com.apple.null.driver")) {
            also =
                first ? dx_sprintf(&c->ctx->arena, "%s and %s", also, at[i]->key.p) : at[i]->key.p;
            first = first ? first : at[i];
        }
    }
    if (first) {
        dx_find(c, DX_TEMPLATE_PLACEHOLDER, dx_at(first),
                "\"com.apple.null.driver\", the template's own identifier, is left in %s of \"%s\"",
                also, p->name);
        dx_why(c,
               "The name is Apple's sample driver's, and every driver that kept it shares it: in "
               "logs and process lists they cannot be told apart, and a match category of that "
               "name lets one of them keep another one out.");
        dx_fix(c, "Write $(PRODUCT_BUNDLE_IDENTIFIER) as IOUserServerName; a driver for hardware "
                  "needs no IOMatchCategory.");
    }
}

/* ---- a personality -------------------------------------------------------------------------- */

/* Number keys inside a dictionary that is compared with what the nub publishes. */
static void check_numbers(struct dx_check *c, const struct dext_node *dict, int scope)
{
    for (const struct dext_node *n = dict->kind == DEXT_DICT ? dict->child : NULL; n; n = n->next) {
        const struct kb_key *key = n->overridden ? NULL : dx_kb_key(n->key, scope);
        if (key &&
            (key->type == KB_KEY_TYPE_INTEGER || key->type == KB_KEY_TYPE_INTEGER_OR_WILDCARD)) {
            struct kb_key exact = *key;
            exact.type = KB_KEY_TYPE_INTEGER; /* a wildcard is nothing special here */
            (void)dx_check_value_type(c, n, &exact);
        }
    }
}

/* What the driver hands to Create(). */
static void check_client(struct dx_check *c, const struct dext_node *dict)
{
    static const char *const names[] = {"IOClass", "IOUserClass"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct dext_node *value = dx_get(dict, names[i]);
        const struct kb_key *key = dx_kb_key(dx_str(names[i]), KB_KEY_SCOPE_PERSONALITY);
        if (value && key) {
            struct kb_key inner = *key;
            inner.wrong_type = (struct kb_text){0};
            inner.wrong_type_severity = KB_KEY_WRONG_TYPE_SEVERITY_WARNING;
            (void)dx_check_value_type(c, value, &inner);
        }
    }
}

static void types_check_nested(struct dx_check *c, const struct dext_node *n, int scope)
{
    bool compared = dx_str_is(n->key, "IOPropertyMatch") || dx_str_is(n->key, "DeviceUsagePairs");
    if (compared && scope >= 0) {
        check_numbers(c, n, scope);
        for (const struct dext_node *e = n->kind == DEXT_ARRAY ? n->child : NULL; e; e = e->next) {
            check_numbers(c, e, scope);
        }
    } else if (!compared && n->kind == DEXT_DICT) {
        check_client(c, n);
    }
}

void dx_check_types(struct dx_check *c, const struct dx_personality *p)
{
    int scope = bus_scope(p);
    unsigned scopes = 1U << KB_KEY_SCOPE_PERSONALITY | (scope < 0 ? 0 : 1U << scope);
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (n->overridden) {
            continue;
        }
        const struct kb_key *key = dx_kb_key(n->key, KB_KEY_SCOPE_PERSONALITY);
        if (!key && scope >= 0) {
            key = dx_kb_key(n->key, scope);
        }
        if (key) {
            check_known(c, n, key);
        } else {
            check_spelling(c, n, p->dict, scopes);
        }
        types_check_nested(c, n, scope);
        check_template(c, n);
    }
    check_null_driver(c, p);
}
