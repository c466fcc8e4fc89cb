/* What `dextctl ioreg` tells. */
#include "view/ioreg_view.h"

struct ioreg_node_row {
    const struct dext_reg_node *node;
    const struct dext_reg_holders *holders;
    bool selected;
    struct ioreg_properties properties;
};

/* ---- parts ---------------------------------------------------------------------------------- */

static const struct record_field short_fields[] = {
    R_NUMBER("index", struct dext_reg_node, index,
             "number of the node, from 0; other fields refer to it"),
    R_TEXT("name", struct dext_reg_node, name, "of the entry"),
    R_FILLED("location", struct dext_reg_node, location, "what stands behind `@`"),
    R_FILLED("class", struct dext_reg_node, class_name, "of the object"),
    R_HEX_OR_NULL("id", struct dext_reg_node, id, "registry entry id"),
};
static const struct record short_node = RECORD("short", struct dext_reg_node, short_fields);

static const struct record_field words_fields[] = {
    R_FILLED("text", struct dext_reg_node, state, "the state in words"),
    R_TEXT_OR_NULL("meaning", struct dext_reg_node, meaning,
                   "what of the state is out of the ordinary"),
};
static const struct record words = RECORD("words", struct dext_reg_node, words_fields);

static const struct record_field place_fields[] = {
    R_NUMBER("line", struct dext_reg_node, line, "of the dump, 0: none"),
    R_TEXT("path", struct dext_reg_node, path, "names from the root"),
};
static const struct record place = RECORD("place", struct dext_reg_node, place_fields);

static const struct record_field reference_fields[] = {
    R_HERE(struct dext_reg_node, &short_node),
    R_HERE(struct dext_reg_node, &place),
    R_HERE(struct dext_reg_node, &words),
};
static const struct record reference = RECORD("reference", struct dext_reg_node, reference_fields);

static const struct record_field driver_fields[] = {
    R_INLINE_REF(struct dext_reg_driver, node, &short_node),
    R_TEXT_OR_NULL("category", struct dext_reg_driver, category, "IOMatchCategory"),
    R_TEXT_OR_NULL("bundle", struct dext_reg_driver, bundle_id, "CFBundleIdentifier"),
    R_BOOL("driver_extension", struct dext_reg_driver, is_dext, "it is one"),
    R_NUMBER_IF("score", struct dext_reg_driver, score, has_score,
                "IOProbeScore, as the family and the driver's probe left it"),
};
static const struct record driver = RECORD("driver", struct dext_reg_driver, driver_fields);

static const struct record_field client_fields[] = {
    R_INLINE_REF(struct dext_reg_client, node, &short_node),
    R_TEXT_OR_NULL("creator", struct dext_reg_client, creator, "`pid 78, logd`"),
};
static const struct record client = RECORD("client", struct dext_reg_client, client_fields);

static const struct record_field holder_fields[] = {
    R_LIST("drivers", struct dext_reg_holders, drivers, driver_count, &driver,
           "children that were started in a match category"),
    R_LIST("clients", struct dext_reg_holders, clients, client_count, &client,
           "user clients below it"),
    R_TEXT_OR_NULL("exclusive_owner", struct dext_reg_holders, owner,
                   "who opened the USB device or interface so that nobody else can: "
                   "`pid 290, name`, or a driver"),
    R_NOT("children_known", struct dext_reg_holders, unknown,
          "the dump shows what every child is; of an object that is printed again there are none"),
};
static const struct record holders = RECORD("holders", struct dext_reg_holders, holder_fields);

/* ---- nodes ---------------------------------------------------------------------------------- */

static const struct record_field state_fields[] = {
    R_MAYBE("registered", struct dext_reg_node, registered, "it was published"),
    R_MAYBE("matched", struct dext_reg_node, matched, "matching has been done"),
    R_MAYBE("active", struct dext_reg_node, active, "it is not being taken down"),
    R_NUMBER_IF("busy", struct dext_reg_node, busy, has_busy, "how often it is"),
    R_NONZERO("retain", struct dext_reg_node, retain, "how often it is held"),
};
static const struct record state = RECORD("state", struct dext_reg_node, state_fields);

