#pragma once
#include <stdbool.h>
#include <stddef.h>

// A command line described by calls, read by CLI11 (a C++ library, which Swift does not import here).
// No C++ exception leaves these functions. Texts are UTF-8 and copied in; texts given out live as long as the program.
// Not for use by two threads at once.

#ifdef __cplusplus
extern "C" {
#endif

// Where the right column of the help begins.
#define CCLI_HELP_COLUMN 34

typedef struct ccli_program ccli_program;

typedef enum {
    // A command to run: see ccli_command and ccli_value.
    CCLI_RUN = 0,
    // `--help` or `--version`: ccli_text is for stdout.
    CCLI_TELL = 1,
    // ccli_text says what is wrong; ccli_stray is the argument that nobody expected, if it was that.
    CCLI_MISUSE = 2,
} ccli_outcome;

// NULL when there is no memory or the name is not one.
ccli_program *_Nullable ccli_new(const char *_Nonnull name, const char *_Nonnull summary,
                                 const char *_Nonnull version, const char *_Nonnull epilogue);
void ccli_free(ccli_program *_Nullable program);

// Each returns the number of what it added, or -1 (a name taken or malformed). Command 0 is the program itself.
int ccli_add_command(ccli_program *_Nonnull program, int parent, const char *_Nonnull name,
                     const char *_Nonnull summary, const char *_Nonnull epilogue);
// `names` as CLI11 writes them: `-c,--config`.
int ccli_add_flag(ccli_program *_Nonnull program, int command, const char *_Nonnull names,
                  const char *_Nonnull summary);
// An option with one value each time that it is given. `repeats` only shows in the help: that one which should not be
// repeated was is for the caller to see by ccli_count.
int ccli_add_option(ccli_program *_Nonnull program, int command, const char *_Nonnull names,
                    const char *_Nonnull placeholder, const char *_Nonnull summary, bool repeats);
// `required` only shows in the help. `repeats`: takes all that is left.
int ccli_add_positional(ccli_program *_Nonnull program, int command, const char *_Nonnull name,
                        const char *_Nonnull summary, bool required, bool repeats);

// `argv[0]` is the program's name. Call once.
ccli_outcome ccli_parse(ccli_program *_Nonnull program, int argc, const char *_Nonnull const *_Nonnull argv);
const char *_Nonnull ccli_text(ccli_program *_Nonnull program);
const char *_Nullable ccli_stray(ccli_program *_Nonnull program);
// The innermost command that was named.
int ccli_command(ccli_program *_Nonnull program);
// How often the option, flag or positional was given, and its values.
size_t ccli_count(ccli_program *_Nonnull program, int option);
const char *_Nullable ccli_value(ccli_program *_Nonnull program, int option, size_t index);

#ifdef __cplusplus
}
#endif
