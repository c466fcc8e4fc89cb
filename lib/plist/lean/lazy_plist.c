/* Only in the program, and only with DEXTCTL_LEAN: libplist is loaded when the first binary
 * property list is read, not at every start. These functions have libplist's names and pass on to
 * it. */
#include <dlfcn.h>
#include <plist/plist.h>
#include <stdlib.h>

static void *function(const char *name)
{
    static void *library;
    if (!library) {
        library = dlopen(LIBPLIST_SONAME, RTLD_NOW | RTLD_LOCAL);
    }
    return library ? dlsym(library, name) : NULL;
}

/* plist_from_bin is the first call of all: without libplist it leaves *plist NULL, the reader says
 * that it cannot decode the file, and none of the others is ever called. */
#define PASS(type, name, params, args, otherwise)                                                  \
    type name params                                                                               \
    {                                                                                              \
        static type(*real) params;                                                                 \
        if (!real) {                                                                               \
            *(void **)&real = function(#name);                                                     \
        }                                                                                          \
        if (!real) {                                                                               \
            return otherwise;                                                                      \
        }                                                                                          \
        return real args;                                                                          \
    }
#define NOTHING

PASS(void, plist_from_bin, (const char *bin, uint32_t length, plist_t *plist), (bin, length, plist),
     NOTHING)
PASS(void, plist_free, (plist_t plist), (plist), NOTHING)
PASS(plist_type, plist_get_node_type, (plist_t node), (node), PLIST_NONE)
PASS(void, plist_dict_new_iter, (plist_t node, plist_dict_iter *iter), (node, iter), NOTHING)
PASS(void, plist_dict_next_item, (plist_t node, plist_dict_iter iter, char **key, plist_t *val),
     (node, iter, key, val), NOTHING)
PASS(uint32_t, plist_array_get_size, (plist_t node), (node), 0)
PASS(plist_t, plist_array_get_item, (plist_t node, uint32_t n), (node, n), NULL)
PASS(void, plist_get_uint_val, (plist_t node, uint64_t *val), (node, val), NOTHING)
PASS(void, plist_get_uid_val, (plist_t node, uint64_t *val), (node, val), NOTHING)
PASS(void, plist_get_real_val, (plist_t node, double *val), (node, val), NOTHING)
PASS(void, plist_get_bool_val, (plist_t node, uint8_t *val), (node, val), NOTHING)
PASS(void, plist_get_date_val, (plist_t node, int32_t *sec, int32_t *usec), (node, sec, usec),
     NOTHING)
PASS(void, plist_get_data_val, (plist_t node, char **val, uint64_t *length), (node, val, length),
     NOTHING)
PASS(void, plist_get_string_val, (plist_t node, char **val), (node, val), NOTHING)
