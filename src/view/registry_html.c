#include "view/registry_html.h"

#include <stdlib.h>

#include "html_parts.h"
#include "view/html_page.h"
#include "view/registry_html_data.h"

static void registry_html_put_facts(FILE *out, const struct registry_html *what)
{
    const struct dext_reg_info *info = dext_registry_info(what->r);
    (void)fputs("</h1>\n<p class=\"dim\">", out);
    if (what->diff) {
        (void)fputs("I/O Registry, compared with ", out);
        html_page_text(out, what->before);
        (void)fputs(".", out);
    } else if (info->devices) {
        (void)fprintf(out, "A list of devices (%s), no registry.", info->devices);
    } else {
        (void)fputs("I/O Registry, as dextctl read it.", out);
    }
    if (info->clipped) {
        (void)fprintf(out, " %zu lines are cut off.", info->clipped);
    }
    if (info->lost) {
        (void)fprintf(out, " %zu lines or elements could not be read.", info->lost);
    }
    (void)fputs(info->fragment ? " It is a part of a registry: what is missing may exist.</p>\n"
                               : "</p>\n",
                out);
}

static void registry_html_put_head(FILE *out, const struct registry_html *what)
{
    const char *path = dext_registry_info(what->r)->path;
    html_page_begin(out, path, "registry", html_registry_css);
    (void)fputs("<header>\n<h1>", out);
    html_page_text(out, path);
    registry_html_put_facts(out, what);
}

static const char tools[] =
    "<div class=\"tools\">\n<label>Search <input type=\"search\" id=\"search\" "
    "placeholder=\"name, property, KEY=VALUE, 1a86:7523\"></label>\n"
    "<label>Show <select id=\"only\"><option value=\"\">all nodes</option>"
    "<option value=\"dext\">driver extensions</option>"
    "<option value=\"rivals\">nodes with competition</option>"
    "<option value=\"state\">unusual states</option>"
    "<option value=\"open\">nodes that are open</option>"
    "<option value=\"changed\" hidden>changes</option></select></label>\n"
    "<button type=\"button\" id=\"dexts\">Driver extensions</button>\n"
    "<button type=\"button\" id=\"match\" hidden>Matching</button>\n"
    "<button type=\"button\" id=\"changes\" hidden>Changes</button>\n"
    "<span id=\"status\" role=\"status\" class=\"dim\"></span>\n</div>\n"
    "<p class=\"keys dim\"><kbd>/</kbd> search, <kbd>Enter</kbd> next find; in the tree "
    "<kbd>\xe2\x86\x91</kbd> "
    "<kbd>\xe2\x86\x93</kbd> move, <kbd>\xe2\x86\x92</kbd> open, <kbd>\xe2\x86\x90</kbd> close or "
    "go up, "
    "<kbd>Home</kbd> <kbd>End</kbd>; the address names the node</p>\n"
    "</header>\n<main>\n"
    "<div id=\"tree\" role=\"tree\" tabindex=\"0\" aria-label=\"I/O Registry\">"
    "<div id=\"space\" role=\"presentation\"></div></div>\n"
    "<section id=\"side\" tabindex=\"0\" aria-label=\"Details\"></section>\n</main>\n";

static const char script[] = "<script type=\"application/json\" class=\"";

/* The large half of a block is put together in memory only if it is to be masked. */
static void put_blocks(struct html_sheet *s, struct registry_html_data *d)
{
    bool masked = html_sheet_masks(s);
    for (size_t from = 0; from < d->count; from += REGISTRY_HTML_BLOCK) {
        char *rows = NULL;
        size_t size = 0;
        FILE *index = open_memstream(&rows, &size), *parts = masked ? html_sheet_begin(s) : s->out;
        if (!index) {
            abort();
        }
        (void)fprintf(parts, "%spart\">", script);
        registry_html_data_block(d, from, index, parts);
        (void)fclose(index);
        (void)fprintf(parts, "</script>\n%sindex\">", script);
        (void)fwrite(rows, 1, size, parts);
        (void)fputs("</script>\n", parts);
        free(rows);
        if (masked) {
            html_sheet_end(s);
        }
    }
}

static void registry_html_write_page(struct html_sheet *s, const void *user)
{
    const struct registry_html *what = user;
    struct registry_html_data d;
    registry_html_data_open(&d, what);
    FILE *out = html_sheet_begin(s);
    registry_html_put_head(out, what);
    (void)fputs(tools, out);
    html_sheet_end(s);
    put_blocks(s, &d);
    out = html_sheet_begin(s);
    (void)fputs("<script type=\"application/json\" id=\"data\">", out);
    registry_html_data_lists(&d, out);
    (void)fputs("</script>\n", out);
    html_sheet_end(s);
    (void)fputs("<script>\n", s->out);
    (void)fputs(html_registry_js, s->out);
    (void)fputs("</script>\n</body>\n</html>\n", s->out);
    registry_html_data_free(&d);
}

int registry_html_write(const struct app *app, const struct output *to,
                        const struct registry_html *what)
{
    return html_page_stream(app, to, registry_html_write_page, what);
}
