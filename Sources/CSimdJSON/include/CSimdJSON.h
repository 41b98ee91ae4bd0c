#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// simdjson is C++ templates, which Swift can't import. This hands over a parsed text as two plain arrays: its values in
// the order of the text, and the bytes of its strings, unescaped.

enum csimdjson_kind {
    CSIMDJSON_NULL,
    CSIMDJSON_FALSE,
    CSIMDJSON_TRUE,
    CSIMDJSON_INTEGER,  // fits int64_t: in `number`
    CSIMDJSON_LARGE,    // whole, and fits only uint64_t; its value is not handed over
    CSIMDJSON_NUMBER,   // with a fraction or an exponent; its value is not handed over
    CSIMDJSON_STRING,
    CSIMDJSON_ARRAY,
    CSIMDJSON_OBJECT,   // its children are names (strings) and values by turns
};

typedef struct {
    uint32_t kind;
    uint32_t next;    // index of the first value behind this one and all that is in it
    uint32_t start;   // of a string: where its bytes begin
    uint32_t count;   // of a string: its bytes; of an array or object: its elements or fields
    int64_t number;
} csimdjson_value;

typedef struct {
    const csimdjson_value *values;
    size_t count;
    const uint8_t *text;
    size_t length;
} csimdjson_document;

// Deepest nesting taken; a text that goes deeper is refused.
#define CSIMDJSON_DEPTH 64

// Parses a JSON text (RFC 8259, UTF-8 checked). Returns NULL when it is one, else a word that says what is wrong. What
// at most so many values are taken, an object's names counted too: what a text costs does not grow beyond. What
// *document points to lives until the next call on the same thread: each thread has one parser, which it keeps.
const char *csimdjson_parse(const uint8_t *bytes, size_t length, size_t most, csimdjson_document *document);

#ifdef __cplusplus
}
#endif
