/* What `dextctl match` tells. */
#include "view/match_view.h"

static const struct record_field node_fields[] = {
    R_TEXT("name", struct dext_match_node, name, "of the entry"),
    R_FILLED("location", struct dext_match_node, location, "what stands behind `@`"),
    R_TEXT("class", struct dext_match_node, class_name, "of the object"),
    R_HEX_OR_NULL("id", struct dext_match_node, id, "registry entry id"),
    R_NUMBER("line", struct dext_match_node, line, "of the dump, 0: none"),
    R_TEXT("path", struct dext_match_node, path, "names from the root"),
};
static const struct record node = RECORD("node", struct dext_match_node, node_fields);

static const char *phase_word(int v)
{
    return dext_match_phase_name((enum dext_match_phase)v);
}

static const char *match_record_answer_word(int v)
{
    return dext_match_answer_name((enum dext_match_answer)v);
}

static const char *outcome_word(int v)
{
    return dext_match_outcome_name((enum dext_match_outcome)v);
}

static const struct record_field check_fields[] = {
    R_TEXT("code", struct dext_match_check, code, "of the reason: docs/matching.md lists them"),
    R_WORD("phase", struct dext_match_check, phase, phase_word, DEXT_MATCH_START + 1,
           "only the first two decide"),
    R_WORD("answer", struct dext_match_check, answer, match_record_answer_word, DEXT_MATCH_YES + 1,
           "whether it holds"),
    R_BOOL("reached", struct dext_match_check, reached, "the kernel gets that far"),
    R_TEXT_OR_NULL("key", struct dext_match_check, key, "`IOPropertyMatch/Color`, `class`, ..."),
    R_TEXT_OR_NULL("expected", struct dext_match_check, expected, "what was asked for"),
    R_TEXT_OR_NULL("expected_type", struct dext_match_check, expected_type, "its type"),
    R_TEXT_OR_NULL("actual", struct dext_match_check, actual,
                   "what is there; `null` as well when the dump does not show it"),
    R_TEXT_OR_NULL("actual_type", struct dext_match_check, actual_type, "its type"),
    R_TEXT("text", struct dext_match_check, text, "what was compared and how it came out"),
    R_TEXT_OR_NULL("edit", struct dext_match_check, edit, "what would make it hold"),
    R_NUMBER("line", struct dext_match_check, at.line, "of the personality's file"),
};
static const struct record check = RECORD("check", struct dext_match_check, check_fields);

static const struct record_field score_fields[] = {
    R_NUMBER("static", struct dext_match_score, base, "IOProbeScore of the personality, else 0"),
    R_BOOL("given", struct dext_match_score, has_base, "the personality has one"),
    R_NUMBER("counted", struct dext_match_score, used, "what the family makes of it"),
    R_NUMBER("family", struct dext_match_score, family, "what the family adds"),
    R_NUMBER("final", struct dext_match_score, final, "what candidates are ordered by"),
    R_BOOL("certain", struct dext_match_score, certain, "every step of it is known"),
    R_TEXT_OR_NULL("combination", struct dext_match_score, combined,
                   "keys that count: `idVendor + idProduct`"),
    R_FILLED("text", struct dext_match_score, text, "a remark"),
};
static const struct record score = RECORD("score", struct dext_match_score, score_fields);

/* > 0: before, < 0: after: as an enumeration it is no list of 0, 1, 2. */
static const char *rival_order(const void *rival)
{
    int order = ((const struct dext_match_rival *)rival)->order;
    return order > 0 ? "before" : order < 0 ? "after" : "not certain";
}

