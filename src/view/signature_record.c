/* What `dextctl signature` tells. */
#include "view/shared_record.h"
#include "view/signature_view.h"

static const char *signature_level_word(int v)
{
    static const char *const words[] = {"warning", "error", "unknown"};
    return words[v];
}

static const char *signature_der_word(int v)
{
    static const char *const words[] = {"absent", "same", "different", "unreadable"};
    return words[v];
}

static const struct record_field directory_fields[] = {
    R_CHOICE("hash", struct dext_directory, hash, "sha256|sha1|sha256-truncated|sha384",
             "what its hashes are"),
    R_TEXT("cdhash", struct dext_directory, cdhash, "40 hex digits"),
    R_TEXT("digest", struct dext_directory, digest, "the directory's own hash, not cut off"),
    R_TEXT("version", struct dext_directory, version, "of the format: `0x20500`"),
    R_NUMBER("page_size", struct dext_directory, page_size, "bytes; 0: all is one page"),
    R_NUMBER("pages", struct dext_directory, page_count, "how many hashes of pages it holds"),
    R_NUMBER("covered", struct dext_directory, covered, "bytes from the beginning of the slice"),
};
static const struct record directory = RECORD("directory", struct dext_directory, directory_fields);

static const struct record_field constraint_fields[] = {
    R_CHOICE("on", struct dext_constraint, on, "self|parent|responsible|library",
             "whom it is about"),
    R_OTHER("facts", struct dext_constraint, facts, record_write_value, "object|null",
            "what has to hold, all of it; `null`: it cannot be read"),
    R_TEXT("meaning", struct dext_constraint, meaning, "one sentence"),
};
static const struct record constraint =
    RECORD("constraint", struct dext_constraint, constraint_fields);

static const struct record_field requirement_fields[] = {
    R_TEXT("kind", struct dext_requirement, kind,
           "`designated`, `library`, `host`, `guest`, `plugin`"),
    R_TEXT("text", struct dext_requirement, text, "in the language of `csreq`"),
};
static const struct record requirement =
    RECORD("requirement", struct dext_requirement, requirement_fields);

static const struct record_field certificate_fields[] = {
    R_HERE(struct dext_certificate, &certificate_head),
    R_HERE(struct dext_certificate, &certificate_tail),
};
static const struct record certificate =
    RECORD("certificate", struct dext_certificate, certificate_fields);

static const struct record_field der_fields[] = {
    R_WORD("status", struct dext_slice, der, signature_der_word, 4,
           "whether entitlements are there as DER as well, and say the same"),
    R_TEXTS("differences", struct dext_slice, differences, difference_count,
            "key paths that the two forms say otherwise"),
};
static const struct record der = RECORD("der", struct dext_slice, der_fields);

static const struct record_field class_fields[] = {
    R_TEXT("name", struct dext_class, name, "the class"),
    R_TEXT("super", struct dext_class, super, "its base class"),
    R_TEXTS("methods", struct dext_class, methods, method_count,
            "that it implements or declares itself"),
    R_TEXTS("queues", struct dext_class, queues, queue_count, "names of its dispatch queues"),
    R_BIT("remote", struct dext_class, flags, 1, "its methods can be called from outside"),
};
static const struct record class = RECORD("class", struct dext_class, class_fields);

static const struct record_field slice_fields[] = {
    R_TEXT("arch", struct dext_slice, arch, "`arm64`"),
    R_TEXT("platform", struct dext_slice, platform, "`DriverKit`, or `\"\"`"),
    R_TEXT("minimum", struct dext_slice, minimum, "version of the platform that it needs"),
    R_TEXT("sdk", struct dext_slice, sdk, "version of the SDK it was built with"),
    R_TEXT("uuid", struct dext_slice, uuid, "of the build"),
    R_NUMBER("offset", struct dext_slice, offset, "in the file, bytes"),
    R_NUMBER("size", struct dext_slice, size, "bytes"),
    R_TEXT("fault", struct dext_slice, fault, "why the slice is damaged, or `\"\"`"),
    R_WORD("signer", struct dext_slice, kind, signer_word, SIGNER_WORDS,
           "whose signature it is; that says nothing about whether it holds"),
    R_TEXT("identifier", struct dext_slice, identifier, "as signed"),
    R_TEXT("team", struct dext_slice, team, "as signed, or `\"\"`"),
    R_TEXT("cdhash", struct dext_slice, cdhash,
           "of the best directory, 40 hex digits; `\"\"` when it is not signed"),
    R_NUMBER("flags", struct dext_slice, flags, "of the signature, a bit each"),
    R_TEXTS("flag_names", struct dext_slice, flag_names, flag_count,
            "the same in words: `adhoc`, `runtime`, `0x4`"),
    R_NUMBER("executable_flags", struct dext_slice, exec_flags,
             "of the executable segment, a bit each"),
    R_TEXTS("executable_flag_names", struct dext_slice, exec_flag_names, exec_flag_count,
            "the same in words"),
    R_TEXT("runtime", struct dext_slice, runtime,
           "version of the hardened runtime, `14.0.0`, or `\"\"`"),
    R_LIST("directories", struct dext_slice, directories, directory_count, &directory,
           "code directories, the best first"),
    R_LIST("requirements", struct dext_slice, requirements, requirement_count, &requirement,
           "what the signature asks of the code, and of others"),
    R_LIST("constraints", struct dext_slice, constraints, constraint_count, &constraint,
           "launch and library constraints; shown, not evaluated"),
    R_TEXT("trust", struct dext_slice, trust, "what the chain comes to, in words; `\"\"`"),
    R_LIST("chain", struct dext_slice, chain, chain_count, &certificate,
           "certificates, the signer first"),
    R_DATE("signed", struct dext_slice, signed_at, "by the signer's clock"),
    R_DATE("timestamp", struct dext_slice, timestamp, "as a timestamp authority of Apple's says"),
    R_OTHER("entitlements", struct dext_slice, entitlements, record_write_value, "object|null",
            "as signed, by their keys; of the property list, else of the DER"),
    R_SELF("der", struct dext_slice, &der, "the second form of the entitlements"),
    R_LIST("classes", struct dext_slice, classes, class_count, &class,
           "that iig made, as the DriverKit runtime finds them"),
};
static const struct record slice = RECORD("slice", struct dext_slice, slice_fields);

