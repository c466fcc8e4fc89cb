/* memory.h: what happens when memory is out. */
#ifndef APP_MEMORY_H
#define APP_MEMORY_H

/* "dextctl: out of memory" on stderr, and the end of the program with APP_UNREADABLE: nothing half
 * known is told. */
_Noreturn void memory_out(void);

#endif
