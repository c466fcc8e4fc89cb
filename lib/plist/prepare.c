#include <libxml/parser.h>

#include "plist/events.h"

void dx_plist_prepare(void)
{
    xmlInitParser();
}
