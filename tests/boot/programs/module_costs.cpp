// What the loader does with large files, and with those that were made to cost it much: so many instructions per byte of the file, whatever it holds, and never
// long without a quiescent point. Runs with one CPU under -icount, where a nanosecond is an instruction.

#include <cstdint>
#include <cstring>
#include <ctime>
#include <vector>

#include <elf.h>
#include <sys/utsname.h>

#include "tests/boot/programs/kernel_latency.h"
#include "tests/boot/programs/module_calls.h"
#include "tests/boot/programs/soak_checks.h"

namespace {

using namespace deeds;

// An honest module takes 1 for each byte, the shortest compact relocations 100.
constexpr std::int64_t most_per_byte = 250;
constexpr std::uint32_t compact_relocations = 0x40000014;  // SHT_CREL

// A relocatable object for this machine, with what the loader wants to see first: .modinfo and a module header.
class Object {
public:
    explicit Object(std::string_view more_modinfo = {})
    {
        utsname system;
        uname(&system);
        std::string modinfo = std::string("name=crafted\0vermagic=", 22) + system.release + " SMP mod_unload aarch64" + '\0';
        modinfo += more_modinfo;
        section(".modinfo", SHT_PROGBITS, SHF_ALLOC, modinfo, 1);
        header = section(".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(200, '\0'));
        text = section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, std::string(8, '\0'));
        symbol(name(""), text);
    }

    std::uint32_t add_name(const std::string& text_of_name)
    {
        const std::size_t start = names_.size();
        names_ += text_of_name + '\0';
        return static_cast<std::uint32_t>(start);
    }
    std::uint32_t name(const std::string& text_of_name)
    {
        const std::size_t start = strings_.size();
        strings_ += text_of_name + '\0';
        return static_cast<std::uint32_t>(start);
    }
    unsigned section(std::uint32_t name_offset, std::uint32_t type, std::uint64_t flags, const std::string& bytes, std::uint64_t alignment = 8,
                     unsigned info = 0)
    {
        Elf64_Shdr added{};
        added.sh_name = name_offset;
        added.sh_type = type;
        added.sh_flags = flags;
        added.sh_offset = put(bytes);
        added.sh_size = bytes.size();
        added.sh_addralign = alignment;
        added.sh_info = info;
        if (type == SHT_RELA)
            added.sh_entsize = sizeof(Elf64_Rela);
        sections_.push_back(added);
        return static_cast<unsigned>(sections_.size() - 1);
    }
    unsigned section(const char* of, std::uint32_t type, std::uint64_t flags, const std::string& bytes, std::uint64_t alignment = 8, unsigned info = 0)
    {
        return section(add_name(of), type, flags, bytes, alignment, info);
    }
    // Once more, with the bytes of one that is there.
    void repeat(unsigned index) { sections_.push_back(Elf64_Shdr(sections_[index])); }

    unsigned symbol(std::uint32_t name_offset, unsigned in_section, std::uint64_t value = 0)
    {
        Elf64_Sym added{};
        added.st_name = name_offset;
        added.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
        added.st_shndx = static_cast<std::uint16_t>(in_section);
        added.st_value = value;
        symbols_.push_back(added);
        return static_cast<unsigned>(symbols_.size() - 1);
    }

    // Makes the module header a sound one, with so many exports and parameters. Its pointers are the caller's: relocations at these offsets.
    enum Field : std::uint64_t { init = 64, exit = 72, handle = 80, exports = 88 };
    void fill_header(std::uint32_t export_count, std::uint32_t parameter_count = 0)
    {
        char* const bytes = file_.data() + sections_[header].sh_offset;
        const std::uint32_t words[] = {0x6e6e6554, 200};
        std::memcpy(bytes, words, sizeof words);
        std::memcpy(bytes + 8, "crafted", 8);
        std::memcpy(bytes + 168, &export_count, sizeof export_count);
        std::memcpy(bytes + 176, &parameter_count, sizeof parameter_count);
    }

