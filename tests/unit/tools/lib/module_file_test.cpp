#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel/lib/types.h"
#include "tests/support/temporary_folder.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {
namespace {

std::string sample()
{
    std::string text;
    for (int number = 0; number < 20000; ++number)
        text += "line " + std::to_string(number % 977) + "\n";
    return text;
}

struct ZstdSetting {
    ZSTD_cParameter parameter;
    int value;
};

std::string with_zstd(const std::string& text, std::initializer_list<ZstdSetting> settings = {})
{
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    for (const ZstdSetting& setting : settings)
        ZSTD_CCtx_setParameter(context, setting.parameter, setting.value);
    packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return packed;
}

constexpr std::initializer_list<ZstdSetting> without_size = {{ZSTD_c_contentSizeFlag, 0}};

std::string with_xz(const std::string& text, lzma_check check = LZMA_CHECK_CRC32)
{
    std::string packed(text.size() + 1000, '\0');
    std::size_t size = 0;
    lzma_easy_buffer_encode(6, check, nullptr, reinterpret_cast<const u8*>(text.data()), text.size(),
                            reinterpret_cast<u8*>(packed.data()), &size, packed.size());
    packed.resize(size);
    return packed;
}

std::string with_gzip(const std::string& text)
{
    std::string packed(text.size() + 1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string input = text;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string unpacked(Decompressor& decompressor, const std::string& packed)
{
    const auto result = decompressor.unpack(std::as_bytes(std::span(packed)));
    return result ? std::string(reinterpret_cast<const char*>(result->data()), result->size()) : "error";
}

TEST(Compression, IsToldByTheFirstBytes)
{
    const auto of = [](const std::string& text) { return compression_of(std::as_bytes(std::span(text))); };
    EXPECT_EQ(of(with_zstd("x")), Compression::zstd);
    EXPECT_EQ(of(with_xz("x")), Compression::xz);
    EXPECT_EQ(of(with_gzip("x")), Compression::gzip);
    EXPECT_EQ(of("\x7f" "ELF"), Compression::none);
    EXPECT_EQ(of(""), Compression::none);
}

TEST(Decompressor, UnpacksEveryFormatOneAfterTheOther)
{
    const std::string text = sample();
    Decompressor decompressor;
    for (const std::string& packed : {with_zstd(text), with_zstd(text, without_size), with_xz(text), with_gzip(text), text})
        EXPECT_TRUE(unpacked(decompressor, packed) == text);
    EXPECT_EQ(unpacked(decompressor, with_zstd("short")), "short");
    EXPECT_TRUE(unpacked(decompressor, with_zstd(text) + with_zstd(text)) == text + text);
    EXPECT_TRUE(unpacked(decompressor, with_gzip(text) + with_gzip("x")) == text + "x");
    EXPECT_EQ(unpacked(decompressor, with_zstd("")), "");
}

TEST(Decompressor, RefusesWhatIsCutOffOrDamaged)
{
    const std::string text = sample();
    Decompressor decompressor;
    testing::internal::CaptureStderr();
    for (const std::string& packed : {with_zstd(text), with_zstd(text, without_size), with_xz(text), with_gzip(text)}) {
        for (const std::size_t size : {packed.size() - 1, packed.size() / 2, std::size_t{8}}) {
            EXPECT_EQ(unpacked(decompressor, packed.substr(0, size)), "error") << size;
        }
        std::string damaged = packed;
        damaged[packed.size() / 2] = static_cast<char>(~damaged[packed.size() / 2]);
        damaged[packed.size() / 2 + 1] = static_cast<char>(~damaged[packed.size() / 2 + 1]);
        unpacked(decompressor, damaged);
    }
    EXPECT_TRUE(unpacked(decompressor, with_xz(text)) == text);  // none of that harms the next file
    testing::internal::GetCapturedStderr();
}

// Forms that some readers of compressed modules once did not know.
TEST(Decompressor, KnowsTheRarerFormsOfEachFormat)
{
    const std::string text = sample();
    Decompressor decompressor;
    for (const lzma_check check : {LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256})
        EXPECT_TRUE(unpacked(decompressor, with_xz(text, check)) == text) << check;
    EXPECT_TRUE(unpacked(decompressor, with_xz(text) + std::string(8, '\0') + with_xz("x")) == text + "x");
    EXPECT_TRUE(unpacked(decompressor, with_zstd(text, {{ZSTD_c_checksumFlag, 1}, {ZSTD_c_enableLongDistanceMatching, 1}})) == text);
    EXPECT_TRUE(unpacked(decompressor, with_zstd(text, {{ZSTD_c_contentSizeFlag, 0}, {ZSTD_c_windowLog, 27}})) == text);
    // A frame that holds nothing of the text: magic number, length, that many bytes.
    const std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00" "abc", 11);
    EXPECT_TRUE(unpacked(decompressor, with_zstd(text) + skippable + with_zstd("x")) == text + "x");
}

TEST(Decompressor, SaysWhatIsWrong)
{
    Decompressor decompressor;
    const auto message_about = [&](const std::string& packed) {
        testing::internal::CaptureStderr();
        EXPECT_EQ(unpacked(decompressor, packed), "error");
        return testing::internal::GetCapturedStderr();
    };
    const std::string text = sample();
    // RFC 8878 3.1.1: magic number, descriptor, a window of 2^30 bytes, and a block of one byte.
    const std::string huge_window("\x28\xb5\x2f\xfd\x00\xa0\x09\x00\x00x", 10);
    EXPECT_NE(message_about(huge_window).find("zstd: Frame requires too much memory"), std::string::npos);
    EXPECT_NE(message_about(with_zstd(text) + "more").find("zstd: Unknown frame descriptor"), std::string::npos);
    EXPECT_NE(message_about(with_xz(text) + "more").find("xz: "), std::string::npos);
    EXPECT_NE(message_about(with_gzip(text) + "more").find("gzip: incorrect header check"), std::string::npos);
    std::string wrong_sum = with_gzip(text);
    wrong_sum[wrong_sum.size() - 5] = static_cast<char>(~wrong_sum[wrong_sum.size() - 5]);
    EXPECT_NE(message_about(wrong_sum).find("gzip: incorrect "), std::string::npos);
}

TEST(Decompressor, RefusesEveryShorterFile)
{
    const std::string text = sample().substr(0, 3000);
    Decompressor decompressor;
    testing::internal::CaptureStderr();
    for (const std::string& packed : {with_zstd(text), with_zstd(text, without_size), with_xz(text), with_gzip(text)})
        for (std::size_t size = 6; size < packed.size(); ++size)
            EXPECT_EQ(unpacked(decompressor, packed.substr(0, size)), "error") << size;
    testing::internal::GetCapturedStderr();
}

TEST(ModuleFile, OnlyRegularFiles)
{
    const test::TemporaryFolder folder;
    folder.write("sub/x", "");
    ModuleFile file;
    EXPECT_EQ(file.open(folder.path("sub")).error(), Errno::isdir);
    EXPECT_EQ(file.open(folder.path("missing")).error(), Errno::noent);
    EXPECT_EQ(file.open("/dev/null").error(), Errno::inval);
    ASSERT_TRUE(file.open(folder.path("sub/x")));
    EXPECT_TRUE(file.image()->empty());
}

TEST(ModuleFile, OpensOneFileAfterTheOther)
{
    const test::TemporaryFolder folder;
    const std::string text = sample();
    folder.write("packed", with_xz(text));
    folder.write("plain", text);
    ModuleFile file;
    for (const char* name : {"packed", "plain", "packed"}) {
        ASSERT_TRUE(file.open(folder.path(name)));
        const auto image = file.image();
        ASSERT_TRUE(image);
        EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(image->data()), image->size()), text) << name;
        std::array<std::byte, 4> part{};
        ASSERT_TRUE(file.read(5, part));
        EXPECT_EQ(std::memcmp(part.data(), text.data() + 5, part.size()), 0);
    }
}

// Who cuts a file that a program has mapped ends the program.
TEST(ModuleFile, CutWhileItIsOpenIsAnError)
{
    const test::TemporaryFolder folder;
    for (const std::string& contents : {sample(), with_zstd(sample()), with_gzip(sample())}) {
        folder.write("module", contents);
        ModuleFile file;
        ASSERT_TRUE(file.open(folder.path("module")));
        std::filesystem::resize_file(folder.path("module"), 100);
        EXPECT_EQ(file.image().error(), Errno::io);
    }
}

}  // namespace
}  // namespace tenon::tools
