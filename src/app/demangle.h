/* demangle.h: C++ names of a symbol table in their source form. */
#ifndef APP_DEMANGLE_H
#define APP_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

/* For each name as in a Mach-O symbol table ("__ZN8MyDriver5crashEv", "_panic") the text to show
 * ("MyDriver::crash()", "panic"). malloc'd, and so is each text; NULL stays NULL. *why: NULL, or
 * why C++ names were left as they are. */
char **demangle_all(const char *const *names, size_t count, const char **why);

#endif
