/* schema.h: what a knowledge file may say. One entry a table, one line a field; mkkb checks every
 * row against it and writes the C structures, so a new field is one line here and no code. */
#ifndef DX_DATA_SCHEMA_H
#define DX_DATA_SCHEMA_H

enum field_type {
    T_TEXT,   /* one line or a folded paragraph */
    T_LIST,   /* may stand several times */
    T_ENUM,   /* one of choices */
    T_NUMBER, /* decimal or 0x..., negative allowed */
};

enum field_flags {
    F_NEEDED = 1, /* a row without it does not build */
    F_ID = 2,     /* unique in its table; tables are sorted by it */
    F_REF = 4,    /* names a row of the table in choices */
};

struct field {
    const char *name; /* as in the file; '-' becomes '_' in C */
    enum field_type type;
    unsigned flags;
    const char *choices; /* T_ENUM: "a|b|c"; F_REF: table */
};

#define MOST_FIELDS 32

struct table {
    const char *name;  /* C: struct kb_NAME, kb_NAME_rows[], kb_NAME_count */
    const char *files; /* glob below lib/data */
    const char *index; /* T_NUMBER field that gets a second, sorted index, or NULL */
    struct field fields[MOST_FIELDS];
};

/* clang-format off */
static const struct table tables[] = {
    {"rule", "rules/*.rec", NULL, {
        {"rule", T_TEXT, F_NEEDED | F_ID, NULL},          /* DX203 */
        {"name", T_TEXT, F_NEEDED, NULL},                 /* missing-user-class */
        {"severity", T_ENUM, F_NEEDED, "error|warning|note"},
        {"status", T_ENUM, F_NEEDED, "stable|preview|removed"},
        {"since", T_TEXT, F_NEEDED, NULL},                /* first ruleset that has it: 2026.11 */
        {"summary", T_TEXT, F_NEEDED, NULL},              /* one line */
        {"why", T_TEXT, F_NEEDED, NULL},
        {"fix", T_TEXT, F_NEEDED, NULL},
        {"fixable", T_ENUM, F_NEEDED, "no|yes|sometimes"},
        {"kext", T_ENUM, 0, "no|yes"},                    /* also holds for a kext's Info.plist */
        {"inside", T_ENUM, F_NEEDED,                      /* see tests/rules/examples.py */
         "personality|info|entitlements|plists|file|tree|project|product|code"},
        {"keeps", T_ENUM, 0, "loading|working"},          /* what an error keeps a driver from; loading */
        {"once", T_ENUM, 0, "no|yes"},                    /* one finding stands for all of a run */
        {"bad", T_TEXT, F_NEEDED, NULL},                  /* example; lines kept, see .rec notes */
        {"good", T_TEXT, F_NEEDED, NULL},
        {"note", T_LIST, 0, NULL},
        {"see", T_LIST, F_REF, "rule"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    /* Output of the system, kept only to be recognised: what a code means stands in errors/. Of
     * numbers that share a text the first is kept. Source: libsyscall/mach/err_*.sub, xnu-11417. */
    {"mach_text", "mach-texts.tsv", NULL, {
        {"text", T_TEXT, F_NEEDED | F_ID, NULL}, /* "(iokit/common) general error" */
        {"value", T_NUMBER, F_NEEDED, NULL},
    }},
    {"ruleset", "rulesets.rec", NULL, {
        {"ruleset", T_TEXT, F_NEEDED | F_ID, NULL},
        {"summary", T_TEXT, F_NEEDED, NULL},
    }},
    {"entitlement", "entitlements.rec", NULL, {
        {"entitlement", T_TEXT, F_NEEDED | F_ID, NULL},
        {"type", T_ENUM, F_NEEDED,
         "boolean|string|array-of-string|array-of-dict|string-or-array|any"},
        {"carrier", T_ENUM, F_NEEDED, "dext|app|client|dext-or-app|any|apple|none"},
        {"status", T_ENUM, F_NEEDED, "current|defunct|bogus|apple-only"},
        {"instead", T_TEXT, F_REF, "entitlement"},
        {"family", T_LIST, F_REF, "family"},
        {"development", T_TEXT, 0, NULL},
        {"approved", T_TEXT, 0, NULL},
        {"variants", T_ENUM, F_NEEDED, "none|value|same"},
        {"approval", T_ENUM, F_NEEDED, "none|self-serve|managed|apple"},
        {"portal-development", T_TEXT, 0, NULL},
        {"portal-distribution", T_TEXT, 0, NULL},
        {"item-key", T_LIST, 0, NULL},
        {"macos", T_TEXT, 0, NULL},
        {"ipados", T_TEXT, 0, NULL},
        {"restricted", T_ENUM, F_NEEDED, "no|yes"},
        {"summary", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"family", "families.rec", NULL, {
        {"family", T_TEXT, F_NEEDED | F_ID, NULL},
        {"framework", T_TEXT, 0, NULL},
        {"user-class", T_LIST, 0, NULL},
        {"ioclass", T_TEXT, F_NEEDED, NULL},
        {"kernel-bundle", T_LIST, 0, NULL},
        {"kernel-bundle-confidence", T_ENUM, 0, "confirmed|observed|uncertain"},
        {"provider", T_LIST, 0, NULL},
        {"entitlement", T_LIST, F_REF, "entitlement"},
        {"generic-ok", T_ENUM, F_NEEDED, "no|yes"},
        {"driverkit", T_TEXT, 0, NULL},
        {"macos", T_TEXT, 0, NULL},
        {"ipados", T_TEXT, 0, NULL},
        {"keys", T_LIST, 0, NULL},
        {"nested", T_LIST, 0, NULL},
        {"nested-class", T_TEXT, 0, NULL},
        {"summary", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"ioclass", "ioclasses.rec", NULL, {
        {"ioclass", T_TEXT, F_NEEDED | F_ID, NULL},
        {"status", T_ENUM, F_NEEDED, "driverkit|user-client|kernel-only|nested-only"},
        {"family", T_LIST, F_REF, "family"},
        {"kernel-bundle", T_LIST, 0, NULL},
        {"wrong-bundle", T_LIST, 0, NULL},
        {"loaded", T_ENUM, 0, "any|on-demand"},           /* on-demand: only for who names its kext */
        {"note", T_TEXT, 0, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"framework_class", "framework-classes.rec", NULL, {
        {"framework-class", T_TEXT, F_NEEDED | F_ID, NULL},
        {"framework", T_TEXT, F_NEEDED, NULL},
        {"role", T_ENUM, F_NEEDED, "driver|client|nub|object"},
        {"superclass", T_TEXT, F_REF, "framework_class"},
        {"kernel", T_LIST, 0, NULL},                      /* the first is advised */
        {"required", T_LIST, 0, NULL},                    /* methods a subclass must have */
        {"note", T_TEXT, 0, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"provider", "providers.rec", NULL, {
        {"provider", T_TEXT, F_NEEDED | F_ID, NULL},
        {"bus", T_ENUM, F_NEEDED,
         "other|usb-device|usb-interface|pci|hid|scsi|resources|service|serial|storage"},
        {"status", T_ENUM, F_NEEDED, "current|legacy|too-broad|refused"},
        {"instead", T_TEXT, 0, NULL},
        {"hardware", T_ENUM, F_NEEDED, "no|yes"},
        {"superclass", T_TEXT, 0, NULL},
        {"summary", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"kernel_class", "kernel-classes.tsv", NULL, {
        {"class", T_TEXT, F_NEEDED | F_ID, NULL},
        {"superclass", T_TEXT, 0, NULL},          /* nearest one that is known */
        {"gap", T_ENUM, F_NEEDED, "no|yes"},      /* yes: unknown classes may stand between */
        {"matcher", T_ENUM, F_NEEDED,             /* who compares its keys */
         "inherited|none|resources|usb-device|usb-interface|pci|hid|scsi|media|serial-client|"
         "device-tree|device-tree-closed|keys|closed"}, /* keys: a record in compared-keys.rec */
        {"source", T_TEXT, F_NEEDED, NULL},
    }},
    {"compared", "compared-keys.rec", NULL, {
        {"compared", T_TEXT, F_NEEDED | F_ID | F_REF, "kernel_class"},
        {"how", T_ENUM, F_NEEDED, "code|dumps"},
        {"keys", T_LIST, F_NEEDED, NULL},
        {"source", T_TEXT, F_NEEDED, NULL},
    }},
    {"key", "keys.rec", NULL, {
        {"key", T_TEXT, F_NEEDED, NULL}, /* unique together with scope */
        {"scope", T_ENUM, F_NEEDED,
         "personality|usb|pci|hid|scsi|serial|storage|info|usb-entitlement"},
        {"type", T_ENUM, F_NEEDED,
         "any|string|integer|boolean|dictionary|array|string-or-array|dict-or-array|"
         "integer-or-wildcard"},
        {"min", T_NUMBER, 0, NULL},
        {"max", T_NUMBER, 0, NULL},
        {"effect", T_TEXT, 0, NULL},
        {"wrong-type", T_TEXT, 0, NULL},
        {"wrong-type-severity", T_ENUM, 0, "warning|error"}, /* error: it cannot match or load */
        {"forbidden", T_ENUM, 0, "no|yes"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"driverkit", "driverkit-versions.rec", NULL, {
        {"driverkit", T_TEXT, F_NEEDED | F_ID, NULL},
        {"macos", T_TEXT, F_NEEDED, NULL},
        {"ipados", T_TEXT, 0, NULL},
        {"confirmed", T_ENUM, F_NEEDED, "no|yes"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"error", "errors/*.tsv", "value", {
        {"domain", T_TEXT, F_NEEDED | F_REF, "error_domain"},
        {"value", T_NUMBER, F_NEEDED, NULL},
        {"name", T_TEXT, F_NEEDED, NULL}, /* unique in its domain */
        {"aliases", T_TEXT, 0, NULL},
        {"summary", T_TEXT, F_NEEDED, NULL},
        {"source", T_TEXT, F_NEEDED, NULL},
    }},
    {"error_meaning", "errors/meaning.rec", NULL, {
        {"code", T_TEXT, F_NEEDED | F_ID | F_REF, "error.name"},
        {"driverkit", T_TEXT, F_NEEDED, NULL},
        {"cause", T_LIST, 0, NULL},
        {"check", T_LIST, 0, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"error_domain", "errors/domains.rec", NULL, {
        {"domain", T_TEXT, F_NEEDED | F_ID, NULL},
        {"title", T_TEXT, F_NEEDED, NULL},
        {"form", T_ENUM, F_NEEDED, "hex32|signed|decimal"},
        {"rank", T_NUMBER, F_NEEDED, NULL},
        {"why-rank", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"error_system", "errors/systems.rec", NULL, {
        {"system", T_NUMBER, F_NEEDED, NULL},
        {"subsystem", T_TEXT, F_NEEDED, NULL}, /* number or * */
        {"name", T_TEXT, F_NEEDED, NULL},
        {"title", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"apple_root", "roots.rec", NULL, {
        {"root", T_TEXT, F_NEEDED | F_ID, NULL}, /* SHA-256 of the certificate, lower-case hex */
        {"name", T_TEXT, F_NEEDED, NULL},
        {"certificate", T_TEXT, 0, NULL}, /* base64; spaces do not count */
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"sysext_state", "sysext-states.rec", NULL, {
        {"state", T_TEXT, F_NEEDED | F_ID, NULL},         /* with spaces, not underscores */
        {"attention", T_ENUM, F_NEEDED, "none|wait|user|busy|reboot|failed"},
        {"stale", T_ENUM, 0, "no|yes"},                   /* of a copy that is on its way out */
        {"meaning", T_TEXT, F_NEEDED, NULL},
        {"next", T_TEXT, F_NEEDED, NULL},
        {"meaning-other", T_TEXT, 0, NULL},               /* of what is no driver extension */
        {"next-other", T_TEXT, 0, NULL},
        {"seen", T_ENUM, F_NEEDED, "observed|documented|reported"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"panic", "panics.rec", NULL, {
        {"panic", T_TEXT, F_NEEDED | F_ID, NULL},
        {"rank", T_NUMBER, F_NEEDED, NULL},               /* smaller first; from 90 on only alone */
        {"blames", T_ENUM, F_NEEDED, "driver|dext|process|user|kernel|hardware"},
        /* cause: what panicked is near the cause; notice: it only noticed, as a watchdog does */
        {"backtrace", T_ENUM, 0, "cause|notice"},
        {"pattern", T_TEXT, F_NEEDED, NULL},              /* PCRE2 on the reason */
        {"literal", T_LIST, F_NEEDED, NULL},
        {"example", T_TEXT, F_NEEDED, NULL},
        {"what", T_TEXT, F_NEEDED, NULL},
        {"why", T_LIST, 0, NULL},
        {"check", T_LIST, 0, NULL},
        {"fix", T_LIST, 0, NULL},
        {"confidence", T_ENUM, F_NEEDED, "high|medium|low"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    /* What dextctl collect writes, in the order of rank. */
    {"evidence", "evidence.rec", NULL, {
        {"evidence", T_TEXT, F_NEEDED | F_ID, NULL},      /* its file in the archive */
        {"rank", T_NUMBER, F_NEEDED, NULL},
        {"kind", T_TEXT, 0, NULL},                        /* of input that it is, see dext/log.h */
        {"makes", T_ENUM, F_NEEDED, "output|files"},      /* files: the command writes below NAME/ */
        {"command", T_TEXT, F_NEEDED, NULL},              /* sh; $last, $days, $app, $system */
        {"advice", T_TEXT, 0, NULL},                      /* to type by hand; no line: not told */
        {"why", T_TEXT, F_NEEDED, NULL},
        {"limit", T_NUMBER, 0, NULL},                     /* seconds, then it is ended; 0: 60 */
        {"root", T_ENUM, F_NEEDED, "no|yes"},             /* needed to see all */
        /* app: only with --app; archive: only with --log-archive, which nothing can mask */
        {"needs", T_ENUM, 0, "nothing|app|archive"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"redaction", "redactions.rec", NULL, {
        {"redaction", T_TEXT, F_NEEDED | F_ID, NULL},
        {"rank", T_NUMBER, F_NEEDED, NULL},               /* the order in which they are applied */
        {"mask", T_TEXT, F_NEEDED, NULL},
        {"unit", T_ENUM, F_NEEDED, "line|value"},         /* what the pattern sees at a time */
        {"pattern", T_TEXT, F_NEEDED, NULL},              /* POSIX ERE that PCRE2 reads alike */
        {"rest", T_NUMBER, 0, NULL},                      /* the group that stays behind; 0: none */
        {"example", T_LIST, F_NEEDED, NULL},              /* "text => text" */
        {"stays", T_LIST, F_NEEDED, NULL},                /* texts it does not touch */
    }},
    {"kext_call", "kext-calls.tsv", NULL, {
        {"call", T_TEXT, F_NEEDED | F_ID, NULL},   /* a word of the text: function, class, constant */
        /* same: in DriverKit under this name; other: there is a counterpart; none: there is none;
         * away: the work of another framework, which decides what the kext is */
        {"status", T_ENUM, F_NEEDED, "same|other|none|away|tool"},
        {"counterpart", T_TEXT, F_NEEDED, NULL},   /* of none: the way that exists */
        {"header", T_TEXT, 0, NULL},               /* "DriverKit/IOLib.h" */
        {"note", T_TEXT, 0, NULL},                 /* what differs */
        {"source", T_TEXT, F_NEEDED, NULL},
    }},
    /* What a kext derives from or stands on, and which family of DriverKit does that work. */
    {"kext_base", "kext-bases.tsv", NULL, {
        {"class", T_TEXT, F_NEEDED | F_ID, NULL},
        {"way", T_ENUM, F_NEEDED, "other|none"},
        {"family", T_TEXT, F_REF, "family"},
        {"text", T_TEXT, F_NEEDED, NULL},
        {"source", T_TEXT, F_NEEDED, NULL},
    }},
    /* What dextctl init writes. Texts are templates: lib/init/template.c. */
    {"init_file", "init/*.in", NULL, {
        {"file", T_TEXT, F_NEEDED | F_ID, NULL},          /* its path in the project: a template */
        {"when", T_TEXT, 0, NULL},                        /* as behind @if; no line: always */
        {"what", T_TEXT, F_NEEDED, NULL},                 /* one line for people */
        {"text", T_TEXT, F_NEEDED, NULL},
    }},
    {"init_family", "init/families.rec", NULL, {
        {"family", T_TEXT, F_NEEDED | F_ID | F_REF, "family"},
        {"class", T_TEXT, F_NEEDED | F_REF, "framework_class"}, /* what the driver derives from */
        {"usb-class", T_TEXT, F_REF, "framework_class"},  /* instead, where the provider is USB */
        {"example", T_TEXT, F_NEEDED | F_REF, "init_example"}, /* where no dump is given */
        {"word", T_LIST, 0, NULL},                        /* for @if, beside the family's name */
        {"members", T_TEXT, 0, NULL},                     /* of the instance variables */
        {"before", T_TEXT, 0, NULL},                      /* in Start, before the super call */
        {"start", T_TEXT, 0, NULL},                       /* in StartHardware */
        {"stop", T_TEXT, 0, NULL},                        /* in StopHardware */
        {"nested", T_TEXT, 0, NULL},                      /* "KEY IOCLASS IOUSERCLASS" of Create() */
        {"hint", T_LIST, 0, NULL},                        /* for the README */
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"init_method", "init/methods.rec", NULL, {
        {"method", T_TEXT, F_NEEDED | F_ID, NULL},        /* "serial.HwActivate"; .cpp keeps this order */
        {"family", T_LIST, F_NEEDED | F_REF, "family"},
        {"when", T_TEXT, 0, NULL},
        {"returns", T_TEXT, F_NEEDED, NULL},
        {"parameters", T_TEXT, 0, NULL},
        {"kind", T_ENUM, F_NEEDED, "dispatched|plain"},   /* plain: no RPC, C++ alone (LOCALONLY) */
        {"suffix", T_TEXT, F_NEEDED, NULL},               /* behind the parameters in the .iig */
        {"what", T_TEXT, F_NEEDED, NULL},                 /* what it has to do */
        {"body", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    /* A registry with one device of the kind, for projects that are made without a dump. */
    {"init_example", "init/examples.rec", NULL, {
        {"example", T_TEXT, F_NEEDED | F_ID, NULL},
        {"node", T_TEXT, F_NEEDED, NULL},
        {"text", T_TEXT, F_NEEDED, NULL},                 /* as ioreg -l writes it */
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    /* What tells whose a line is that names no driver; the first that holds is taken. */
    {"tie", "log-ties.rec", NULL, {
        {"tie", T_TEXT, F_NEEDED | F_ID, NULL},
        {"rank", T_NUMBER, F_NEEDED, NULL},
        {"by", T_ENUM, F_NEEDED, "image|process|staging|pid|time"},
        {"within", T_NUMBER, 0, NULL},                    /* seconds, of time */
        {"stage", T_ENUM, 0, "any|launch"},               /* what both lines are about */
        {"what", T_TEXT, F_NEEDED, NULL},                 /* a sentence, without its full stop */
        {"confidence", T_ENUM, F_NEEDED, "high|medium|low"}, /* no verdict by it is surer */
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    {"symptom", "symptoms/*.rec", NULL, {
        {"symptom", T_TEXT, F_NEEDED | F_ID, NULL},
        /* of the life cycle, in its order */
        {"stage", T_ENUM, F_NEEDED,
         "build|sign|embed|activate|approve|stage|match|launch|start|serve|power|update|deactivate"},
        /* prose: patterns see the whole text; join: found by lib/explain/join*.c in several inputs;
         * piece: by lib/explain/question_plist.c in what was pasted. These two have no pattern.
         * told: an answer without patterns, which rows of told_cause lead to */
        {"in", T_ENUM, 0, "log|prose|join|piece|told"},
        /* cause: may lead; effect: leads only when no cause of its driver is known; step: progress;
         * noise: never leads; boot: no symptom, but where a start of the system begins */
        {"role", T_ENUM, F_NEEDED, "cause|effect|step|noise|boot"},
        {"weight", T_ENUM, 0, "reason|phase|code|state|absence"}, /* the best evidence first */
        {"pattern", T_LIST, 0, NULL},              /* PCRE2; groups dext, class, node, pid, what */
        {"all", T_LIST, 0, NULL},                  /* prose: these must be in the text as well */
        {"unless", T_LIST, 0, NULL},
        /* Codes by name, found in every spelling; with calls: one of them returned one of the codes,
         * in a log, in code or in words */
        {"call", T_LIST, 0, NULL},
        {"code", T_LIST, F_REF, "error.name"},
        {"about", T_ENUM, 0, "drivers|anything"},  /* prose: drivers: only in a text about them */
        {"literal", T_LIST, 0, NULL},              /* one of them is in all that matches */
        {"cost", T_TEXT, 0, NULL}, /* why one that is short or a process's name is no burden */
        {"example", T_LIST, 0, NULL},              /* each pattern matches one of them */
        {"also", T_LIST, F_REF, "symptom"},               /* others that the examples match */
        /* failures that are overcome when this one is met, and those that they are past */
        {"past", T_LIST, F_REF, "symptom"},
        {"what", T_TEXT, F_NEEDED, NULL},
        {"why", T_LIST, 0, NULL},
        {"check", T_LIST, 0, NULL},
        {"fix", T_LIST, 0, NULL},
        {"confidence", T_ENUM, F_NEEDED, "high|medium|low"},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
    /* What people tell, in their own words: see told/words.rec. */
    {"told_word", "told/words.rec", NULL, {
        {"word", T_TEXT, F_NEEDED | F_ID, NULL},   /* SLOT.NAME */
        {"slot", T_ENUM, F_NEEDED, "set|speaker|thing|stage|symptom|circumstance"},
        {"phrase", T_LIST, F_NEEDED, NULL},        /* lib/explain/phrases.c has the language */
        {"unless", T_LIST, 0, NULL},               /* phrases that say that it is something else */
        {"over", T_LIST, F_REF, "told_word"},      /* thing: where this is named, those are not meant */
        {"speaks", T_ENUM, 0, "nobody|person|document"},  /* speaker: of his own trouble; of no trouble */
        {"about", T_ENUM, 0, "anything|drivers"},  /* drivers: only in a text about those of Apple's systems */
        {"times", T_NUMBER, 0, NULL},              /* document: so many phrases make it one */
        {"what", T_TEXT, F_NEEDED, NULL},
        {"source", T_LIST, 0, NULL},               /* of names of products */
    }},
    {"told_cause", "told/causes.rec", NULL, {
        {"told-cause", T_TEXT, F_NEEDED | F_ID, NULL},
        /* One of each list must be told, of the thing: that the text is about */
        {"thing", T_LIST, F_NEEDED | F_REF, "told_word"},
        {"speaker", T_LIST, F_REF, "told_word"},
        {"stage", T_LIST, F_REF, "told_word"},
        {"symptom", T_LIST, F_REF, "told_word"},
        {"circumstance", T_LIST, F_REF, "told_word"},
        {"with", T_LIST, F_REF, "told_word"},      /* each of these as well */
        {"unless", T_LIST, F_REF, "told_word"},    /* none of these */
        {"instead", T_LIST, F_REF, "symptom"},     /* answers to other things, which it takes the place of */
        {"leads", T_TEXT, F_NEEDED | F_REF, "symptom"}, /* a question or an answer of kind told */
        {"example", T_LIST, F_NEEDED, NULL},
        {"source", T_LIST, F_NEEDED, NULL},
    }},
};
/* clang-format on */

#endif
