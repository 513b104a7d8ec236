#include <cstdio>

#include "tools/lib/failure.h"
#include "tools/lib/file.h"
#include "tools/lib/json.h"
#include "tools/modprobe/modprobe.h"

namespace tenon::tools::modprobe {

namespace {

void print_action(const Catalog& catalog, const Module& module, const ConfigCommand* command, const std::string& options)
{
    if (command != nullptr)
        std::printf("install %s %s\n", command->command.c_str(), options.c_str());
    else if (!module.path.empty())
        std::printf("insmod %s %s\n", module.path.c_str(), options.c_str());
    else if (catalog.is_builtin(module))
        std::printf("builtin %s\n", module.name.c_str());
}

void json_action(JsonWriter& json, const Catalog& catalog, const Module& module, const ConfigCommand* command,
                 const std::string& options)
{
    json.begin_object();
    json.member("module", module.name);
    if (command != nullptr) {
        json.member("action", "install");
        json.member("command", command->command);
    } else if (module.path.empty() && catalog.is_builtin(module)) {
        json.member("action", "builtin");
    } else {
        json.member("action", "insmod");
        json.member("path", module.path);
    }
    json.member("options", options);
    json.end_object();
}

class Inserter {
public:
    Inserter(const Request& request, Catalog& catalog) : request_(request), catalog_(catalog), json_(stdout)
    {
        if (request_.json)
            json_.begin_array();
    }
    ~Inserter()
    {
        if (request_.json) {
            json_.end_array();
            json_.finish();
        }
    }
    Inserter(const Inserter&) = delete;
    Inserter& operator=(const Inserter&) = delete;

    bool insert(const std::string& argument, const std::string& parameters)
    {
        const auto found = find_modules(request_, catalog_, argument);
        if (!found)
            return false;
        bool success = true;
        for (Module* module : found->modules)
            success = insert(*module, parameters);
        return success;
    }

private:
    bool insert(Module& module, const std::string& parameters)
    {
        if (request_.lookup_only) {
            std::printf("%s\n", module.name.c_str());
            return true;
        }
        const auto report = [&](const Module& step, const ConfigCommand* command, const std::string& options) {
            if (request_.json)
                json_action(json_, catalog_, step, command, options);
            else if (request_.prints_actions())
                print_action(catalog_, step, command, options);
        };
        const auto result = probe_insert(catalog_, module, parameters, request_.probe, report);
        if (!result)
            complain(module, result.error());
        return result.has_value();
    }

    void complain(const Module& module, Errno error)
    {
        const Providers providers([this](const std::string& symbol) { return catalog_.directory().provider_of(symbol); });
        std::string words = error_text(error);
        if (error == Errno::exist)
            words = "Module already in kernel";
        else if (error == Errno::noent)
            words = "Unknown symbol in module, or unknown parameter (see dmesg)";
        if (error != Errno::exist)
            words = failure_reason(words, providers);
        message(Severity::error, "could not insert '%s': %s", module.name.c_str(), words.c_str());
    }

    const Request& request_;
    Catalog& catalog_;
    JsonWriter json_;
};

// Parameters as the kernel wants them: a value with blanks stands in quotes.
std::string parameters_from(const std::vector<std::string>& arguments)
{
    std::string text;
    for (std::size_t index = 1; index < arguments.size(); ++index) {
        const std::string& argument = arguments[index];
        if (!text.empty())
            text += ' ';
        const auto value = argument.find('=') + 1;
        const bool quote = value > 0 && argument.find(' ', value) != std::string::npos && argument[value] != '"' &&
                           argument[value] != '\'';
        text += quote ? argument.substr(0, value) + '"' + argument.substr(value) + '"' : argument;
    }
    return text;
}

}  // namespace

std::optional<Catalog::Found> find_modules(const Request& request, Catalog& catalog, const std::string& argument)
{
    if (argument.starts_with('/') || argument.starts_with("./")) {
        const auto module = catalog.from_path(argument);
        if (module)
            return Catalog::Found{Source::file, {*module}};
        message(request.complaint(), "Failed to get module from path %s: %s", argument.c_str(), error_text(module.error()));
        return std::nullopt;
    }
    const auto found = catalog.lookup(argument);
    if (found && !found->modules.empty())
        return *found;
    message(request.complaint(), "Module %s not found in directory %s", argument.c_str(), catalog.directory().path().c_str());
    return std::nullopt;
}

bool insert_modules(const Request& request, Catalog& catalog)
{
    Inserter inserter(request, catalog);
    if (!request.all)
        return inserter.insert(request.arguments[0], parameters_from(request.arguments));
    bool success = true;
    for (const std::string& argument : request.arguments)
        success = inserter.insert(argument, {}) && success;
    return success;
}

}  // namespace tenon::tools::modprobe
