#include "kernel/fs/procfs/sysctl.h"

#include <charconv>
#include <new>

#include "kernel/fs/procfs/procfs.h"
#include "kernel/runtime/shadow.h"

namespace tenon::sysctl {
namespace {

constexpr u32 readable = 0444;
constexpr u32 writable = 0200;

constexpr std::string_view white_space = " \t\n\r\v\f";

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

class NumberFile final : public pseudo::TextFile {
public:
    explicit NumberFile(const Number& number)
        : TextFile(procfs::tree(), number.set == nullptr ? readable : readable | writable), number_(number)
    {
    }

    Result<> generate(TextSink& out) override
    {
        format_to(out, "{}\n", number_.get());
        return {};
    }

    Result<> store(std::string_view text) override
    {
        if (number_.set == nullptr)
            return fail(Errno::acces);
        const i64 value = TRY(parse_number(text));
        if (value < number_.minimum || value > number_.maximum)
            return fail(Errno::inval);
        return number_.set(value);
    }

private:
    Number number_;
};

// Makes the folders on the way to the last component of `path`, which the node then gets.
Result<> add(std::string_view path, Ref<Inode> node)
{
    if (!node)
        return fail(Errno::nomem);
    auto folder = TRY(procfs::root().make_directory("sys"));
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
        auto next = TRY(folder->make_directory(path.substr(0, slash)));
        folder = std::move(next);
        path.remove_prefix(slash + 1);
    }
    return folder->add(path, std::move(node));
}

}  // namespace

Result<i64> parse_number(std::string_view text)
{
    text = trimmed(text);
    i64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(Errno::inval);
    return value;
}

Result<> add_number(std::string_view path, const Number& number)
{
    return add(path, adopt_ref<Inode>(new (std::nothrow) NumberFile(number)));
}

Result<> add_text(std::string_view path, Generate generate, Store store)
{
    const u32 permissions = (generate == nullptr ? 0 : readable) | (store == nullptr ? 0 : writable);
    return add(path, adopt_ref<Inode>(new (std::nothrow) pseudo::FunctionFile(procfs::tree(), permissions, generate, store)));
}

Result<> initialise()
{
    TRY(add_system_names());
    TRY(add_file_values());
    TRY(add_log_values());
    TRY(add_memory_values());
    TRY(add_module_values());
    TRY(add_panic_values());
    if constexpr (shadow::is_kept)
        TRY(add_debug_values());
    TRY(add_process_values());
    return add_random_values();
}

}  // namespace tenon::sysctl
