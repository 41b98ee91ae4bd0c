#pragma once
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlstring.h>
#include <libxml/xmlwriter.h>
#include <string.h>

// libxml2's SAX handler has variadic members, which Swift can't import, and its error callback's type differs between 2.9
// and 2.12: so what is read is told through this.

// Each returns 0 to stop the reading.
struct cxml_events {
    void *context;
    int (*start)(void *context, const char *name, const char *space, int line);
    int (*attribute)(void *context, const char *name, const char *space);
    int (*text)(void *context, const char *bytes, int length);
    int (*end)(void *context);
};

enum cxml_verdict { CXML_WHOLE, CXML_MALFORMED, CXML_DOCTYPE, CXML_ENCODING, CXML_STOPPED, CXML_MEMORY };

struct cxml_result {
    enum cxml_verdict verdict;
    // Of a malformed text: libxml2's number of the error, and where it is.
    int code;
    int line;
};

struct cxml_state {
    const struct cxml_events *events;
    xmlParserCtxtPtr parser;
    enum cxml_verdict verdict;
};

static inline void cxml_stop(struct cxml_state *state, enum cxml_verdict verdict) {
    if (state->verdict == CXML_WHOLE) state->verdict = verdict;
    xmlStopParser(state->parser);
}

static inline int cxml_is_taken(const xmlChar *encoding) {
    return !encoding || !xmlStrcasecmp(encoding, BAD_CAST "UTF-8") || !xmlStrcasecmp(encoding, BAD_CAST "US-ASCII");
}

static inline void cxml_begin(void *context) {
    struct cxml_state *state = (struct cxml_state *)context;
    const xmlChar *input = state->parser->input ? state->parser->input->encoding : NULL;
    if (!cxml_is_taken(state->parser->encoding) || !cxml_is_taken(input)) cxml_stop(state, CXML_ENCODING);
}

// Told before anything of the document type is read: no declaration ever is.
static inline void cxml_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
    (void)name, (void)external, (void)system;
    cxml_stop((struct cxml_state *)context, CXML_DOCTYPE);
}

static inline void cxml_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space, int spaces,
                              const xmlChar **declared, int attributes, int defaulted, const xmlChar **list) {
    struct cxml_state *state = (struct cxml_state *)context;
    (void)prefix, (void)spaces, (void)declared, (void)defaulted;
    if (state->verdict != CXML_WHOLE) return;
    int line = state->parser->input ? state->parser->input->line : 0;
    int goes_on = state->events->start(state->events->context, (const char *)name, (const char *)space, line);
    // Five pointers each: name, prefix, namespace, the value's beginning and its end.
    for (int index = 0; goes_on && index < attributes; index++) {
        const xmlChar **one = list + 5 * index;
        goes_on = state->events->attribute(state->events->context, (const char *)one[0], (const char *)one[2]);
    }
    if (!goes_on) cxml_stop(state, CXML_STOPPED);
}

static inline void cxml_text(void *context, const xmlChar *bytes, int length) {
    struct cxml_state *state = (struct cxml_state *)context;
    if (state->verdict != CXML_WHOLE) return;
    if (!state->events->text(state->events->context, (const char *)bytes, length)) cxml_stop(state, CXML_STOPPED);
}

static inline void cxml_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *space) {
    struct cxml_state *state = (struct cxml_state *)context;
    (void)name, (void)prefix, (void)space;
    if (state->verdict != CXML_WHOLE) return;
    if (!state->events->end(state->events->context)) cxml_stop(state, CXML_STOPPED);
}

// What is wrong is kept in the parser; nothing is printed.
static inline void cxml_silent(void *context, const void *error) { (void)context, (void)error; }

static inline struct cxml_result cxml_read(const char *bytes, int size, const struct cxml_events *events) {
    struct cxml_result result = {CXML_MEMORY, 0, 0};
    struct cxml_state state = {events, xmlCreateMemoryParserCtxt(bytes, size), CXML_WHOLE};
    if (!state.parser) return result;
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof handler);
    handler.initialized = XML_SAX2_MAGIC;
    handler.startDocument = cxml_begin;
    handler.internalSubset = cxml_doctype;
    handler.startElementNs = cxml_start;
    handler.endElementNs = cxml_end;
    handler.characters = cxml_text;
    handler.ignorableWhitespace = cxml_text;
    handler.cdataBlock = cxml_text;
    handler.serror = (xmlStructuredErrorFunc)cxml_silent;
    *state.parser->sax = handler;
    state.parser->userData = &state;
    xmlCtxtUseOptions(state.parser, XML_PARSE_NONET);
    *state.parser->sax = handler;
    xmlParseDocument(state.parser);
    result.verdict = state.verdict;
    if (state.verdict == CXML_WHOLE && !(state.parser->wellFormed && state.parser->nsWellFormed)) {
        result.verdict = CXML_MALFORMED;
        result.code = state.parser->lastError.code;
        result.line = state.parser->lastError.line;
    }
    xmlFreeParserCtxt(state.parser);
    return result;
}
