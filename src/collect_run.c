#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect.h"

#ifdef __APPLE__ /* unistd.h has it elsewhere */
extern char **environ;
#endif

static char *because(const char *path, const char *why)
{
    size_t n = strlen(path) + strlen(why) + 3;
    char *text = app_alloc(n);
    (void)snprintf(text, n, "%s: %s", path, why);
    return text;
}

static const char *in_the_way(const char *path, bool force)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        return errno == ENOENT ? NULL : strerror(errno);
    }
    return S_ISLNK(st.st_mode)    ? "it is a symbolic link, and none is followed"
           : !S_ISREG(st.st_mode) ? "not a regular file"
           : !force               ? "it exists already (--force replaces it)"
                                  : NULL;
}

/* Exit status of the script, or -1 when it could not be run or was killed. */
static int run(const char *script, int out)
{
    char *args[] = {(char[]){"sh"}, (char[]){"-c"}, app_strdup(script), NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid = -1;
    int status = -1;
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGQUIT);
    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0) {
        abort();
    }
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    bool started = posix_spawn(&pid, "/bin/sh", &actions, &attributes, args, environ) == 0;
    while (started && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    free(args[2]);
    return started && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* An interrupt ends the script, and this program afterwards, so that nothing is left behind. */
static int run_through(const char *script, int out)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before[2];
    (void)sigaction(SIGINT, &ignore, &before[0]);
    (void)sigaction(SIGQUIT, &ignore, &before[1]);
    int status = run(script, out);
    (void)sigaction(SIGINT, &before[0], NULL);
    (void)sigaction(SIGQUIT, &before[1], NULL);
    return status;
}

/* link() makes no file in place of another; some file systems have no links. */
static const char *publish(const char *temp, const char *path, bool force)
{
    if (!force) {
        if (link(temp, path) == 0) {
            return unlink(temp) == 0 ? NULL : strerror(errno);
        }
        if (errno == EEXIST) {
            return "it exists already (--force replaces it)";
        }
    }
    const char *why = in_the_way(path, force);
    return why ? why : rename(temp, path) == 0 ? NULL : strerror(errno);
}

static const char *fill(int fd, const char *script)
{
    struct stat st;
    int status = run_through(script, fd);
    if (status != 0) {
        return status < 0 ? "the script that collects could not be run to its end"
                          : "the script that collects failed";
    }
    return fsync(fd) != 0 || fstat(fd, &st) != 0 ? strerror(errno)
           : st.st_size == 0                     ? "nothing was collected"
                                                 : NULL;
}

char *collect_write(const struct app *app, const struct collect_options *o)
{
    struct collect_options stream = *o;
    const char *why = in_the_way(o->output, o->force);
    size_t n = strlen(o->output) + 16;
    if (why) {
        return because(o->output, why);
    }
    char *temp = app_alloc(n);
    (void)snprintf(temp, n, "%s.dextctl.XXXXXX", o->output);
    int fd = mkstemp(temp);
    if (fd < 0) {
        free(temp);
        return because(o->output, strerror(errno));
    }
    stream.output = "-";
    char *script = collect_script(app, &stream);
    why = fill(fd, script);
    why = close(fd) != 0 && !why ? strerror(errno) : why;
    why = why ? why : publish(temp, o->output, o->force);
    if (why) {
        (void)unlink(temp);
    }
    free(script);
    free(temp);
    return why ? because(o->output, why) : NULL;
}
