/* file_watch.h: waits for a file to grow, or for another to take its name. inotify on Linux, kqueue
 * on the Mac and the BSDs; where neither is to be had, a short sleep. */
#ifndef APP_FILE_WATCH_H
#define APP_FILE_WATCH_H

/* Watches the open file fd, called path. -1: there is nothing that tells. */
int file_watch_open(int fd, const char *path);
void file_watch_close(int watch);

/* Returns when something happened to the file, after ms milliseconds, or with EINTR when a signal
 * came. */
void file_watch_wait(int watch, int ms);

#endif
