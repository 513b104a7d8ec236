// What the kernel says of a module in /sys/module and /proc/modules.

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>

#include "tools/lib/file.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/words.h"
#include "tools/libkmod/module.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

struct SectionEntry final : kmod_list {
    SectionEntry(std::string its_name, unsigned long its_address) : name(std::move(its_name)), address(its_address) {}

    std::string name;
    unsigned long address;
};

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

std::string sys_path(const kmod_module& module, const char* name)
{
    return "/sys/module/" + module.name + name;
}

Result<Folder> open_folder(const std::string& path)
{
    Folder folder(opendir(path.c_str()));
    if (folder)
        return folder;
    const Errno error = last_error().error();
    message(Severity::error, "could not open '%s': %s", path.c_str(), error_text(error));
    return fail(error);
}

bool is_self_or_parent(std::string_view name)
{
    return name == "." || name == "..";
}

Result<int> state(const kmod_module& module)
{
    Lookup lookup(module.context);
    if (lookup.catalog().is_builtin(bare(module)))
        return KMOD_MODULE_BUILTIN;
    const auto state = init_state(module.name);
    if (!state)
        return fail(Errno::noent);
    switch (*state) {
    case InitState::live: return KMOD_MODULE_LIVE;
    case InitState::coming: return KMOD_MODULE_COMING;
    case InitState::going: return KMOD_MODULE_GOING;
    }
    return fail(Errno::inval);
}

// An old kernel has the size in /proc/modules alone.
Result<long> size(const kmod_module& module)
{
    TRY(open_file(sys_path(module, ""), O_RDONLY | O_DIRECTORY));
    if (const auto text = read_text_file(sys_path(module, "/coresize"))) {
        const auto words = split(*text, "\n");
        const auto number = words.empty() ? std::nullopt : parse_number<long>(words[0]);
        return number ? Result<long>(*number) : fail(Errno::inval);
    }
    const auto modules = TRY(loaded_modules());
    for (const LoadedModule& loaded : modules)
        if (loaded.name == module.name)
            return loaded.size;
    return fail(Errno::noent);
}

Result<kmod_list*> holder_list(const kmod_module& module)
{
    const Folder folder = TRY(open_folder(sys_path(module, "/holders")));
    List list;
    while (const dirent* entry = readdir(folder.get()))
        if (!is_self_or_parent(entry->d_name))
            append(list, obtain(module.context, entry->d_name, {}));
    return list.release();
}

Result<kmod_list*> section_list(const kmod_module& module)
{
    const Folder folder = TRY(open_folder(sys_path(module, "/sections")));
    List list;
    while (const dirent* entry = readdir(folder.get())) {
        if (is_self_or_parent(entry->d_name))
            continue;
        const std::string text = TRY(read_text_file_at(dirfd(folder.get()), entry->d_name));
        const auto words = split(text, "\n");
        std::string_view digits = words.empty() ? std::string_view() : words[0];
        if (digits.starts_with("0x"))
            digits.remove_prefix(2);
        const auto address = parse_number<unsigned long>(digits, 16);
        if (!address) {
            message(Severity::error, "could not read an address from '%s/%s'", sys_path(module, "/sections").c_str(), entry->d_name);
            return fail(Errno::inval);
        }
        list.append(std::make_unique<SectionEntry>(entry->d_name, *address));
    }
    return list.release();
}

}  // namespace

extern "C" {

const char* kmod_module_initstate_str(kmod_module_initstate state)
{
    switch (state) {
    case KMOD_MODULE_BUILTIN: return "builtin";
    case KMOD_MODULE_LIVE: return "live";
    case KMOD_MODULE_COMING: return "coming";
    case KMOD_MODULE_GOING: return "going";
    default: return nullptr;
    }
}

int kmod_module_get_initstate(const kmod_module* mod)
{
    return mod == nullptr ? -ENOENT : answer(mod->context, __func__, [&] { return state(*mod); });
}

int kmod_module_get_refcnt(const kmod_module* mod)
{
    if (mod == nullptr)
        return -ENOENT;
    return answer(mod->context, __func__, [&]() -> Result<int> {
        const long count = TRY(reference_count(mod->name));
        return static_cast<int>(count);
    });
}

long kmod_module_get_size(const kmod_module* mod)
{
    return mod == nullptr ? -ENOENT : answer(mod->context, __func__, [&] { return size(*mod); });
}

kmod_list* kmod_module_get_holders(const kmod_module* mod)
{
    return mod == nullptr ? nullptr : answer(mod->context, __func__, [&] { return holder_list(*mod); });
}

kmod_list* kmod_module_get_sections(const kmod_module* mod)
{
    return mod == nullptr ? nullptr : answer(mod->context, __func__, [&] { return section_list(*mod); });
}

const char* kmod_module_section_get_name(const kmod_list* entry)
{
    return entry == nullptr ? nullptr : entry_as<SectionEntry>(entry)->name.c_str();
}

unsigned long kmod_module_section_get_address(const kmod_list* entry)
{
    return entry == nullptr ? ~0UL : entry_as<SectionEntry>(entry)->address;
}

}  // extern "C"
