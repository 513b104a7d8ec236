#include "kernel/syscall/module.h"

#include <memory>
#include <new>

#include "kernel/lib/bits.h"
#include "kernel/mm/user_access.h"
#include "kernel/module/compressed.h"
#include "kernel/module/module_system.h"
#include "kernel/module/sources.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/process.h"
#include <tenon/log.h>
#include <tenon/module_header.h>

namespace tenon::syscall {
namespace {

using modload::LoadRequest;
using modload::Report;
using modload::Vermagic;

// Flags of finit_module (include/uapi/linux/module.h).
constexpr u32 ignore_modversions = 1;
constexpr u32 ignore_vermagic = 2;
constexpr u32 compressed_file = 4;

constexpr u64 largest_module = 256 << 20;

// The parameter string of a load. Short ones, which nearly all are, need no allocation.
class ParameterText : NoCopy {
public:
    // Errno::fault also for a null pointer, as Linux.
    Result<> read(UserPtr<const char> text, Report& report)
    {
        auto copied = user::copy_string(short_, text);
        if (!copied && copied.error() == Errno::nametoolong)
            copied = read_long(text);
        if (!copied && copied.error() == Errno::nametoolong)
            return report.fail(Errno::inval, "the parameters are longer than {} bytes", longest - 1);
        if (!copied)
            return report.fail(copied.error(), "the parameters cannot be read: {}", copied.error());
        view_ = *copied;
        return {};
    }
    std::string_view view() const { return view_; }

private:
    static constexpr usize longest = 64 * 1024;

    Result<std::string_view> read_long(UserPtr<const char> text)
    {
        long_.reset(new (std::nothrow) char[longest]);
        if (!long_)
            return fail(Errno::nomem);
        return user::copy_string({long_.get(), longest}, text);
    }

