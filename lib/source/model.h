/* model.h: the classes of a driver's sources, what they derive from, their methods, and the
 * functions with their bodies.
 *
 *     struct dx_cxx *code = dx_cxx_new(&opt);
 *     dx_cxx_add(code, path);                     // or dx_cxx_add_source(code, &src)
 *     const struct dx_cxx_class *k = dx_cxx_class(code, DX_STR("MyDriver"));
 *     dx_cxx_base(code, k)                        // "IOUserNetworkEthernet", or "" when not known
 *     dx_cxx_free(code);
 *
 * A class is what .iig files declare, or plain C++; of classes of one name the .iig's counts. Two
 * declarations with different superclasses leave the ancestry unknown. */
#ifndef DX_SOURCE_MODEL_H
#define DX_SOURCE_MODEL_H

#include "source/token.h"

struct dx_cxx_class;

struct dx_cxx_method {
    struct dx_str name;
    size_t token; /* of the name, in the class's file */
    bool is_virtual, pure, overrides;
    struct dx_str type;  /* TYPE(IOUSBHostPipe::CompleteAsyncIO): what stands in it, or empty */
    struct dx_str queue; /* QUEUENAME(AuxiliaryQueue) */
};

struct dx_cxx_class {
    struct dx_str name, super; /* super: first one, without namespace; empty: none */
    const struct dx_cxx_file *file;
    size_t token; /* of the name */
    bool iig;     /* declared in an .iig */
    bool extends; /* EXTENDS(X): a category, no class of its own */
    struct dx_cxx_method *methods;
    size_t method_count, method_cap;
    struct dx_cxx_class *next; /* of the same hash */
};

/* A function with a body: a method (IMPL(K, M), K::M, K::M_Impl, or inside the class) or a free
 * function, whose klass is empty. */
struct dx_cxx_function {
    struct dx_str klass, name; /* name without _Impl */
    const struct dx_cxx_file *file;
    size_t token;       /* of the name */
    size_t args, close; /* "(" and ")" of the parameters; of IMPL(...) its own */
    size_t from, to;    /* "{" and "}" of the body */
    bool impl;          /* IMPL() or _Impl: a method that .iig declares */
};

struct dx_cxx {
    struct dext_ctx *ctx; /* its own: tokens and bytes live there until the code is freed */
    struct dx_token_options opt;
    struct dx_token_room room;
    struct dx_cxx_file **files;
    size_t file_count, file_cap;
    size_t iig_count;
    struct dx_cxx_class **classes; /* in the order of the files */
    size_t class_count, class_cap;
    struct dx_cxx_function *functions;
    size_t function_count, function_cap;
    struct dx_cxx_class *by_name[256];
    struct dx_cxx_file *by_path[256];
    size_t unread; /* files that could not be read */
    size_t bytes;
    bool full;    /* DX_CXX_ALL_BYTES were met, and it was told */
    bool partial; /* a limit was met: what is missing may stand in the rest */
};

#define DX_CXX_FILE_BYTES ((size_t)4 << 20)
#define DX_CXX_ALL_BYTES ((size_t)64 << 20)

/* By its name a source: .iig .h .hpp .hh .cpp .cc .cxx .c .m .mm */
bool dx_is_cxx(const char *path);
bool dx_is_iig(const char *path);

/* NULL: no memory for a context. */
struct dx_cxx *dx_cxx_new(const struct dx_token_options *opt);
/* A file on disk that cannot be read is counted in ->unread, and noted in the code's context
 * (dext_ctx_unread) if it is there. One that speaks neither of DriverKit
 * nor of what it calls (with opt.kernel: of IOKit) is read and not kept. */
void dx_cxx_add(struct dx_cxx *code, const char *path);
/* src's bytes must live as long as the code. */
void dx_cxx_add_source(struct dx_cxx *code, const struct dx_source *src);
void dx_cxx_free(struct dx_cxx *code);
/* The file of that path was added. */
bool dx_cxx_has(const struct dx_cxx *code, const char *path);

/* The class of that name, an .iig's before others; NULL: none. */
const struct dx_cxx_class *dx_cxx_class(const struct dx_cxx *code, struct dx_str name);
/* What the class derives from among the code's own classes; NULL: no class of the code. */
const struct dx_cxx_class *dx_cxx_super(const struct dx_cxx *code, const struct dx_cxx_class *k);
/* The first superclass that the code does not declare: a framework's; empty when that is unknown.
 */
struct dx_str dx_cxx_base(const struct dx_cxx *code, const struct dx_cxx_class *k);
/* k is sub or one of the classes that it derives from. */
bool dx_cxx_derives(const struct dx_cxx *code, const struct dx_cxx_class *sub,
                    const struct dx_cxx_class *k);
/* The method as declared in the class itself; NULL: it is not. */
const struct dx_cxx_method *dx_cxx_method(const struct dx_cxx_class *k, struct dx_str name);
/* The next function from i on of that class and name (either may be empty: any); NULL: none. */
const struct dx_cxx_function *dx_cxx_function(const struct dx_cxx *code, size_t *i,
                                              struct dx_str klass, struct dx_str name);
/* What a macro without parameters stands for, as written; empty: none or several. */
struct dx_str dx_cxx_macro(const struct dx_cxx *code, struct dx_str name);

/* parse.c: finds the classes and functions of a file. */
void dx_cxx_parse(struct dx_cxx *code, struct dx_cxx_file *f);

#endif