static const struct record_field rival_fields[] = {
    R_TEXT_OR_NULL("name", struct dext_match_rival, name, "of the node or personality"),
    R_TEXT_OR_NULL("class", struct dext_match_rival, class_name, "of the driver"),
    R_TEXT_OR_NULL("bundle", struct dext_match_rival, bundle_id, "CFBundleIdentifier"),
    R_BOOL("attached", struct dext_match_rival, attached, "in the dump, or else given"),
    R_HEX_OR_NULL("id", struct dext_match_rival, id, "registry entry id"),
    R_NUMBER_IF("score", struct dext_match_rival, score, has_score, "as far as it is known"),
    R_SAID("order", rival_order, "before|after|not certain",
           "in a fresh match: before or after this one"),
};
static const struct record rival = RECORD("rival", struct dext_match_rival, rival_fields);

static const char *personality_name(const void *p)
{
    return ((const struct dext_match_personality *)p)->name;
}

static const char *personality_file(const void *p)
{
    return ((const struct dext_match_personality *)p)->file;
}

static const char *check_code(const void *p)
{
    return p ? ((const struct dext_match_check *)p)->code : NULL;
}

static const void *decision_score(const void *decision)
{
    const struct dext_match_decision *d = decision;
    return d->answer == DEXT_MATCH_NO ? NULL : &d->score;
}

static const struct record_field decision_fields[] = {
    R_CALLED("personality", struct dext_match_decision, personality, personality_name, NULL,
             "its name"),
    R_CALLED("file", struct dext_match_decision, personality, personality_file, NULL,
             "where it stands"),
    R_SURE("node", struct dext_match_decision, node, &node, "which it was held against"),
    R_WORD("answer", struct dext_match_decision, answer, match_record_answer_word,
           DEXT_MATCH_YES + 1, "whether it matches"),
    R_TEXT_OR_NULL("category", struct dext_match_decision, category, "match category"),
    R_FOUND("score", struct dext_match_score, decision_score, &score, "`null` for `no`"),
    R_WORD("outcome", struct dext_match_decision, outcome, outcome_word, DEXT_MATCH_REFUSED + 1,
           "what comes of it"),
    R_TEXT("text", struct dext_match_decision, outcome_text, "and why"),
    R_LIST("rivals", struct dext_match_decision, rivals, rival_count, &rival,
           "others in the category"),
    R_TEXTS_ENDED("needs", struct dext_match_decision, needs,
                  "entitlements that the node itself demands of a driver extension"),
    R_CALLED_OR_NULL("first_failing", struct dext_match_decision, first_no, check_code, NULL,
                     "code of the first check that fails"),
    R_LIST("checks", struct dext_match_decision, checks, check_count, &check,
           "in the kernel's order; empty in a run for nodes that match"),
};
static const struct record decision =
    RECORD("decision", struct dext_match_decision, decision_fields);

static const struct record_field personality_fields[] = {
    R_TEXT("name", struct dext_match_personality, name, "its key"),
    R_TEXT("file", struct dext_match_personality, file, "where it stands"),
    R_NUMBER("line", struct dext_match_personality, at.line, "likewise"),
    R_TEXT_OR_NULL("provider", struct dext_match_personality, provider, "IOProviderClass"),
    R_TEXT_OR_NULL("ioclass", struct dext_match_personality, ioclass, "IOClass"),
    R_TEXT_OR_NULL("user_class", struct dext_match_personality, user_class, "IOUserClass"),
    R_TEXT_OR_NULL("bundle", struct dext_match_personality, bundle_id, "CFBundleIdentifier"),
    R_TEXT_OR_NULL("category", struct dext_match_personality, category,
                   "IOMatchCategory, the default one when there is none"),
    R_BOOL("driver_extension", struct dext_match_personality, is_dext, "it has IOUserServerName"),
    R_NUMBER("candidates", struct dext_match_personality, candidates,
             "nodes of its provider class"),
    R_NUMBER("matched", struct dext_match_personality, matched, "of these, those that match"),
    R_NUMBER("not_certain", struct dext_match_personality, unsure,
             "and those of which it is not certain"),
    R_NUMBER("unknown_class", struct dext_match_personality, unknown,
             "further nodes whose class ancestry is not known"),
    R_TEXT_OR_NULL("refused", struct dext_match_personality, refused,
                   "why the catalogue never takes it"),
    R_TEXT_OR_NULL("hint", struct dext_match_personality, hint,
                   "what to look at when no node is of its provider class"),
};
static const struct record personality =
    RECORD("personality", struct dext_match_personality, personality_fields);

