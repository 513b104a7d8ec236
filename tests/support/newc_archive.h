#pragma once

#include <cstdio>
#include <string>
#include <vector>

// Writes cpio archives in the "newc" format for tests.

namespace tenon::newc {

struct Member {
    std::string name;
    unsigned mode = 0100644;  // type and permissions, as st_mode
    std::string content;
    unsigned inode = 1;
    unsigned links = 1;
    unsigned major = 5;       // of a device node
    unsigned minor = 1;

    bool operator==(const Member&) const = default;
};

inline void pad(std::string& archive)
{
    archive.resize((archive.size() + 3) / 4 * 4);
}

inline std::string encode(const Member& member)
{
    constexpr unsigned time = 1234;
    char header[6 + 13 * 8 + 1];
    std::snprintf(header, sizeof header, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", member.inode,
                  member.mode, 0u, 0u, member.links, time, static_cast<unsigned>(member.content.size()), 0u, 0u, member.major,
                  member.minor, static_cast<unsigned>(member.name.size() + 1), 0u);
    std::string archive = header + member.name + '\0';
    pad(archive);
    archive += member.content;
    pad(archive);
    return archive;
}

inline std::string archive_of(const std::vector<Member>& members)
{
    std::string archive;
    for (const Member& member : members)
        archive += encode(member);
    return archive + encode({"TRAILER!!!", 0, ""});
}

}  // namespace tenon::newc
