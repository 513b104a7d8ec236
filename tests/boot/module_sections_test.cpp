#include "tests/boot/driver/system.h"

#include <map>
#include <sstream>

namespace tenon::boot {
namespace {

using Sections = std::map<std::string, unsigned long>;  // by name

// /sys/module/NAME/sections, which debuggers read.
class ModuleSections : public BootedSystem<ModuleSections> {
protected:
    Sections sections_of(const std::string& module)
    {
        std::istringstream lines(output_of("cd /sys/module/" + module + "/sections && for f in $(ls -A); do echo $f $(cat $f); done"));
        Sections sections;
        std::string name, address;
        while (lines >> name >> address)
            sections[name] = std::stoul(address, nullptr, 16);
        return sections;
    }
    // What stands in memory there.
    std::string word_at(unsigned long address)
    {
        std::ostringstream text;
        text << "0x" << std::hex << address;
        output_of("echo " + text.str() + " > /sys/module/guarded/parameters/load");
        return output_of("cat /sys/module/guarded/parameters/load");
    }
};

TEST_F(ModuleSections, NameThePlacesOfTheSections)
{
    output_of("insmod /tests/modules/crc16.ko && insmod /tests/modules/guarded.ko");
    const Sections sections = sections_of("crc16");
    for (const char* const name : {".text", ".rodata", ".note.gnu.build-id", "__ksymtab_strings", ".gnu.linkonce.this_module"})
        EXPECT_TRUE(sections.contains(name)) << name;
    ASSERT_EQ(sections.contains(".text") && sections.contains(".note.gnu.build-id") && sections.contains(".gnu.linkonce.this_module"), true);
    EXPECT_EQ(std::stoul(output_of("sed -n 's/^crc16 .* \\(0x[0-9a-f]*\\).*/\\1/p' /proc/modules"), nullptr, 16), sections.at(".text"));
    EXPECT_EQ(word_at(sections.at(".note.gnu.build-id")), "0x1400000004") << "sizes of name and id";
    EXPECT_EQ(word_at(sections.at(".gnu.linkonce.this_module")).substr(0, 2 + 8 + 2), "0xc86e6e6554") << "size and magic of the header";
    output_of("rmmod guarded crc16");
}

TEST_F(ModuleSections, ThoseOfInitGoWithInit)
{
    output_of("insmod /tests/modules/hello.ko");
    const Sections sections = sections_of("hello");
    EXPECT_TRUE(sections.contains(".text"));
    for (const auto& [name, address] : sections)
        EXPECT_FALSE(name.starts_with(".init")) << name;
    output_of("rmmod hello");
}

TEST_F(ModuleSections, AreForRootAndGoWithTheModule)
{
    output_of("insmod /tests/modules/hello.ko");
    EXPECT_EQ(output_of("busybox stat -c %a /sys/module/hello/sections/.text"), "400");
    EXPECT_NE(run("exec 3< /sys/module/hello/sections/.text && rmmod hello && cat <&3").status, 0);
    EXPECT_NE(run("ls /sys/module/hello").status, 0);
}

}  // namespace
}  // namespace tenon::boot