    std::string build()
    {
        const std::string symbols(reinterpret_cast<const char*>(symbols_.data()), symbols_.size() * sizeof(Elf64_Sym));
        const unsigned table = section(".symtab", SHT_SYMTAB, 0, symbols);
        section(".strtab", SHT_STRTAB, 0, strings_, 1);
        sections_[table].sh_link = table + 1;
        sections_[table].sh_entsize = sizeof(Elf64_Sym);
        for (Elf64_Shdr& each : sections_)
            if (each.sh_type == SHT_RELA || each.sh_type == compact_relocations)
                each.sh_link = table;
        const std::uint32_t own_name = add_name(".shstrtab");
        section(own_name, SHT_STRTAB, 0, names_, 1);
        Elf64_Ehdr start{};
        std::memcpy(start.e_ident, ELFMAG, SELFMAG);
        start.e_ident[EI_CLASS] = ELFCLASS64;
        start.e_ident[EI_DATA] = ELFDATA2LSB;
        start.e_ident[EI_VERSION] = EV_CURRENT;
        start.e_type = ET_REL;
        start.e_machine = EM_AARCH64;
        start.e_shentsize = sizeof(Elf64_Shdr);
        start.e_shnum = static_cast<std::uint16_t>(sections_.size());
        start.e_shstrndx = static_cast<std::uint16_t>(sections_.size() - 1);
        start.e_shoff = put({reinterpret_cast<const char*>(sections_.data()), sections_.size() * sizeof(Elf64_Shdr)});
        std::memcpy(file_.data(), &start, sizeof start);
        return file_;
    }

    unsigned header = 0, text = 0;
    static constexpr unsigned text_symbol = 1;

private:
    std::size_t put(const std::string& bytes)
    {
        file_.resize((file_.size() + 7) / 8 * 8);
        file_ += bytes;
        return file_.size() - bytes.size();
    }

    std::string file_ = std::string(sizeof(Elf64_Ehdr), '\0');
    std::string names_ = std::string(1, '\0');
    std::string strings_ = std::string(1, '\0');
    std::vector<Elf64_Shdr> sections_{Elf64_Shdr{}};
    std::vector<Elf64_Sym> symbols_{Elf64_Sym{}};
};

template <typename T>
std::string bytes_of(const std::vector<T>& items)
{
    return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T)};
}

Elf64_Rela relocation(std::uint64_t offset, unsigned symbol, unsigned type, std::int64_t addend = 0)
{
    return {offset, ELF64_R_INFO(std::uint64_t{symbol}, type), addend};
}

std::int64_t now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// The load must fail for the reason given: that shows how far it came.
void load(const char* what, Object& object, const char* reason)
{
    const std::string file = object.build();
    measure(what, [&] {
        const std::int64_t start = now();
        const int error = modules::load(file);
        const std::int64_t cost = now() - start;
        const std::string said = modules::contents("/proc/self/module_error");
        check(error == ENOEXEC && said.find(reason) != std::string::npos, reason);
        std::printf("%s: %lld instructions for each of %zu bytes; %s", what, static_cast<long long>(cost) / static_cast<long long>(file.size()),
                    file.size(), said.c_str());
        check(cost <= most_per_byte * static_cast<std::int64_t>(file.size()), "its cost is linear");
    });
}

