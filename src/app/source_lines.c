#include "app/source_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "app/app.h"
#include "app/child.h"

#define SECONDS 60 /* a kernel's dSYM takes some */
#define MOST_BYTES ((size_t)16 << 20)
#define MOST_INLINED 32

void source_lines_free(struct source_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->list[i].function);
        free(lines->list[i].file);
    }
    free(lines->list);
    *lines = (struct source_lines){NULL, 0};
}

/* "", or a copy of what the tool knows. */
static char *source_lines_known(const char *text)
{
    return app_strdup(!text || strcmp(text, "??") == 0 ? "" : text);
}

/* ---- llvm-symbolizer ----------------------------------------------------------------------- */

static void take_symbols(const json_t *symbols, struct source_lines *out)
{
    size_t n = json_array_size(symbols);
    n = n < MOST_INLINED ? n : MOST_INLINED;
    out->list = app_alloc(n * sizeof *out->list);
    for (size_t i = 0; i < n; i++) {
        const json_t *s = json_array_get(symbols, i);
        const char *start = json_string_value(json_object_get(s, "StartAddress"));
        struct source_line *l = &out->list[out->count];
        l->function = source_lines_known(json_string_value(json_object_get(s, "FunctionName")));
        l->file = source_lines_known(json_string_value(json_object_get(s, "FileName")));
        l->line = (long)json_integer_value(json_object_get(s, "Line"));
        l->start = start ? strtoull(start, NULL, 16) : 0;
        if (*l->function || *l->file) {
            out->count++;
        } else {
            free(l->function);
            free(l->file);
        }
    }
}

static const char *parse_llvm(const struct child_output *in, struct source_lines *out, size_t count)
{
    json_error_t error;
    json_t *list = json_loadb(in->data, in->size, 0, &error);
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n && i < count; i++) {
        take_symbols(json_object_get(json_array_get(list, i), "Symbol"), &out[i]);
    }
    json_decref(list);
    return n == count ? NULL : "answered in a form that is not known (LLVM 13 or later is needed)";
}

/* The file stands behind "--obj=", so that no name of it can be an option. */
static const char *ask_llvm(const char *tool, const char *file, const char *arch,
                            const uint64_t *addresses, struct source_lines *out, size_t count)
{
    size_t argc = 0, size = strlen(file) + 16;
    const char **argv = app_alloc((count + 5) * sizeof *argv);
    char *texts = app_alloc(count * 20 + 1), *object = app_alloc(size), cpu[48];
    struct child_output in;
    (void)snprintf(object, size, "--obj=%s", file);
    (void)snprintf(cpu, sizeof cpu, "--default-arch=%s", arch);
    argv[argc++] = tool;
    argv[argc++] = object;
    argv[argc++] = cpu;
    argv[argc++] = "--output-style=JSON";
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(texts + i * 20, 20, "0x%" PRIx64, addresses[i]);
        argv[argc++] = texts + i * 20;
    }
    argv[argc] = NULL;
    const char *why = child_run(argv, SECONDS, MOST_BYTES, &in);
    why = why ? why : parse_llvm(&in, out, count);
    free(in.data);
    free(object);
    free(texts);
    free(argv);
    return why;
}

/* ---- atos ---------------------------------------------------------------------------------- */

/* "MyDriver::crash(int*) (in MyDriver) (MyDriver.cpp:12)"; without DWARF the last part is "+ 16".
 */
static void take_atos(char *line, struct source_lines *out)
{
    size_t n = strlen(line);
    char *in = strstr(line, " (in "), *open = strrchr(line, '('), *colon = strrchr(line, ':');
    if (!in || n == 0 || line[n - 1] != ')' || !open || open <= in || !colon || colon < open) {
        return;
    }
    char *end;
    long number = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end != ')' || end[1]) {
        return;
    }
    *in = *colon = 0;
    out->list = app_alloc(sizeof *out->list);
    out->list[0] = (struct source_line){
        .function = source_lines_known(line), .file = source_lines_known(open + 1), .line = number};
    out->count = 1;
}

static const char *ask_atos(const char *tool, const char *file, const char *arch,
                            uint64_t text_address, const uint64_t *addresses,
                            struct source_lines *out, size_t count)
{
    size_t argc = 0, at = 0;
    const char **argv = app_alloc((count + 8) * sizeof *argv);
    char *texts = app_alloc(count * 20 + 1), load[24];
    struct child_output in;
    /* Addresses are those in the file, so the file stands where it was linked. */
    (void)snprintf(load, sizeof load, "0x%" PRIx64, text_address);
    const char *const fixed[] = {tool, "-o", file, "-arch", arch, "-l", load};
    for (; argc < sizeof fixed / sizeof *fixed; argc++) {
        argv[argc] = fixed[argc];
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(texts + i * 20, 20, "0x%" PRIx64, addresses[i]);
        argv[argc++] = texts + i * 20;
    }
    argv[argc] = NULL;
    const char *why = child_run(argv, SECONDS, MOST_BYTES, &in);
    for (size_t i = 0; !why && i < count && at < in.size; i++) {
        size_t n = strcspn(in.data + at, "\n");
        in.data[at + n] = 0;
        take_atos(in.data + at, &out[i]);
        at += n + 1;
    }
    free(in.data);
    free(texts);
    free(argv);
    return why;
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* Debian has llvm-symbolizer-NN where the package without a number is not installed. */
static char *find_llvm(void)
{
    char *tool = child_find("llvm-symbolizer");
    for (int version = 30; !tool && version >= 13; version--) {
        char name[32];
        (void)snprintf(name, sizeof name, "llvm-symbolizer-%d", version);
        tool = child_find(name);
    }
    return tool;
}

const char *source_lines_find(const char *file, const char *arch, uint64_t text_address,
                              const uint64_t *addresses, struct source_lines *out, size_t count)
{
    static char text[160];
    char *llvm = find_llvm(), *atos = llvm ? NULL : child_find("atos");
    const char *tool = llvm ? "llvm-symbolizer" : "atos";
    const char *why = llvm   ? ask_llvm(llvm, file, arch, addresses, out, count)
                      : atos ? ask_atos(atos, file, arch, text_address, addresses, out, count)
                             : "";
    if (why && !*why) {
        (void)snprintf(text, sizeof text,
                       "no line numbers: neither llvm-symbolizer nor atos is installed");
    } else if (why) {
        (void)snprintf(text, sizeof text, "no line numbers: %s %s", tool, why);
    }
    free(llvm);
    free(atos);
    return why ? text : NULL;
}
