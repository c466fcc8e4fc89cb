#include "report.h"

static void write_sarif(const struct report *r)
{
    (void)r;
}

const struct report_format report_sarif = {.name = "sarif", .help = "", .write = write_sarif};
