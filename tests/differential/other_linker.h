#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <modlink/modlink.h>
#include "kernel/lib/types.h"
#include "tests/differential/explain.h"

namespace tenon::test {

// What GNU ld or LLVM lld makes of the same object for the same addresses.
class OtherLinker {
public:
    // `command` is the program with options; `folder` takes its files.
    OtherLinker(std::string command, std::string folder) : command_(std::move(command)), folder_(std::move(folder)) {}

    struct Linked {
        std::string error;  // the linker's own words; empty for success
        std::map<u32, std::vector<std::byte>> sections;  // by index in the object
        std::vector<std::byte> got_bytes;
        GotView got;  // over got_bytes
    };

    static Linked failed(std::string error)
    {
        Linked linked;
        linked.error = std::move(error);
        return linked;
    }

    // `ours` says where each section goes and what each undefined symbol is.
    Linked link(std::span<const std::byte> object, const ::modlink::Output& ours) const;

    // What it says of every relocation of `object` that it refuses; sections are called as in neutral_object().
    std::string complaints(std::span<const std::byte> object, const ::modlink::Output& ours) const;

private:
    int run(std::span<const std::byte> object, const ::modlink::Output& ours, std::string_view options) const;
    std::string script_for(const ::modlink::Output& ours) const;

    std::string command_;
    std::string folder_;
};

}  // namespace tenon::test
