/* face.h: the output formats, and the only place where their names are compared. */
#ifndef APP_FACE_H
#define APP_FACE_H

enum face {
    FACE_HUMAN,
    FACE_JSON,
    FACE_NDJSON,
    FACE_SARIF,
    FACE_MARKDOWN,
    FACE_GITHUB,
    FACE_JUNIT,
    FACE_GITLAB,
    FACE_GCC,
    FACE_COUNT,
};

const char *face_name(enum face face);
/* FACE_COUNT when there is none of that name. */
enum face face_named(const char *name);

#endif
