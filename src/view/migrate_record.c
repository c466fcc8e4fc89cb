/* What `dextctl migrate` tells. */
#include "view/migrate_view.h"

const char *migrate_way_word(int v)
{
    static const char *const words[] = {"same", "other", "none"};
    return words[v];
}

const char *migrate_verdict_word(int v)
{
    static const char *const words[] = {"possible", "impossible", "unknown"};
    return words[v];
}

const struct migrate_format *migrate_format_for(enum face face)
{
    static const struct migrate_format *const faces[FACE_COUNT] = {[FACE_HUMAN] = &migrate_human,
                                                                   [FACE_MARKDOWN] =
                                                                       &migrate_markdown,
                                                                   [FACE_JSON] = &migrate_record,
                                                                   [FACE_NDJSON] = &migrate_record};
    return faces[face];
}

static const struct record_field place_fields[] = {
    R_TEXT("file", struct dext_migrate_place, file, "where it stands"),
    R_NUMBER("line", struct dext_migrate_place, line, "from 1"),
};
static const struct record place = RECORD("place", struct dext_migrate_place, place_fields);

static const struct record_field class_fields[] = {
    R_TEXT("name", struct dext_migrate_class, name, "a class of the kext"),
    R_TEXT("super", struct dext_migrate_class, super, "the class of the kernel that it leads to"),
    R_WORD("way", struct dext_migrate_class, way, migrate_way_word, 3,
           "`other`: a class of DriverKit does that work; `none`: nothing does"),
    R_BOOL("known", struct dext_migrate_class, known, "dextctl knows that class of the kernel"),
    R_FILLED("base", struct dext_migrate_class, base, "the class of DriverKit to derive from"),
    R_FILLED("framework", struct dext_migrate_class, framework, "that has it"),
    R_TEXT("text", struct dext_migrate_class, text, "what does its work, or why nothing does"),
    R_OBJECT("at", struct dext_migrate_class, at, &place, "where it is declared"),
};
static const struct record class = RECORD("class", struct dext_migrate_class, class_fields);

static const struct record_field personality_fields[] = {
    R_TEXT("name", struct dext_migrate_personality, name, "its key in IOKitPersonalities"),
    R_TEXT("file", struct dext_migrate_personality, file, "the kext's Info.plist"),
    R_NUMBER("line", struct dext_migrate_personality, line, "of the key"),
    R_TEXT("provider", struct dext_migrate_personality, provider, "IOProviderClass as it stands"),
    R_FILLED("provider_dext", struct dext_migrate_personality, provider_dext,
             "what a driver extension names instead"),
    R_WORD("way", struct dext_migrate_personality, way, migrate_way_word, 3,
           "`other`: it can be a driver extension's; `none`: it cannot"),
    R_FILLED("framework", struct dext_migrate_personality, framework, "of the transport"),
    R_FILLED("text", struct dext_migrate_personality, text, "why not, or what to mind"),
    R_FILLED("plist", struct dext_migrate_personality, plist,
             "key and dictionary for the driver extension's Info.plist, XML"),
};
static const struct record personality =
    RECORD("personality", struct dext_migrate_personality, personality_fields);

static const struct record_field call_fields[] = {
    R_TEXT("name", struct dext_migrate_call, name, "a call, class or constant of the kernel"),
    R_WORD("way", struct dext_migrate_call, way, migrate_way_word, 3,
           "`same`: in DriverKit under this name; `other`: another design; `none`"),
    R_TEXT("counterpart", struct dext_migrate_call, counterpart,
           "what DriverKit has; with `none`: the way that exists"),
    R_FILLED("header", struct dext_migrate_call, header, "of the counterpart"),
    R_FILLED("note", struct dext_migrate_call, note, "what differs"),
    R_TEXT("source", struct dext_migrate_call, source, "where that is documented"),
    R_NUMBER("count", struct dext_migrate_call, count, "how often it is used"),
    R_LIST("places", struct dext_migrate_call, places, place_count, &place, "the first five"),
};
static const struct record call = RECORD("call", struct dext_migrate_call, call_fields);

static const struct record_field kext_fields[] = {
    R_TEXT("path", struct dext_migrate, path, "as given"),
    R_WORD("verdict", struct dext_migrate, verdict, migrate_verdict_word, 3,
           "`unknown`: nothing tells what it drives"),
    R_TEXT("summary", struct dext_migrate, verdict_words, "the verdict as a sentence"),
    R_TEXTS("frameworks", struct dext_migrate, frameworks, framework_count,
            "of DriverKit, besides DriverKit itself"),
    R_TEXTS("entitlements", struct dext_migrate, entitlements, entitlement_count,
            "that the driver extension needs"),
    R_LIST("personalities", struct dext_migrate, personalities, personality_count, &personality,
           "as a driver extension writes them"),
    R_LIST("classes", struct dext_migrate, classes, class_count, &class,
           "that derive from the kernel's"),
    R_LIST("calls", struct dext_migrate, calls, call_count, &call,
           "that the sources use: without counterpart first"),
    R_NUMBER("without", struct dext_migrate, none, "calls that have no counterpart"),
    R_NUMBER("redesign", struct dext_migrate, other, "calls that need another design"),
    R_NUMBER("kept", struct dext_migrate, same, "calls that DriverKit has under the same name"),
    R_NUMBER("files", struct dext_migrate, files, "sources that were looked at"),
    R_NUMBER("plists", struct dext_migrate, plists, "Info.plists of kernel extensions"),
    R_TEXTS("unread", struct dext_migrate, unread, unread_count, "what could not be read, and why"),
};
static const struct record kext = RECORD("kext", struct dext_migrate, kext_fields);

static const struct record_part parts[] = {
    {"kexts", RECORD_ITEMS, "kext", &kext, false, "one for each PATH"},
};
const struct record_form migrate_form = RECORD_FORM("migrate", 1, parts);

static void migrate_record_open(struct migrate_out *v)
{
    record_begin(&v->record, v->app, &migrate_form);
    record_list(&v->record, "kexts");
}

static void migrate_record_kext(struct migrate_out *v, const struct dext_migrate *m)
{
    record_add(&v->record, m);
}

static void migrate_record_close(struct migrate_out *v)
{
    record_end(&v->record);
}

const struct migrate_format migrate_record = {migrate_record_open, migrate_record_kext,
                                              migrate_record_close};