static const struct record_field index_fields[] = {
    R_NUMBER("index", struct dext_reg_node, index,
             "number of the node, from 0; other fields refer to it"),
    R_COUNTED("parent", struct dext_reg_node, parent, "index of the parent; `null` for a root"),
    R_NUMBER("depth", struct dext_reg_node, depth, "0 for a root"),
};
static const struct record index_record = RECORD("index", struct dext_reg_node, index_fields);

static const struct record_field what_fields[] = {
    R_TEXT("name", struct dext_reg_node, name, "of the entry"),
    R_FILLED("location", struct dext_reg_node, location, "what stands behind `@`"),
    R_FILLED("class", struct dext_reg_node, class_name, "of the object"),
    R_OTHER("ancestry", struct dext_reg_node, ancestry, ioreg_json_ancestry, "array|null",
            "classes, base class first"),
    R_HEX_OR_NULL("id", struct dext_reg_node, id, "registry entry id"),
    R_HERE(struct dext_reg_node, &place),
    R_COUNTED("same", struct dext_reg_node, same,
              "the object is printed again: index of the first time"),
    R_BOOL("clipped", struct dext_reg_node, clipped, "its line, or one of its properties, is cut"),
    R_SELF("state", struct dext_reg_node, &state, "in parts"),
    R_HERE(struct dext_reg_node, &words),
};
static const struct record what = RECORD("what", struct dext_reg_node, what_fields);

static const struct record_field node_fields[] = {
    R_INLINE_REF(struct ioreg_node_row, node, &index_record),
    R_BOOL("selected", struct ioreg_node_row, selected, "a selector names it, or there was none"),
    R_INLINE_REF(struct ioreg_node_row, node, &what),
    R_INLINE_REF(struct ioreg_node_row, holders, &holders),
    R_OTHER("properties", struct ioreg_node_row, properties, ioreg_json_properties, "object|null",
            "of selected nodes with `--properties`; numbers are signed 64-bit, data is "
            "`{\"data\": \"0a0b\"}`, a value that is cut is `null`"),
};
static const struct record node = RECORD("node", struct ioreg_node_row, node_fields);

static const char *format_word(int v)
{
    static const char *const names[] = {"text", "archive", "live", "devices"};
    return names[v];
}

static const struct record_field dump_fields[] = {
    R_TEXT("file", struct dext_reg_info, path, "that was read"),
    R_WORD("format", struct dext_reg_info, format, format_word, DEXT_REG_DEVICES + 1, "what it is"),
    R_NUMBER("nodes", struct dext_reg_info, nodes, "that are printed"),
    R_NUMBER("objects", struct dext_reg_info, objects, "without those that are printed again"),
    R_BOOL("ancestry", struct dext_reg_info, ancestry, "it shows class ancestry (`ioreg -i`)"),
    R_BOOL("properties", struct dext_reg_info, properties, "they were asked for (`ioreg -l`)"),
    R_BOOL("service_plane", struct dext_reg_info, service_plane,
           "it shows drivers below what they drive (other planes of `ioreg -p` do not)"),
    R_BOOL("fragment", struct dext_reg_info, fragment, "it is a part of a registry"),
    R_NUMBER("clipped", struct dext_reg_info, clipped, "lines that were cut"),
    R_NUMBER("lost", struct dext_reg_info, lost, "lines that could not be read"),
};
static const struct record dump = RECORD("dump", struct dext_reg_info, dump_fields);

/* ---- driver extensions ---------------------------------------------------------------------- */

static const void *dext_holders(const void *dext)
{
    static const struct dext_reg_holders none;
    const struct dext_reg_holders *h = ((const struct dext_reg_dext *)dext)->holders;
    return h ? h : &none;
}

