/* What `dextctl init` tells. */
#include "view/init_view.h"
#include "view/match_view.h"

init_format *init_format_for(enum face face)
{
    static init_format *const faces[FACE_COUNT] = {
        [FACE_HUMAN] = init_human, [FACE_JSON] = init_record, [FACE_NDJSON] = init_record};
    return faces[face];
}

static const struct record_field project_fields[] = {
    R_TEXT("family", struct dext_init, family, "of the driver"),
    R_TEXT("name", struct dext_init, name, "of project and class"),
    R_TEXT("superclass", struct dext_init, superclass, "what the class derives from"),
    R_TEXT("driver", struct dext_init, driver_id, "bundle identifier of the driver"),
    R_TEXT("app", struct dext_init, app_id, "bundle identifier of the app"),
    R_FILLED("team", struct dext_init, team, "as given"),
    R_TEXT("driverkit", struct dext_init, driverkit, "DRIVERKIT_DEPLOYMENT_TARGET"),
    R_TEXT("macos", struct dext_init, macos, "MACOSX_DEPLOYMENT_TARGET"),
    R_BOOL("example", struct dext_init, example,
           "the personality is for an example device, as no dump was given"),
};
static const struct record project = RECORD("project", struct dext_init, project_fields);

static const void *view_project(const void *view)
{
    return ((const struct init_out *)view)->project;
}

static const void *view_suggestion(const void *view)
{
    return ((const struct init_out *)view)->project->suggestion;
}

static const struct record_field view_fields[] = {
    R_TEXT("directory", struct init_out, directory, "that was made, as given"),
    R_INLINE_FOUND(struct dext_init, view_project, &project),
    R_FOUND("suggestion", struct dext_match_suggestion, view_suggestion, &match_suggestion_record,
            "the personality and its entitlements, as `match --suggest` tells them"),
};
static const struct record view = RECORD("made", struct init_out, view_fields);

static const struct record_field file_fields[] = {
    R_TEXT("path", struct dext_init_file, path, "in the directory"),
    R_TEXT("what", struct dext_init_file, what, "one line"),
    R_NUMBER("size", struct dext_init_file, size, "in bytes"),
};
static const struct record file = RECORD("file", struct dext_init_file, file_fields);

static const struct record_field notes_fields[] = {
    R_TEXTS_ENDED("notes", struct dext_init, notes, "what else to know"),
};
static const struct record notes = RECORD("notes", struct dext_init, notes_fields);

static const struct record_part parts[] = {
    {"project", RECORD_PART, "project", &view, false, "what was written, and for which device"},
    {"files", RECORD_ITEMS, "file", &file, false, "sorted by path"},
    {"notes", RECORD_FIELDS, "notes", &notes, false, "what else to know"},
};
const struct record_form init_form = RECORD_FORM("init", 1, parts);

void init_record(const struct app *app, const struct init_out *v)
{
    struct record_out o;
    record_begin(&o, app, &init_form);
    record_put(&o, "project", v);
    record_list(&o, "files");
    for (size_t i = 0; i < v->project->file_count; i++) {
        record_add(&o, &v->project->files[i]);
    }
    record_put(&o, "notes", v->project);
    record_end(&o);
}
