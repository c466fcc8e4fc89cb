/* What `dextctl sysext` tells. */
#include "view/sysext_view.h"

static const char *attention_word(int v)
{
    return dext_attention_name((enum dext_attention)v);
}

static const struct record_field row_fields[] = {
    R_NUMBER("line", struct dext_sysext_row, line, "in the file, from 1"),
    R_TEXT(
        "category", struct dext_sysext_row, category,
        "`driver_extension`, `network_extension`, ...; `\"\"` when no category line stands above"),
    R_MAYBE("enabled", struct dext_sysext_row, enabled,
            "the flag; `null` when lost tabs leave open which of the two a star is"),
    R_MAYBE("active", struct dext_sysext_row, active, "likewise"),
    R_TEXT("version", struct dext_sysext_row, version, "as in the list"),
    R_TEXT("build", struct dext_sysext_row, build, "as in the list"),
    R_TEXT("name", struct dext_sysext_row, name, "as in the list"),
    R_TEXT("state", struct dext_sysext_row, state,
           "the words in brackets, with spaces for underscores"),
    R_WORD("attention", struct dext_sysext_row, attention, attention_word,
           DEXT_ATTENTION_UNKNOWN + 1,
           "what it asks for: `wait` passes by itself; `user`: allow it, switch it on; `busy`: "
           "unplug, quit"),
    R_TEXT_OR_NULL("meaning", struct dext_sysext_row, meaning,
                   "in words; `null` for a state that is not known"),
    R_TEXT_OR_NULL("next", struct dext_sysext_row, next, "what to do; `null` likewise"),
    R_CHOICE_OR_NULL("seen", struct dext_sysext_row, seen, "observed|documented|reported",
                     "where the state is known from"),
    R_BOOL("stale", struct dext_sysext_row, stale, "a copy that is on its way out"),
    R_BOOL("judged", struct dext_sysext_row, judged, "the row that counts"),
};
static const struct record row = RECORD("row", struct dext_sysext_row, row_fields);

static const char *row_state(const void *p)
{
    return ((const struct dext_sysext_row *)p)->state;
}

static const struct record_field extension_fields[] = {
    R_TEXT("id", struct dext_sysext_extension, id, "bundle id"),
    R_TEXT("team", struct dext_sysext_extension, team, "`\"\"` without one"),
    R_WORD("attention", struct dext_sysext_extension, attention, attention_word,
           DEXT_ATTENTION_UNKNOWN + 1, "what all its rows together ask for"),
    R_CALLED("state", struct dext_sysext_extension, judged, row_state, NULL,
             "of the row that counts"),
    R_TEXT_OR_NULL("note", struct dext_sysext_extension, note, "what several rows mean together"),
    R_REFS("rows", struct dext_sysext_extension, rows, row_count, &row, "in the order of the list"),
};
static const struct record extension =
    RECORD("extension", struct dext_sysext_extension, extension_fields);

static const struct record_field list_fields[] = {
    R_TEXT("file", struct dext_sysext, file, "that was read"),
    R_COUNTED("declared", struct dext_sysext, declared,
              "the number in its first line; `null` when that is missing"),
    R_LIST("extensions", struct dext_sysext, extensions, extension_count, &extension,
           "one for each team and id"),
    R_TEXTS("notes", struct dext_sysext, notes, note_count, "what is odd about the list"),
};
static const struct record list = RECORD("list", struct dext_sysext, list_fields);

static const struct record_part parts[] = {
    {"lists", RECORD_ITEMS, "list", &list, false, "one for each list that was read"},
};
const struct record_form sysext_form = RECORD_FORM("sysext", 1, parts);

static void sysext_record_open(struct sysext_out *o)
{
    record_begin(&o->record, o->app, &sysext_form);
    record_list(&o->record, "lists");
}

static void sysext_record_list(struct sysext_out *o, const struct dext_sysext *s)
{
    record_add(&o->record, s);
}

static void sysext_record_close(struct sysext_out *o)
{
    record_end(&o->record);
}

const struct sysext_format sysext_record = {sysext_record_open, sysext_record_list,
                                            sysext_record_close};
