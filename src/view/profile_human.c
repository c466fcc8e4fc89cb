#include <string.h>

#include "app/date.h"
#include "app/term.h"
#include "view/node_value.h"
#include "view/page.h"
#include "view/profile_view.h"

static void profile_human_day(const struct profile_out *v, int64_t t)
{
    char text[40];
    date_write(t, text);
    (void)fprintf(v->app->out, "%.10s", text);
}

/* ---- parts --------------------------------------------------------------------------------- */

static void platforms(const struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    page_label(v->app, "platforms");
    for (size_t i = 0; i < p->platform_count; i++) {
        (void)fputs(i ? ", " : "", out);
        term_line(out, strcmp(p->platforms[i], "OSX") == 0 ? "macOS" : p->platforms[i]);
    }
    (void)fputs(p->platform_count ? "\n" : "not named\n", out);
}

static void validity(const struct profile_out *v, const struct dext_profile *p)
{
    page_label(v->app, "valid");
    profile_human_day(v, p->created);
    (void)fputs(" to ", v->app->out);
    profile_human_day(v, p->expires);
    (void)fputs(v->at >= p->expires ? " (expired)\n" : "\n", v->app->out);
}

static void profile_human_devices(const struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    page_label(v->app, "devices");
    if (p->all_devices) {
        (void)fputs("all\n", out);
        return;
    }
    (void)fprintf(out, p->device_count ? "%zu listed\n" : "none\n", p->device_count);
    for (size_t i = 0; v->app->verbose && i < p->device_count; i++) {
        page_label(v->app, "");
        term_line(out, p->devices[i]);
        (void)fputc('\n', out);
    }
}

static void trust(const struct profile_out *v, const struct dext_profile *p)
{
    static const char *const words[] = {"none", "broken", "not Apple's", "Apple's"};
    FILE *out = v->app->out;
    page_label(v->app, "signature");
    (void)fprintf(out, "%s: ", words[p->trust]);
    term_line(out, p->trust_reason);
    (void)fputc('\n', out);
    for (size_t i = 0; v->app->verbose && i < p->signer_count; i++) {
        page_label(v->app, "");
        term_line(out, p->signers[i].common_name);
        (void)fputc('\n', out);
    }
}

static void der(const struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    page_label(v->app, "DER copy");
    (void)fputs(p->der == DEXT_DER_ABSENT ? "none"
                : p->der == DEXT_DER_SAME ? "says the same"
                                          : "",
                out);
    term_line(out, p->der_reason);
    for (size_t i = 0; i < p->difference_count; i++) {
        (void)fputs(i ? ", " : ": ", out);
        term_line(out, p->differences[i]);
    }
    if (p->distribution[0]) {
        (void)fputs(" (", out);
        term_line(out, p->distribution);
        (void)fputc(')', out);
    }
    (void)fputc('\n', out);
}

static void certificates(const struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    page_heading(v->app, "certificates");
    for (size_t i = 0; i < p->certificate_count; i++) {
        const struct dext_certificate *c = &p->certificates[i];
        (void)fputs("    ", out);
        term_line(out, c->common_name);
        (void)fputs("\n      ", out);
        term_line(out, c->kind);
        (void)fputs(", team ", out);
        term_line(out, c->team[0] ? c->team : "unknown");
        (void)fputs(", ", out);
        profile_human_day(v, c->not_before);
        (void)fputs(" to ", out);
        profile_human_day(v, c->not_after);
        (void)fputs(profile_cert_expired(c, v->at) ? " (expired)"
                    : v->at < c->not_before        ? " (not valid yet)"
                                                   : "",
                    out);
        (void)fprintf(out, "\n      SHA-256 %s\n", c->sha256);
    }
    (void)fputs(p->certificate_count ? "" : "    none\n", out);
}

static void grants(const struct profile_out *v, const struct dext_profile *p)
{
    static const char *const variants[] = {"", "development variant: covers all hardware",
                                           "approved variant: names hardware",
                                           "both variants in one value"};
    FILE *out = v->app->out;
    page_heading(v->app, "entitlements");
    for (size_t i = 0; i < p->grant_count; i++) {
        const struct dext_grant *g = &p->grants[i];
        (void)fputs("    ", out);
        term_line(out, g->key);
        (void)fputs(" = ", out);
        node_value_print(out, g->value);
        if (variants[g->variant][0]) {
            (void)fprintf(out, "\n      %s", variants[g->variant]);
        }
        (void)fputc('\n', out);
    }
    (void)fputs(p->grant_count ? "" : "    none\n", out);
}

static void article(const struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    (void)fputs("  ", out);
    term_styled(out, v->app->colour, TERM_BOLD, p->kind_words);
    (void)fprintf(out, " profile: %s\n", p->why);
}

static void profile_human_one(struct profile_out *v, const struct dext_profile *p)
{
    FILE *out = v->app->out;
    (void)fputs(v->written++ && !v->app->quiet ? "\n" : "", out);
    term_line(out, p->path);
    const char *fault = profile_fault(p, v->at);
    if (v->app->quiet) {
        (void)fprintf(out, ": %s%s%s\n", p->kind_words, fault ? "; " : "", fault ? fault : "");
        return;
    }
    (void)fputc('\n', out);
    article(v, p);
    if (fault) {
        (void)fputs("  ", out);
        term_styled(out, v->app->colour, TERM_RED, fault);
        (void)fputc('\n', out);
    }
    (void)fputc('\n', out);
    page_line(v->app, "name", p->name);
    page_line(v->app, "UUID", p->uuid);
    page_line(v->app, "team", p->team);
    page_line(v->app, "team name", p->team_name);
    page_line(v->app, "app ID", p->app_id);
    if (p->wildcard) {
        page_line(v->app, "", "a wildcard: covers every bundle id it is a prefix of");
    }
    platforms(v, p);
    validity(v, p);
    profile_human_devices(v, p);
    trust(v, p);
    der(v, p);
    certificates(v, p);
    grants(v, p);
}

static void profile_human_nothing(struct profile_out *v)
{
    v->written = 0;
}

const struct profile_format profile_human = {profile_human_nothing, profile_human_one,
                                             profile_human_nothing};
