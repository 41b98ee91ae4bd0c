#include "CSimdJSON.h"

#include <simdjson.h>

#include <cstring>
#include <new>
#include <vector>

using namespace simdjson;

namespace {

struct Reader {
    dom::parser parser;
    std::vector<uint8_t> padded;
    std::vector<csimdjson_value> values;
    std::vector<uint8_t> text;
    size_t most = 0;
};

struct TooMany {};

void make_room(Reader &reader) {
    if (reader.values.size() >= reader.most) throw TooMany();
}

void add_string(Reader &reader, std::string_view string) {
    make_room(reader);
    csimdjson_value value{};
    value.kind = CSIMDJSON_STRING;
    value.start = uint32_t(reader.text.size());
    value.count = uint32_t(string.size());
    auto bytes = reinterpret_cast<const uint8_t *>(string.data());
    reader.text.insert(reader.text.end(), bytes, bytes + string.size());
    value.next = uint32_t(reader.values.size()) + 1;
    reader.values.push_back(value);
}

// The depth is bounded by the parser, so the recursion is too.
void add(Reader &reader, dom::element element) {
    if (element.is_string()) return add_string(reader, element.get_string().value_unsafe());
    make_room(reader);
    size_t place = reader.values.size();
    reader.values.emplace_back();
    csimdjson_value value{};
    switch (element.type()) {
    case dom::element_type::NULL_VALUE: value.kind = CSIMDJSON_NULL; break;
    case dom::element_type::BOOL:
        value.kind = element.get_bool().value_unsafe() ? CSIMDJSON_TRUE : CSIMDJSON_FALSE;
        break;
    case dom::element_type::INT64:
        value.kind = CSIMDJSON_INTEGER;
        value.number = element.get_int64().value_unsafe();
        break;
    case dom::element_type::UINT64: value.kind = CSIMDJSON_LARGE; break;
    case dom::element_type::DOUBLE: value.kind = CSIMDJSON_NUMBER; break;
    case dom::element_type::ARRAY:
        value.kind = CSIMDJSON_ARRAY;
        for (dom::element child : element.get_array().value_unsafe()) {
            add(reader, child);
            value.count++;
        }
        break;
    case dom::element_type::OBJECT:
        value.kind = CSIMDJSON_OBJECT;
        for (dom::key_value_pair field : element.get_object().value_unsafe()) {
            add_string(reader, field.key);
            add(reader, field.value);
            value.count++;
        }
        break;
    default: value.kind = CSIMDJSON_NUMBER; break;
    }
    value.next = uint32_t(reader.values.size());
    reader.values[place] = value;
}

}  // namespace

extern "C" const char *csimdjson_parse(const uint8_t *bytes, size_t length, size_t most, csimdjson_document *document) try {
    thread_local Reader reader;
    reader.most = most;
    reader.values.clear();
    reader.text.clear();
    if (reader.parser.capacity() < length || reader.parser.max_depth() != CSIMDJSON_DEPTH) {
        size_t capacity = length < 4096 ? 4096 : length;
        if (reader.parser.allocate(capacity, CSIMDJSON_DEPTH)) return "out of memory";
    }
    reader.padded.resize(length + SIMDJSON_PADDING);
    if (length) std::memcpy(reader.padded.data(), bytes, length);
    std::memset(reader.padded.data() + length, 0, SIMDJSON_PADDING);
    dom::element root;
    error_code error = reader.parser.parse(reader.padded.data(), length, false).get(root);
    if (error) return error == UTF8_ERROR ? "not UTF-8" : error == EMPTY ? "empty" : "not JSON";
    add(reader, root);
    document->values = reader.values.data();
    document->count = reader.values.size();
    document->text = reader.text.data();
    document->length = reader.text.size();
    return nullptr;
} catch (const TooMany &) {
    return "too many values";
} catch (const std::exception &) {
    return "out of memory";
}