static const struct record_field dump_fields[] = {
    R_NUMBER("nodes", struct dext_match_result, nodes, "in it"),
    R_BOOL("ancestry", struct dext_match_result, chains, "it shows class ancestry (`ioreg -i`)"),
    R_BOOL("fragment", struct dext_match_result, fragment, "it is a part of a registry"),
    R_NUMBER("clipped", struct dext_match_result, clipped, "lines that were cut"),
    R_NUMBER("lost", struct dext_match_result, lost, "lines that could not be read"),
};
static const struct record dump = RECORD("dump", struct dext_match_result, dump_fields);

static const struct record_field suggestion_fields[] = {
    R_SURE("node", struct dext_match_suggestion, node, &node, "which it is for"),
    R_TEXT_OR_NULL("family", struct dext_match_suggestion, family, "`usb-interface`"),
    R_TEXT("personality", struct dext_match_suggestion, plist, "property-list text"),
    R_TEXT("entitlements", struct dext_match_suggestion, entitlements,
           "property-list text of those that go with it"),
    R_TEXT("development", struct dext_match_suggestion, development,
           "the same for builds signed for development"),
    R_TEXTS_ENDED("notes", struct dext_match_suggestion, notes, "what else to know"),
    R_REF("check", struct dext_match_suggestion, check, &decision,
          "the decision of the simulator on it"),
};
const struct record match_suggestion_record =
    RECORD("suggestion", struct dext_match_suggestion, suggestion_fields);

static const struct record_part parts[] = {
    {"dump", RECORD_PART, NULL, &dump, true, "what was read; not with `--suggest`"},
    {"personalities", RECORD_ITEMS, "personality", &personality, true,
     "in the order given; not with `--why`, `--suggest`"},
    {"decisions", RECORD_ITEMS, "decision", &decision, true,
     "a run has those that match or may match, and of a personality that matches nowhere the three "
     "nodes it comes nearest to; `--why` has for every node of that name those that match or may "
     "match, and the three that come nearest"},
    {"suggestion", RECORD_PART, "suggestion", &match_suggestion_record, true, "`--suggest` alone"},
};
const struct record_form match_form = RECORD_FORM("match", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static void match_record_decisions(struct record_out *o, const struct dext_match_result *r)
{
    record_list(o, "decisions");
    for (size_t i = 0; i < r->decision_count; i++) {
        record_add(o, &r->decisions[i]);
    }
    record_end(o);
}

static void match_record_run(struct match_out *o, const struct dext_match_result *r)
{
    record_begin(&o->record, o->app, &match_form);
    record_put(&o->record, "dump", r);
    record_list(&o->record, "personalities");
    for (size_t i = 0; i < r->personality_count; i++) {
        record_add(&o->record, r->personalities[i]);
    }
    match_record_decisions(&o->record, r);
}

static void match_record_why(struct match_out *o, const struct dext_match_result *r)
{
    record_begin(&o->record, o->app, &match_form);
    record_put(&o->record, "dump", r);
    match_record_decisions(&o->record, r);
}

static void match_record_suggest(struct match_out *o, const struct dext_match_suggestion *s)
{
    record_begin(&o->record, o->app, &match_form);
    record_put(&o->record, "suggestion", s);
    record_end(&o->record);
}

const struct match_format match_record = {match_record_run, match_record_why, match_record_suggest};

const struct match_format *match_format_for(enum face face)
{
    static const struct match_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = &match_human, [FACE_JSON] = &match_record, [FACE_NDJSON] = &match_record};
    return faces[face];
}