static const struct record_field dext_fields[] = {
    R_TEXT_OR_NULL("name", struct dext_reg_dext, name, "for people"),
    R_TEXT_OR_NULL("bundle", struct dext_reg_dext, bundle_id, "CFBundleIdentifier"),
    R_TEXT_OR_NULL("server", struct dext_reg_dext, server_name, "IOUserServerName"),
    R_TEXT_OR_NULL("user_class", struct dext_reg_dext, user_class, "IOUserClass"),
    R_TEXT_OR_NULL("process", struct dext_reg_dext, process, "`pid 290, name`"),
    R_MAYBE("running", struct dext_reg_dext, running, "its process is in the dump"),
    R_MAYBE("attached", struct dext_reg_dext, attached, "the process has taken the service over"),
    R_TEXT_OR_NULL("attached_text", struct dext_reg_dext, attached_text, "what shows that"),
    R_REF("service", struct dext_reg_dext, service, &reference, "the driver object"),
    R_REF("provider", struct dext_reg_dext, provider, &reference, "the node it stands on"),
    R_REF("server_node", struct dext_reg_dext, server, &reference, "its process (IOUserServer)"),
    R_REF("made_by", struct dext_reg_dext, maker, &reference,
          "the object of the same driver that made this one"),
    R_TEXT_OR_NULL("category", struct dext_reg_dext, category, "IOMatchCategory of the service"),
    R_NUMBER_IF("score", struct dext_reg_dext, score, has_score, "IOProbeScore of the service"),
    R_NUMBER_IF("match_count", struct dext_reg_dext, match_count, has_match_count,
                "IODEXTMatchCount of the provider"),
    R_NUMBER_IF("rematch_count", struct dext_reg_dext, rematch_count, has_rematch_count,
                "IORematchCount of the provider"),
    R_LIST("beside", struct dext_reg_dext, competitors, competitor_count, &driver,
           "other drivers of the provider, 16 at most"),
    R_INLINE_FOUND(struct dext_reg_holders, dext_holders, &holders),
    R_TEXTS_ENDED("notes", struct dext_reg_dext, notes, "sentences"),
};
static const struct record dext = RECORD("dext", struct dext_reg_dext, dext_fields);

static const struct record_field unserved_fields[] = {
    R_REF("node", struct dext_reg_unserved, node, &reference, "that was matched"),
    R_NUMBER("match_count", struct dext_reg_unserved, match_count, "IODEXTMatchCount"),
    R_TEXT("text", struct dext_reg_unserved, text, "what that means"),
    R_INLINE_REF(struct dext_reg_unserved, holders, &holders),
};
static const struct record unserved = RECORD("unserved", struct dext_reg_unserved, unserved_fields);

/* ---- differences ---------------------------------------------------------------------------- */

static const char *change_word(int v)
{
    return dext_reg_change_name((enum dext_reg_change_kind)v);
}

static const char *role_word(int v)
{
    return dext_reg_role_name((enum dext_reg_role)v);
}

static const char *paired_word(int v)
{
    return v ? "id" : "path";
}

static const struct record_field delta_fields[] = {
    R_TEXT("what", struct dext_reg_delta, what,
           "`state`, `busy`, `name`, `location`, or a property"),
    R_TEXT_OR_NULL("before", struct dext_reg_delta, before, "`null`: not there"),
    R_TEXT_OR_NULL("after", struct dext_reg_delta, after, "`null`: not there"),
};
static const struct record delta = RECORD("delta", struct dext_reg_delta, delta_fields);

static const struct record_field change_fields[] = {
    R_WORD("change", struct dext_reg_change, kind, change_word, DEXT_REG_CHANGED + 1,
           "removed and changed nodes come in the first dump's order, then added ones"),
    R_WORD("role", struct dext_reg_change, role, role_word, DEXT_REG_SERVER + 1,
           "what the node is to the one it hangs on"),
    R_TEXT_OR_NULL("category", struct dext_reg_change, category, "of a driver"),
    R_TEXT_OR_NULL("creator", struct dext_reg_change, creator, "of a user client or process"),
    R_BOOL("inside", struct dext_reg_change, inside,
           "what it hangs on was added or removed as well"),
    R_REF("before", struct dext_reg_change, before, &reference, "`null` where it is not there"),
    R_REF("after", struct dext_reg_change, after, &reference, "`null` where it is not there"),
    R_LIST("deltas", struct dext_reg_change, deltas, delta_count, &delta, "what changed"),
};
static const struct record change = RECORD("change", struct dext_reg_change, change_fields);

