/* The simulator against the table tests/match/cases.json: nodes and personalities are built from
 * JSON ({"$data": "0a0b"} is data, {"$real": 1.5} a real), decided, and compared with the expected
 * answer, the code of the check that decides, score and outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "iokit/match.h"

static struct dext_ctx *ctx;

/* ---- values -------------------------------------------------------------------------------- */

static struct dext_node *value_of(json_t *j);

static struct dx_str text_of(const char *s)
{
    return dx_str(dx_strdup(&ctx->arena, s));
}

static void append(struct dext_node *parent, struct dext_node *child)
{
    child->parent = parent;
    *(parent->child ? &parent->last->next : &parent->child) = child;
    parent->last = child;
    parent->count++;
}

static void fill_dict(struct dext_node *n, json_t *j)
{
    const char *key;
    json_t *v;
    n->kind = DEXT_DICT;
    json_object_foreach(j, key, v)
    {
        if (!json_is_null(v)) {
            struct dext_node *c = value_of(v);
            c->in_dict = true;
            c->key = text_of(key);
            append(n, c);
        }
    }
}

static void fill_data(struct dext_node *n, const char *hex)
{
    size_t count = strlen(hex) / 2;
    char *bytes = dx_alloc(&ctx->arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (char)strtoul(two, NULL, 16);
    }
    n->kind = DEXT_DATA;
    n->text = (struct dx_str){bytes, count};
}

static struct dext_node *value_of(json_t *j)
{
    struct dext_node *n = dx_alloc(&ctx->arena, sizeof *n);
    size_t i;
    json_t *v;
    switch (json_typeof(j)) {
    case JSON_STRING:
        n->kind = DEXT_STRING;
        n->text = text_of(json_string_value(j));
        break;
    case JSON_INTEGER:
        n->kind = DEXT_INTEGER;
        n->integer = (uint64_t)json_integer_value(j);
        n->negative = json_integer_value(j) < 0;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        n->kind = DEXT_BOOL;
        n->boolean = json_is_true(j);
        break;
    case JSON_ARRAY:
        n->kind = DEXT_ARRAY;
        json_array_foreach(j, i, v)
        {
            append(n, value_of(v));
        }
        break;
    default:
        if (json_object_get(j, "$data")) {
            fill_data(n, json_string_value(json_object_get(j, "$data")));
        } else if (json_object_get(j, "$real")) {
            n->kind = DEXT_REAL;
            n->text = dx_str("1.5");
        } else {
            fill_dict(n, j);
        }
    }
    return n;
}

/* ---- nodes --------------------------------------------------------------------------------- */

struct world {
    struct dx_registry reg;
    size_t cap;
    json_t *nodes;
};

