/* uri.h: file: URIs of the protocol, and paths. */
#ifndef LSP_URI_H
#define LSP_URI_H

/* The path of a file: URI, absolute and normalised; NULL for other schemes and hosts. malloc'd. */
char *lsp_uri_path(const char *uri);

/* The file: URI of an absolute path. malloc'd. */
char *lsp_uri_of(const char *path);

#endif