    char short_[128];
    std::unique_ptr<char[]> long_;
    std::string_view view_;
};

// Says in the log, and to the calling process by /proc/self/module_error, why a call failed.
Result<u64> finish(const Result<>& result, const Report& report, std::string_view action)
{
    std::unique_ptr<FixedText<480>>& kept = current_user_thread().module_error;
    kept.reset();
    if (result)
        return 0;
    FixedText<480> reason;
    if (report.view().empty())
        reason.format("{} failed: {}", action, result.error());
    else
        reason.write(report.view());
    const std::string_view name = report.module_name.size() == 0 ? "module" : report.module_name.view();
    log::write(log::Severity::error, name, reason.view());
    kept.reset(new (std::nothrow) FixedText<480>("{}: {}", name, reason.view()));
    return fail(result.error());
}

Result<> check_right()
{
    TRY(require(Capability::sys_module));
    return module_system::is_closed() ? fail(Errno::perm) : Result<>();
}

// Up to this size a file is read at once: fetching the pieces one by one costs more than moving the few bytes twice.
constexpr u64 small_file = 8 * 1024;

Result<> load_plain(elf::Source& source, std::string_view parameters, Vermagic vermagic, Report& report)
{
    if (source.size() > small_file || !source.contiguous().empty())
        return modload::load(module_system::environment(), LoadRequest{source, parameters, vermagic}, report);
    const usize words = static_cast<usize>(source.size() + sizeof(u64) - 1) / sizeof(u64);
    const std::unique_ptr<u64[]> buffer(new (std::nothrow) u64[words]);
    if (!buffer)
        return fail(Errno::nomem);
    const auto bytes = std::as_writable_bytes(std::span(buffer.get(), words)).first(static_cast<usize>(source.size()));
    TRY(source.read(0, bytes));
    source.finish();
    elf::MemorySource memory(bytes);
    return modload::load(module_system::environment(), LoadRequest{memory, parameters, vermagic}, report);
}

Result<> load_packed(elf::Source& source, std::string_view parameters, Vermagic vermagic, Report& report)
{
    if (source.size() == 0)
        return report.fail(Errno::inval, "not a zstd-compressed module");
    const PageBuffer packed = TRY(PageBuffer::allocate(static_cast<usize>(source.size())));
    TRY(source.read(0, packed.bytes()));
    source.finish();
    const FileBuffer unpacked = TRY(decompress_zstd(packed.bytes(), report));
    elf::MemorySource memory(unpacked.bytes());
    return load_plain(memory, parameters, vermagic, report);
}

// Programs that know nothing of compressed modules hand them over as they are (busybox's insmod): they are taken too. Looked at
// only after a failure, so that plain modules pay nothing.
bool is_packed(elf::Source& source)
{
    std::array<std::byte, 4> start{};
    return source.size() > start.size() && source.read(0, start) && load_le<u32>(start) == zstd_magic;
}

Result<> load_any(elf::Source& source, std::string_view parameters, Vermagic vermagic, Report& report)
{
    Result<> result = load_plain(source, parameters, vermagic, report);
    if (result || result.error() != Errno::noexec || report.module_name.size() != 0 || !is_packed(source))
        return result;
    report = Report();
    return load_packed(source, parameters, vermagic, report);
}

Result<> check_size(u64 size, Report& report)
{
    if (size > largest_module)
        return report.fail(Errno::fbig, "a file of {} bytes is larger than {}", size, largest_module);
    return {};
}

Result<> load_from_memory(const Arguments& arguments, Report& report)
{
    const u64 size = arguments[1];
    TRY(check_size(size, report));
    ParameterText parameters;
    TRY(parameters.read(arguments.pointer<const char>(2), report));
    UserSource source(arguments.address(0), size);
    return load_any(source, parameters.view(), Vermagic::check, report);
}

// An open regular file, or why it is none that a module can be read from.
Result<Ref<OpenFile>> module_file(int descriptor, Report& report)
{
    Result<Ref<OpenFile>> file = current_process().files->get(descriptor);
    if (!file)
        return report.fail(file.error(), "descriptor {}: {}", descriptor, file.error());
    if (!(*file)->is_readable())
        return report.fail(Errno::badf, "descriptor {} is not open for reading", descriptor);
    const Inode& inode = (*file)->inode();
    if (!inode.is_regular())
        return report.fail(Errno::inval, "descriptor {} is {} and no regular file", descriptor,
                           inode.is_directory()         ? "a directory"
                           : inode.type() == mode::fifo ? "a pipe or FIFO"
                                                        : "a device");
    return file;
}

Result<> load_from_file(const Arguments& arguments, Report& report)
{
    const u32 flags = arguments.as_u32(2);
    if ((flags & ~(ignore_modversions | ignore_vermagic | compressed_file)) != 0)
        return report.fail(Errno::inval, "finit_module has no flags {:#x}", flags);
    const Ref<OpenFile> file = TRY(module_file(arguments.as_int(0), report));
    ParameterText parameters;
    TRY(parameters.read(arguments.pointer<const char>(1), report));
    FileSource source(*file);
    if (const Result<> started = source.start(); !started)
        return report.fail(started.error(), "the file is open for writing");
    TRY(check_size(source.size(), report));
    const Vermagic vermagic = (flags & ignore_vermagic) != 0 ? Vermagic::ignore : Vermagic::check;
    const auto load = (flags & compressed_file) != 0 ? load_packed : load_any;
    return load(source, parameters.view(), vermagic, report);
}

}  // namespace

Result<u64> sys_init_module(const Arguments& arguments)
{
    TRY(check_right());
    Report report;
    return finish(load_from_memory(arguments, report), report, "load");
}

Result<u64> sys_finit_module(const Arguments& arguments)
{
    TRY(check_right());
    Report report;
    return finish(load_from_file(arguments, report), report, "load");
}

Result<u64> sys_delete_module(const Arguments& arguments)
{
    TRY(check_right());
    char buffer[ModuleHeader::name_capacity];
    const auto name = user::copy_string(buffer, arguments.pointer<const char>(0));
    if (!name)
        return fail(name.error() == Errno::nametoolong ? Errno::noent : name.error());
    Report report;
    return finish(modload::unload(module_system::environment(), *name, report), report, "removal");
}

}  // namespace tenon::syscall
