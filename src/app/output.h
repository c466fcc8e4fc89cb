/* output.h: the one writer of files: what options name (--html, --write-baseline, collect, init)
 * and what --fix mends.
 *
 * Readers see the old file or the new one, never a part: a file beside it is written, synced and
 * renamed. Such a file that a killed run left is removed by the next one that writes there; one
 * that is being written is locked and stays. */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Where a result goes, and what may stand there already. */
struct output {
    const char *path;
    const char *const *inputs; /* files that are never replaced, NULL-terminated; or NULL */
    const char *mark; /* text that the first 4 KiB of an earlier result of the kind hold; NULL: no
                         file may be there */
    bool force;       /* --force: a file that is no earlier result may be replaced, too */
    bool read;        /* what stands there was read: an earlier result alone is replaced */
    bool secret;      /* a new file is for its owner alone */
};

/* This run has read that file: no result takes its place, whoever writes it. For lists of operands
 * and settings, which no command counts among its inputs. */
void output_never(const char *path);

/* Why nothing is to be written there, or NULL: it is an input or a symbolic link, it cannot be
 * written, or is not an earlier result. Ask before the work that leads to the result. */
const char *output_refused(const struct output *o);

/* Writes the whole result. NULL, or why not (nothing has changed then). */
const char *output_write(const struct output *o, const char *data, size_t size);

/* The same in steps, for a result that others write: fill fd, then output_end. */
struct output_file {
    struct output to;
    char *temp; /* what is being written */
    int fd;
};
const char *output_begin(struct output_file *f, const struct output *o);
/* drop: not NULL: nothing is put in place, and it is what is returned. */
const char *output_end(struct output_file *f, const char *drop);

/* Puts size bytes in place of a file that is there. Mode, owner and extended attributes stay; of a
 * symbolic link the target is replaced. *links is how many other hard links keep the old bytes. */
const char *output_mend(const char *path, const char *data, size_t size, size_t *links);

#endif
