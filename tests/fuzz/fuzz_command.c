/* A golden case as an input: the first line is a command line without "dextctl", the rest is the
 * folder that it runs in (tree.h); a file called "stdin" there is its standard input. Every
 * command, option and format, with whatever stands in the files. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int dextctl_main(int argc, char **argv); /* cmd/main.c */

/* An input that fails is left where libFuzzer was started, not in the folder that it made. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char prefix[4200] = "-artifact_prefix=", *more[64];
    size_t n = strlen(prefix);
    if (*argc < 60 && getcwd(prefix + n, sizeof prefix - n - 1)) {
        prefix[strlen(prefix)] = '/'; /* the rest of it is 0 */
        more[0] = (*argv)[0];
        more[1] = prefix; /* what is said behind it counts */
        memcpy(more + 2, *argv + 1, (size_t)*argc * sizeof **argv);
        *argv = more;
        (*argc)++;
    }
    return 0;
}

#define MOST_WORDS 24

/* Nothing outside of the folder is named, nothing waits for more, and no other program is run. */
static bool is_harmless(const char *word)
{
    static const char *const not [] = {"follow", "lsp", "collect", "..", "~", "/dev", "jobs"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        if (strstr(word, not [i])) {
            return false;
        }
    }
    return word[0] != '/' && !strstr(word, "=/") && !strstr(word, "@/");
}

/* Words end at a space, or at the second of two marks. */
static int words_of(char *line, char **argv)
{
    int argc = 0;
    argv[argc++] = (char *)"dextctl";
    for (char *p = line; *p;) {
        bool marked = *p == '\'';
        char *word = p + marked;
        p = word + strcspn(word, marked ? "'" : " ");
        if (*p) {
            *p++ = 0;
        }
        p += strspn(p, " ");
        if (argc > MOST_WORDS || !is_harmless(word)) {
            return 0;
        }
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    return argc;
}

/* Standard input is the file, else nothing. */
static void input_from(const char *path)
{
    int fd = open(path, O_RDONLY);
    fd = fd < 0 ? open("/dev/null", O_RDONLY) : fd;
    if (fd > 0) {
        (void)dup2(fd, STDIN_FILENO);
        (void)close(fd);
    }
    clearerr(stdin);
    (void)fseek(stdin, 0, SEEK_SET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    static int home = -1;
    char line[201], *argv[MOST_WORDS + 2];
    if (!nowhere) {
        nowhere = fopen("/dev/null", "w");
        home = open(".", O_RDONLY | O_DIRECTORY);
        (void)setenv("PATH", "/nowhere", 1);
        (void)setenv("COLUMNS", "80", 1);
    }
    const uint8_t *eol = size ? memchr(data, '\n', size) : NULL;
    size_t n = eol ? (size_t)(eol - data) : size;
    if (n >= sizeof line || memchr(data, 0, n)) {
        return 0;
    }
    memcpy(line, data, n);
    line[n] = 0;
    int argc = words_of(line, argv);
    if (argc == 0 || chdir(tree_make(data, size)) != 0) {
        return 0;
    }
    input_from("stdin");
    FILE *out = stdout, *err = stderr;
    stdout = stderr = nowhere;
    int rc = dextctl_main(argc, argv);
    stdout = out;
    stderr = err;
    if (rc < 0 || rc > 3 || fchdir(home) != 0) {
        abort();
    }
    return 0;
}
