/* What callers see of an entry. */
#include <string.h>

#include "unified/unified.h"

static enum dext_unified_level level_of(const struct dx_entry *e)
{
    if (e->kind == DEXT_UNIFIED_SIGNPOST || e->kind == DEXT_UNIFIED_ACTIVITY ||
        e->kind == DEXT_UNIFIED_ACTION) {
        return DEXT_UNIFIED_DEFAULT;
    }
    switch (e->type) {
    case 0x01:
        return DEXT_UNIFIED_INFO;
    case 0x02:
        return DEXT_UNIFIED_DEBUG;
    case 0x10:
        return DEXT_UNIFIED_ERROR;
    case 0x11:
        return DEXT_UNIFIED_FAULT;
    default:
        return DEXT_UNIFIED_DEFAULT;
    }
}

/* As log(1) makes it up for JSON. */
static uint64_t trace_id(const struct dx_entry *e)
{
    static const uint8_t records[] = {4, 2, 2, 3, 6, 7};
    if (e->text.p || e->kind == DEXT_UNIFIED_STATE) {
        return 0;
    }
    return (uint64_t)e->reference << 32 | (uint64_t)e->flags << 16 | (uint64_t)e->type << 8 |
           records[e->kind];
}

static void public_signpost(const struct dx_entry *e, struct dext_unified_entry *out)
{
    static const char *const types[] = {"event", "begin", "end"};
    unsigned scope = e->type >> 6, type = e->type & 15;
    out->signpost = e->signpost;
    out->signpost_scope = scope == 1   ? "thread"
                          : scope == 2 ? "process"
                          : scope == 3 ? "system"
                                       : "";
    out->signpost_type = type < 3 ? types[type] : "";
    out->signpost_name = e->name && e->name->text.p ? e->name->text.p : "";
}

void dx_public(struct dext_unified *u, const struct dx_entry *e, struct dext_unified_entry *out)
{
    const struct dx_boot *b = e->from->set->trace->boot;
    const struct dx_process *p = e->process;
    (void)u;
    *out = (struct dext_unified_entry){.kind = (enum dext_unified_kind)e->kind,
                                       .level = level_of(e),
                                       .ticks = e->ticks,
                                       .boot = b->rank,
                                       .thread = e->thread,
                                       .activity = e->activity,
                                       .parent = e->parent,
                                       .creator = e->creator,
                                       .ttl = e->ttl,
                                       .trace = trace_id(e),
                                       .process = p ? p->name : "",
                                       .process_path = "",
                                       .sender_path = e->image.path ? e->image.path : "",
                                       .sender_pc = e->pc,
                                       .subsystem = e->subsystem,
                                       .category = e->category,
                                       .lost = e->lost,
                                       .signpost_name = "",
                                       .signpost_scope = "",
                                       .signpost_type = "",
                                       .inside = e};
    out->time = dx_clock_wall(b, e->ticks, &out->zone);
    memcpy(out->boot_uuid, b->uuid, DX_UUID);
    if (p) {
        out->pid = p->pid;
        out->euid = p->euid;
        if (p->main) {
            memcpy(out->process_uuid, p->main->uuid, DX_UUID);
            out->process_path = p->main->image_count ? p->main->images[0].path : "";
        }
    }
    if (e->image.uuid) {
        memcpy(out->sender_uuid, e->image.uuid, DX_UUID);
    }
    if (e->format && e->format->text.p) {
        out->format = e->format->text.p;
    }
    bool formatted = e->kind == DEXT_UNIFIED_LOG || e->kind == DEXT_UNIFIED_SIGNPOST ||
                     e->kind == DEXT_UNIFIED_TRACE;
    out->partial = e->incomplete || (formatted && !e->text.p && !out->format);
    if (e->kind == DEXT_UNIFIED_SIGNPOST) {
        public_signpost(e, out);
    }
}

const char *dext_unified_message(struct dext_unified *u, const struct dext_unified_entry *e,
                                 size_t *size)
{
    struct dx_buf *b = &u->scratch;
    b->n = 0;
    b->toobig = false;
    if (e->kind == DEXT_UNIFIED_BOOT) {
        dx_buf_puts(b, "=== system boot: ");
        dx_put_uuid(b, e->boot_uuid);
    } else if (e->kind == DEXT_UNIFIED_CLOCK) {
        dx_buf_puts(b, "=== system wallclock time adjusted");
    } else {
        dx_buf_puts(b, "");
        dx_render(u, e->inside, b);
    }
    /* log(1) shows no white space at the end of a message. */
    while (b->n && strchr(" \t\r\n", b->p[b->n - 1])) {
        b->n--;
    }
    if (!b->p) {
        dx_buf_add(b, " ", 1);
        b->n = 0;
    }
    b->p[b->n] = 0;
    if (size) {
        *size = b->n;
    }
    return b->p;
}

void dext_unified_told(const struct dext_unified *u, struct dext_unified_told *out)
{
    *out = (struct dext_unified_told){.counts = u->counts,
                                      .notes = u->notes,
                                      .note_count = u->note_count,
                                      .boots = u->boot_count,
                                      .sets = u->set_count,
                                      .first = u->first,
                                      .last = u->last};
}

const char *dext_unified_kind_name(enum dext_unified_kind kind)
{
    static const char *const names[] = {"logEvent",   "activityCreateEvent", "userActionEvent",
                                        "traceEvent", "signpostEvent",       "lossEvent",
                                        "stateEvent", "timesyncEvent",       "timesyncEvent"};
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "";
}
