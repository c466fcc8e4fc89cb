/* attributes.h: extended attributes of files. */
#ifndef APP_ATTRIBUTES_H
#define APP_ATTRIBUTES_H

/* Gives the open file `to` the extended attributes (and access lists) of `from`. NULL, or why one
 * of them would be lost. What the system itself sets on a new file ("security." on Linux) is tried
 * and not insisted on. */
const char *attributes_copy(int from, int to);

#endif
