#include "CCLI11.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

struct ccli_program {
    struct Option {
        CLI::Option *option = nullptr;
        bool given = false;
        bool required = false;
        std::vector<std::string> values;
    };

    CLI::App app;
    std::vector<CLI::App *> commands;
    // A deque: CLI11 keeps references to the values.
    std::deque<Option> options;
    std::string text;
    std::string stray;
    bool hasStray = false;
    int command = 0;

    ccli_program(std::string summary, std::string name) : app(std::move(summary), std::move(name)) {}

    // One command at a time; what a command does not know is its parent's; what nobody knows is reported by us,
    // with the argument itself.
    static void setUp(CLI::App &command, const char *epilogue) {
        command.footer(epilogue);
        command.fallthrough();
        command.allow_extras();
        command.require_subcommand(0, 1);
        command.set_help_flag("-h,--help", "Print this help and exit");
        command.get_formatter()->column_width(CCLI_HELP_COLUMN);
        command.get_formatter()->label("REQUIRED", "");
        command.get_formatter()->label("SUBCOMMAND", "COMMAND");
    }

    CLI::App *at(int number) {
        return number >= 0 && static_cast<size_t>(number) < commands.size() ? commands[number] : nullptr;
    }

    // The innermost command that was named, also where the parse then failed.
    void settle() {
        CLI::App *innermost = &app;
        while (!innermost->get_subcommands().empty()) innermost = innermost->get_subcommands().front();
        for (size_t number = 0; number < commands.size(); number += 1) {
            if (commands[number] == innermost) command = static_cast<int>(number);
        }
    }

    Option *option(int number) {
        return number >= 0 && static_cast<size_t>(number) < options.size() ? &options[number] : nullptr;
    }
};

extern "C" ccli_program *ccli_new(const char *name, const char *summary, const char *version, const char *epilogue) {
    try {
        auto program = std::make_unique<ccli_program>(summary, name);
        ccli_program::setUp(program->app, epilogue);
        program->app.set_version_flag("--version", std::string(version), "Print the version and exit");
        program->commands.push_back(&program->app);
        return program.release();
    } catch (...) {
        return nullptr;
    }
}

extern "C" void ccli_free(ccli_program *program) { delete program; }

extern "C" int ccli_add_command(
    ccli_program *program, int parent, const char *name, const char *summary, const char *epilogue
) {
    try {
        CLI::App *over = program->at(parent);
        if (!over) return -1;
        CLI::App *command = over->add_subcommand(name, summary);
        ccli_program::setUp(*command, epilogue);
        command->group("Commands");
        program->commands.push_back(command);
        return static_cast<int>(program->commands.size()) - 1;
    } catch (...) {
        return -1;
    }
}

extern "C" int ccli_add_flag(ccli_program *program, int command, const char *names, const char *summary) {
    try {
        CLI::App *of = program->at(command);
        if (!of) return -1;
        auto &slot = program->options.emplace_back();
        slot.option = of->add_flag(names, slot.given, summary);
        return static_cast<int>(program->options.size()) - 1;
    } catch (...) {
        return -1;
    }
}

extern "C" int ccli_add_option(
    ccli_program *program, int command, const char *names, const char *placeholder, const char *summary,
    bool repeats
) {
    try {
        CLI::App *of = program->at(command);
        if (!of) return -1;
        auto &slot = program->options.emplace_back();
        slot.option = of->add_option(names, slot.values, summary);
        if (!repeats) slot.option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        // One value each time: without this, `--province koh-kong FILE` would eat FILE too, and `-c FILE --` the `--`.
        slot.option->allow_extra_args(false);
        slot.option->type_name(placeholder);
        return static_cast<int>(program->options.size()) - 1;
    } catch (...) {
        return -1;
    }
}

extern "C" int ccli_add_positional(
    ccli_program *program, int command, const char *name, const char *summary, bool required,
    bool repeats
) {
    try {
        CLI::App *of = program->at(command);
        if (!of) return -1;
        auto &slot = program->options.emplace_back();
        slot.option = of->add_option(name, slot.values, summary);
        if (!repeats) slot.option->expected(1);
        slot.option->allow_extra_args(repeats);
        slot.option->type_name("");
        slot.required = required;
        return static_cast<int>(program->options.size()) - 1;
    } catch (...) {
        return -1;
    }
}

extern "C" ccli_outcome ccli_parse(ccli_program *program, int argc, const char *const *argv) {
    try {
        try {
            program->app.parse(argc, argv);
        } catch (const CLI::CallForHelp &) {
            // Only now, for the help: CLI11 would complain of a missing one before it looks at what is misspelt.
            for (auto &slot : program->options) {
                if (slot.required) slot.option->required();
            }
            program->text = program->app.help();
            return CCLI_TELL;
        } catch (const CLI::CallForVersion &version) {
            program->text = version.what();
            return CCLI_TELL;
        }
        program->settle();
        // The first is the one to name: after an unknown option, its value is a stray too.
        for (const auto &extra : program->app.remaining(true)) {
            // CLI11 keeps the mark itself here.
            if (extra == "--") continue;
            program->hasStray = true;
            program->stray = extra;
            break;
        }
        if (!program->hasStray) return CCLI_RUN;
        program->text = "unexpected argument " + program->stray;
        return CCLI_MISUSE;
    } catch (const std::exception &error) {
        try {
            program->text = error.what();
            program->settle();
        } catch (...) {
        }
    } catch (...) {
    }
    return CCLI_MISUSE;
}

extern "C" const char *ccli_text(ccli_program *program) { return program->text.c_str(); }

extern "C" const char *ccli_stray(ccli_program *program) {
    return program->hasStray ? program->stray.c_str() : nullptr;
}

extern "C" int ccli_command(ccli_program *program) { return program->command; }

extern "C" size_t ccli_count(ccli_program *program, int option) {
    auto *slot = program->option(option);
    if (!slot) return 0;
    return slot->values.empty() ? (slot->given ? 1 : 0) : slot->values.size();
}

extern "C" const char *ccli_value(ccli_program *program, int option, size_t index) {
    auto *slot = program->option(option);
    if (!slot || index >= slot->values.size()) return nullptr;
    return slot->values[index].c_str();
}
