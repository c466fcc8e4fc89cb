/* Any bytes as a C++ or .iig file: tokens, classes, functions, and what is asked of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "source/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct dx_cxx *code)
{
    for (size_t i = 0; i < code->class_count; i++) {
        const struct dx_cxx_class *k = code->classes[i];
        (void)dx_cxx_base(code, k);
        (void)dx_cxx_derives(code, k, code->classes[0]);
        for (size_t m = 0; m < k->method_count; m++) {
            (void)dx_cxx_method(k, k->methods[m].name);
        }
    }
    for (size_t i = 0; i < code->function_count; i++) {
        const struct dx_cxx_function *fn = &code->functions[i];
        if (fn->args >= fn->file->count || fn->from >= fn->file->count || fn->to < fn->from) {
            abort();
        }
    }
    for (size_t k = 0; k < code->file_count; k++) {
        const struct dx_cxx_file *f = code->files[k];
        for (size_t i = 0; i < f->count; i++) {
            struct dext_place at = dx_token_place(f, i, i);
            if (at.offset + at.length > f->size || dx_tokens_next(f, i) <= i) {
                abort();
            }
            (void)dx_token_text(&f->list[i]);
            (void)dx_tokens_match(f, i, "%word% ( this|self , %text%");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dx_token_options opt = {.kernel = size && data[0] & 1, .most = 1 << 16};
    struct dx_cxx *code = dx_cxx_new(&opt);
    char *copy = code ? malloc(size + 1) : NULL;
    if (copy) {
        memcpy(copy, data, size);
        copy[size] = 0;
        struct dx_source src = dx_source_bytes(size & 1 ? "x.iig" : "x.cpp", copy, size);
        dx_cxx_add_source(code, &src);
        ask(code);
    }
    dx_cxx_free(code);
    free(copy);
    return 0;
}