static const struct record_field problem_fields[] = {
    R_WORD("level", struct dext_sign_problem, level, signature_level_word, 3,
           "`warning`: the signature holds all the same; `unknown`: it could not be told"),
    R_TEXT("name", struct dext_sign_problem, name,
           "what it is, the same in every version: `page-modified`"),
    R_TEXT("file", struct dext_sign_problem, file, "the file at fault"),
    R_TEXT("arch", struct dext_sign_problem, arch,
           "the slice it is in; `\"\"` when it is no matter of one slice"),
    R_COUNTED("page", struct dext_sign_problem, page, "the first page at fault, from 0"),
    R_NUMBER("pages", struct dext_sign_problem, pages, "how many from there on"),
    R_COUNTED("offset", struct dext_sign_problem, offset, "in the file, bytes"),
    R_TEXT("text", struct dext_sign_problem, text, "one sentence"),
};
static const struct record problem = RECORD("problem", struct dext_sign_problem, problem_fields);

static const struct record_field profile_fields[] = {
    R_TEXT("file", struct dext_profile, path, "where it is embedded"),
    R_TEXT("kind", struct dext_profile, kind_name, "as for `profile`"),
    R_TEXT("name", struct dext_profile, name, "as its maker called it"),
    R_TEXT("uuid", struct dext_profile, uuid, ""),
    R_DATE("expires", struct dext_profile, expires, "good until"),
};
static const struct record profile = RECORD("profile", struct dext_profile, profile_fields);

static const char *form_word(int v)
{
    static const char *const words[] = {"code", "package", "image"};
    return words[v];
}

static const struct record_field what_fields[] = {
    R_TEXT("file", struct dext_code, path,
           "bundle or file, as given or as found below what was given"),
    R_TEXT("name", struct dext_code, name,
           "the path below what was given; `\"\"` for what was given itself"),
    R_TEXT("executable", struct dext_code, executable,
           "its Mach-O file; `\"\"` when the bundle has none"),
    R_WORD("form", struct dext_code, form, form_word, DEXT_FORM_IMAGE + 1,
           "`package` and `image` (.dmg): signed as a whole, with one slice that has no `arch`"),
    R_BOOL("bundle", struct dext_code, bundle, "it is one"),
    R_TEXT("bundle_id", struct dext_code, bundle_id, "of its Info.plist, or `\"\"`"),
    R_TEXT("bundle_type", struct dext_code, bundle_type, "CFBundlePackageType, or `\"\"`"),
};
static const struct record what = RECORD("what", struct dext_code, what_fields);

static bool ticket_is_good(int v)
{
    return v == DEXT_TICKET_GOOD;
}

static const char *ticket_word(int v)
{
    return dext_ticket_name((enum dext_ticket)v);
}

static const void *signature_asked(const void *row)
{
    const struct dext_code *c = row;
    return c->asked ? c : NULL;
}

static const struct record_field answer_fields[] = {
    R_MAYBE("satisfied", struct dext_code, satisfies, "every slice satisfies it"),
    R_TEXT("why", struct dext_code, why, "why not, or why it cannot be told; `\"\"`"),
};
static const struct record answer = RECORD("answer", struct dext_code, answer_fields);

