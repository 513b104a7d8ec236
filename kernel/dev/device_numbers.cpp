#include "kernel/dev/device_numbers.h"

#include <charconv>
#include <new>

#include "kernel/dev/block/registry.h"
#include "kernel/fs/devfs/char_devices.h"
#include "kernel/fs/sysfs/sysfs.h"

namespace tenon {
namespace {

using DeviceName = FixedText<64>;

// What the two registries have in common: devices in an order that does not change while a device is there.
struct Kind {
    // The first device with a number above `number`; std::nullopt behind the last.
    std::optional<DeviceNumber> (*next)(std::optional<DeviceNumber> number);
    std::optional<DeviceName> (*name)(DeviceNumber number);
    std::string_view folder;  // as seen from /sys/dev/KIND
};

constexpr Kind block_kind{block::next_number, block::name_of, "../../block/"};
constexpr Kind char_kind{char_devices::next_number, char_devices::name_of, "../../devices/virtual/char/"};

template <typename T, typename... Args>
Result<Ref<Inode>> make_node(Args&&... args)
{
    Ref<Inode> node = adopt_ref<Inode>(new (std::nothrow) T(sysfs::tree(), std::forward<Args>(args)...));
    if (!node)
        return fail(Errno::nomem);
    return node;
}

std::optional<DeviceNumber> find_name(const Kind& kind, std::string_view wanted)
{
    for (auto number = kind.next(std::nullopt); number; number = kind.next(number))
        if (const auto name = kind.name(*number); name && name->view() == wanted)
            return number;
    return std::nullopt;
}

// "254:3"
std::optional<DeviceNumber> parse_number(std::string_view text)
{
    DeviceNumber number;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, number.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != ':')
        return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, number.minor);
    return minor.ec == std::errc() && minor.ptr == end ? std::optional(number) : std::nullopt;
}

// The entries of a folder of devices; a cookie is one more than the number, encoded, of the last device that was listed.
template <typename Emit>
void list(const Kind& kind, u64 cookie, Emit&& emit)
{
    auto number = cookie == 0 ? std::nullopt : std::optional(DeviceNumber::decode(cookie - 1));
    for (number = kind.next(number); number; number = kind.next(number))
        if (!emit(*number, number->encode() + 1))
            return;
}

class NumberLinks final : public pseudo::DynamicChildren {
public:
    explicit NumberLinks(const Kind& kind) : kind_(kind) {}

    Result<Ref<Inode>> lookup(std::string_view text) override
    {
        const auto number = parse_number(text);
        const auto name = number ? kind_.name(*number) : std::nullopt;
        if (!name)
            return fail(Errno::noent);
        return make_node<pseudo::FixedLink>(FixedText<120>("{}{}", kind_.folder, name->view()).view());
    }

    Result<> read(u64 cookie, DirectorySink& sink) override
    {
        list(kind_, cookie, [&](DeviceNumber number, u64 next) {
            return sink.emit(FixedText<24>("{}:{}", number.major, number.minor).view(), number.encode() + 1, mode::symlink, next);
        });
        return {};
    }

private:
    const Kind& kind_;
};

// A file of one device; the text is made by print(number).
class DeviceFile final : public pseudo::TextFile {
public:
    using Print = Result<> (*)(TextSink& out, DeviceNumber number);
    DeviceFile(pseudo::Tree& tree, DeviceNumber number, Print print) : TextFile(tree, 0444), number_(number), print_(print) {}
    Result<> generate(TextSink& out) override { return print_(out, number_); }

private:
    DeviceNumber number_;
    Print print_;
};

struct DeviceEntry {
    std::string_view name;
    DeviceFile::Print print;
};

Result<> print_number(TextSink& out, DeviceNumber number)
{
    format_to(out, "{}:{}\n", number.major, number.minor);
    return {};
}

Result<> print_size(TextSink& out, DeviceNumber number)
{
    const auto device = TRY(block::Pin::take(number));
    format_to(out, "{}\n", device->sector_count());
    return {};
}

Result<> print_read_only(TextSink& out, DeviceNumber number)
{
    const auto device = TRY(block::Pin::take(number));
    format_to(out, "{}\n", device->is_read_only() ? 1 : 0);
    return {};
}

constexpr DeviceEntry block_entries[] = {{"dev", print_number}, {"size", print_size}, {"ro", print_read_only}};
constexpr DeviceEntry char_entries[] = {{"dev", print_number}};

class DeviceFolder final : public pseudo::Node {
public:
    DeviceFolder(pseudo::Tree& tree, DeviceNumber number, std::span<const DeviceEntry> entries)
        : Node(tree, mode::directory | 0555), number_(number), entries_(entries)
    {
    }

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        for (const DeviceEntry& entry : entries_)
            if (entry.name == name)
                return make_node<DeviceFile>(number_, entry.print);
        return fail(Errno::noent);
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        for (u64 index = cookie; index < entries_.size(); ++index)
            if (!sink.emit(entries_[index].name, index + 1, mode::regular, index + 1))
                break;
        return {};
    }

private:
    DeviceNumber number_;
    std::span<const DeviceEntry> entries_;
};

class DeviceFolders final : public pseudo::DynamicChildren {
public:
    DeviceFolders(const Kind& kind, std::span<const DeviceEntry> entries) : kind_(kind), entries_(entries) {}

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        const auto number = find_name(kind_, name);
        if (!number)
            return fail(Errno::noent);
        return make_node<DeviceFolder>(*number, entries_);
    }

    Result<> read(u64 cookie, DirectorySink& sink) override
    {
        list(kind_, cookie, [&](DeviceNumber number, u64 next) {
            const auto name = kind_.name(number);
            return !name || sink.emit(name->view(), number.encode() + 1, mode::directory, next);
        });
        return {};
    }

private:
    const Kind& kind_;
    std::span<const DeviceEntry> entries_;
};

NumberLinks block_links(block_kind);
NumberLinks char_links(char_kind);
DeviceFolders block_folders(block_kind, block_entries);
DeviceFolders char_folders(char_kind, char_entries);

}  // namespace

Result<> create_number_files()
{
    pseudo::Directory& root = sysfs::root();
    auto numbers = TRY(root.make_directory("dev"));
    auto of_blocks = TRY(numbers->make_directory("block"));
    of_blocks->set_dynamic(block_links);
    auto of_chars = TRY(numbers->make_directory("char"));
    of_chars->set_dynamic(char_links);
    auto blocks = TRY(root.make_directory("block"));
    blocks->set_dynamic(block_folders);
    auto devices = TRY(root.make_directory("devices"));
    auto without_bus = TRY(devices->make_directory("virtual"));
    auto chars = TRY(without_bus->make_directory("char"));
    chars->set_dynamic(char_folders);
    return {};
}

}  // namespace tenon