static const struct record_field summary_fields[] = {
    R_WORD("paired_by", struct dext_reg_diff, by_id, paired_word, 2, "how nodes were paired"),
    R_TEXT("pairing", struct dext_reg_diff, pairing, "why"),
    R_NUMBER("added", struct dext_reg_diff, added, "how many"),
    R_NUMBER("removed", struct dext_reg_diff, removed, "how many"),
    R_NUMBER("changed", struct dext_reg_diff, changed, "how many"),
    R_NUMBER("same", struct dext_reg_diff, same, "how many"),
};
static const struct record summary = RECORD("summary", struct dext_reg_diff, summary_fields);

static const struct record_field diff_fields[] = {
    R_HERE(struct dext_reg_diff, &summary),
    R_LIST("changes", struct dext_reg_diff, changes, count, &change, "one a node"),
};
static const struct record diff = RECORD("diff", struct dext_reg_diff, diff_fields);

/* ---- the form ------------------------------------------------------------------------------- */

static const struct record_part parts[] = {
    {"dump", RECORD_PART, NULL, &dump, false, "what was read"},
    {"nodes", RECORD_ITEMS, "node", &node, true, "not with `--dexts`, `--diff`"},
    {"dexts", RECORD_ITEMS, "dext", &dext, true,
     "with `--dexts`: in the order of the dump, processes without a service last"},
    {"unserved", RECORD_ITEMS, "unserved", &unserved, true,
     "with `--dexts`: nodes that a driver extension's personality matched though none stands on "
     "them"},
    {"after", RECORD_PART, NULL, &dump, true, "with `--diff`: the second dump"},
    {"diff", RECORD_PART, NULL, &diff, true, "with `--diff`"},
    {"change", RECORD_LINE, "change", &change, false, "of the `changes` of `diff`"},
    {"summary", RECORD_LINE, "summary", &summary, false, "after the changes: `diff` without them"},
};
const struct record_form ioreg_form = RECORD_FORM("ioreg", 1, parts);

static void ioreg_record_begin(struct ioreg_out *o)
{
    record_begin(&o->record, o->app, &ioreg_form);
    record_put(&o->record, "dump", dext_registry_info(o->r));
}

static void ioreg_record_tree(struct ioreg_out *o, const struct ioreg_pick *p)
{
    static const struct dext_reg_property none;
    ioreg_record_begin(o);
    record_list(&o->record, "nodes");
    for (size_t i = 0; i < p->count; i++) {
        if (!p->marks[i]) {
            continue;
        }
        struct ioreg_node_row row = {.node = dext_registry_node(o->r, i),
                                     .holders = dext_registry_holders(o->r, i),
                                     .selected = p->all || p->marks[i] == IOREG_SELECTED};
        if (row.selected && o->properties) {
            row.properties.list = dext_registry_properties(o->r, i, &row.properties.count);
            row.properties.list = row.properties.list ? row.properties.list : &none;
        }
        record_add(&o->record, &row);
    }
    record_end(&o->record);
}

static void ioreg_record_dexts(struct ioreg_out *o, const struct dext_reg_dexts *d,
                               const struct ioreg_pick *p)
{
    ioreg_record_begin(o);
    record_list(&o->record, "dexts");
    for (size_t i = 0; i < d->count; i++) {
        if (ioreg_pick_has(p, &d->list[i])) {
            record_add(&o->record, &d->list[i]);
        }
    }
    record_list(&o->record, "unserved");
    for (size_t i = 0; i < d->unserved_count; i++) {
        if (ioreg_pick_has_node(p, d->unserved[i].node)) {
            record_add(&o->record, &d->unserved[i]);
        }
    }
    record_end(&o->record);
}

static void ioreg_record_diff(struct ioreg_out *o, struct dext_registry *after,
                              const struct dext_reg_diff *d)
{
    ioreg_record_begin(o);
    record_put(&o->record, "after", dext_registry_info(after));
    record_put(&o->record, "diff", d);
    for (size_t i = 0; i < d->count; i++) {
        record_put(&o->record, "change", &d->changes[i]);
    }
    record_put(&o->record, "summary", d);
    record_end(&o->record);
}

const struct ioreg_format ioreg_record = {ioreg_record_tree, ioreg_record_dexts, ioreg_record_diff};
