#include "CTOML.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

// A text that breaks an assumption of toml++'s parser (3.3 has such ones, of inline tables) is refused: with assert the
// program would end, and with NDEBUG the parser would go on undefined.
[[noreturn]] static void assumptionBroken() { throw std::runtime_error("not TOML"); }
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? static_cast<void>(0) : assumptionBroken())
#include <toml++/toml.h>

namespace {

struct Refusal : std::runtime_error {
    Refusal(const char *what, toml::source_position where) : std::runtime_error(what), where(where) {}
    toml::source_position where;
};

void quote(std::string &out, std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    out += '"';
    for (unsigned char byte : text) {
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += static_cast<char>(byte);
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += static_cast<char>(byte);
        }
    }
    out += '"';
}

bool isBare(std::string_view key) {
    for (unsigned char byte : key) {
        bool bare = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
            || byte == '-' || byte == '_';
        if (!bare) return false;
    }
    return !key.empty();
}

std::string pathOf(const std::string &parent, std::string_view key) {
    std::string path = parent;
    if (!path.empty()) path += '.';
    if (isBare(key)) return path.append(key);
    path += '"';
    for (char byte : key) {
        if (byte == '"' || byte == '\\') path += '\\';
        path += byte;
    }
    path += '"';
    return path;
}

class Walk {
  public:
    std::string json;
    std::string keys = "{";

    void node(const toml::node &node, const std::string &path, unsigned depth) {
        if (depth > CTOML_DEEPEST) throw Refusal("tables within tables, too deep", node.source().begin);
        switch (node.type()) {
        case toml::node_type::table: {
            json += '{';
            bool first = true;
            for (auto &&[key, value] : *node.as_table()) {
                if (!first) json += ',';
                first = false;
                quote(json, key.str());
                json += ':';
                std::string inner = pathOf(path, key.str());
                note(inner, value, key.source().begin.line);
                this->node(value, inner, depth + 1);
            }
            json += '}';
            break;
        }
        case toml::node_type::array: {
            json += '[';
            size_t index = 0;
            for (auto &&value : *node.as_array()) {
                if (index > 0) json += ',';
                std::string inner = path + '[' + std::to_string(index) + ']';
                note(inner, value, value.source().begin.line);
                this->node(value, inner, depth + 1);
                index += 1;
            }
            json += ']';
            break;
        }
        case toml::node_type::string: quote(json, node.as_string()->get()); break;
        case toml::node_type::integer: json += std::to_string(node.as_integer()->get()); break;
        case toml::node_type::boolean: json += node.as_boolean()->get() ? "true" : "false"; break;
        case toml::node_type::floating_point: {
            double value = node.as_floating_point()->get();
            if (!std::isfinite(value)) throw Refusal("not a finite number", node.source().begin);
            char text[64];
            auto end = std::to_chars(text, text + sizeof text, value).ptr;
            json.append(text, end);
            break;
        }
        case toml::node_type::date: moment(node.as_date()->get()); break;
        case toml::node_type::time: moment(node.as_time()->get()); break;
        case toml::node_type::date_time: moment(node.as_date_time()->get()); break;
        default: throw Refusal("a value of no known type", node.source().begin);
        }
    }

  private:
    template <typename T> void moment(const T &value) {
        std::ostringstream text;
        text << value;
        quote(json, text.str());
    }

    static const char *nameOf(toml::node_type type) {
        switch (type) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "an array";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "a whole number";
        case toml::node_type::floating_point: return "a number with a fraction";
        case toml::node_type::boolean: return "true or false";
        case toml::node_type::date: return "a date";
        case toml::node_type::time: return "a time";
        case toml::node_type::date_time: return "a date and time";
        default: return "nothing";
        }
    }

    void note(const std::string &path, const toml::node &value, unsigned line) {
        if (keys.size() > 1) keys += ',';
        quote(keys, path);
        keys += ":[" + std::to_string(line) + ",\"" + nameOf(value.type()) + "\"]";
    }
};

char *copy(std::string_view text) noexcept {
    char *bytes = static_cast<char *>(std::malloc(text.size() + 1));
    if (!bytes) return nullptr;
    std::memcpy(bytes, text.data(), text.size());
    bytes[text.size()] = 0;
    return bytes;
}

void refuse(ctoml_result &result, std::string_view what, unsigned line, unsigned column) noexcept {
    result.error = copy(what);
    result.line = line;
    result.column = column;
}

// toml++ 3.3 looks ahead in what may be a date without counting its underscores, and then can't go back so far: that ends the
// program, since it happens in a noexcept function. A date has 10 other characters, so that some run must be longer than this.
constexpr std::string_view tooManyUnderscores = "___________";

void checkLines(std::string_view text) {
    toml::source_index line = 1;
    size_t start = 0;
    for (size_t at = 0; at <= text.size(); at += 1) {
        if (at < text.size() && text[at] != '\n') continue;
        std::string_view words = text.substr(start, at - start);
        if (words.size() > CTOML_LONGEST_LINE) throw Refusal("line longer than 4096 bytes", {line, 1});
        size_t first = words.find_first_not_of(" \t");
        bool isComment = first != std::string_view::npos && words[first] == '#';
        if (!isComment && words.find(tooManyUnderscores) != std::string_view::npos) {
            throw Refusal("more than 10 underscores in a row", {line, 1});
        }
        start = at + 1;
        line += 1;
    }
}

}

extern "C" ctoml_result ctoml_parse(const char *text, size_t length) {
    ctoml_result result = {};
    try {
        std::string_view document(text, length);
        checkLines(document);
        toml::table table = toml::parse(document);
        Walk walk;
        walk.node(table, "", 0);
        walk.keys += '}';
        result.json = copy(walk.json);
        result.keys = copy(walk.keys);
        if (!result.json || !result.keys) {
            ctoml_free(&result);
            refuse(result, "out of memory", 0, 0);
        }
    } catch (const toml::parse_error &error) {
        auto where = error.source().begin;
        refuse(result, error.description(), where.line, where.column);
    } catch (const Refusal &refusal) {
        refuse(result, refusal.what(), refusal.where.line, refusal.where.column);
    } catch (const std::exception &error) {
        refuse(result, error.what(), 0, 0);
    } catch (...) {
        refuse(result, "unknown failure of toml++", 0, 0);
    }
    return result;
}

extern "C" void ctoml_free(ctoml_result *result) {
    // Key files come by here.
    if (result->json) explicit_bzero(result->json, std::strlen(result->json));
    std::free(result->json);
    std::free(result->keys);
    std::free(result->error);
    *result = {};
}