// Each is a GOT entry of its own, and their hashes would meet in a table whose function everybody knows.
void addends()
{
    Object object;
    std::vector<Elf64_Rela> entries;
    for (std::int64_t number = 0; number < 60'000; ++number)
        entries.push_back(relocation(0, Object::text_symbol, R_AARCH64_LD64_GOT_LO12_NC, number << 44));
    object.section(".rela.text", SHT_RELA, SHF_INFO_LINK, bytes_of(entries), 8, object.text);
    load("60,000 GOT entries", object, "module header: magic");
}

void shared_name()
{
    Object object;
    const std::uint32_t name = object.name(std::string(60'000, 'n'));
    for (unsigned number = 0; number < 20'000; ++number)
        object.symbol(name, SHN_UNDEF);
    load("20,000 symbols of one name", object, "crafted: unknown symbol nnn");
}

void long_name()
{
    Object object;
    const std::uint32_t name = object.name(std::string(1 << 20, 'n'));
    for (unsigned number = 0; number < 20'000; ++number)
        object.symbol(name, SHN_UNDEF);
    load("20,000 symbols of one name of 1 MiB", object, "crafted: symbol 2 (nnn");
}

void headers()
{
    Object object;
    std::vector<Elf64_Rela> entries(100, relocation(0, Object::text_symbol, R_AARCH64_CALL26));
    const unsigned first = object.section(".rela.text", SHT_RELA, SHF_INFO_LINK, bytes_of(entries), 8, object.text);
    for (unsigned number = 0; number < 60'000; ++number)
        object.repeat(first);
    load("60,000 sections over the same bytes", object, "the sections up to here overlap");
}

void section_names()
{
    Object object;
    const std::uint32_t name = object.add_name('.' + std::string(1 << 20, 'n'));
    for (unsigned number = 0; number < 60'000; ++number)
        object.section(name, SHT_PROGBITS, SHF_ALLOC, "");
    load("60,000 sections of one name of 1 MiB", object, "module header: magic");
}

// 16,384 names with one hash, as 33 * 'a' + 'b' is 33 * 'b' + 'A'.
void colliding_exports()
{
    constexpr unsigned letters = 14;
    constexpr unsigned count = 1 << letters;
    constexpr std::size_t size_of_export = 40;
    Object object;
    std::string names(8, '\0');  // room for the handle
    std::vector<Elf64_Rela> exports;
    const unsigned rodata_symbol = Object::text_symbol + 1, data_symbol = rodata_symbol + 1;
    for (unsigned number = 0; number < count; ++number) {
        exports.push_back(relocation(number * size_of_export, Object::text_symbol, R_AARCH64_ABS64));
        exports.push_back(relocation(number * size_of_export + 8, rodata_symbol, R_AARCH64_ABS64, static_cast<std::int64_t>(names.size())));
        for (unsigned letter = 0; letter < letters; ++letter)
            names += (number >> letter & 1) != 0 ? "ab" : "bA";
        names += '\0';
    }
    const unsigned rodata = object.section(".rodata", SHT_PROGBITS, SHF_ALLOC, names);
    const unsigned data = object.section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(count * size_of_export, '\0'));
    object.symbol(object.name("rodata"), rodata);
    object.symbol(object.name("data"), data);
    object.section(".rela.data", SHT_RELA, SHF_INFO_LINK, bytes_of(exports), 8, data);
    object.fill_header(count);
    object.section(".rela.header", SHT_RELA, SHF_INFO_LINK,
                   bytes_of(std::vector{relocation(Object::handle, rodata_symbol, R_AARCH64_ABS64),
                                        relocation(Object::exports, data_symbol, R_AARCH64_ABS64)}),
                   8, object.header);
    load("16,384 exports with one hash", object, "too many symbols have names with the same hash");
}

// 1,024 parameters with one variable, all of which has to be looked at for each.
void load_parameters(const char* what, char kind, std::uint32_t capacity, const std::string& variable, const char* reason)
{
    constexpr unsigned count = 1024;
    constexpr std::size_t size_of_parameter = 40;
    Object object;
    std::string table(count * size_of_parameter, '\0');
    std::vector<Elf64_Rela> pointers;
    const unsigned rodata_symbol = Object::text_symbol + 1, data_symbol = rodata_symbol + 1;
    for (unsigned number = 0; number < count; ++number) {
        const std::size_t at = number * size_of_parameter;
        pointers.push_back(relocation(at, rodata_symbol, R_AARCH64_ABS64, static_cast<std::int64_t>(table.size() + 8)));
        pointers.push_back(relocation(at + 8, data_symbol, R_AARCH64_ABS64));
        std::memcpy(table.data() + at + 32, &capacity, sizeof capacity);
        table[at + 38] = kind;
    }
    const unsigned rodata = object.section(".rodata", SHT_PROGBITS, SHF_ALLOC, table + std::string("\0\0\0\0\0\0\0\0p", 10));
    const unsigned data = object.section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, variable);
    object.symbol(object.name("rodata"), rodata);
    object.symbol(object.name("data"), data);
    object.section(".rela.rodata", SHT_RELA, SHF_INFO_LINK, bytes_of(pointers), 8, rodata);
    object.fill_header(0, count);
    object.section(".rela.header", SHT_RELA, SHF_INFO_LINK,
                   bytes_of(std::vector{relocation(80, rodata_symbol, R_AARCH64_ABS64, static_cast<std::int64_t>(table.size())),
                                        relocation(104, rodata_symbol, R_AARCH64_ABS64)}),
                   8, object.header);
    load(what, object, reason);
}

void parameters()
{
    constexpr char charp = 11, string = 12;  // ParameterKind
    load_parameters("1,024 parameters with one text of 1 MiB", string, mib, std::string(mib - 1, 'x') + '\0',
                    "the value of a parameter: too many texts share their bytes");
    load_parameters("1,024 parameters with one array of 131,072 texts", charp, mib / 8, std::string(mib, '\0'),
                    "the texts of a parameter: too many texts share their bytes");
}

void modinfo()
{
    Object object(std::string(2 * mib, 'x') + '\0');
    load(".modinfo of 2 MiB", object, "section .modinfo");
}

// One byte for each relocation.
void compact()
{
    constexpr std::uint64_t count = 150'000;
    Object object;
    std::string bytes;
    for (std::uint64_t rest = count * 8 + 4; rest != 0; rest >>= 7)
        bytes += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    bytes += {0x03, Object::text_symbol, static_cast<char>(0x9b), 0x02};  // symbol and type (CALL26) of the first, and so of all
    bytes += std::string(count - 1, '\0');
    object.section(".crel.text", compact_relocations, SHF_INFO_LINK, bytes, 1, object.text);
    load("150,000 compact relocations", object, "module header: magic");
}

// A module like the largest of Linux: text, data and relocations are more than 11 MiB each. Its init calls a function at the far end of the
// text, which fails unless the last word of the data holds the address that the last relocation makes.
std::string large_module()
{
    constexpr std::uint64_t size = 11'500'008;
    constexpr std::uint64_t count = size / sizeof(Elf64_Rela), last_word = (count - 1) * sizeof(Elf64_Rela), last_address = 0x123456;
    constexpr std::uint32_t start[] = {0xd503245f, 0xa9bf7bfd, 0x94000000, 0xa8c17bfd, 0xd65f03c0,   // bti c, stp, bl, ldp, ret
                                       0xd503245f, 0xd65f03c0};                                      // exit: bti c, ret
    constexpr std::uint32_t test[] = {0xd503245f, 0x90000000, 0xf9400000, 0x90000001, 0x91000021,    // bti c, adrp, ldr, adrp, add
                                      0xeb01001f, 0x1a9f07e0, 0x4b0003e0, 0xd65f03c0};               // cmp, cset ne, neg, ret
    constexpr std::uint64_t test_offset = size - sizeof test;
    std::string code(size, '\0');
    std::memcpy(code.data(), start, sizeof start);
    std::memcpy(code.data() + test_offset, test, sizeof test);

    Object object;
    const unsigned text = object.section(".text.large", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code);
    const unsigned data = object.section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, std::string(size, '\0'));
    const unsigned rodata = object.section(".rodata", SHT_PROGBITS, SHF_ALLOC, std::string(8, '\0'));
    const unsigned code_symbol = object.symbol(object.name("code"), text);
    const unsigned data_symbol = object.symbol(object.name("data"), data);
    const unsigned rodata_symbol = object.symbol(object.name("rodata"), rodata);
    std::vector<Elf64_Rela> words;
    for (std::uint64_t number = 0; number < count; ++number)
        words.push_back(relocation(number * sizeof(Elf64_Rela), code_symbol, R_AARCH64_ABS64, static_cast<std::int64_t>(number)));
    words.back().r_addend = last_address;
    object.section(".rela.data", SHT_RELA, SHF_INFO_LINK, bytes_of(words), 8, data);
    object.section(".rela.text.large", SHT_RELA, SHF_INFO_LINK,
                   bytes_of(std::vector{relocation(8, code_symbol, R_AARCH64_CALL26, test_offset),
                                        relocation(test_offset + 4, data_symbol, R_AARCH64_ADR_PREL_PG_HI21, last_word),
                                        relocation(test_offset + 8, data_symbol, R_AARCH64_LDST64_ABS_LO12_NC, last_word),
                                        relocation(test_offset + 12, code_symbol, R_AARCH64_ADR_PREL_PG_HI21, last_address),
                                        relocation(test_offset + 16, code_symbol, R_AARCH64_ADD_ABS_LO12_NC, last_address)}),
                   8, text);
    object.fill_header(0);
    object.section(".rela.header", SHT_RELA, SHF_INFO_LINK,
                   bytes_of(std::vector{relocation(Object::init, code_symbol, R_AARCH64_ABS64),
                                        relocation(Object::exit, code_symbol, R_AARCH64_ABS64, 20),
                                        relocation(Object::handle, rodata_symbol, R_AARCH64_ABS64)}),
                   8, object.header);
    return object.build();
}

void large()
{
    const std::string file = large_module();
    long before = 0;
    for (const char* const round : {"once", "and again"}) {  // the first leaves page tables and kept frames behind
        before = soak::free_kibibytes();
        measure(round, [&] {
            const int error = modules::load(file);
            check(error == 0, modules::contents("/proc/self/module_error").c_str());
            check(modules::remove("crafted") == 0, "the large module is removed");
        });
    }
    check(before - soak::free_kibibytes() < 256, "the memory of the large module is free again");
}

constexpr Deed all[] = {
    {"addends", addends},           {"shared-name", shared_name}, {"long-name", long_name},
    {"headers", headers},           {"section-names", section_names}, {"colliding-exports", colliding_exports},
    {"compact", compact},           {"parameters", parameters},   {"modinfo", modinfo},
    {"large", large},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
