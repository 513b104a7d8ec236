#include "tools/lib/module_command.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

constexpr std::string_view options_variable = "$CMDLINE_OPTS";
constexpr const char* module_variable = "MODPROBE_MODULE";
// The commands that are running, "install:name remove:name"; a command that leads back to itself would never end.
constexpr const char* chain_variable = "MODPROBE_COMMAND_CHAIN";

// Sets an environment variable for the time of a command.
class Environment {
public:
    Environment(const char* name, const std::string& value) : name_(name)
    {
        if (const char* old = std::getenv(name))
            old_ = old;
        setenv(name, value.c_str(), 1);
    }
    ~Environment()
    {
        if (old_.empty())
            unsetenv(name_);
        else
            setenv(name_, old_.c_str(), 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    const char* name_;
    std::string old_;
};

// Whether the shell takes the word for what the kernel takes it for: one word, quoted or not, without anything to expand.
bool is_plain_for_shell(std::string_view word)
{
    constexpr std::string_view plain = "_@%+=:,./-";
    bool quoted = false;
    return std::all_of(word.begin(), word.end(), [&](char character) {
        if (character == '"') {
            quoted = !quoted;
            return true;
        }
        const bool letter = std::isalnum(static_cast<unsigned char>(character)) != 0;
        return letter || plain.find(character) != std::string_view::npos ||
               (quoted && std::string_view("$`\\!").find(character) == std::string_view::npos);
    }) && !quoted;
}

// The first word of a parameter string as the kernel cuts it: at blanks outside quotes. It is cut off.
std::string_view take_parameter(std::string_view& text)
{
    bool quoted = false;
    const auto* end = std::find_if(text.begin(), text.end(), [&](char character) {
        quoted = quoted != (character == '"');
        return character == ' ' && !quoted;
    });
    const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(word.size());
    return word;
}

std::string in_single_quotes(std::string_view word)
{
    std::string text = "'";
    for (const char character : word) {
        if (character == '\'')
            text += "'\\''";
        else if (character != '"')
            text += character;
    }
    return text + "'";
}

// What the shell would expand is quoted, so that a parameter is never a command; blanks between parameters stay.
std::string quoted_for_shell(std::string_view options)
{
    std::string text;
    while (!options.empty()) {
        if (options.front() == ' ') {
            text += ' ';
            options.remove_prefix(1);
            continue;
        }
        const std::string_view word = take_parameter(options);
        text += is_plain_for_shell(word) ? std::string(word) : in_single_quotes(word);
    }
    return text;
}

}  // namespace

std::string expanded_command(const std::string& command, const std::string& options)
{
    const std::string quoted_options = quoted_for_shell(options);
    std::string text;
    std::string_view rest = command;
    while (true) {
        const auto found = rest.find(options_variable);
        text += rest.substr(0, found);
        if (found == std::string_view::npos)
            return text;
        text += quoted_options;
        rest.remove_prefix(found + options_variable.size());
    }
}

Result<int> run_module_command(const char* kind, const std::string& command, const std::string& module,
                               const std::string& options)
{
    const char* inherited = std::getenv(chain_variable);
    const std::string chain = inherited == nullptr ? "" : inherited;
    const std::string link = std::string(kind) + ":" + module;
    const auto running = split(chain, " ");
    if (std::find(running.begin(), running.end(), link) != running.end()) {
        message(Severity::error, "%s command of module %s runs itself", kind, module.c_str());
        return fail(Errno::deadlk);
    }
    const Environment name(module_variable, module);
    const Environment links(chain_variable, chain.empty() ? link : chain + " " + link);
    std::fflush(stdout);  // what was printed so far stands before what the command prints
    const std::string expanded = expanded_command(command, options);
    const int status = std::system(expanded.c_str());
    if (status == -1) {
        message(Severity::error, "Could not run %s command '%s' for module %s: %m", kind, expanded.c_str(), module.c_str());
        return last_error();
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : status;
}

}  // namespace tenon::tools
