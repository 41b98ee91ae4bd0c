#pragma once
#include <stddef.h>

// TOML text in, JSON text out: toml++ (a C++ library, which Swift does not import here) behind two calls.
// No C++ exception leaves them.

#ifdef __cplusplus
extern "C" {
#endif

// Either `json` and `keys` are set, or `error` is. All are UTF-8, end in a NUL, and are freed by ctoml_free.
typedef struct {
    // The document. Dates and times are strings, as TOML writes them.
    char *_Nullable json;
    // An object: dotted key path, e.g. `identity[2].name`, to `[line, "what it is"]`, e.g. `[12, "a string"]`.
    // A part of a path that is not a bare key of TOML stands in double quotes, `"` and `\` in it escaped.
    char *_Nullable keys;
    // What is wrong, and where (1 is the first; 0: nowhere in particular).
    char *_Nullable error;
    unsigned line;
    unsigned column;
} ctoml_result;

// Bytes in a line, at most. toml++ frees a table by recursion: a line without end, full of dots, would end the stack.
#define CTOML_LONGEST_LINE 4096
// Tables and arrays within one another, at most.
#define CTOML_DEEPEST 32

ctoml_result ctoml_parse(const char *_Nonnull text, size_t length);
void ctoml_free(ctoml_result *_Nonnull result);

#ifdef __cplusplus
}
#endif