static const char *str(json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static uint32_t state_of(const char *s)
{
    uint32_t known = DX_REG_KNOWN_REGISTERED | DX_REG_KNOWN_MATCHED | DX_REG_KNOWN_ACTIVE;
    return strcmp(s, "unregistered") == 0 ? known
           : strcmp(s, "inactive") == 0   ? known | DX_REG_REGISTERED | DX_REG_INACTIVE
           : strcmp(s, "unknown") == 0    ? 0
                                          : known | DX_REG_REGISTERED | DX_REG_MATCHED;
}

static void add_props(struct dx_reg_node *n, json_t *props, json_t *set)
{
    struct dext_node *all = dx_alloc(&ctx->arena, sizeof *all);
    json_t *merged = props ? json_copy(props) : json_object();
    if (set) {
        json_object_update(merged, set);
    }
    fill_dict(all, merged);
    json_decref(merged);
    n->props = dx_calloc(&ctx->arena, all->count + 1, sizeof *n->props);
    for (struct dext_node *c = all->child; c; c = c->next) {
        bool clipped = c->kind == DEXT_STRING && dx_str_is(c->text, "$clipped");
        n->props[n->prop_count++] = (struct dx_reg_prop){
            .key = c->key, .raw = DX_STR("x"), .value = clipped ? NULL : c, .clipped = clipped};
    }
}

static struct dx_reg_node *add_node(struct world *w, json_t *j, struct dx_reg_node *parent,
                                    json_t *set)
{
    struct dx_reg_node *n = dx_alloc(&ctx->arena, sizeof *n);
    size_t i;
    json_t *child;
    n->name = text_of(str(j, "name"));
    n->location = text_of(str(j, "location"));
    n->class_name = text_of(str(j, "class"));
    n->chain = text_of(str(j, "chain"));
    n->state = state_of(str(j, "state"));
    n->id = (uint64_t)json_integer_value(json_object_get(j, "id"));
    n->index = (uint32_t)w->reg.count;
    n->parent = parent;
    if (parent) {
        n->next = parent->child;
        parent->child = n;
    } else {
        w->reg.roots = n;
    }
    *DX_PUSH(&ctx->arena, w->reg.nodes, w->reg.count, w->cap) = n;
    add_props(n, json_object_get(j, "props"), set);
    json_array_foreach(json_object_get(j, "children"), i, child)
    {
        (void)add_node(w, child, n, NULL);
    }
    return n;
}

/* The node with its parents, up to the root. */
static struct dx_reg_node *node_called(struct world *w, const char *name, json_t *set)
{
    json_t *j = json_object_get(w->nodes, name);
    if (!j) {
        fail_msg("cases.json: there is no node \"%s\"", name);
    }
    const char *up = str(j, "parent");
    return add_node(w, j, *up ? node_called(w, up, NULL) : NULL, set);
}

/* ---- cases --------------------------------------------------------------------------------- */

static const char *deciding_code(const struct dx_match_trace *t, enum dext_match_answer answer)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->list[i].phase != DEXT_MATCH_START && t->list[i].answer == answer) {
            return t->list[i].code;
        }
    }
    return "";
}

static json_t *whole_personality(json_t *j)
{
    json_t *p = json_pack("{s:s, s:s, s:s, s:s}", "CFBundleIdentifier", "com.acme.driver",
                          "IOClass", "IOUserService", "IOUserClass", "AcmeDriver",
                          "IOUserServerName", "com.acme.driver");
    json_object_update(p, j);
    return p;
}

static void check_decision(const char *name, json_t *c, const struct dx_world *w,
                           const struct dx_mp *mp, const struct dx_reg_node *nub,
                           const struct dx_match_entry *entry)
{
    struct dext_match_decision d = {0};
    const char *outcome = str(c, "outcome");
    dx_decide(&d, w, nub, entry, 1, 0);
    (void)mp;
    if (*outcome && strcmp(dext_match_outcome_name(d.outcome), outcome) != 0) {
        fail_msg("%s: outcome \"%s\", not \"%s\" (%s)", name, dext_match_outcome_name(d.outcome),
                 outcome, d.outcome_text);
    }
}

static void check_score(const char *name, json_t *c, const struct dx_eval *e)
{
    json_t *final = json_object_get(c, "final");
    bool certain = !json_is_true(json_object_get(c, "score not certain"));
    if (final && json_integer_value(final) != e->score.final) {
        fail_msg("%s: score %lld, not %lld", name, (long long)e->score.final,
                 (long long)json_integer_value(final));
    }
    if (final && certain != e->score.certain) {
        fail_msg("%s: the score is %scertain", name, e->score.certain ? "" : "not ");
    }
}

