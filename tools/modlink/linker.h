#pragma once

#include <span>
#include <string>

#include <modlink/modlink.h>
#include "tools/lib/module_file.h"
#include "tools/modlink/arguments.h"
#include "tools/modlink/kernel_symbols.h"
#include "tools/modlink/report.h"

namespace tenon::tools {

// One run of modlink.
class Linker {
public:
    explicit Linker(const ModlinkRequest& request);

    // The exit status.
    int run();

private:
    // Whether the kernel's symbols and those of the modules of --with could be read; says why when not.
    bool prepare();
    bool load(const std::string& path);
    bool check(const std::string& path, std::span<const std::byte> object);
    bool layout(const std::string& path, std::span<const std::byte> object);
    bool link(const std::string& path, std::span<const std::byte> object);
    bool perform(const std::string& path);

    ::modlink::Output link_whole(std::span<const std::byte> object);
    Result<> write_image(const ::modlink::Output& output) const;

    // The unpacked bytes, valid until the next call.
    Result<std::span<const std::byte>> open(const std::string& path);

    const ModlinkRequest& request_;
    KernelSymbols symbols_;
    ::modlink::Options options_;
    Report report_;
    ModuleFile file_;
};

}  // namespace tenon::tools
