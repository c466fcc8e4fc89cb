#include "report.h"

static void write_github(const struct report *r)
{
    (void)r;
}

const struct report_format report_github = {.name = "github", .help = "", .write = write_github};
