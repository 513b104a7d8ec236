// landing_pads FILE...: checks in the objects of the kernel and in the linked parts of modules (NAME.partial.o, before their tables are merged) that
// everything that an indirect branch may lead to begins with a landing pad: code whose address is taken (any relocation to it that is no
// direct branch), and every function that is exported. Complete modules must say so in their property note, except those below a
// `test` folder: one without the note may lack pads, and so may its parts.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernel/lib/bits.h"
#include "module/elf/object_view.h"
#include "module/elf/program_property.h"

using namespace tenon;
using elf::ObjectView;

namespace {

constexpr u32 property_type = 0xc000'0000;  // GNU_PROPERTY_AARCH64_FEATURE_1_AND
constexpr u32 property_bti = 1;

// Arm ARM C6.2: BTI C, BTI JC, and PACIASP and PACIBSP, which are landing pads as well.
bool is_landing_pad(u32 instruction)
{
    return instruction == 0xd503245f || instruction == 0xd50324df || instruction == 0xd503233f || instruction == 0xd503237f;
}

// R_AARCH64_TSTBR14, CONDBR19, JUMP26, CALL26.
bool is_direct_branch(u32 type)
{
    return type == 279 || type == 280 || type == 282 || type == 283;
}

// Code that stands in pages without guard while it runs, or is entered by exceptions alone.
bool is_free_code(std::string_view section)
{
    return section == ".head.text" || section == ".idmap.text" || section == ".vectors";
}

// Addresses that no branch leads to: of instructions that may fault, and where to go on then, which an exception return does; and of
// what the last link discards.
bool holds_no_targets(std::string_view section)
{
    return section == ".ex_table" || section == "__ex_table" || section.starts_with(".discard");
}

class Messages final : public elf::Diagnostics {
public:
    void reason(std::string_view line) override { std::fprintf(stderr, "landing_pads: %.*s\n", static_cast<int>(line.size()), line.data()); }
    void unresolved(std::string_view) override {}
};

std::vector<u64> read_words(const std::string& path, usize& size)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<u64> words((text.size() + 7) / 8);
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(words.data()));
    size = text.size();
    return words;
}

class Check {
public:
    void add(const std::string& path)
    {
        usize size = 0;
        const std::vector<u64> words = read_words(path, size);
        Messages messages;
        const auto view = ObjectView::parse(std::as_bytes(std::span(words)).first(size), messages);
        if (!view) {
            report(path, "is no object");
            return;
        }
        if (!must_have_pads(path, *view))
            return;
        add_functions(path, *view);
        for (u32 index = 1; index < view->sections().size(); ++index)
            if (view->section(index).relocates() && view->section(view->section(index).info).allocated() &&
                !holds_no_targets(view->section_name(view->section(index).info)))
                add_references(path, *view, index);
    }

    bool finish()
    {
        for (const std::string& name : wanted_)
            if (const auto found = functions_.find(name); found != functions_.end() && !found->second)
                report(name, "is called through a pointer from another file, and has no landing pad");
        if (targets_ == 0)
            report("landing_pads", "no address of code is taken anywhere: that cannot be");
        return faults_ == 0;
    }

private:
    // Whether the file is to be searched. Modules without the note are free to do without pads; ours are not.
    bool must_have_pads(const std::string& path, const ObjectView& view)
    {
        const bool noted = elf::has_features(view.properties(), property_type, property_bti);
        if (!view.find_section(".gnu.linkonce.this_module"))
            return noted || !path.ends_with(".partial.o");
        if (!noted && path.find("/test/") == path.npos)
            report(path, "has no property note that says that it has landing pads");
        return false;
    }

    static bool is_code(const ObjectView& view, u32 section)
    {
        return section < view.sections().size() && view.section(section).executable() && !is_free_code(view.section_name(section));
    }

    // Assembly need not say what a label stands for.
    static bool may_be_function(const elf::Symbol& symbol)
    {
        return symbol.type() == elf::SymbolType::function || symbol.type() == elf::SymbolType::none;
    }

    static bool has_pad(const ObjectView& view, u32 section, u64 offset)
    {
        const auto bytes = view.contents(section);
        return offset + sizeof(u32) <= bytes.size() && is_landing_pad(load_le<u32>(bytes.subspan(static_cast<usize>(offset))));
    }

    void add_functions(const std::string& path, const ObjectView& view)
    {
        constexpr u8 hidden = 2;
        for (const elf::Symbol& symbol : view.symbols()) {
            if (!may_be_function(symbol) || symbol.binding() == elf::SymbolBinding::local || !is_code(view, symbol.section))
                continue;
            const bool pad = has_pad(view, symbol.section, symbol.value);
            const std::string name(view.symbol_name(symbol));
            functions_.emplace(name, pad);
            if (symbol.type() == elf::SymbolType::function && (symbol.other & 3) != hidden && !pad)
                report(path + ": " + name, "is visible to modules, and has no landing pad");
        }
    }

    void add_references(const std::string& path, const ObjectView& view, u32 relocations)
    {
        for (const elf::Rela& entry : view.relocations(relocations)) {
            if (is_direct_branch(entry.type()) || entry.symbol() >= view.symbols().size())
                continue;
            const elf::Symbol& symbol = view.symbols()[entry.symbol()];
            const bool may_be_code = may_be_function(symbol) || symbol.type() == elf::SymbolType::section;
            if (symbol.undefined())
                wanted_.emplace(view.symbol_name(symbol));
            else if (may_be_code && is_code(view, symbol.section))
                check_target(path, view, symbol, entry);
        }
    }

    void check_target(const std::string& path, const ObjectView& view, const elf::Symbol& symbol, const elf::Rela& entry)
    {
        const u64 offset = symbol.value + static_cast<u64>(entry.addend);
        ++targets_;
        if (offset < view.section(symbol.section).size && !has_pad(view, symbol.section, offset))
            report(path + ": " + std::string(view.section_name(symbol.section)) + "+" + std::to_string(offset) + " " +
                       std::string(view.symbol_name(symbol)),
                   "has its address taken, and no landing pad");
    }

    void report(const std::string& where, const char* fault)
    {
        std::fprintf(stderr, "%s: %s\n", where.c_str(), fault);
        ++faults_;
    }

    std::map<std::string, bool> functions_;  // global ones of all files: whether they begin with a pad
    std::set<std::string> wanted_;           // whose address some other file takes
    usize targets_ = 0;
    usize faults_ = 0;
};

}  // namespace

int main(int count, char** arguments)
{
    Check check;
    for (int index = 1; index < count; ++index)
        check.add(arguments[index]);
    return check.finish() ? 0 : 1;
}
