#include "kernel/module/module_directory.h"

#include <new>

#include "kernel/lib/file_name.h"
#include "kernel/module/module_system.h"
#include "kernel/module/module_text.h"
#include "kernel/module/parameter_file.h"

namespace tenon {
namespace {

using modreg::Module;
using modreg::Registry;
using pseudo::Directory;
using pseudo::Tree;

// One attribute of a module. Written with the registry's mutex held, so that the module's memory stays meanwhile.
class AttributeFile final : public pseudo::TextFile {
public:
    using Write = void (*)(const Module& module, TextSink& out);

    AttributeFile(Tree& tree, Ref<Module> module, Write writer)
        : TextFile(tree, 0444), module_(std::move(module)), write_(writer)
    {
    }

    Result<> generate(TextSink& out) override
    {
        return module_system::registry().with_modules([&](Registry::Modules&) -> Result<> {
            if (!module_->is_linked() || module_->state() == modreg::State::going)
                return fail(Errno::nodev);
            write_(*module_, out);
            out.write("\n");
            return {};
        });
    }

private:
    Ref<Module> module_;
    Write write_;
};

Result<> add(Directory& directory, std::string_view name, pseudo::Node* node)
{
    Ref<Inode> owned = adopt_ref<Inode>(node);
    return owned ? directory.add(name, std::move(owned)) : fail(Errno::nomem);
}

// Where a section stands, as a debugger wants to be told.
class SectionFile final : public pseudo::AddressFile {
public:
    SectionFile(Tree& tree, Ref<Module> module, modreg::SectionList::Section section)
        : AddressFile(tree, 0400), module_(std::move(module)), section_(section)
    {
    }

    Result<> generate(TextSink& out, pseudo::Addresses addresses) override
    {
        return module_system::registry().with_modules([&](Registry::Modules&) -> Result<> {
            if (!module_->is_linked() || !module_->image.block(section_.region))
                return fail(Errno::nodev);
            const u64 place = module_->image.block(section_.region)->place + section_.offset;
            format_to(out, "{:#018x}\n", pseudo::shown_address(place, addresses));
            return {};
        });
    }

private:
    Ref<Module> module_;
    modreg::SectionList::Section section_;
};

// Those of init are there as long as init is. Of several sections with one name the first counts. A name that is no file name is left out.
Result<> add_sections(Tree& tree, Directory& directory, const Ref<Module>& module)
{
    const Ref<Directory> folder = TRY(directory.make_directory("sections"));
    for (u32 index = 0; index < module->sections.size(); ++index) {
        const modreg::SectionList::Section section = module->sections[index];
        if (!module->image.block(section.region) || !is_file_name(section.name))
            continue;
        const Result<> added = add(*folder, section.name, new (std::nothrow) SectionFile(tree, module, section));
        if (!added && added.error() != Errno::exist)
            return added;
    }
    return {};
}

Result<> add_holders(Directory& directory, Registry::Modules& modules, const Module& module)
{
    const Ref<Directory> folder = TRY(directory.make_directory("holders"));
    for (const Module& other : modules)
        if (module_text::depends_on(other, module))
            TRY(folder->add_link(other.name(), FixedText<80>("../../{}", other.name()).view()));
    return {};
}

// Of several parameters with one name the first counts, as for the arguments of a load.
Result<> add_parameters(Tree& tree, Directory& directory, const Ref<Module>& module)
{
    Ref<Directory> folder;
    for (const Parameter& parameter : module->parameters.table()) {
        if (parameter.permissions == 0)
            continue;
        if (!folder)
            folder = TRY(directory.make_directory("parameters"));
        const Result<> added = add(*folder, parameter.name, new (std::nothrow) ParameterFile(tree, module, parameter));
        if (!added && added.error() != Errno::exist)
            return added;
    }
    return {};
}

constexpr u32 most_users = 256;

struct Attribute {
    std::string_view name;
    AttributeFile::Write write;
};

constexpr Attribute attributes[] = {
    {"initstate", [](const Module& m, TextSink& out) { out.write(modreg::state_name(m.state())); }},
    {"coresize", [](const Module& m, TextSink& out) { format_to(out, "{}", module_text::core_size(m)); }},
    {"initsize", [](const Module& m, TextSink& out) { format_to(out, "{}", module_text::init_size(m)); }},
    {"refcnt", [](const Module& m, TextSink& out) { format_to(out, "{}", m.references()); }},
    {"users", [](const Module& m, TextSink& out) { m.write_holders(out, "\n", most_users); }},
    {"taint", [](const Module& m, TextSink& out) { out.write(module_text::taints(m).view()); }},
};

}  // namespace

Result<Ref<Directory>> make_module_directory(Tree& tree, Registry::Modules& modules, Ref<Module> module)
{
    Ref<Directory> directory = adopt_ref(new (std::nothrow) Directory(tree));
    if (!directory)
        return fail(Errno::nomem);
    for (const Attribute& attribute : attributes)
        TRY(add(*directory, attribute.name, new (std::nothrow) AttributeFile(tree, module, attribute.write)));
    if (module->version != nullptr)
        TRY(add(*directory, "version", new (std::nothrow) AttributeFile(tree, module, [](const Module& m, TextSink& out) {
                    out.write(m.version);
                })));
    if (module->source_version != nullptr)
        TRY(add(*directory, "srcversion",
                new (std::nothrow) AttributeFile(tree, module, [](const Module& m, TextSink& out) {
                    out.write(m.source_version);
                })));
    TRY(add_sections(tree, *directory, module));
    TRY(add_holders(*directory, modules, *module));
    TRY(add_parameters(tree, *directory, module));
    return directory;
}

}  // namespace tenon
