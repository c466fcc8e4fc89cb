/* tree.h: the bytes of an input as a folder in memory (tmpfs), so that what walks folders, bundles
 * and projects is reached and a mutation stays one of a folder.
 *
 *     first line: what the target wants to be told (may be empty)
 *     @@ Driver.dext/Info.plist
 *     bytes of the file, up to the newline before the next such line or the end
 *     @@ Driver.dext/Driver !code arm64 id=com.example.driver platform=19
 *     entitlements of a signed program (code.h), which is made here
 *     @@ App.app/Contents/_CodeSignature/CodeResources !seal
 *     what stands in that folder so far, sealed
 *     @@ Sources -> Driver
 *     @@ Many.plist !times 210
 *     what 0-Many.plist, 1-Many.plist ... hold
 *     @@ log.txt !repeat 500
 *     what stands in it so often
 *     @@ all.tar !pack zip ustar gz: the folder so far, as an archive
 *
 * Paths that lead out are passed over, as are files past the 64th. */
#ifndef FUZZ_TREE_H
#define FUZZ_TREE_H

#include <stddef.h>
#include <stdint.h>

/* Of this process; the same path each time. Made empty and then filled. */
const char *tree_make(const uint8_t *data, size_t size);
/* Removes it. */
void tree_clear(void);

/* The first line, without its end; valid until the next tree_make. */
const char *tree_head(void);
/* Whether the first line holds that word. */
int tree_wants(const char *word);
/* The i-th path that was made, absolute; NULL past the last. */
const char *tree_path(size_t i);

#endif
