#include "module/registry/parameters.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "module/registry/argument_parser.h"
#include "module/registry/parameter_value.h"
#include <tenon/module.h>
#include <tenon/sync.h>

namespace tenon {
namespace {

// Protects the variables of all parameters against being read and written at once, and the texts of charp parameters.
Mutex parameter_mutex;

}  // namespace

ParameterLock::ParameterLock()
{
    parameter_mutex.lock();
}

ParameterLock::~ParameterLock()
{
    parameter_mutex.unlock();
}

namespace modreg {
namespace {

// What programs write to a file in /sys ends in a newline, a NUL, or both.
std::string_view without_end(std::string_view text)
{
    text = text.substr(0, text.find('\0'));
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return text;
}

Result<> set_string(const Parameter& parameter, std::string_view text)
{
    if (text.size() >= parameter.capacity)
        return fail(Errno::nospc);
    char* const target = static_cast<char*>(parameter.target);
    std::memcpy(target, text.data(), text.size());
    target[text.size()] = '\0';
    return {};
}

void* element(const Parameter& parameter, usize index)
{
    return static_cast<std::byte*>(parameter.target) + index * value_size(parameter.kind);
}

// Calls store(index, text) for each element; their number.
template <typename Store>
Result<u32> for_each_element(const Parameter& parameter, std::string_view text, Store&& store)
{
    u32 count = 0;
    for (bool more = true; more; ++count) {
        if (count == parameter.capacity)
            return fail(Errno::inval);
        const usize comma = text.find(',');
        more = comma != std::string_view::npos;
        TRY(store(count, text.substr(0, comma)));
        text.remove_prefix(more ? comma + 1 : text.size());
    }
    return count;
}

// Nothing is written before the last element is known to be good.
Result<> set_array(const Parameter& parameter, std::string_view text)
{
    TRY(for_each_element(parameter, text, [&](u32, std::string_view piece) {
        u64 unused;
        return store_value(parameter.kind, &unused, piece);
    }));
    const u32 count = TRY(for_each_element(parameter, text, [&](u32 index, std::string_view piece) {
        return store_value(parameter.kind, element(parameter, index), piece);
    }));
    if (parameter.count != nullptr)
        *parameter.count = count;
    return {};
}

void print_element(const Parameter& parameter, usize index, TextSink& out)
{
    const void* const target = element(parameter, index);
    if (parameter.kind != ParameterKind::charp_)
        return print_value(parameter.kind, target, out);
    const char* const text = *static_cast<const char* const*>(target);
    out.write(text == nullptr ? "(null)" : text);
}

}  // namespace

const Parameter* ParameterSet::find(std::string_view name) const
{
    const auto found = std::find_if(table_.begin(), table_.end(), [&](const Parameter& parameter) {
        return same_parameter(parameter.name, name);
    });
    return found == table_.end() ? nullptr : &*found;
}

// Copies the text and points the variable, or the elements of an array, into the copy.
Result<> ParameterSet::set_texts(const Parameter& parameter, std::string_view text)
{
    if (!texts_)
        texts_.reset(new (std::nothrow) std::unique_ptr<char[]>[table_.size()]);
    std::unique_ptr<char[]> copy(new (std::nothrow) char[text.size() + 1]);
    if (!texts_ || !copy)
        return fail(Errno::nomem);
    const u32 capacity = std::max(parameter.capacity, u32{1});
    const bool is_array = parameter.capacity != 0;
    const auto pieces = is_array ? std::count(text.begin(), text.end(), ',') + 1 : 1;
    if (pieces > capacity)
        return fail(Errno::inval);

    std::memcpy(copy.get(), text.data(), text.size());
    copy[text.size()] = '\0';
    const char** const targets = static_cast<const char**>(parameter.target);
    targets[0] = copy.get();
    for (usize position = 0, index = 1; is_array && position < text.size(); ++position)
        if (copy[position] == ',') {
            copy[position] = '\0';
            targets[index++] = copy.get() + position + 1;
        }
    if (parameter.count != nullptr)
        *parameter.count = static_cast<u32>(pieces);
    texts_[static_cast<usize>(&parameter - table_.data())] = std::move(copy);
    return {};
}

Result<> ParameterSet::set(const Parameter& parameter, const std::string_view* text)
{
    const std::string_view value = text != nullptr ? without_end(*text) : std::string_view();
    if (parameter.kind == ParameterKind::custom_)
        return parameter.operations->set == nullptr ? fail(Errno::perm)
                                                    : parameter.operations->set(parameter, text != nullptr ? &value : nullptr);
    const ParameterLock lock;
    if (text == nullptr) {
        const bool may_stand_alone = parameter.kind == ParameterKind::bool_ && parameter.capacity == 0;
        return may_stand_alone ? store_value(parameter.kind, parameter.target, "y") : fail(Errno::inval);
    }
    if (parameter.kind == ParameterKind::string_)
        return set_string(parameter, value);
    if (parameter.kind == ParameterKind::charp_)
        return set_texts(parameter, value);
    if (parameter.capacity != 0)
        return set_array(parameter, value);
    return store_value(parameter.kind, parameter.target, value);
}

void ParameterSet::print(const Parameter& parameter, TextSink& out) const
{
    if (parameter.kind == ParameterKind::custom_) {
        if (parameter.operations->print != nullptr)
            parameter.operations->print(parameter, out);
        return;
    }
    const ParameterLock lock;
    if (parameter.kind == ParameterKind::string_) {
        const std::string_view text(static_cast<const char*>(parameter.target), parameter.capacity);
        out.write(text.substr(0, text.find('\0')));
    } else {
        // The module may count as it likes.
        const u32 most = std::max(parameter.capacity, u32{1});
        const u32 count = parameter.capacity == 0 || parameter.count == nullptr ? most : std::min(*parameter.count, most);
        for (usize index = 0; index < count; ++index) {
            if (index != 0)
                out.write(",");
            print_element(parameter, index, out);
        }
    }
}

}  // namespace modreg
}  // namespace tenon
