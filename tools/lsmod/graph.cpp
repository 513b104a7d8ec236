#include "tools/lsmod/graph.h"

#include <cstdio>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>

#include "tools/lib/messages.h"

extern char** environ;

namespace tenon::tools {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string quoted(const std::string& text)
{
    std::string result = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\')
            result += '\\';
        result += character;
    }
    return result + "\"";
}

bool write_file(const std::string& path, const std::string& text)
{
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
    if (file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() && std::fflush(file.get()) == 0)
        return true;
    message(Severity::error, "could not write %s: %m", path.c_str());
    return false;
}

// dot reads the file that it replaces by nothing else than its own output.
bool lay_out(const std::string& dot_path, const std::string& svg_path)
{
    std::string arguments[] = {"dot", "-Tsvg", "-o", svg_path, dot_path};
    char* words[std::size(arguments) + 1] = {};
    for (std::size_t index = 0; index < std::size(arguments); ++index)
        words[index] = arguments[index].data();
    pid_t child;
    int status = 0;
    const int error = posix_spawnp(&child, "dot", nullptr, nullptr, words, environ);
    if (error == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    message(Severity::error, "could not run dot to make %s; is Graphviz installed? --graph=FILE.dot needs no other program",
            svg_path.c_str());
    return false;
}

}  // namespace

std::string dot_text(const std::vector<LoadedModule>& modules)
{
    std::string text = "digraph modules {\n    rankdir=LR;\n    node [shape=box, fontname=\"sans-serif\"];\n";
    for (const LoadedModule& module : modules)
        text += print("    %s [tooltip=\"%ld bytes, %ld references\"];\n", quoted(module.name).c_str(), module.size,
                      module.references);
    for (const LoadedModule& module : modules)
        for (const std::string& user : module.users)
            text += "    " + quoted(user) + " -> " + quoted(module.name) + ";\n";
    return text + "}\n";
}

bool write_graph(const std::vector<LoadedModule>& modules, const std::string& path)
{
    const std::string text = dot_text(modules);
    if (path == "-")
        return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!path.ends_with(".svg"))
        return write_file(path, text);
    const std::string dot_path = path + ".dot";
    const bool success = write_file(dot_path, text) && lay_out(dot_path, path);
    std::remove(dot_path.c_str());
    return success;
}

}  // namespace tenon::tools
