/* DX220: dictionaries inside a personality from which a driver makes its user clients. What a
 * driver hands to Create() has a name of its own choice and may be of any kernel class
 * (xnu iokit/Kernel/IOUserServer.cpp, IOService::Create_Impl), so little is wrong for sure. */
#include <string.h>

#include "rules/family.h"
#include "rules/personality.h"

#define CLIENT_CLASS "IOUserUserClient"

static bool has_client_name(const struct dext_node *n)
{
    return dx_str_has_suffix(n->key, "UserClientProperties");
}

/* Dictionaries that are compared with a nub; IOUserClass in them is a criterion. */
static bool is_match_table(const struct dext_node *n)
{
    static const char *const tables[] = {"IOPropertyMatch", "IOParentMatch", "IOLocationMatch",
                                         "IOMatchedPersonality"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (dx_str_is(n->key, tables[i])) {
            return true;
        }
    }
    return false;
}

/* The driver's own class, which lives in its process: the kernel has none of that name. */
static bool client_is_own_class(const struct dext_node *ioclass, const struct dext_node *user_class)
{
    struct dx_str name = ioclass->text;
    return user_class && dx_node_equal(ioclass, user_class) && !dx_kb_ioclass(name) &&
           !dx_str_has_prefix(name, "IO") && !dx_str_has_prefix(name, "Apple");
}

/* Any dictionary with such a class is meant for Create(). */
static bool wrong_class(struct dx_check *c, const struct dext_node *n,
                        const struct dext_node *ioclass, const struct dext_node *user_class)
{
    struct dx_str name = ioclass->text;
    bool slip = !dx_str_is(name, CLIENT_CLASS) && !dx_kb_ioclass(name) &&
                dx_str_distance(name, DX_STR(CLIENT_CLASS), 2) <= 2;
    if (dx_str_is(name, "IOUserClient") || slip) {
        dx_find(c, DX_NESTED_USER_CLIENT, dx_at(ioclass),
                "IOClass %s in %s: a user client's kernel class is " CLIENT_CLASS, name.p,
                n->key.p);
        if (slip) {
            dx_severity(c, DEXT_WARNING);
        }
        dx_fix(c, "Write " CLIENT_CLASS ".");
        dx_edit_replace_text(c, ioclass, CLIENT_CLASS);
    } else if (client_is_own_class(ioclass, user_class)) {
        bool client = has_client_name(n);
        dx_find(c, DX_NESTED_USER_CLIENT, dx_at(ioclass),
                "IOClass %s in %s is the driver's own class, which the kernel does not have",
                name.p, n->key.p);
        dx_fix(c, "Write %s, and name your own class in IOUserClass.",
               client ? CLIENT_CLASS : "the kernel class, IOUserService for a plain service");
        if (client) {
            dx_edit_replace_text(c, ioclass, CLIENT_CLASS);
        }
    } else if (has_client_name(n) && !dx_str_is(name, CLIENT_CLASS)) {
        dx_find(c, DX_NESTED_USER_CLIENT, dx_at(ioclass),
                "IOClass %s in %s: what an app can open is made with " CLIENT_CLASS, name.p,
                n->key.p);
        dx_severity(c, DEXT_WARNING);
        dx_why(c, "When an app opens the driver, the kernel takes nothing but an " CLIENT_CLASS
                  ": with an object of another class the app gets kIOReturnUnsupported.");
        dx_fix(c, "Write " CLIENT_CLASS ".");
    } else {
        return false;
    }
    return true;
}

static void missing_class(struct dx_check *c, const struct dext_node *n, const char *key,
                          const char *result)
{
    dx_find(c, DX_NESTED_USER_CLIENT, dx_at_key(n), "%s has no %s: %s", n->key.p, key, result);
    dx_severity(c, DEXT_WARNING);
}

static void client_client(struct dx_check *c, const struct dext_node *n)
{
    const struct dext_node *ioclass = dx_get(n, "IOClass"), *user_class = dx_get(n, "IOUserClass");
    if (user_class) {
        dx_check_user_class(c, user_class);
    }
    if (ioclass && !dx_is_literal(ioclass)) {
        return;
    }
    if (ioclass && wrong_class(c, n, ioclass, user_class)) {
        return;
    }
    if (!ioclass && (has_client_name(n) || user_class) && dx_is_absent(c, n, "IOClass")) {
        missing_class(c, n, "IOClass", "Create() fails with kIOReturnBadArgument");
        dx_fix(c, "Add IOClass with the kernel class, " CLIENT_CLASS " for a user client.");
    } else if (ioclass && dx_str_is(ioclass->text, CLIENT_CLASS) &&
               dx_is_absent(c, n, "IOUserClass")) {
        missing_class(c, n, "IOUserClass", "the kernel cannot tell which class to make");
        dx_why(c, "The kernel makes the " CLIENT_CLASS ", asks the driver's process for the class "
                  "that IOUserClass names, and logs \"no IOUserClass defined\" when there is none: "
                  "Create() fails, and no app can open the driver.");
        dx_fix(c, "Add IOUserClass with the name of your IOUserClient subclass.");
    }
}

void dx_check_clients(struct dx_check *c, const struct dx_personality *p)
{
    for (const struct dext_node *n = p->dict->child; n; n = n->next) {
        if (n->kind == DEXT_DICT && !n->overridden && !is_match_table(n)) {
            client_client(c, n);
        }
    }
}

static void stray(struct dx_check *c, const struct dext_node *dict, const char *where)
{
    for (const struct dext_node *n = dict ? dict->child : NULL; n; n = n->next) {
        if (dx_is_stray_client(n)) {
            dx_find(c, DX_NESTED_USER_CLIENT, dx_at_key(n),
                    "%s stands %s: Create() looks for it in the personality", n->key.p, where);
            dx_severity(c, DEXT_WARNING);
            dx_why(c, "Create() takes the dictionary from the properties of the running service, "
                      "which are those of its personality. Anywhere else it is not found: "
                      "Create() fails with kIOReturnBadArgument, and no app can open the driver.");
            dx_fix(c, "Move it into the personality of the service that makes the client.");
        }
    }
}

void dx_check_stray_clients(struct dx_check *c, const struct dext_node *root,
                            const struct dext_node *all)
{
    stray(c, root, "at the top of the Info.plist");
    if (all && all->kind == DEXT_DICT) {
        stray(c, all, "beside the personalities");
    }
}
