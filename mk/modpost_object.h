#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "module/elf/object_view.h"

// A linked object file as mk/modpost sees it. An unreadable file ends the program with a message.

namespace tenon::modpost {

// "build/objects/virtio-blk.partial.o" -> "virtio_blk"
std::string module_name(std::string path);

// "tenon::Ext2::mount(MountRequest const&) const" -> "tenon::Ext2::mount": a name that a log line can bear.
std::string readable(const std::string& symbol);

class Object {
public:
    explicit Object(const std::string& path);

    const std::string& path() const { return path_; }
    std::span<const std::byte> section(std::string_view name) const;  // empty when absent
    std::set<std::string> strings(std::string_view section) const;    // of a section of NUL-terminated strings
    std::string modinfo(std::string_view key) const;                  // empty when absent
    std::set<std::string> undefined() const;                          // strong references
    std::set<std::string> defined() const;                            // global symbols
    std::map<u64, std::string> functions(std::string_view section) const;  // by address
    u64 fingerprint() const;                                          // of the allocated contents

private:
    std::string path_;
    std::vector<u64> bytes_;  // u64: the alignment that the view wants
    std::optional<elf::ObjectView> view_;
};

}  // namespace tenon::modpost
