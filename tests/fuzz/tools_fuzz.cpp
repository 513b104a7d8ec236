// Feeds the tools' parsers: the first byte chooses one, the rest is its input. Nothing may crash, hang or leak, and what a
// parser promises of its result is checked.

#include <cstdlib>
#include <string_view>

#include "kernel/lib/types.h"
#include "module/elf/metadata_view.h"
#include "tools/lib/config.h"
#include "tools/lib/depmod/depmod_config.h"
#include "tools/lib/depmod/symbol_files.h"
#include "tools/lib/index_reader.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"
#include "tools/lib/module_info.h"
#include "tools/lib/module_name.h"
#include "tools/lib/signature.h"

namespace {

using namespace tenon;
using namespace tenon::tools;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void fuzz_index(std::string_view input)
{
    const auto reader = IndexReader::over(std::as_bytes(std::span(input)));
    if (!reader)
        return;
    reader->find("kernel");
    reader->find_matching("pci:v00008086d00001234sv*");
    reader->for_each([](const std::string& key, const IndexValue& value) { require(key.size() < 1 << 24 && value.text.size() < 1 << 24); });
}

void fuzz_config(std::string_view input)
{
    Config config;
    parse_config(config, input, "fuzz.conf");
    for (const ConfigSoftdep& softdep : config.softdeps)
        require(softdep_text(softdep).size() <= input.size() + 16);
    for (const ConfigAlias& alias : config.aliases)
        require(!alias.module.empty() && alias.module.find('\n') == std::string::npos);
    parse_kernel_command_line(config, input);
    DepmodConfig depmod;
    parse_depmod_config(depmod, input, "fuzz.conf", "/lib/modules/1.0", "1.0");
    depmod.rank_of("/lib/modules/1.0/kernel/x.ko");
}

void fuzz_names(std::string_view input)
{
    if (const auto normalised = normalised_alias(input)) {
        require(normalised->size() == input.size());
        require(normalised_alias(*normalised) == normalised);
    }
    const std::string name = module_name_from_path(input);
    require(name.find('/') == std::string::npos && name.find('.') == std::string::npos);
    const auto half = input.size() / 2;
    matches(std::string(input.substr(0, half < 64 ? half : 64)), std::string(input.substr(half)));
    parse_loaded_modules(input);
}

void fuzz_module(std::string_view input)
{
    const auto bytes = std::as_bytes(std::span(input));
    elf::MemorySource source(bytes);
    read_signature(source);
    read_builtin_info(input, "module");
    const auto view = elf::MetadataView::parse(bytes);
    if (!view)
        return;
    if (const auto info = read_module_info(source, *view))
        for (const InfoParameter& parameter : info->parameters())
            require(!parameter.text(InfoParameter::Form::list).empty());
    std::size_t symbols = 0;
    view->for_each_undefined([&](const char*, elf::SymbolBinding) { ++symbols; });
    view->for_each_export([&](const elf::MetadataView::Version&) { ++symbols; });
    view->for_each_required_version([&](const elf::MetadataView::Version&) { ++symbols; });
    require(symbols <= 3 * input.size());
}

void fuzz_symbols(std::string_view input)
{
    ExportTable exports(4);
    add_system_map(exports, input, "System.map", '_');
    add_module_symvers(exports, input, "Module.symvers");
    for (const ExportTable::Entry& entry : exports.entries())
        require(exports.find(entry.name) == &entry);
}

void fuzz_packed(std::string_view input)
{
    Decompressor decompressor;
    decompressor.unpack(std::as_bytes(std::span(input)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size)
{
    set_threshold(Severity::emergency);
    if (size == 0)
        return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    using Target = void (*)(std::string_view);
    static constexpr Target targets[] = {fuzz_index, fuzz_config, fuzz_names, fuzz_module, fuzz_symbols, fuzz_packed};
    targets[data[0] % std::size(targets)](input);
    return 0;
}
