#include "tests/exec/coverage.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace tenon::test {
namespace {

constexpr u32 type_limit = 1024;

class Coverage {
public:
    Coverage(const elf::ObjectView& object, const modlink::Relocator& relocator, std::string_view prefix)
        : object_(object), relocator_(relocator), prefix_(prefix)
    {
    }

    // Names of the types between the start of a function and the next one.
    std::set<std::string> types_in(std::string_view function) const
    {
        std::set<std::string> types;
        const elf::Symbol* const start = find(function);
        if (start == nullptr)
            return types;
        const u64 end = end_of(*start);
        for (u32 index = 1; index < object_.sections().size(); ++index) {
            const elf::SectionHeader& section = object_.section(index);
            if (!section.is(elf::SectionType::rela) || section.info != start->section)
                continue;
            for (const elf::Rela& rela : object_.relocations(index))
                if (rela.offset >= start->value && rela.offset < end)
                    types.insert(name_of(rela.type()));
        }
        return types;
    }

    std::string name_of(u32 type) const
    {
        const auto text = relocator_.describe(type);
        return text && text->width != 0 ? std::string(text->name.substr(prefix_.size())) : std::string();
    }

private:
    const elf::Symbol* find(std::string_view name) const
    {
        const auto symbols = object_.symbols();
        const auto found = std::find_if(symbols.begin(), symbols.end(),
                                        [&](const elf::Symbol& symbol) { return object_.symbol_name(symbol) == name; });
        return found != symbols.end() ? &*found : nullptr;
    }

    u64 end_of(const elf::Symbol& start) const
    {
        u64 end = object_.section(start.section).size;
        for (const elf::Symbol& symbol : object_.symbols())
            if (symbol.section == start.section && symbol.type() == elf::SymbolType::function && symbol.value > start.value)
                end = std::min(end, symbol.value);
        return end;
    }

    const elf::ObjectView& object_;
    const modlink::Relocator& relocator_;
    std::string_view prefix_;
};

}  // namespace

std::vector<std::string> gaps(const elf::ObjectView& object, const modlink::Relocator& relocator, const ExecSuite& suite)
{
    std::vector<std::string> found;
    const Coverage coverage(object, relocator, suite.prefix);
    std::set<std::string> executed;
    for (const ExecCase& test : suite.cases) {
        const std::set<std::string> types = coverage.types_in(test.name);
        std::istringstream words{std::string(test.types)};
        for (std::string type; words >> type; executed.insert(type))
            if (!types.contains(type))
                found.push_back(std::string(test.name) + ": has no relocation of type " + type);
    }
    for (u32 type = 0; type < type_limit; ++type) {
        const std::string name = coverage.name_of(type);
        if (!name.empty() && !executed.contains(name))
            found.push_back("no function for " + name);
    }
    return found;
}

}  // namespace tenon::test
