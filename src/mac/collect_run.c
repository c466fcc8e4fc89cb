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

#include "app/output.h"
#include "mac/collect.h"

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

/* Exit status of the script, or -1 when it could not be run or was killed. */
static int collect_run_run(const char *script, int out)
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
    int status = collect_run_run(script, out);
    (void)sigaction(SIGINT, &before[0], NULL);
    (void)sigaction(SIGQUIT, &before[1], NULL);
    return status;
}

static const char *collect_run_fill(int fd, const char *script)
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

/* Under sudo the archive belongs to who called it. */
static void give_back(int fd)
{
    const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
    if (geteuid() == 0 && uid && *uid) {
        uid_t user = (uid_t)strtoul(uid, NULL, 10);
        gid_t group = gid && *gid ? (gid_t)strtoul(gid, NULL, 10) : (gid_t)-1;
        (void)!fchown(fd, user, group); /* when it cannot be: it stays root's, complete as it is */
    }
}

char *collect_write(const struct app *app, const struct collect_options *o)
{
    /* The archive of an earlier run is evidence of another moment: never replaced unasked. */
    const struct output to = {.path = o->output, .force = o->force, .secret = true};
    struct collect_options stream = *o;
    struct output_file f;
    const char *why = output_begin(&f, &to);
    if (!why) {
        stream.output = "-";
        char *script = collect_script(app, &stream);
        why = collect_run_fill(f.fd, script);
        give_back(f.fd);
        free(script);
    }
    why = output_end(&f, why);
    return why ? because(o->output, why) : NULL;
}
