#include "app/face.h"

#include <string.h>

static const char *const face_names[FACE_COUNT] = {
    [FACE_HUMAN] = "human", [FACE_JSON] = "json",         [FACE_NDJSON] = "ndjson",
    [FACE_SARIF] = "sarif", [FACE_MARKDOWN] = "markdown", [FACE_GITHUB] = "github",
    [FACE_JUNIT] = "junit", [FACE_GITLAB] = "gitlab",     [FACE_GCC] = "gcc",
};

const char *face_name(enum face face)
{
    return face_names[face];
}

enum face face_named(const char *name)
{
    enum face face = FACE_HUMAN;
    while (face < FACE_COUNT && strcmp(face_names[face], name) != 0) {
        face++;
    }
    return face;
}
