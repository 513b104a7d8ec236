#include "module/elf/modinfo.h"

namespace tenon::elf {

void Modinfo::Iterator::advance()
{
    const usize start = rest_.find_first_not_of('\0');
    if (start == std::string_view::npos) {
        *this = Iterator();
        return;
    }
    rest_.remove_prefix(start);
    const std::string_view line = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(line.size());
    const usize equals = line.find('=');
    if (equals == std::string_view::npos)
        entry_ = {line, line.substr(line.size())};
    else
        entry_ = {line.substr(0, equals), line.substr(equals + 1)};
}

std::optional<std::string_view> Modinfo::find(std::string_view key) const
{
    for (const Entry& entry : *this)
        if (entry.key == key)
            return entry.value;
    return std::nullopt;
}

bool Modinfo::is_gpl_compatible() const
{
    for (const Entry& entry : *this)
        if (entry.key == "license" && elf::is_gpl_compatible(entry.value))
            return true;
    return false;
}

bool is_gpl_compatible(std::string_view license)
{
    return license == "GPL" || license == "Dual BSD/GPL" || license == "Dual MIT/GPL" || license == "Dual MPL/GPL" ||
           license == "GPL v2" || license == "GPL and additional rights";
}

}  // namespace tenon::elf
