#include "tools/lsmod/graph.h"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/file.h"
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
    std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
    if (file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() && std::fclose(file.release()) == 0)
        return true;
    message(Severity::error, "could not write %s: %m", path.c_str());
    return false;
}

// Starts dot, which writes the picture and reads the graph from `input`.
Result<pid_t> start_dot(int input, const std::string& svg_path)
{
    std::string arguments[] = {"dot", "-Tsvg", "-o", svg_path};
    char* words[std::size(arguments) + 1] = {};
    for (std::size_t index = 0; index < std::size(arguments); ++index)
        words[index] = arguments[index].data();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    pid_t child = 0;
    const int error = posix_spawnp(&child, "dot", &actions, nullptr, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return fail(static_cast<Errno>(error));
    return child;
}

bool lay_out(const std::string& text, const std::string& svg_path)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        message(Severity::error, "could not make a pipe: %m");
        return false;
    }
    FileDescriptor input(ends[0]);
    FileDescriptor output(ends[1]);
    const auto child = start_dot(input.get(), svg_path);
    if (!child) {
        message(Severity::error, "could not run dot to make %s; is Graphviz installed? --graph=FILE.dot needs no other program",
                svg_path.c_str());
        return false;
    }
    input = FileDescriptor();
    std::signal(SIGPIPE, SIG_IGN);  // dot may give up early; its exit status tells
    const bool written = write_all(output.get(), text).has_value();
    output = FileDescriptor();
    int status = 0;
    if (waitpid(*child, &status, 0) == *child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && written)
        return true;
    message(Severity::error, "dot could not make %s", svg_path.c_str());
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
    return path.ends_with(".svg") ? lay_out(text, path) : write_file(path, text);
}

}  // namespace tenon::tools
