#include <sstream>

#include "tests/boot/driver/system.h"
#include "tests/support/newc_archive.h"

namespace tenon::boot {
namespace {

using newc::archive_of;
using newc::Member;

constexpr unsigned directory = 040755;
constexpr unsigned symlink = 0120777;
constexpr unsigned fifo = 010644;
constexpr unsigned char_device = 020644;
constexpr unsigned program = 0100755;

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The name of a file that holds `archives`, as a boot loader hands them over.
std::string initrd(const std::string& name, const std::string& archives)
{
    std::filesystem::create_directories(kernel_build("test/boot"));
    const std::string path = kernel_build("test/boot/" + name + ".cpio");
    std::ofstream(path, std::ios::binary) << archives;
    return path;
}

MachineOptions boot_of(const std::string& initrd, const std::string& arguments = {})
{
    return {{"--direct", "--initrd", initrd, "--append", arguments}};
}

Member device(const std::string& name, unsigned major, unsigned minor)
{
    return {name, char_device, "", 1, 1, major, minor};
}

// An overlay: the usual system, then archives of a user's own.
class Overlay : public BootedSystem<Overlay> {
public:
    static MachineOptions options()
    {
        const std::string earlier = archive_of({{"t", directory, ""},
                                                {"t/link", symlink, "/t/target"},
                                                {"t/target", 0100644, "untouched"},
                                                {"t/fifo", fifo, ""},
                                                device("t/full", 1, 7),
                                                {"t/empty", directory, ""},
                                                {"t/kept", directory, ""},
                                                {"t/kept/file", 0100644, "kept"},
                                                {"t/file", 0100644, "a longer text than the next"},
                                                {"t/other", 0100644, "other"}});
        const std::string later = archive_of({{"init", program, "#!/bin/sh\necho own init\nexec /bin/busybox init\n"},
                                              {"t/link", 0100644, "file"},
                                              {"t/fifo", 0100644, "file"},
                                              {"t/full", 0100644, "file"},
                                              {"t/empty", 0100644, "file"},
                                              {"t/kept", 0100644, "file"},
                                              {"missing/file", 0100644, "file"},
                                              {"t/target/below", 0100644, "file"},
                                              {"t/file", 0100600, "short"},
                                              {"t/other", directory, ""},
                                              {"t/other/in", symlink, "../file"},
                                              {"t/last", fifo, ""}});
        return boot_of(initrd("Overlay", read_file(kernel_build("test/initramfs.cpio.zst")) + earlier + later));
    }
};

TEST_F(Overlay, ReplacesFilesOfOtherTypesAndWritesThroughNone)
{
    EXPECT_EQ(output_of("stat -c '%F' /t/link /t/fifo /t/full /t/empty | sort -u; cat /t/link /t/fifo /t/full /t/empty"),
              "regular file\nfilefilefilefile");
    EXPECT_EQ(output_of("cat /t/target; echo; cat /t/file; stat -c ' %a' /t/file"), "untouched\nshort 600");
    EXPECT_EQ(output_of("cat /t/other/in; stat -c ' %F' /t/last"), "short fifo");
}

TEST_F(Overlay, NamesWhatCannotBeMadeAndUnpacksTheRest)
{
    EXPECT_EQ(output_of("cat /t/kept/file"), "kept");
    EXPECT_EQ(output_of("dmesg | sed -n 's/.*initramfs: //p'"), "cannot make t/kept: ENOTEMPTY\n"
                                                                "cannot make missing/file: ENOENT\n"
                                                                "cannot make t/target/below: ENOTDIR");
}

TEST_F(Overlay, GivesTheSystemItsInit)
{
    EXPECT_NE(machine().log().find("own init"), std::string::npos);
}

// An archive with a shell and nothing else, then one that this kernel does not read; a command line with quotes, and more of it
// than there is room for.
TEST(BareInitramfs, HasAConsoleAndTakesQuotedArguments)
{
    const std::string archives =
        archive_of({{"bin", directory, ""}, {"bin/sh", program, read_file("build/sysroot/bin/busybox")}}) + "\x1f\x8b\x08 and so on";
    const std::string arguments =
        R"(name="a -- b" "rdinit=/bin/sh" -- -c "echo [$#] [$1]; ls -ld /dev/console /root | cut -c 1-10" sh "one two" )" +
        std::string(2100, 'x');
    Machine machine(boot_of(initrd("BareInitramfs", archives), arguments), "BareInitramfs");
    const std::string log = machine.expect("drwx------", boot_timeout);
    EXPECT_NE(log.find("an archive is gzip-compressed: pack it with zstd, or not at all"), std::string::npos) << log;
    EXPECT_NE(log.find("the command line is cut: only 2048 bytes of it count"), std::string::npos) << log;
    EXPECT_NE(log.find("[2] [one two]\ncrw-------"), std::string::npos) << log;
}

}  // namespace
}  // namespace tenon::boot
