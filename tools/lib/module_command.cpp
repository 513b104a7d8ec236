#include "tools/lib/module_command.h"

#include <algorithm>
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

}  // namespace

std::string expanded_command(const std::string& command, const std::string& options)
{
    std::string text;
    std::string_view rest = command;
    while (true) {
        const auto found = rest.find(options_variable);
        text += rest.substr(0, found);
        if (found == std::string_view::npos)
            return text;
        text += options;
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
