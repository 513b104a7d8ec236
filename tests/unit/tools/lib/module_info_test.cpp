#include <gtest/gtest.h>

#include "tests/support/object_builder.h"
#include "tools/lib/der.h"
#include "tools/lib/module_info.h"
#include "tools/lib/signature.h"

namespace tenon::tools {
namespace {

using namespace std::string_literals;

std::vector<std::byte> as_bytes(const std::string& text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> module_with(const std::string& modinfo)
{
    test::ObjectBuilder builder;
    builder.section({.name = ".modinfo", .alignment = 1}, as_bytes(modinfo));
    builder.symbol({.name = "needed"});
    return builder.build();
}

std::string element(u8 tag, const std::string& contents)
{
    std::string text{static_cast<char>(tag)};
    if (contents.size() < 0x80) {
        text += static_cast<char>(contents.size());
    } else {
        text += "\x82"s;
        text += static_cast<char>(contents.size() >> 8);
        text += static_cast<char>(contents.size());
    }
    return text + contents;
}

std::string pkcs7(const std::string& signer, const std::string& serial, const std::string& value)
{
    const std::string name =
        element(0x30, element(0x31, element(0x30, element(0x06, "\x55\x04\x03"s) + element(0x0c, signer))));
    const std::string sha256 = element(0x30, element(0x06, "\x60\x86\x48\x01\x65\x03\x04\x02\x01"s));
    const std::string info = element(0x30, element(0x02, "\x01"s) + element(0x30, name + element(0x02, serial)) + sha256 +
                                               element(0x30, element(0x06, "\x2a"s)) + element(0x04, value));
    const std::string data = element(0x30, element(0x02, "\x01"s) + element(0x31, sha256) +
                                               element(0x30, element(0x06, "\x2a"s)) + element(0x31, info));
    return element(0x30, element(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"s) + element(0xa0, data));
}

std::string with_trailer(const std::string& signature, u8 id_type = 2, u8 hash = 0, u8 signer = 0, u8 key = 0)
{
    std::string text = signature;
    const std::size_t length = signature.size() - signer - key;
    for (const std::size_t byte : {std::size_t{0}, std::size_t{hash}, std::size_t{id_type}, std::size_t{signer}, std::size_t{key},
                                   std::size_t{0}, std::size_t{0}, std::size_t{0}, length >> 24, length >> 16, length >> 8, length})
        text += static_cast<char>(byte);
    return text + "~Module signature appended~\n";
}

std::optional<Signature> signature_of(const std::string& file)
{
    elf::MemorySource source(std::as_bytes(std::span(file)));
    return read_signature(source).value_or(std::nullopt);
}

Result<ModuleInfo> info_of(std::span<const std::byte> image)
{
    elf::MemorySource source(image);
    return read_module_info(source, TRY(elf::MetadataView::parse(image)));
}

TEST(ModuleInfo, JoinsParametersAndKeepsTheOrderOfFields)
{
    const auto image = module_with("license=GPL\0\0parm=size:How big\0parmtype=size:int\0author=A\0parmtype=mode:charp\0"s);
    const auto info = info_of(image);
    ASSERT_TRUE(info);
    ASSERT_EQ(info->fields.size(), 5U);
    EXPECT_EQ(info->fields[0].key, "license");
    EXPECT_EQ(info->fields[3].value, "A");
    const auto parameters = info->parameters();
    ASSERT_EQ(parameters.size(), 2U);
    EXPECT_EQ(parameters[0].text(InfoParameter::Form::field), "mode:charp");
    EXPECT_EQ(parameters[0].text(InfoParameter::Form::list), "mode: (charp)");
    EXPECT_EQ(parameters[1].text(InfoParameter::Form::field), "size:How big (int)");
}

TEST(ModuleInfo, RefusesWhatIsNoObject)
{
    EXPECT_EQ(info_of({}).error(), Errno::noexec);
    const std::string text(4096, 'x');
    EXPECT_EQ(info_of(std::as_bytes(std::span(text))).error(), Errno::noexec);
    auto image = module_with("license=GPL\0"s);
    for (std::size_t size = 0; size < image.size(); ++size)
        info_of(std::span(image).first(size));
}

// A name that is longer than any buffer once overflowed one.
TEST(BuiltinInfo, FindsItsModuleAndBearsOddLines)
{
    const std::string long_name(70000, 'n');
    const std::string text = "ext4.license=GPL\0noprefix\0=x\0.y=z\0"s + long_name + ".license=X\0ext4x.license=BSD\0ext4.alias=fs-ext4"s;
    const auto info = read_builtin_info(text, "ext4");
    ASSERT_TRUE(info);
    ASSERT_EQ(info->fields.size(), 2U);
    EXPECT_EQ(info->fields[1].value, "fs-ext4");
    EXPECT_EQ(read_builtin_info(text, long_name)->fields.size(), 1U);
    EXPECT_FALSE(read_builtin_info(text, "missing"));
    EXPECT_FALSE(read_builtin_info("", "x"));
}

TEST(Signature, ReadsPkcs7)
{
    const auto signature = signature_of(with_trailer("module"s + pkcs7("Build key", "\x00\xab\x01"s, "SIGNED")).substr(0));
    ASSERT_FALSE(signature);  // the length says that the module belongs to the signature
    const std::string message = pkcs7("Build key", "\x00\xab\x01"s, std::string(300, 'S'));
    const auto sound = signature_of("module" + with_trailer(message));
    ASSERT_TRUE(sound);
    EXPECT_EQ(sound->id_type, "PKCS#7");
    EXPECT_EQ(sound->signer, "Build key");
    EXPECT_EQ(sound->hash_algorithm, "sha256");
    EXPECT_EQ(sound->key_id, (std::vector<u8>{0xab, 0x01}));
    EXPECT_EQ(sound->signature.size(), 300U);
}

TEST(Signature, ReadsTheOldForm)
{
    const auto signature = signature_of("module" + with_trailer("signerKEYsig", 1, 4, 6, 3));
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->id_type, "X509");
    EXPECT_EQ(signature->signer, "signer");
    EXPECT_EQ(hexadecimal(signature->key_id, Wrap::no), "4B:45:59");
    EXPECT_EQ(signature->hash_algorithm, "sha256");
    EXPECT_EQ(signature->signature.size(), 3U);
}

TEST(Signature, CutOffOrSpoiltIsNone)
{
    EXPECT_FALSE(signature_of(""));
    EXPECT_FALSE(signature_of("~Module signature appended~\n"));
    EXPECT_FALSE(signature_of(with_trailer("x", 9)));
    EXPECT_FALSE(signature_of(with_trailer("x", 1, 200)));
    const std::string message = pkcs7("Build key", "\x01", "SIGNED");
    for (std::size_t at = 0; at < message.size(); ++at) {
        std::string spoilt = message;
        spoilt[at] = static_cast<char>(0xff);
        signature_of(with_trailer(spoilt));
        signature_of(with_trailer(message.substr(0, at)));
    }
}

TEST(Der, RefusesLengthsOutside)
{
    const std::vector<u8> bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00};
    EXPECT_FALSE(DerReader(bytes).take(DerReader::sequence));
    const std::vector<u8> indefinite{0x30, 0x80, 0x00, 0x00};
    EXPECT_FALSE(DerReader(indefinite).take(DerReader::sequence));
    const std::vector<u8> sound{0x30, 0x01, 0x05, 0x02};
    DerReader reader(sound);
    EXPECT_FALSE(reader.take(DerReader::integer));
    EXPECT_EQ(reader.take(DerReader::sequence)->size(), 1U);
    EXPECT_FALSE(reader.take_any());
}

TEST(Hexadecimal, WrapsLikeKmod)
{
    const std::vector<u8> bytes(21, 0xab);
    std::string line;
    for (int number = 0; number < 20; ++number)
        line += "AB:";
    EXPECT_EQ(hexadecimal(bytes, Wrap::yes), line + "\n\t\tAB");
    EXPECT_EQ(hexadecimal(bytes, Wrap::no), line + "AB");
    EXPECT_EQ(hexadecimal({}, Wrap::yes), "");
}

}  // namespace
}  // namespace tenon::tools
