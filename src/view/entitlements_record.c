/* What `dextctl entitlements` tells. */
#include "view/entitlements_view.h"
#include "view/shared_record.h"

static const struct record_field cell_fields[] = {
    R_WORD("variant", struct dext_right_cell, variant, variant_word, VARIANT_WORDS,
           "`development` covers all hardware, `approved` names it; `either`: the value does not "
           "tell"),
    R_OTHER("value", struct dext_right_cell, value, record_write_value, RECORD_ANY,
            "as it stands there"),
};
static const struct record cell = RECORD("cell", struct dext_right_cell, cell_fields);

static const char *entitlements_record_state_word(int v)
{
    return dext_right_state_name((enum dext_right_state)v);
}

static bool state_is_fault(int v)
{
    return dext_right_is_fault((enum dext_right_state)v);
}

static const char *purpose_word(int v)
{
    return dext_purpose_name((enum dext_purpose)v);
}

static const struct record_field right_fields[] = {
    R_TEXT("entitlement", struct dext_right, key, "its key"),
    R_WORD("state", struct dext_right, state, entitlements_record_state_word, DEXT_RIGHT_SPARE + 1,
           "`free` needs no grant; `claimed`: no profile to judge by; `unsure`: a dictionary of "
           "the vendor is granted, with fewer keys; `needed`: and not claimed; `unsigned`: in the "
           "file, not in the signature; `changed`: signed with another value; `spare`: granted, "
           "not claimed"),
    R_TEST("fault", struct dext_right, state, state_is_fault,
           "the state is in the way of the build"),
    R_OBJECT_WHEN("file", struct dext_right, file, file.value, &cell, "in the .entitlements file"),
    R_OBJECT_WHEN("signature", struct dext_right, signature, signature.value, &cell,
                  "in the signature"),
    R_OBJECT_WHEN("der", struct dext_right, der, der.value, &cell, "in its DER copy"),
    R_OBJECT_WHEN("profile", struct dext_right, profile, profile.value, &cell, "in the profile"),
    R_TEXT("needed_by", struct dext_right, need, "`\"My Port\" (IOUSBHostInterface)`, or `\"\"`"),
    R_TEXT("granted_by", struct dext_right, grantor,
           "`every team`, `Apple, on request`, or `\"\"`"),
    R_TEXT("summary", struct dext_right, summary,
           "what it is for; `\"\"` when dextctl does not know it"),
};
static const struct record right = RECORD("right", struct dext_right, right_fields);

static const struct record_field profile_fields[] = {
    R_TEXT("file", struct dext_profile, path, "embedded or given"),
    R_TEXT("kind", struct dext_profile, kind_name, "as for `profile`"),
    R_TEXT("name", struct dext_profile, name, "as its maker called it"),
    R_TEXT("team", struct dext_profile, team, "10 letters and digits"),
    R_TEXT("app_id", struct dext_profile, app_id, "with its prefix"),
};
static const struct record profile = RECORD("profile", struct dext_profile, profile_fields);

static const struct dext_slice *first_slice(const void *code)
{
    const struct dext_code *c = code;
    return c && c->slice_count ? c->slices : NULL;
}

static const char *code_signer(const void *code)
{
    const struct dext_slice *s = first_slice(code);
    return s ? dext_signer_name(s->kind) : NULL;
}

static const char *code_team(const void *code)
{
    const struct dext_slice *s = first_slice(code);
    return s ? s->team : NULL;
}

static const void *readable_profile(const void *subject)
{
    const struct dext_profile *p = ((const struct dext_subject *)subject)->profile;
    return p && !p->error ? p : NULL;
}

static const struct record_field subject_fields[] = {
    R_TEXT("subject", struct dext_subject, name, "bundle, program, or the first of the files"),
    R_CHOICE("role", struct dext_subject, role, "driver|app|program|files", "what it is"),
    R_FILLED("executable", struct dext_subject, executable, "that was read"),
    R_FILLED("entitlements_file", struct dext_subject, file, "that was read"),
    R_FILLED("info_plist", struct dext_subject, info, "that was read"),
    R_CALLED_OR_NULL("signer", struct dext_subject, code, code_signer, NULL,
                     "as for `signature`; `null` for files"),
    R_CALLED_OR_NULL("team", struct dext_subject, code, code_team, NULL,
                     "as signed, or `\"\"`; `null` for files"),
    R_FOUND("profile", struct dext_profile, readable_profile, &profile, "embedded or given"),
    R_LIST("entitlements", struct dext_subject, rights, right_count, &right,
           "one a row, in any of the places"),
    R_LIST("findings", struct dext_subject, findings, finding_count, &finding_record,
           "rules DX4xx and DX5xx, as for `lint`"),
    R_WORD("purpose", struct dext_subject, purpose, purpose_word, DEXT_PURPOSES,
           "what it was made for"),
    R_BOOL("possible", struct dext_subject, possible, "nothing is in the way of it"),
    R_TEXT("verdict", struct dext_subject, verdict, "one sentence"),
};
static const struct record subject = RECORD("subject", struct dext_subject, subject_fields);

static const struct record_field hindrance_fields[] = {
    R_FILLED("part", struct dext_hindrance, part, "the code at fault; `null`: the product itself"),
    R_TEXT("reason", struct dext_hindrance, text, "one clause"),
    R_BOOL("doubt", struct dext_hindrance, doubt, "it may be in the way: nobody has measured it"),
};
static const struct record hindrance = RECORD("hindrance", struct dext_hindrance, hindrance_fields);

static const struct record_field product_fields[] = {
    R_TEXT("product", struct dext_rights_product, name,
           "the outermost bundle or program, or the first of the files"),
    R_WORD("purpose", struct dext_rights_product, purpose, purpose_word, DEXT_PURPOSES,
           "what it was made for"),
    R_BOOL("possible", struct dext_rights_product, possible, "and can be used for, for certain"),
    R_TEXTS("uses", struct dext_rights_product, uses, use_count,
            "all that it can be used for, in the words of `purpose`"),
    R_TEXT("verdict", struct dext_rights_product, verdict,
           "one sentence: what it can be used for, and why not for more"),
    R_LIST("hindrances", struct dext_rights_product, hindrances, hindrance_count, &hindrance,
           "what is in the way of its purpose, in any part"),
    R_TEXTS(
        "unchecked", struct dext_rights_product, unchecked, unchecked_count,
        "what may have changed since it was signed and is not hashed here, as `signature` does: "
        "`pages`, `sealed-files`"),
};
static const struct record product = RECORD("product", struct dext_rights_product, product_fields);

static const struct record_part parts[] = {
    {"products", RECORD_ITEMS, "product", &product, false,
     "one for each app with all that is in it, lone driver or program, or set of loose files"},
    {"subjects", RECORD_ITEMS, "subject", &subject, false,
     "one for each driver, app, program, or set of loose files"},
};
const struct record_form entitlements_form = RECORD_FORM("entitlements", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static void entitlements_record_open(struct entitlements_out *v)
{
    record_begin(&v->record, v->app, &entitlements_form);
}

static void entitlements_record_all(struct entitlements_out *v, const struct dext_entitlements *all)
{
    record_list(&v->record, "products");
    for (size_t i = 0; i < all->product_count; i++) {
        record_add(&v->record, &all->products[i]);
    }
    record_list(&v->record, "subjects");
    for (size_t i = 0; i < all->count; i++) {
        record_add(&v->record, all->list[i]);
    }
}

static void entitlements_record_close(struct entitlements_out *v)
{
    record_end(&v->record);
}

const struct entitlements_format entitlements_record = {
    entitlements_record_open, entitlements_record_all, entitlements_record_close};
