#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Every module that cannot be loaded or removed: the right errno, a reason in the log, and the system works on.
class ModuleErrors : public BootedSystem<ModuleErrors> {
protected:
    // insmod of `file` must fail with `words`, and the kernel must have logged a line with `reason`.
    void expect_refusal(const std::string& file, const std::string& words, const std::string& reason)
    {
        output_of("dmesg -c > /dev/null");
        const auto result = run("insmod " + file);
        EXPECT_NE(result.status, 0) << "insmod " << file << " succeeded";
        EXPECT_NE(result.output.find(words), std::string::npos) << result.output;
        const std::string log = output_of("dmesg");
        EXPECT_NE(log.find(reason), std::string::npos) << "the log holds no `" << reason << "`:\n" << log;
        expect_working();
    }

    void expect_working()
    {
        output_of("insmod /tests/modules/hello.ko && rmmod hello");
    }

    std::string words_of(const std::string& command)
    {
        const auto result = run(command);
        EXPECT_NE(result.status, 0) << command << " succeeded";
        return result.output;
    }
};

TEST_F(ModuleErrors, TruncatedFilesAreRefusedAtEveryLength)
{
    output_of("size=$(wc -c < /tests/modules/hello.ko)");
    for (const char* length : {"1", "63", "64", "100", "$((size / 2))", "$((size - 1))"}) {
        output_of(std::string("head -c ") + length + " /tests/modules/hello.ko > /tmp/cut.ko");
        expect_refusal("/tmp/cut.ko", "Invalid module format", "");
    }
    output_of(": > /tmp/empty.ko");
    EXPECT_NE(run("insmod /tmp/empty.ko").status, 0);
}

TEST_F(ModuleErrors, AnotherArchitecture)
{
    output_of("cp /tests/modules/hello.ko /tmp/x86.ko && printf '\\076' | dd of=/tmp/x86.ko bs=1 seek=18 conv=notrunc 2>&1");
    expect_refusal("/tmp/x86.ko", "Invalid module format", "62");
}

TEST_F(ModuleErrors, NotAnObjectFile)
{
    output_of("cp /bin/busybox /tmp/program.ko; head -c 5000 /dev/zero > /tmp/zero.ko");
    expect_refusal("/tmp/program.ko", "Invalid module format", "");
    expect_refusal("/tmp/zero.ko", "Invalid module format", "");
}

TEST_F(ModuleErrors, EveryUnknownSymbolIsNamed)
{
    expect_refusal("/tests/modules/unknown_symbol.ko", "Unknown symbol", "nobody_defines_this");
    EXPECT_NE(output_of("insmod /tests/modules/unknown_symbol.ko 2>/dev/null; dmesg").find("nobody_defines_that"),
              std::string::npos);
}

TEST_F(ModuleErrors, ASecondModuleOfTheSameName)
{
    output_of("insmod /tests/modules/hello.ko");
    EXPECT_NE(words_of("insmod /tests/modules/hello.ko").find("File exists"), std::string::npos);
    output_of("rmmod hello");
}

TEST_F(ModuleErrors, RemovalOfAModuleThatIsInUse)
{
    output_of("insmod /tests/modules/crc16.ko && insmod /tests/modules/needs_crc16.ko");
    EXPECT_NE(words_of("rmmod crc16").find("in use by: needs_crc16"), std::string::npos);
    EXPECT_NE(words_of("/stock/sbin/rmmod crc16").find("is in use by: needs_crc16"), std::string::npos);
    EXPECT_NE(words_of("busybox rmmod crc16").find("Resource temporarily unavailable"), std::string::npos);
    EXPECT_EQ(output_of("dmesg | grep -c 'crc16 of 123456789 is 0xbb3d'"), "1");
    output_of("rmmod needs_crc16 crc16");
}

TEST_F(ModuleErrors, BadParameters)
{
    expect_refusal("/tests/modules/hello.ko times=many", "Invalid parameters", "times");
    expect_refusal("/tests/modules/hello.ko times=99999999999", "", "times");
    expect_refusal("/tests/modules/hello.ko times", "Invalid parameters", "times");
    EXPECT_EQ(run("insmod /tests/modules/hello.ko nosuch=1").status, 0) << "unknown parameters are only logged";
    EXPECT_NE(output_of("rmmod hello; dmesg").find("nosuch"), std::string::npos);
}

TEST_F(ModuleErrors, CorruptCompression)
{
    output_of("cp $(find /lib/modules -name hello.ko.zst) /tmp/bad.ko.zst && "
              "printf 'XXXXXXXX' | dd of=/tmp/bad.ko.zst bs=1 seek=200 conv=notrunc 2>&1");
    EXPECT_NE(run("insmod /tmp/bad.ko.zst").status, 0);
    output_of("head -c 300 /tmp/bad.ko.zst > /tmp/cut.ko.zst");
    EXPECT_NE(run("insmod /tmp/cut.ko.zst").status, 0);
    expect_working();
}

TEST_F(ModuleErrors, UnknownNames)
{
    EXPECT_NE(words_of("modprobe no_such_module").find("no_such_module"), std::string::npos);
    EXPECT_NE(words_of("rmmod no_such_module").find("not currently loaded"), std::string::npos);
    EXPECT_NE(words_of("insmod /no/such/file.ko").find("No such file"), std::string::npos);
}

TEST_F(ModuleErrors, AnInitThatFailsGivesItsOwnErrorAndLeavesNothing)
{
    EXPECT_NE(words_of("insmod /tests/modules/failing_init.ko").find("No such device"), std::string::npos);
    EXPECT_NE(words_of("insmod /tests/modules/failing_init.ko error=12").find("Cannot allocate memory"),
              std::string::npos);
    EXPECT_EQ(run("grep failing_init /proc/modules; test -d /sys/module/failing_init").status, 1);
}

TEST_F(ModuleErrors, AConstructorCanRefuseAndOnlyWhatWasConstructedIsDestroyed)
{
    output_of("dmesg -c > /dev/null");
    EXPECT_NE(words_of("insmod /tests/modules/failing_constructor.ko").find("No such device"), std::string::npos);
    const std::string log = output_of("dmesg");
    EXPECT_NE(log.find("made first"), std::string::npos) << log;
    EXPECT_NE(log.find("unmade first"), std::string::npos) << log;
    EXPECT_EQ(log.find("made third"), std::string::npos) << log;
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
