#include "tools/lib/kernel_modules.h"

#include <charconv>
#include <dirent.h>
#include <memory>
#include <sys/stat.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

const std::string sys_module = "/sys/module/";

bool is_folder(const std::string& path)
{
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string without_newline(std::string text)
{
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

}  // namespace

Result<std::vector<LoadedModule>> loaded_modules()
{
    const auto text = read_text_file("/proc/modules");
    if (!text) {
        message(Severity::error, "could not open /proc/modules: %s", error_text(text.error()));
        if (!is_folder("/proc/self"))
            message(Severity::error, "/proc is not mounted: 'mount -t proc proc /proc' does it");
        return fail(text.error());
    }
    return parse_loaded_modules(*text);
}

// name size references users state address; users is `a,b,` or `-`.
std::vector<LoadedModule> parse_loaded_modules(std::string_view text)
{
    std::vector<LoadedModule> modules;
    unsigned line_number = 0;
    for (const std::string_view line : split(text, "\n")) {
        ++line_number;
        const auto words = split(line, " \t");
        const auto size = words.size() >= 2 ? parse_number<long>(words[1]) : std::nullopt;
        const auto references = words.size() >= 3 ? parse_number<long>(words[2]) : std::nullopt;
        if (!size) {
            message(Severity::error, "invalid line format at /proc/modules:%u", line_number);
            continue;
        }
        LoadedModule module{std::string(words[0]), *size, references.value_or(0), {}, {}};
        if (words.size() >= 4 && words[3] != "-")
            for (const std::string_view user : split(words[3], ","))
                if (user != "[permanent]")
                    module.users.emplace_back(user);
        if (words.size() >= 5)
            module.state = words[4];
        modules.push_back(std::move(module));
    }
    return modules;
}

bool sees_loaded_modules()
{
    if (is_folder(sys_module))
        return true;
    message(Severity::error, "/sys is not mounted, which tells what is loaded: 'mount -t sysfs sysfs /sys' does it");
    return false;
}

std::optional<InitState> init_state(const std::string& name)
{
    const auto text = read_text_file(sys_module + name + "/initstate");
    if (!text) {
        // Between the folder's creation and the file's there is a moment in which the module is coming.
        return is_folder(sys_module + name) ? std::optional(InitState::coming) : std::nullopt;
    }
    const std::string state = without_newline(*text);
    if (state == "live")
        return InitState::live;
    if (state == "coming")
        return InitState::coming;
    if (state == "going")
        return InitState::going;
    message(Severity::error, "unknown %s: '%s'", (sys_module + name + "/initstate").c_str(), state.c_str());
    return std::nullopt;
}

Result<long> reference_count(const std::string& name)
{
    const std::string path = sys_module + name + "/refcnt";
    const auto text = read_text_file(path);
    if (!text && text.error() == Errno::noent)
        return fail(Errno::noent);
    const auto count = text ? parse_number<long>(without_newline(*text)) : std::nullopt;
    if (!count) {
        const Errno error = text ? Errno::inval : text.error();
        message(Severity::error, "could not read integer from '%s': '%s'", path.c_str(), error_text(error));
        return fail(error);
    }
    return *count;
}

std::vector<std::string> holders(const std::string& name)
{
    struct Close {
        void operator()(DIR* folder) const { closedir(folder); }
    };
    std::vector<std::string> names;
    const std::unique_ptr<DIR, Close> folder(opendir((sys_module + name + "/holders").c_str()));
    if (!folder)
        return names;
    while (const dirent* entry = readdir(folder.get()))
        if (entry->d_name[0] != '.')
            names.emplace_back(entry->d_name);
    return names;
}

std::vector<std::string> uses(const std::string& name)
{
    std::vector<std::string> lines;
    const std::string text = read_text_file(sys_module + name + "/users").value_or("");
    for (const std::string_view line : split(text, "\n"))
        lines.emplace_back(line);
    return lines;
}

std::string kernel_compression()
{
    return without_newline(read_text_file(sys_module + "compression").value_or(""));
}

}  // namespace tenon::tools
