#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/boot/driver/machine.h"

// A test suite that boots once and runs its commands in that one system. A suite derives from BootedSystem<Suite>, and
// may hide options().

namespace tenon::boot {

// The kernel started by QEMU itself, with the initramfs that also holds stock programs and the tests' own; `more` goes to mk/qemu.
inline MachineOptions direct_boot(const std::vector<std::string>& more = {})
{
    MachineOptions options{{"--direct", "--initrd", kernel_build("test/initramfs.cpio.zst")}};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    return options;
}

// The debug kernel, whichever is tested. What goes wrong there is made to go wrong.
inline MachineOptions debug_boot()
{
    const std::string build(debug_build);
    return {{"--direct", "--kernel", build + "/kernel/Image", "--initrd", build + "/test/initramfs.cpio.zst"}, true, true};
}

// U-Boot boots the disk image as it is shipped; the test disk is /dev/vdb.
inline MachineOptions image_boot()
{
    return {{"--disk", "build/test/disk.ext2"}};
}

// A line of /proc/meminfo, in KiB.
inline long meminfo(Machine& machine, const std::string& name)
{
    return std::stol(machine.output_of("sed -n 's/^" + name + ": *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"));
}

// How much less memory may be free after everything is given back, in KiB: names that are known now, slabs that are begun.
constexpr long tolerated_loss = 512;

// MemFree, when what processes gave back a moment ago has arrived.
inline long settled_free_memory(Machine& machine)
{
    machine.output_of("sleep 0.2");
    return meminfo(machine, "MemFree");
}

template <typename Suite>
class BootedSystem : public testing::Test {
public:
    static MachineOptions options() { return direct_boot(); }

    static void SetUpTestSuite()
    {
        machine_ = std::make_unique<Machine>(Suite::options(),
                                             testing::UnitTest::GetInstance()->current_test_suite()->name());
        machine_->wait_for_shell();
    }
    static void TearDownTestSuite() { machine_.reset(); }

protected:
    // A machine that went down takes its suite with it, not the others.
    static Machine& machine() { return *machine_; }
    CommandResult run(std::string_view command) { return machine_->run(command); }
    std::string output_of(std::string_view command) { return machine_->output_of(command); }

private:
    inline static std::unique_ptr<Machine> machine_;
};

}  // namespace tenon::boot
