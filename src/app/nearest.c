#include "app/nearest.h"

#include "dext/text.h"

static const char *nearest_name_at(const void *user, size_t i)
{
    return ((const char *const *)user)[i];
}

const char *nearest(const char *typed, const char *const *names, size_t count)
{
    return dext_nearest(typed, count, nearest_name_at, names);
}
