// foreign_modules MACHINE CLASS ORDER FOLDER: writes two modules as another machine's compiler would lay them out into FOLDER, provider.ko
// and user.ko. MACHINE is the number in e_machine, CLASS 32 or 64, ORDER little or big.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"
#include "module/elf/format.h"

namespace {

using namespace tenon;

constexpr u8 global = 0x10;
constexpr u8 weak = 0x20;
constexpr u8 processor_type = 13;  // STT_LOPROC, which some machines give a meaning

class Writer {
public:
    Writer(u16 machine, bool is_64, bool big) : machine_(machine), is_64_(is_64), big_(big) {}

    void field(std::string_view text) { modinfo_.append(text).push_back('\0'); }

    void provide(const std::string& name, u32 version)
    {
        exports_.append(name).push_back('\0');
        symbol(name, global, index_text, 0);
        symbol("__crc_" + name, global, elf::index_absolute, version);
    }
    void need(const std::string& name, u8 info, u64 version)
    {
        symbol(name, info, elf::index_undefined, 0);
        if (version == 0)
            return;
        std::string entry = word(version) + name;
        entry.resize(64);
        versions_ += entry;
    }

    void write(const std::string& path)
    {
        add(".text", elf::SectionType::progbits, "code");
        add(".modinfo", elf::SectionType::progbits, modinfo_);
        add("__ksymtab_strings", elf::SectionType::progbits, exports_);
        add("__versions", elf::SectionType::progbits, versions_);
        add(".symtab", elf::SectionType::symtab, symbols_, static_cast<u32>(headers_.size() + 1));
        add(".strtab", elf::SectionType::strtab, names_);
        std::string names = section_names_ + ".shstrtab" + '\0';
        add(".shstrtab", elf::SectionType::strtab, names);
        const std::string image = header() + body_ + table();
        std::FILE* file = std::fopen(path.c_str(), "w");
        if (file == nullptr || std::fwrite(image.data(), 1, image.size(), file) != image.size() || std::fclose(file) != 0) {
            std::perror(path.c_str());
            std::exit(1);
        }
    }

private:
    static constexpr u16 index_text = 1;

    struct Header {
        u32 name, type, link;
        u64 offset, size;
    };

    std::string number(u64 value, unsigned width) const
    {
        std::string text;
        for (unsigned byte = 0; byte < width; ++byte)
            text += static_cast<char>(value >> 8 * (big_ ? width - 1 - byte : byte));
        return text;
    }
    std::string half(u64 value) const { return number(value, 2); }
    std::string number32(u64 value) const { return number(value, 4); }
    std::string word(u64 value) const { return number(value, is_64_ ? 8 : 4); }

    void symbol(const std::string& name, u8 info, u16 section, u64 value)
    {
        const std::string place = number32(names_.size());
        const std::string kind{static_cast<char>(info), '\0'};
        symbols_ += is_64_ ? place + kind + half(section) + word(value) + word(0) : place + word(value) + word(0) + kind + half(section);
        names_.append(name).push_back('\0');
    }

    u64 header_size() const { return is_64_ ? 64 : 52; }

    void add(const std::string& name, elf::SectionType type, const std::string& contents, u32 link = 0)
    {
        headers_.push_back({static_cast<u32>(section_names_.size()), static_cast<u32>(type), link, header_size() + body_.size(), contents.size()});
        section_names_.append(name).push_back('\0');
        body_ += contents;
        body_.resize((body_.size() + 15) / 16 * 16);
    }

    std::string header() const
    {
        std::string text("\x7f" "ELF");
        text += {static_cast<char>(is_64_ ? 2 : 1), static_cast<char>(big_ ? 2 : 1), 1};
        text.resize(16);
        text += half(static_cast<u64>(elf::FileType::relocatable)) + half(machine_) + number32(1) + word(0) + word(0);
        text += word(header_size() + body_.size()) + number32(0) + half(header_size()) + half(0) + half(0);
        return text + half(is_64_ ? 64 : 40) + half(headers_.size()) + half(headers_.size() - 1);
    }

    std::string table() const
    {
        std::string text;
        for (const Header& entry : headers_) {
            text += number32(entry.name) + number32(entry.type) + word(0) + word(0) + word(entry.offset) + word(entry.size);
            text += number32(entry.link) + number32(0) + word(1) + word(entry.type == 2 ? (is_64_ ? 24 : 16) : 0);
        }
        return text;
    }

    u16 machine_;
    bool is_64_;
    bool big_;
    std::string modinfo_;
    std::string exports_;
    std::string versions_;
    std::string names_{'\0'};
    std::string symbols_ = std::string(is_64_ ? 24 : 16, '\0');
    std::vector<Header> headers_{Header{}};
    std::string section_names_{'\0'};
    std::string body_;
};

}  // namespace

int main(int count, char** arguments)
{
    if (count != 5)
        return 2;
    const auto machine = static_cast<u16>(std::atoi(arguments[1]));
    const bool is_64 = std::string_view(arguments[2]) == "64";
    const bool big = std::string_view(arguments[3]) == "big";
    const std::string folder = arguments[4];

    Writer provider(machine, is_64, big);
    provider.field("license=GPL");
    provider.field("alias=fake:provider*");
    provider.field("name=provider");
    provider.provide("plain_call", 0x12345678);
    provider.provide("dotted_call", 0x9abcdef0);
    provider.write(folder + "/provider.ko");

    Writer user(machine, is_64, big);
    user.field("license=GPL");
    user.field("parm=size:How big");
    user.field("parmtype=size:int");
    user.field("name=user");
    user.need("plain_call", global, 0x12345678);
    user.need(".dotted_call", global, 0);
    user.need(".TOC.", global, 0);
    user.need("_GLOBAL_OFFSET_TABLE_", global, 0);
    user.need(".nobody_has_this", global, 0);
    user.need("kernel_call", global, 0x22);
    user.need("maybe", weak, 0);
    user.need("a_register", global | processor_type, 0);
    user.write(folder + "/user.ko");
}