static const struct record_field found_fields[] = {
    R_BOOL("verified", struct dext_code, verified, "hashes were looked at: no `--show-only`"),
    R_NUMBER("pages", struct dext_code, pages, "that were verified, in all slices"),
    R_BOOL("sealed", struct dext_code, sealed, "a CodeResources is there"),
    R_NUMBER("sealed_files", struct dext_code, sealed_files, "how many files it seals"),
    R_NUMBER(
        "metadata_files", struct dext_code, metadata_files,
        "of an archive: `._NAME`, extended attributes of other files, which macOS unpacks as such; "
        "they are not looked at"),
    R_TEST("ticket", struct dext_code, ticket, ticket_is_good,
           "a notarization ticket is stapled to it, and is for this very code"),
    R_WORD("notarization", struct dext_code, ticket, ticket_word, DEXT_TICKET_GOOD + 1,
           "what the stapled ticket is; `no-ticket`: a file in its place that is none"),
    R_FILLED("ticket_fault", struct dext_code, ticket_reason, "why it is broken or none"),
    R_DATE("notarized", struct dext_code, notarized, "when the ticket was made"),
    R_REF("profile", struct dext_code, profile, &profile, "the embedded one in short"),
    R_FOUND("requirement", struct dext_code, signature_asked, &answer,
            "with `--requirement`: whether it holds; of parts of another bundle null"),
    R_LIST("problems", struct dext_code, problems, problem_count, &problem,
           "what is wrong with the signature"),
    R_LIST("slices", struct dext_code, slices, slice_count, &slice, "one an architecture"),
};
static const struct record found = RECORD("found", struct dext_code, found_fields);

static const struct record_field signature_fields[] = {
    R_INLINE_REF(struct signature_row, code, &what),
    R_WORD("verdict", struct signature_row, verdict, signature_verdict_name,
           SIGNATURE_VERDICT_COUNT,
           "what the verification came to; `ad-hoc`: intact, and nobody vouches for it; `unknown`: "
           "not all of it could be read, and what was read is intact"),
    R_WORD("signer", struct signature_row, kind, signer_word, SIGNER_WORDS,
           "whose signature it is: that of the first slice that has one"),
    R_INLINE_REF(struct signature_row, code, &found),
};
static const struct record signature = RECORD("signature", struct signature_row, signature_fields);

static const struct record_field change_fields[] = {
    R_TEXT("name", struct dext_change, name, "code it is about, as `name` of a signature"),
    R_TEXT("arch", struct dext_change, arch, "its slice, or `\"\"`"),
    R_TEXT("what", struct dext_change, what, "`cdhash`, `entitlement`, `class`, `flags`, ..."),
    R_TEXT("key", struct dext_change, key,
           "key path of an entitlement, name of a class, or `\"\"`"),
    R_TEXT_OR_NULL("left", struct dext_change, left, "of the first build"),
    R_TEXT_OR_NULL("right", struct dext_change, right, "of the second build"),
};
static const struct record change = RECORD("change", struct dext_change, change_fields);

static const struct record_field update_fields[] = {
    R_TEXT("name", struct dext_update, name, "code it is about, as `name` of a signature"),
    R_TEXT("requirement", struct dext_update, requirement,
           "the designated requirement of the first build, given or made up as the system does; "
           "`\"\"`"),
    R_MAYBE("satisfied", struct dext_update, satisfies,
            "the second build satisfies it: the system takes it for the same program"),
    R_TEXT("why", struct dext_update, why, "why not, or why it cannot be told; `\"\"`"),
};
static const struct record update = RECORD("update", struct dext_update, update_fields);

static const struct record_field sides_fields[] = {
    R_TEXT("left", struct signature_out, left, "the first operand of `--diff`"),
    R_TEXT("right", struct signature_out, right, "the second"),
};
static const struct record sides = RECORD("sides", struct signature_out, sides_fields);

static const struct record_part parts[] = {
    {"signatures", RECORD_ITEMS, "signature", &signature, true,
     "one for each thing that is signed or ought to be, outermost first; not with `--diff`"},
    {"sides", RECORD_FIELDS, NULL, &sides, true, "with `--diff`"},
    {"updates", RECORD_ITEMS, "update", &update, true,
     "with `--diff`: one for each thing that both builds have"},
    {"changes", RECORD_ITEMS, "change", &change, true, "with `--diff`: one for each difference"},
};
const struct record_form signature_form = RECORD_FORM("signature", 1, parts);

/* ---- the face ------------------------------------------------------------------------------- */

static void signature_record_open(struct signature_out *v)
{
    record_begin(&v->record, v->app, &signature_form);
    if (v->left) {
        record_put(&v->record, "sides", v);
    }
    record_list(&v->record, v->left ? "updates" : "signatures");
}

static void signature_record_code(struct signature_out *v, const struct signature_row *row)
{
    record_add(&v->record, row);
}

static void signature_record_compare(struct signature_out *v, const struct dext_updates *updates,
                                     const struct dext_changes *changes)
{
    for (size_t i = 0; i < updates->count; i++) {
        record_add(&v->record, &updates->list[i]);
    }
    record_list(&v->record, "changes");
    for (size_t i = 0; i < changes->count; i++) {
        record_add(&v->record, &changes->list[i]);
    }
    v->compared = true;
}

static void signature_record_close(struct signature_out *v)
{
    if (v->left && !v->compared) { /* one of them could not be read */
        record_list(&v->record, "changes");
    }
    record_end(&v->record);
}

const struct signature_format signature_record = {signature_record_open, signature_record_code,
                                                  signature_record_compare, signature_record_close};