static void check_case(json_t *nodes, json_t *c)
{
    const char *name = str(c, "case");
    struct world w = {.nodes = nodes};
    struct dx_reg_node *nub = node_called(&w, str(c, "node"), json_object_get(c, "set"));
    struct dx_world world;
    dx_world_init(&world, ctx, &w.reg);
    world.platform = strcmp(str(c, "platform"), "intel") == 0   ? DX_PLATFORM_INTEL
                     : strcmp(str(c, "platform"), "apple") == 0 ? DX_PLATFORM_APPLE
                                                                : DX_PLATFORM_UNKNOWN;
    json_t *p = whole_personality(json_object_get(c, "p"));
    struct dx_mp mp;
    dx_mp_init(&mp, ctx, "case", name, value_of(p), 0);
    json_decref(p);
    struct dx_match_trace trace = {0};
    struct dx_eval e, quick;
    enum dext_match_answer a = dx_match_eval(&e, &world, &mp, nub, &trace);
    enum dext_match_answer b = dx_match_eval(&quick, &world, &mp, nub, NULL);
    const char *answer = dext_match_answer_name(a), *code = deciding_code(&trace, a);
    if (strcmp(answer, str(c, "answer")) != 0) {
        fail_msg("%s: \"%s\" (%s), not \"%s\"", name, answer, code, str(c, "answer"));
    }
    if (a != b || (a != DEXT_MATCH_NO && e.score.final != quick.score.final)) {
        fail_msg("%s: with and without a trace the results differ", name);
    }
    if (a != DEXT_MATCH_YES && strcmp(code, str(c, "code")) != 0) {
        fail_msg("%s: decided by %s, not by %s", name, code, str(c, "code"));
    }
    if (a != DEXT_MATCH_NO) {
        check_score(name, c, &e);
    }
    struct dx_match_entry entry = {&mp, a, e.score};
    check_decision(name, c, &world, &mp, nub, &entry);
}

static void test_cases(void **state)
{
    (void)state;
    json_error_t err;
    json_t *all = json_load_file("match/cases.json", 0, &err), *c;
    size_t i;
    if (!all) {
        fail_msg("match/cases.json:%d: %s", err.line, err.text);
    }
    json_t *cases = json_object_get(all, "cases");
    json_array_foreach(cases, i, c)
    {
        ctx = dext_ctx_new(NULL);
        check_case(json_object_get(all, "nodes"), c);
        dext_ctx_free(ctx);
    }
    print_message("%zu cases\n", json_array_size(cases));
    assert_true(json_array_size(cases) >= 120);
    json_decref(all);
}

/* ---- ancestry ------------------------------------------------------------------------------ */

static void test_ancestry(void **state)
{
    (void)state;
    struct dx_str none = {0};
    assert_int_equal(dx_class_is(DX_STR("IOACPIPlatformDevice"), none, "IOPlatformDevice"),
                     DX_REG_YES);
    assert_int_equal(dx_class_is(DX_STR("IOPlatformDevice"), none, "IOACPIPlatformDevice"),
                     DX_REG_NO);
    assert_int_equal(dx_class_is(DX_STR("AppleUSBDevice"), none, "IOPCIDevice"), DX_REG_NO);
    assert_int_equal(dx_class_is(DX_STR("AppleUSBDevice"), none, "AcmeUnheardOf"), DX_REG_UNSURE);
    assert_int_equal(dx_class_is(DX_STR("AcmeUnheardOf"), none, "IOService"), DX_REG_UNSURE);
    assert_int_equal(dx_class_is(DX_STR("Acme"), DX_STR("IORegistryEntry:IOService:Acme"), "IOPCI"),
                     DX_REG_NO);
    assert_int_equal(
        dx_class_is(DX_STR("Acme"), DX_STR("IORegistryEntry:IOPCIDevice:Acme"), "IOPCIDevice"),
        DX_REG_YES);
    assert_int_equal(dx_class_depth(DX_STR("IOMedia"), none, DX_STR("IOService")), 2);
    /* The table ends at IORegistryEntry for every class in it. */
    for (size_t i = 0; i < kb_kernel_class_count; i++) {
        struct dx_str cls = dx_str(kb_s(kb_kernel_class_rows[i].class));
        if (dx_class_is(cls, none, "IORegistryEntry") != DX_REG_YES) {
            fail_msg("kernel-classes.tsv: %s does not lead to IORegistryEntry", cls.p);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ancestry),
        cmocka_unit_test(test_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
