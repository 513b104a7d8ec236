// The symbols of a module's file: what it exports, what it needs.

#include <map>
#include <unordered_set>

#include "module/elf/metadata_view.h"
#include "tools/libkmod/module_contents.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

struct SymbolEntry final : kmod_list {
    SymbolEntry(std::string_view its_name, u64 its_crc, kmod_symbol_bind its_binding)
        : name(its_name), crc(its_crc), binding(its_binding)
    {
    }

    std::string name;
    u64 crc;
    kmod_symbol_bind binding;
};

class SymbolList {
public:
    void add(std::string_view name, u64 crc, kmod_symbol_bind binding)
    {
        list_.append(std::make_unique<SymbolEntry>(name, crc, binding));
        ++count_;
    }
    int count() const { return count_; }
    kmod_list* release() { return list_.release(); }

private:
    List list_;
    int count_ = 0;
};

using View = elf::MetadataView;

void add_versions(SymbolList& list, const View& view)
{
    view.for_each_required_version([&](const View::Version& version) { list.add(version.name, version.crc, KMOD_SYMBOL_NONE); });
}

void add_exports(SymbolList& list, const View& view)
{
    view.for_each_export([&](const View::Version& version) { list.add(version.name, version.crc, KMOD_SYMBOL_GLOBAL); });
}

// The undefined symbols, then versions of symbols that are not in the symbol table (module_layout is one).
void add_needed(SymbolList& list, const View& view)
{
    std::map<std::string_view, u64> versions;
    view.for_each_required_version([&](const View::Version& version) { versions.emplace(version.name, version.crc); });
    std::unordered_set<std::string_view> seen;
    view.for_each_undefined([&](const char* name, elf::SymbolBinding binding) {
        const auto version = versions.find(name);
        list.add(name, version == versions.end() ? 0 : version->second,
                 binding == elf::SymbolBinding::weak ? KMOD_SYMBOL_WEAK : KMOD_SYMBOL_UNDEF);
        seen.insert(name);
    });
    view.for_each_required_version([&](const View::Version& version) {
        if (seen.insert(version.name).second)
            list.add(version.name, version.crc, KMOD_SYMBOL_UNDEF);
    });
}

// `none` is the answer for a module without any.
int symbols(const kmod_module* module, const char* function, void (*add)(SymbolList&, const View&), int none, kmod_list** result)
{
    if (module == nullptr || result == nullptr)
        return -ENOENT;
    if (*result != nullptr)
        return -EINVAL;
    return answer(module->context, function, [&]() -> Result<int> {
        return with_contents(inner(*module), [&](ModuleFile&, const View& view) -> Result<int> {
            SymbolList list;
            add(list, view);
            *result = list.release();
            return list.count() == 0 ? none : list.count();
        });
    });
}

const char* name_of(const kmod_list* entry)
{
    return entry == nullptr ? nullptr : entry_as<SymbolEntry>(entry)->name.c_str();
}

u64 crc_of(const kmod_list* entry)
{
    return entry == nullptr ? 0 : entry_as<SymbolEntry>(entry)->crc;
}

}  // namespace

extern "C" {

int kmod_module_get_versions(const kmod_module* mod, kmod_list** list) { return symbols(mod, __func__, add_versions, -ENOENT, list); }
int kmod_module_get_symbols(const kmod_module* mod, kmod_list** list) { return symbols(mod, __func__, add_exports, -ENOENT, list); }
int kmod_module_get_dependency_symbols(const kmod_module* mod, kmod_list** list) { return symbols(mod, __func__, add_needed, 0, list); }

const char* kmod_module_version_get_symbol(const kmod_list* entry) { return name_of(entry); }
const char* kmod_module_symbol_get_symbol(const kmod_list* entry) { return name_of(entry); }
const char* kmod_module_dependency_symbol_get_symbol(const kmod_list* entry) { return name_of(entry); }

uint64_t kmod_module_version_get_crc(const kmod_list* entry) { return crc_of(entry); }
uint64_t kmod_module_symbol_get_crc(const kmod_list* entry) { return crc_of(entry); }
uint64_t kmod_module_dependency_symbol_get_crc(const kmod_list* entry) { return crc_of(entry); }

int kmod_module_dependency_symbol_get_bind(const kmod_list* entry)
{
    return entry == nullptr ? KMOD_SYMBOL_NONE : entry_as<SymbolEntry>(entry)->binding;
}

}  // extern "C"
