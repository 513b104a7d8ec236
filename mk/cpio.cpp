// Writes a newc archive to standard output from a manifest on standard input: every entry belongs to root and has the
// same time, so that equal inputs give an equal archive. One entry per line; `#` starts a comment:
//   dir PATH MODE
//   file PATH SOURCE MODE
//   link PATH TARGET
//   node PATH MODE b|c MAJOR MINOR
//   tree PATH FOLDER            everything below FOLDER
//   applets PROGRAM LIST        for each path in the file LIST that nothing else names: a link to PROGRAM
// Folders above an entry are added when they are not named. The first entry for a path wins.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;

struct Entry {
    std::uint32_t mode = 0;  // type and permissions, as st_mode
    std::string content;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
};

std::string read_file(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

class Archive {
public:
    void add(const std::string& path, Entry entry)
    {
        const std::string name = path.substr(path.find_first_not_of('/'));
        for (auto slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
            entries_.try_emplace(name.substr(0, slash), Entry{S_IFDIR | 0755, {}});
        entries_.try_emplace(name, std::move(entry));
    }

    // An explicit folder replaces one that was only implied.
    void add_folder(const std::string& path, std::uint32_t mode)
    {
        add(path, {});
        entries_[path.substr(path.find_first_not_of('/'))] = Entry{S_IFDIR | mode, {}};
    }

    void add_tree(const std::string& path, const fs::path& folder)
    {
        for (const auto& item : fs::recursive_directory_iterator(folder)) {
            const std::string name = path + "/" + fs::relative(item.path(), folder).string();
            if (item.is_symlink())
                add(name, {S_IFLNK | 0777, fs::read_symlink(item.path()).string()});
            else if (item.is_directory())
                add(name, {S_IFDIR | 0755, {}});
            else
                add(name, {S_IFREG | 0644, read_file(item.path())});
        }
    }

    void write(std::ostream& output) const
    {
        std::uint32_t inode = 1;
        for (const auto& [name, entry] : entries_)
            write_entry(output, name, entry, inode++);
        write_entry(output, "TRAILER!!!", {}, 0);
    }

private:
    static void pad(std::ostream& output, std::size_t written)
    {
        output.write("\0\0\0", static_cast<std::streamsize>((4 - written % 4) % 4));
    }

    static void write_entry(std::ostream& output, const std::string& name, const Entry& entry, std::uint32_t inode)
    {
        constexpr std::uint32_t owner = 0, group = 0, time = 0, device = 0, check = 0;
        const std::uint32_t links = S_ISDIR(entry.mode) ? 2 : 1;
        const auto size = static_cast<std::uint32_t>(entry.content.size());
        const auto name_size = static_cast<std::uint32_t>(name.size() + 1);
        char header[111];
        std::snprintf(header, sizeof header, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode,
                      entry.mode, owner, group, links, time, size, device, device, entry.major, entry.minor, name_size,
                      check);
        output << header << name << '\0';
        pad(output, sizeof header - 1 + name_size);
        output << entry.content;
        pad(output, size);
    }

    std::map<std::string, Entry> entries_;  // ordered, so that a folder stands before what is in it
};

std::uint32_t octal(const std::string& text)
{
    return static_cast<std::uint32_t>(std::stoul(text, nullptr, 8));
}

void add_line(Archive& archive, const std::string& kind, std::istream& fields)
{
    std::string path, source, mode, type;
    if (kind == "dir" && fields >> path >> mode) {
        archive.add_folder(path, octal(mode));
    } else if (kind == "file" && fields >> path >> source >> mode) {
        archive.add(path, {S_IFREG | octal(mode), read_file(source)});
    } else if (kind == "link" && fields >> path >> source) {
        archive.add(path, {S_IFLNK | 0777, source});
    } else if (Entry node; kind == "node" && fields >> path >> mode >> type >> node.major >> node.minor) {
        node.mode = (type == "b" ? S_IFBLK : S_IFCHR) | octal(mode);
        archive.add(path, node);
    } else if (kind == "tree" && fields >> path >> source) {
        archive.add_tree(path, source);
    } else {
        throw std::runtime_error("the manifest has a bad `" + kind + "` line");
    }
}

void add_applets(Archive& archive, const std::string& program, const std::string& list)
{
    std::istringstream names(read_file(list));
    for (std::string name; names >> name;)
        archive.add(name, {S_IFLNK | 0777, program});
}

void read_manifest(Archive& archive, std::istream& manifest)
{
    std::map<std::string, std::string> applets;  // last, so that they give way to everything named
    for (std::string line; std::getline(manifest, line);) {
        std::istringstream fields(line.substr(0, line.find('#')));
        std::string kind, program, list;
        if (!(fields >> kind))
            continue;
        if (kind == "applets" && fields >> program >> list)
            applets[program] = list;
        else
            add_line(archive, kind, fields);
    }
    for (const auto& [program, list] : applets)
        add_applets(archive, program, list);
}

}  // namespace

int main()
try {
    Archive archive;
    read_manifest(archive, std::cin);
    archive.write(std::cout);
    return std::cout.flush() ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "cpio: " << error.what() << '\n';
    return 1;
}
