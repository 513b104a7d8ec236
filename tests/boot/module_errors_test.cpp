#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Every module that cannot be loaded or removed: the right errno, a reason in the log, and the system works on.
class ModuleErrors : public BootedSystem<ModuleErrors> {
protected:
    // insmod of `file` must fail: the stock applet says what the errno is, ours what the kernel's reason is, and the kernel
    // has logged it.
    void expect_refusal(const std::string& file, const std::string& errno_words, const std::string& reason)
    {
        output_of("dmesg -c > /dev/null");
        expect_words("busybox insmod " + file, errno_words);
        expect_words("insmod " + file, reason);
        const std::string log = output_of("dmesg");
        EXPECT_NE(log.find(reason), std::string::npos) << "the log holds no `" << reason << "`:\n" << log;
        expect_working();
    }

    // The command must fail and say the words.
    void expect_words(const std::string& command, const std::string& words)
    {
        const auto result = run(command);
        EXPECT_NE(result.status, 0) << command << " succeeded";
        EXPECT_NE(result.output.find(words), std::string::npos) << command << " says: " << result.output;
    }

    void expect_working()
    {
        output_of("insmod /tests/modules/hello.ko && rmmod hello");
    }
};

constexpr const char* noexec = "invalid module format";  // what busybox says for ENOEXEC
constexpr const char* einval = "Invalid argument";
constexpr const char* enoent = "unknown symbol in module, or unknown parameter";

TEST_F(ModuleErrors, TruncatedFilesAreRefusedAtEveryLength)
{
    output_of("size=$(wc -c < /tests/modules/hello.ko)");
    for (const char* length : {"63", "64", "100", "$((size / 2))", "$((size - 1))"}) {
        output_of(std::string("head -c ") + length + " /tests/modules/hello.ko > /tmp/cut.ko");
        expect_refusal("/tmp/cut.ko", noexec, "module: ");
    }
    output_of(": > /tmp/empty.ko");
    EXPECT_NE(run("insmod /tmp/empty.ko").status, 0);
}

TEST_F(ModuleErrors, AnotherArchitecture)
{
    output_of("cp /tests/modules/hello.ko /tmp/x86.ko && "
              "printf '\\076' | dd of=/tmp/x86.ko bs=1 seek=18 conv=notrunc 2>&1");
    expect_refusal("/tmp/x86.ko", noexec, "ELF machine 62");
}

// What stands for a module's file, its parameters and its names (tests/boot/programs/module_files.cpp).
TEST_F(ModuleErrors, OddFilesParametersAndNames)
{
    for (const std::string deed : {"files-that-are-written", "init-statuses", "long-parameters", "odd-descriptors", "section-names",
                                   "module-names", "taints", "configurations"}) {
        const auto result = run("/tests/module_files " + deed);
        EXPECT_EQ(result.status, 0) << deed << ":\n" << result.output;
    }
    expect_working();
}

TEST_F(ModuleErrors, NotAnObjectFile)
{
    output_of("cp /bin/busybox /tmp/program.ko; head -c 5000 /dev/zero > /tmp/zero.ko");
    expect_refusal("/tmp/program.ko", noexec, "not a relocatable object");
    expect_refusal("/tmp/zero.ko", noexec, "not an ELF file");
}

TEST_F(ModuleErrors, EveryUnknownSymbolIsNamed)
{
    expect_refusal("/tests/modules/unknown_symbol.ko", enoent, "nobody_defines_this");
    expect_refusal("/tests/modules/unknown_symbol.ko", enoent, "nobody_defines_that");
}

TEST_F(ModuleErrors, TheModuleThatExportsAnUnknownSymbolIsNamed)
{
    const char* reason = "needs_crc16: unknown symbol ";
    const char* provider = "(tenon::crc16(unsigned short, std::span<std::byte const, 18446744073709551615ul>) is exported by module crc16)";
    expect_refusal("/tests/modules/needs_crc16.ko", enoent, reason);
    expect_words("insmod /tests/modules/needs_crc16.ko", provider);
    // A folder of modules whose modules.dep does not know the dependency.
    output_of("folder=/tmp/broken/lib/modules/$(uname -r); mkdir -p $folder && cp /tests/modules/needs_crc16.ko $folder && "
              "depmod -b /tmp/broken 2> /dev/null && cp /lib/modules/$(uname -r)/modules.symbols* $folder");
    expect_words("modprobe -d /tmp/broken needs_crc16", reason);
    expect_words("modprobe -d /tmp/broken needs_crc16", provider);
    expect_working();
}

TEST_F(ModuleErrors, ABadRelocationIsToldBySymbolSectionAndOffset)
{
    expect_refusal("/tests/modules/far_reference.ko", noexec, ".data+0x6");
    for (const char* words : {"far_reference", "far_target"}) {
        expect_words("insmod /tests/modules/far_reference.ko", words);
        expect_words("modprobe /tests/modules/far_reference.ko", words);
    }
    expect_words("modprobe /tests/modules/far_reference.ko", ".data+0x6");
}

