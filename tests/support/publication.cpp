#include "tests/support/publication.h"

#include <cstring>
#include <random>

#include "module/load/description.h"
#include "module/load/exceptions.h"
#include "module/load/link_module.h"

namespace tenon::test {
namespace {

using modreg::Module;

// Takes everything and keeps a sum, so that every byte is read.
class SumSink final : public TextSink {
public:
    void write(std::string_view text) override
    {
        for (const char c : text)
            sum = sum * 31 + static_cast<u8>(c);
    }
    volatile u64 sum = 0;
};

void set_parameters(Module& module)
{
    const std::string_view value = "1";
    for (const Parameter& parameter : module.parameters.table())
        if (parameter.kind != ParameterKind::custom_)
            static_cast<void>(module.parameters.set(parameter, &value));
}

void look_at(HostKernel& kernel, const Module& module)
{
    SumSink out;
    for (const Parameter& parameter : module.parameters.table()) {
        out.write(parameter.name);
        if (parameter.kind != ParameterKind::custom_ && parameter.permissions != 0)
            module.parameters.print(parameter, out);
    }
    for (u32 index = 0; index < module.sections.size(); ++index)
        out.write(module.sections[index].name);
    for (const ModuleSymbol& symbol : module.symbols)
        out.write(module.symbol_names + symbol.name);
    if (const auto& text = module.image.block(modlink::Region::text))
        for (const u64 offset : {u64{0}, text->size / 2, text->size - 1})
            if (const auto position = module.find_function(text->place + offset))
                out.write(position->function);
    for (const auto exports : {module.exports, module.gpl_exports})
        for (const ExportedSymbol& symbol : exports)
            expect(kernel.find_symbol(symbol.name) == symbol.value, "an export is not in the symbol table");
    for (const char* const text : {module.version, module.source_version})
        if (text != nullptr)
            out.write(text);
    for (const ExceptionEntry& entry : module.exceptions)
        expect(module.image.region_of(target(entry.fixup)).has_value(), "a fix-up outside the module");
}

}  // namespace

Result<> publish_and_withdraw(HostKernel& kernel, std::span<const std::byte> file)
{
    elf::MemorySource source(file);
    modload::Report report;
    const auto view = TRY(elf::ObjectView::read(source, report));
    if (view.symbols().empty())
        return fail(Errno::noexec);
    const auto description = TRY(modload::read_description(view, modload::Vermagic::ignore, report));
    const Ref<Module> module = TRY(kernel.registry.reserve(description.name, report));
    const auto linked = modload::link_module(kernel.environment, view, source, *module, report);
    if (linked) {
        for (void (*const constructor)() : linked->constructors)
            expect(constructor != nullptr, "a constructor is null");
        set_parameters(*module);
        look_at(kernel, *module);
        modload::drop_init_exceptions(kernel.platform, *module);
        module->image.release_init();
        look_at(kernel, *module);
        kernel.registry.withdraw(*module);
    }
    modload::release_image(kernel.platform, *module);
    kernel.registry.forget(*module);
    return linked ? Result<>() : fail(linked.error());
}

void damage(std::span<std::byte> file, u64 seed)
{
    std::mt19937_64 random(seed);
    constexpr u64 interesting[] = {0, 1, 7, 8, 0xff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff, u64{1} << 63, ~u64{0}};
    for (u64 count = 1 + random() % 4; count != 0; --count) {
        std::byte* const word = file.data() + random() % (file.size() / 8) * 8;
        switch (random() % 5) {
        case 0: word[random() % 8] = static_cast<std::byte>(random()); break;
        case 1: word[random() % 8] ^= static_cast<std::byte>(1 << random() % 8); break;
        case 2: std::memcpy(word, &interesting[random() % std::size(interesting)], 8); break;
        case 3: std::memcpy(word, file.data() + random() % (file.size() / 8) * 8, 8); break;
        default: {
            u64 value;
            std::memcpy(&value, word, sizeof value);
            value += random() % 129 * 8 - 512;
            std::memcpy(word, &value, sizeof value);
        }
        }
    }
}

}  // namespace tenon::test
