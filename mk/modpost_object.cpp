#include "mk/modpost_object.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <source_location>

#include "kernel/lib/panic.h"
#include "module/elf/modinfo.h"

void tenon::panic(std::string_view reason, std::source_location)
{
    std::cerr << reason << '\n';
    std::abort();
}

namespace tenon::modpost {
namespace {

class ErrorLine final : public elf::Diagnostics {
public:
    void reason(std::string_view line) override { std::cerr << "modpost: " << line << '\n'; }
    void unresolved(std::string_view) override {}
};

// Where the parameter list of a demangled function name begins: at the parenthesis that matches the last one.
usize parameters_start(const std::string& name)
{
    int depth = 0;
    for (usize position = name.size(); position-- > 0;) {
        depth += name[position] == ')' ? 1 : name[position] == '(' ? -1 : 0;
        if (name[position] == '(' && depth == 0)
            return position;
    }
    return name.size();
}

}  // namespace

std::string module_name(std::string path)
{
    path.erase(0, path.find_last_of('/') + 1);
    path.erase(std::min(path.find('.'), path.size()));
    std::replace(path.begin(), path.end(), '-', '_');
    return path;
}

std::string readable(const std::string& symbol)
{
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                      std::free);
    if (!text)
        return symbol;
    std::string name(text.get());
    if (const usize clone = name.find(" [clone"); clone != name.npos)
        name.erase(clone);
    name.erase(parameters_start(name));
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

Object::Object(const std::string& path) : path_(path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    bytes_.assign((text.size() + 7) / 8, 0);
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(bytes_.data()));
    ErrorLine diagnostics;
    auto parsed = elf::ObjectView::parse(std::as_bytes(std::span(bytes_)).first(text.size()), diagnostics);
    if (!parsed) {
        std::cerr << "modpost: cannot read " << path << '\n';
        std::exit(1);
    }
    view_.emplace(std::move(*parsed));
}

std::span<const std::byte> Object::section(std::string_view name) const
{
    const auto index = view_->find_section(name);
    return index ? view_->contents(*index) : std::span<const std::byte>();
}

std::set<std::string> Object::strings(std::string_view wanted) const
{
    const auto bytes = section(wanted);
    std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::set<std::string> result;
    while (!rest.empty()) {
        const usize end = std::min(rest.find('\0'), rest.size());
        if (end != 0)
            result.emplace(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
}

std::string Object::modinfo(std::string_view key) const
{
    return std::string(elf::Modinfo(view_->modinfo()).find(key).value_or(""));
}

std::set<std::string> Object::undefined() const
{
    std::set<std::string> names;
    for (const elf::Symbol& symbol : view_->symbols())
        if (symbol.undefined() && symbol.binding() == elf::SymbolBinding::global)
            names.emplace(view_->symbol_name(symbol));
    return names;
}

std::set<std::string> Object::defined() const
{
    std::set<std::string> names;
    for (const elf::Symbol& symbol : view_->symbols())
        if (!symbol.undefined() && symbol.binding() != elf::SymbolBinding::local)
            names.emplace(view_->symbol_name(symbol));
    return names;
}

std::map<u64, std::string> Object::functions(std::string_view section) const
{
    std::map<u64, std::string> result;
    const auto index = view_->find_section(section);
    for (const elf::Symbol& symbol : view_->symbols())
        if (index && symbol.section == *index && symbol.type() == elf::SymbolType::function)
            result.emplace(symbol.value, view_->symbol_name(symbol));
    return result;
}

u64 Object::fingerprint() const
{
    u64 hash = 0xcbf29ce484222325;  // FNV-1a, 64 bits
    for (u32 index = 1; index < view_->sections().size(); ++index)
        if (view_->section(index).allocated())
            for (const std::byte byte : view_->contents(index))
                hash = (hash ^ static_cast<u8>(byte)) * 0x100000001b3;
    return hash;
}

}  // namespace tenon::modpost