TEST_F(ModuleErrors, ASecondModuleOfTheSameName)
{
    output_of("insmod /tests/modules/hello.ko");
    expect_words("busybox insmod /tests/modules/hello.ko", "File exists");
    expect_words("insmod /tests/modules/hello.ko", "hello");
    output_of("rmmod hello");
}

TEST_F(ModuleErrors, RemovalOfAModuleThatIsInUse)
{
    output_of("insmod /tests/modules/crc16.ko && insmod /tests/modules/needs_crc16.ko");
    expect_words("rmmod crc16", "in use by: needs_crc16");
    expect_words("/stock/sbin/rmmod crc16", "is in use by: needs_crc16");
    expect_words("busybox rmmod crc16", "Resource temporarily unavailable");
    EXPECT_EQ(output_of("dmesg | grep -c 'crc16 of 123456789 is 0xbb3d'"), "1");
    EXPECT_EQ(output_of("lsmod --graph=- | grep -c '\"needs_crc16\" -> \"crc16\";'"), "1");
    expect_words("lsmod --graph=/tmp/graph.svg", "is Graphviz installed?");
    output_of("rmmod needs_crc16 crc16");
}

TEST_F(ModuleErrors, BadParameters)
{
    expect_refusal("/tests/modules/hello.ko times=many", einval, "'many' invalid for parameter 'times'");
    expect_refusal("/tests/modules/hello.ko times=99999999999", "Numerical result out of range", "parameter 'times'");
    expect_refusal("/tests/modules/hello.ko times", einval, "'' invalid for parameter 'times'");
    EXPECT_EQ(run("insmod /tests/modules/hello.ko nosuch=1").status, 0) << "unknown parameters are only logged";
    EXPECT_NE(output_of("rmmod hello; dmesg").find("nosuch"), std::string::npos);
}

TEST_F(ModuleErrors, CorruptCompression)
{
    output_of("cp $(find /lib/modules -name hello.ko.zst) /tmp/bad.ko.zst && "
              "printf 'XXXXXXXX' | dd of=/tmp/bad.ko.zst bs=1 seek=200 conv=notrunc 2>&1");
    expect_words("insmod /tmp/bad.ko.zst", "insmod: ERROR");
    output_of("head -c 300 /tmp/bad.ko.zst > /tmp/cut.ko.zst");
    expect_words("insmod /tmp/cut.ko.zst", "insmod: ERROR");
    expect_working();
}

TEST_F(ModuleErrors, UnknownNames)
{
    expect_words("modprobe no_such_module", "no_such_module");
    expect_words("rmmod no_such_module", "not currently loaded");
    expect_words("insmod /no/such/file.ko", "No such file");
}

TEST_F(ModuleErrors, AnInitThatFailsGivesItsOwnErrorAndLeavesNothing)
{
    expect_words("busybox insmod /tests/modules/failing_init.ko", "No such device");
    expect_words("busybox insmod /tests/modules/failing_init.ko error=12", "Cannot allocate memory");
    expect_words("insmod /tests/modules/failing_init.ko", "failing_init");
    EXPECT_EQ(run("grep failing_init /proc/modules; test -d /sys/module/failing_init").status, 1);
}

// What was constructed is destroyed in reverse order, also after a refusal.
TEST_F(ModuleErrors, AConstructorCanRefuseTheLoad)
{
    output_of("dmesg -c > /dev/null");
    expect_words("/stock/sbin/insmod /tests/modules/failing_constructor.ko", "No such device");
    EXPECT_EQ(output_of("dmesg | sed -n 's/.*failing_constructor: \\([un]*made\\)/\\1/p'"),
              "made first\nmade third\nunmade third\nunmade first");
    EXPECT_EQ(run("grep failing_constructor /proc/modules").status, 1);
}

// Debian's own kmod, dynamically linked, and the applets of busybox speak with our kernel.
TEST_F(ModuleErrors, StockToolsLoadListAndRemove)
{
    for (const std::string tools : {"/stock/sbin/", "busybox "}) {
        output_of(tools + "insmod /tests/modules/hello.ko who=" + (tools[0] == '/' ? "kmod" : "busybox"));
        EXPECT_EQ(output_of(tools + "lsmod | grep -c '^hello'"), "1");
        output_of(tools + "rmmod hello");
    }
    EXPECT_EQ(output_of("dmesg | grep -c 'hello, kmod'; dmesg | grep -c 'hello, busybox'"), "1\n1");
    EXPECT_NE(output_of("/stock/sbin/modinfo /tests/modules/hello.ko").find("whom to greet (charp)"), std::string::npos);
}

}  // namespace
}  // namespace tenon::boot
