/* Several rows of one extension: an old version that is on its way out beside the new one. */
#include "sysext/sysext.h"

#include <stdlib.h>
#include <string.h>

static const char *const attentions[] = {"none",   "wait",   "user",   "busy",
                                         "reboot", "failed", "unknown"};

const char *dext_attention_name(enum dext_attention a)
{
    return attentions[a];
}

/* Versions are compared number by number, as in 1.10 > 1.9; other characters only divide. */
static int compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        a += strcspn(a, "0123456789");
        b += strcspn(b, "0123456789");
        if (!*a || !*b) {
            return (*a != 0) - (*b != 0);
        }
        a += strspn(a, "0");
        b += strspn(b, "0");
        size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
        if (n != m) {
            return n < m ? -1 : 1;
        }
        int c = strncmp(a, b, n);
        if (c != 0) {
            return c;
        }
        a += n;
        b += m;
    }
    return 0;
}

static bool newer(const struct dext_sysext_row *a, const struct dext_sysext_row *b)
{
    int c = compare_versions(a->version, b->version);
    return (c ? c : compare_versions(a->build, b->build)) > 0;
}

struct tally {
    size_t stale, ending, live, asking;
    bool stuck, enabled;
};

static struct tally sysext_group_count(const struct dext_sysext_extension *e)
{
    struct tally t = {0};
    for (size_t i = 0; i < e->row_count; i++) {
        const struct dext_sysext_row *row = e->rows[i];
        t.stale += row->stale;
        t.live += !row->stale;
        t.asking += !row->stale && row->attention == DEXT_ATTENTION_USER;
        t.enabled |= !row->stale && row->attention == DEXT_ATTENTION_NONE;
        t.ending += row->stale && row->attention == DEXT_ATTENTION_WAIT;
        t.stuck |= row->stale && (row->attention == DEXT_ATTENTION_BUSY ||
                                  strstr(row->state, "via delegate") != NULL);
    }
    return t;
}

/* Two versions of one extension, and only the newest counts: "stale" rows matter only through what
 * they keep from happening. */
static const char *together(const struct dext_sysext_extension *e)
{
    struct tally t = sysext_group_count(e);
    bool driver = !*e->judged->category || strcmp(e->judged->category, "driver_extension") == 0;
    if (t.live && t.stuck && driver) {
        return "An older copy does not stop, and until it does its code may be the one that runs: "
               "unplug the device, quit the apps that use it, restart. Activating again before "
               "that can end with code 4 (extensionNotFound).";
    }
    if (t.live && t.stuck) {
        return "An older copy does not stop, and until it does its code may be the one that runs: "
               "quit the app, restart. Activating again before that can end with code 4 "
               "(extensionNotFound).";
    }
    if (t.live && t.ending) {
        return "The other copy is still being removed, and the new one takes over when that has "
               "ended: if both rows stay, restart; starting the app again does not help.";
    }
    if (t.live && t.stale) {
        return "The other copy no longer runs and is removed at the next restart.";
    }
    if (t.live > 1 && t.asking && t.enabled) {
        return "One copy waits for the user while another one is enabled: until it is allowed, the "
               "enabled one runs. If System Settings does not ask, restart; two copies can keep "
               "every further request from being granted (codes 1 and 4).";
    }
    if (t.live > 1) {
        return "The same extension is listed more than once without a copy on its way out: "
               "restart, then list again.";
    }
    return NULL;
}

/* An extension has a row, the one it was made for. */
static void sysext_group_judge(struct dext_sysext_extension *e)
{
    e->judged = e->rows[0];
    for (size_t i = 1; i < e->row_count; i++) {
        const struct dext_sysext_row *row = e->rows[i];
        if ((e->judged->stale && !row->stale) ||
            (e->judged->stale == row->stale && newer(row, e->judged))) {
            e->judged = row;
        }
    }
    e->attention = e->judged->attention;
    e->note = together(e);
    for (size_t i = 0; i < e->row_count; i++) {
        const struct dext_sysext_row *row = e->rows[i];
        if (row != e->judged && e->attention < DEXT_ATTENTION_USER &&
            (row->attention == DEXT_ATTENTION_BUSY ||
             (!row->stale && row->attention > DEXT_ATTENTION_WAIT) ||
             strstr(row->state, "via delegate"))) {
            e->attention = row->attention;
        }
    }
}

static struct dext_sysext_extension *sysext_group_find(struct dext_sysext *list,
                                                       const struct dext_sysext_row *row)
{
    for (size_t i = 0; i < list->extension_count; i++) {
        struct dext_sysext_extension *e = &list->extensions[i];
        if (strcmp(e->id, row->id) == 0 && strcmp(e->team, row->team) == 0) {
            return e;
        }
    }
    return NULL;
}

void dx_sysext_group(struct dext_sysext *list, struct dx_arena *a)
{
    size_t cap = 0;
    for (size_t i = 0; i < list->row_count; i++) {
        const struct dext_sysext_row *row = &list->rows[i];
        struct dext_sysext_extension *e = sysext_group_find(list, row);
        if (!e) {
            e = DX_PUSH(a, list->extensions, list->extension_count, cap);
            *e = (struct dext_sysext_extension){.team = row->team, .id = row->id};
        }
        e->row_count++;
    }
    for (size_t i = 0; i < list->extension_count; i++) {
        struct dext_sysext_extension *e = &list->extensions[i];
        e->rows = dx_calloc(a, e->row_count, sizeof(const struct dext_sysext_row *));
        e->row_count = 0;
    }
    for (size_t i = 0; i < list->row_count; i++) {
        struct dext_sysext_extension *e = sysext_group_find(list, &list->rows[i]);
        if (e) {
            e->rows[e->row_count++] = &list->rows[i];
        }
    }
    for (size_t i = 0; i < list->extension_count; i++) {
        sysext_group_judge(&list->extensions[i]);
        list->rows[list->extensions[i].judged - list->rows].judged = true;
    }
}
