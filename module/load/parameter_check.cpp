#include "module/load/parameter_check.h"

#include <algorithm>

#include "kernel/lib/bits.h"
#include "kernel/lib/file_name.h"
#include "module/elf/pieces.h"
#include "module/registry/parameter_value.h"

namespace tenon::modload {
namespace {

using modlink::Region;
using modlink::RegionSet;

// Every word of the arguments of a load is looked up among them.
constexpr usize most_parameters = 1024;
constexpr u64 work_per_text = 64;  // one without a text costs as much as one of so many bytes

class ParameterCheck {
public:
    ParameterCheck(std::span<const std::span<ExportedSymbol>> exports, TableReader& reader) : exports_(exports), reader_(reader) {}

    Result<> check(const Parameter& parameter)
    {
        TRY(check_name(parameter));
        switch (parameter.kind) {
        case ParameterKind::custom_: return check_operations(parameter);
        case ParameterKind::string_: return check_string(parameter);
        case ParameterKind::charp_: return check_texts(parameter);
        default: return check_values(parameter);
        }
    }

private:
    Result<> check_name(const Parameter& parameter)
    {
        const std::string_view name = TRY(reader_.text(parameter.name, constant_home, "the name of a parameter"));
        if (!is_file_name(name))
            return refuse("'{}' cannot be the name of a parameter", name.substr(0, 64));
        if (parameter.kind > ParameterKind::custom_)
            return refuse("parameter {} is of an unknown kind {}", name, static_cast<u8>(parameter.kind));
        return {};
    }

    // What stands behind them is the module's own business.
    Result<> check_operations(const Parameter& parameter)
    {
        TRY(reader_.table(parameter.operations, 1, constant_home, "operations of a parameter"));
        TRY(reader_.function(parameter.operations->set, core_code, "the function that sets a parameter"));
        TRY(reader_.function(parameter.operations->print, core_code, "the function that prints a parameter"));
        return {};
    }

    Result<> check_string(const Parameter& parameter)
    {
        TRY(check_variable(static_cast<char*>(parameter.target), std::max(parameter.capacity, u32{1}), parameter));
        const char* const value = static_cast<const char*>(parameter.target);
        for (usize start = 0; start < parameter.capacity; start += elf::bytes_between_pauses) {
            const usize size = std::min<usize>(parameter.capacity - start, elf::bytes_between_pauses);
            const usize length = static_cast<usize>(std::find(value + start, value + start + size, '\0') - (value + start));
            TRY(reader_.pay(length, "the value of a parameter"));
            if (length != size)
                return {};
        }
        return refuse("the value of parameter {} does not end in its {} bytes", parameter.name, parameter.capacity);
    }

    Result<> check_texts(const Parameter& parameter)
    {
        const u32 count = std::max(parameter.capacity, u32{1});
        const auto* const texts = static_cast<const char* const*>(parameter.target);
        TRY(check_variable(texts, count, parameter));
        for (u32 index = 0; index < count; ++index) {
            TRY(reader_.pay(work_per_text, "the texts of a parameter"));
            if (texts[index] != nullptr)
                TRY(reader_.text(texts[index], home_of_text(parameter), "the text of a parameter"));
        }
        return check_count(parameter);
    }

    Result<> check_values(const Parameter& parameter)
    {
        const u64 size = modreg::value_size(parameter.kind);
        if (!is_aligned(reinterpret_cast<u64>(parameter.target), size))
            return refuse("the variable of parameter {} is not aligned", parameter.name);
        TRY(check_variable(static_cast<std::byte*>(parameter.target), std::max<u64>(parameter.capacity, 1) * size, parameter));
        return check_count(parameter);
    }

    Result<> check_count(const Parameter& parameter)
    {
        if (parameter.count == nullptr)
            return {};
        TRY(check_variable(parameter.count, 1, parameter));
        if (*parameter.count > std::max(parameter.capacity, u32{1}))
            return refuse("parameter {} counts {} of {} elements", parameter.name, *parameter.count, parameter.capacity);
        return {};
    }

    // What /sys may set is written to as long as the module is there, what it shows is read. What it does not know at all is set before
    // init and never looked at again.
    static RegionSet home_of_variable(const Parameter& parameter)
    {
        if (parameter.permissions == 0)
            return {Region::data, Region::ro_after_init, Region::init_data};
        return (parameter.permissions & 0222) != 0 ? variable_home : RegionSet{Region::data, Region::ro_after_init};
    }
    static RegionSet home_of_text(const Parameter& parameter)
    {
        if (parameter.permissions == 0)
            return {Region::rodata, Region::ro_after_init, Region::data, Region::init_rodata, Region::init_data};
        return core_home;
    }

    template <typename T>
    Result<> check_variable(T* first, u64 count, const Parameter& parameter)
    {
        const u64 start = reinterpret_cast<u64>(first);
        TRY(reader_.check_inside(start, count * sizeof(T), alignof(T), home_of_variable(parameter), "the variable of a parameter"));
        for (const std::span<ExportedSymbol> table : exports_) {
            const u64 other = reinterpret_cast<u64>(table.data());
            if (start < other + table.size_bytes() && other < start + count * sizeof(T))
                return refuse("the variable of parameter {} lies in a table of exports", parameter.name);
        }
        return {};
    }

    template <typename... Args>
    std::unexpected<Errno> refuse(std::string_view format, const Args&... args)
    {
        return reader_.diagnostics().fail(Errno::noexec, format, args...);
    }

    std::span<const std::span<ExportedSymbol>> exports_;
    TableReader& reader_;
};

}  // namespace

Result<> check_parameters(std::span<const Parameter> table, std::span<const std::span<ExportedSymbol>> exports, TableReader& reader)
{
    if (table.size() > most_parameters)
        return reader.diagnostics().fail(Errno::noexec, "{} parameters are more than {}", table.size(), most_parameters);
    ParameterCheck check(exports, reader);
    for (const Parameter& parameter : table)
        TRY(check.check(parameter));
    return {};
}

}  // namespace tenon::modload
