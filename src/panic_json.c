#include <inttypes.h>

#include "json.h"
#include "panic_view.h"

static struct json doc;

static void texts(const char *key, const struct dext_texts *list)
{
    json_kbegin(&doc, key, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_str(&doc, list->text[i]);
    }
    json_end(&doc, ']');
}

/* Addresses have more bits than a number of JSON keeps in every reader: they are texts. */
static void address(const char *key, bool known, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "0x%" PRIx64, value);
    json_kstr(&doc, key, known ? text : NULL);
}

static void place(const char *key, const struct dext_address *a)
{
    address(key, a->known, a->value);
}

static void number(const char *key, long n)
{
    json_key(&doc, key);
    if (n < 0) {
        json_none(&doc);
    } else {
        json_int(&doc, n);
    }
}

static void sign(const struct dext_panic_sign *s)
{
    json_begin(&doc, '{');
    json_kstr(&doc, "sign", s->id);
    json_kstr(&doc, "blames", s->blames);
    json_kstr(&doc, "confidence", s->confidence);
    json_kstr(&doc, "backtrace", s->noticed ? "notice" : "cause");
    json_kstr(&doc, "what", s->what);
    json_kstr(&doc, "subject", s->subject);
    texts("why", &s->why);
    texts("check", &s->check);
    texts("fix", &s->fix);
    texts("source", &s->source);
    json_end(&doc, '}');
}

static void kext(const struct dext_panic_kext *k)
{
    json_begin(&doc, '{');
    json_kstr(&doc, "id", k->id);
    json_kstr(&doc, "written", k->written);
    json_kstr(&doc, "version", k->version);
    json_kstr(&doc, "uuid", k->uuid);
    address("start", k->start != 0, k->start);
    address("end", k->end != 0, k->end);
    json_kbool(&doc, "dependency", k->dependency);
    json_kbool(&doc, "apple", k->of_apple);
    json_end(&doc, '}');
}

static void frame(const struct dext_panic_frame *f, const struct panic_names *n,
                  const struct panic_name *name, const struct dext_panic_spot *spot)
{
    json_begin(&doc, '{');
    address("address", true, f->address);
    json_kbool(&doc, "signed", f->signed_pointer);
    json_kstr(&doc, "kext", f->kext ? f->kext->id : NULL);
    address("offset", f->kext != NULL, f->offset);
    place("unslid", &f->unslid);
    json_kstr(&doc, "image", *f->image ? f->image : NULL);
    json_kstr(&doc, "symbol", *f->symbol ? f->symbol : NULL);
    place("symbol_offset", &f->symbol_offset);
    panic_name_json(&doc, n, name, spot);
    json_end(&doc, '}');
}

static void frame_or_none(const char *key, const struct dext_panic *p,
                          const struct dext_panic_frame *f, const struct panic_names *n)
{
    json_key(&doc, key);
    if (f) {
        bool fault = f == p->fault;
        size_t i = fault ? 0 : (size_t)(f - p->frames);
        frame(f, n, fault ? n->fault : &n->frames[i],
              fault ? n->symbols->fault : &n->symbols->frames[i]);
    } else {
        json_none(&doc);
    }
}

static void last(const struct dext_panic_last *l)
{
    json_begin(&doc, '{');
    json_kstr(&doc, "what", l->what);
    json_kstr(&doc, "id", l->id);
    json_kstr(&doc, "version", l->version);
    json_end(&doc, '}');
}

static void lists(const struct dext_panic *p, const struct panic_names *n)
{
    json_kbegin(&doc, "signs", '[');
    for (size_t i = 0; i < p->sign_count; i++) {
        sign(&p->signs[i]);
    }
    json_end(&doc, ']');
    json_kbegin(&doc, "kexts", '[');
    for (size_t i = 0; i < p->kext_count; i++) {
        kext(&p->kexts[i]);
    }
    json_end(&doc, ']');
    json_kbegin(&doc, "frames", '[');
    for (size_t i = 0; i < p->frame_count; i++) {
        frame(&p->frames[i], n, &n->frames[i], &n->symbols->frames[i]);
    }
    json_end(&doc, ']');
    frame_or_none("fault", p, p->fault, n);
    frame_or_none("third_party_frame", p, p->foreign, n);
    json_kbegin(&doc, "last_kexts", '[');
    for (size_t i = 0; i < p->last_count; i++) {
        last(&p->last[i]);
    }
    json_end(&doc, ']');
    panic_images_json(&doc, p, n);
    texts("other_kexts", &p->others);
    texts("notes", &p->notes);
}

static void report(const struct app *app, const struct dext_panic *p, const struct panic_names *n)
{
    const struct dext_panic_kext *suspect;
    const char *verdict = panic_verdict(p, &suspect);
    (void)app;
    json_begin(&doc, '{');
    json_kstr(&doc, "file", p->file);
    json_kstr(&doc, "form", p->form);
    json_kstr(&doc, "reason", p->reason);
    json_kstr(&doc, "verdict", verdict);
    json_kstr(&doc, "suspect", suspect ? suspect->id : NULL);
    json_kstr(&doc, "dexts", panic_dexts(p));
    number("cpu", p->cpu);
    place("caller", &p->caller);
    place("pc", &p->pc);
    place("far", &p->far);
    json_kstr(&doc, "arch", p->arch);
    json_kstr(&doc, "system", p->system);
    json_kstr(&doc, "os_build", p->os_build);
    json_kstr(&doc, "bridge_build", p->bridge_build);
    json_kstr(&doc, "kernel_version", p->kernel_version);
    json_kstr(&doc, "kernel_uuid", p->kernel_uuid);
    json_kstr(&doc, "kernelcache_uuid", p->cache_uuid);
    json_kstr(&doc, "model", p->model);
    json_kstr(&doc, "task", p->task);
    number("task_pid", p->task_pid);
    place("thread", &p->thread);
    place("kernelcache_slide", &p->cache_slide);
    place("kernelcache_base", &p->cache_base);
    place("kernel_slide", &p->kernel_slide);
    place("kernel_text_base", &p->text_base);
    place("kernel_text_exec_slide", &p->exec_slide);
    place("kernel_text_exec_base", &p->exec_base);
    place("hib_text_base", &p->hib_base);
    lists(p, n);
    json_end(&doc, '}');
}

static void open_doc(const struct app *app)
{
    json_open(&doc, app->out, true);
    json_begin(&doc, '{');
    json_kstr(&doc, "schema", "dextctl.panic/1");
    json_kbegin(&doc, "reports", '[');
}

static void close_doc(const struct app *app)
{
    (void)app;
    json_end(&doc, ']');
    json_end(&doc, '}');
    json_done(&doc);
}

const struct panic_view panic_json = {"json", open_doc, report, close_doc};
