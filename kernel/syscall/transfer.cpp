#include "kernel/syscall/transfer.h"

#include <algorithm>
#include <array>
#include <new>

#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"

namespace tenon::syscall {
namespace {

constexpr u64 largest_transfer = 0x7fff'f000;  // MAX_RW_COUNT
constexpr usize largest_vector = 1024;         // UIO_MAXIOV

// Small requests use the stack; larger ones one allocation, however much is moved.
class Buffer : NoCopy {
public:
    Result<> reserve(u64 wanted)
    {
        constexpr usize largest = 64 * 1024;
        if (wanted <= small_.size()) {
            bytes_ = small_;
            return {};
        }
        TRY(memory_limits::require_user_page());
        for (usize size = std::min<u64>(wanted, largest); size > small_.size(); size /= 2) {
            large_.reset(new (std::nothrow) std::byte[size]);
            if (large_) {
                bytes_ = {large_.get(), size};
                charge_ = ledger::Charge(ledger::Kind::calls, size);
                return {};
            }
        }
        return fail(Errno::nomem);
    }

    std::span<std::byte> first(u64 size) const { return bytes_.first(std::min<u64>(size, bytes_.size())); }

private:
    std::array<std::byte, 512> small_;
    std::unique_ptr<std::byte[]> large_;
    ledger::Charge charge_;
    std::span<std::byte> bytes_;
};

// Between two steps of a long transfer. A signal cuts what comes from or goes to a device or a pipe short, and only one that ends the process
// what is in a file: programs rely on whole reads and writes there.
Result<> point_of(const OpenFile& file)
{
    if (file.operations() == nullptr)
        return resched_point();
    const u32 type = file.inode().type();
    return type == mode::char_device || type == mode::fifo ? signal_point() : resched_point();
}

// Runs step(done) until `size` bytes are moved or a step comes back short. A stream gives what it has in one step: another
// one could block. `size` is at most largest_transfer.
template <typename Step>
Result<u64> move_in_steps(const OpenFile& file, u64 size, Step&& step)
{
    u64 done = 0;
    do {
        const Result<u64> wanted_and_moved = step(done);
        if (!wanted_and_moved)
            return done != 0 ? Result<u64>(done) : wanted_and_moved;
        if (*wanted_and_moved == 0)
            break;
        done += *wanted_and_moved;
    } while (done < size && point_of(file));
    return done;
}

std::optional<u64> advanced(std::optional<u64> offset, u64 by)
{
    return offset ? std::optional(*offset + by) : std::nullopt;
}

Result<usize> read_some(OpenFile& file, std::span<std::byte> out, std::optional<u64> offset)
{
    return offset ? file.read_at(out, *offset) : file.read(out);
}

Result<usize> write_some(OpenFile& file, std::span<const std::byte> data, std::optional<u64> offset)
{
    return offset ? file.write_at(data, *offset) : file.write(data);
}

}  // namespace

Result<u64> read_to_user(OpenFile& file, UserAddr destination, u64 size, std::optional<u64> offset)
{
    size = std::min(size, largest_transfer);
    TRY(UserRange::check(destination, size));
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(file, size, [&](u64 done) -> Result<u64> {
        if (!more)
            return 0;
        const auto part = buffer.first(size - done);
        const usize count = TRY(read_some(file, part, advanced(offset, done)));
        TRY(user::copy_to(destination + done, part.first(count)));
        more = count == part.size() && file.is_seekable();
        return count;
    });
}

Result<u64> write_from_user(OpenFile& file, UserAddr source, u64 size, std::optional<u64> offset)
{
    size = std::min(size, largest_transfer);
    TRY(UserRange::check(source, size));
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(file, size, [&](u64 done) -> Result<u64> {
        if (!more)
            return 0;
        const auto part = buffer.first(size - done);
        TRY(user::copy_from(part, source + done));
        const usize count = TRY(write_some(file, part, advanced(offset, done)));
        more = count == part.size();
        return count;
    });
}

namespace {

// The caller's vector, read once and checked as a whole (Linux: import_iovec): no part has more than SSIZE_MAX bytes (EINVAL) or
// lies outside user memory (EFAULT), and all together move at most largest_transfer, the last ones less than they ask for.
class Vector : NoCopy {
public:
    Result<> load(UserPtr<IoVector> vector, u64 count)
    {
        if (count > largest_vector)
            return fail(Errno::inval);
        if (count > few_.size()) {
            many_.reset(new (std::nothrow) IoVector[count]);
            if (!many_)
                return fail(Errno::nomem);
        }
        parts_ = {many_ ? many_.get() : few_.data(), static_cast<usize>(count)};
        TRY(user::copy_from(std::as_writable_bytes(parts_), vector.address()));
        for (IoVector& part : parts_) {
            if (static_cast<i64>(part.size) < 0)
                return fail(Errno::inval);
            part.size = std::min(part.size, largest_transfer - total_);
            TRY(UserRange::check(UserAddr(part.start), part.size));
            total_ += part.size;
        }
        return {};
    }

    std::span<const IoVector> parts() const { return parts_; }
    u64 total() const { return total_; }

private:
    std::array<IoVector, 8> few_;
    std::unique_ptr<IoVector[]> many_;
    std::span<IoVector> parts_;
    u64 total_ = 0;
};

template <typename Transfer>
Result<u64> for_each_part(const OpenFile& file, const Vector& vector, std::optional<u64> offset, Transfer&& transfer)
{
    u64 done = 0;
    for (const IoVector& part : vector.parts()) {
        if (part.size == 0)
            continue;
        if (done != 0 && !point_of(file))
            break;
        const Result<u64> moved = transfer(UserAddr(part.start), part.size, advanced(offset, done));
        if (!moved)
            return done != 0 ? Result<u64>(done) : moved;
        done += *moved;
        if (*moved < part.size)
            break;
    }
    return done;
}

}  // namespace

Result<u64> read_vector(OpenFile& file, UserPtr<IoVector> user_vector, u64 count, std::optional<u64> offset)
{
    Vector vector;
    TRY(vector.load(user_vector, count));
    bool first = true;
    return for_each_part(file, vector, offset, [&](UserAddr start, u64 size, std::optional<u64> at) -> Result<u64> {
        if (!first && !file.is_seekable())
            return 0;
        first = false;
        return read_to_user(file, start, size, at);
    });
}

// A short vector is gathered first, so that one writev is one write: a line on a terminal, an atomic piece of a pipe.
Result<u64> write_vector(OpenFile& file, UserPtr<IoVector> user_vector, u64 count, std::optional<u64> offset)
{
    Vector vector;
    TRY(vector.load(user_vector, count));
    std::array<std::byte, 1024> gathered;
    if (vector.total() != 0 && vector.total() <= gathered.size()) {
        usize used = 0;
        for (const IoVector& part : vector.parts()) {
            TRY(user::copy_from(std::span(gathered).subspan(used, part.size), UserAddr(part.start)));
            used += part.size;
        }
        return write_some(file, std::span(gathered).first(used), offset);
    }
    return for_each_part(file, vector, offset, [&](UserAddr start, u64 size, std::optional<u64> at) {
        return write_from_user(file, start, size, at);
    });
}

Result<u64> copy_between(OpenFile& from, OpenFile& to, u64 size, std::optional<u64> from_offset, std::optional<u64> to_offset)
{
    size = std::min(size, largest_transfer);
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(from, size, [&](u64 done) -> Result<u64> {
        if (!more)
            return 0;
        const auto part = buffer.first(size - done);
        const usize count = TRY(read_some(from, part, advanced(from_offset, done)));
        usize written = 0;
        while (written < count) {
            const auto rest = std::span<const std::byte>(part).subspan(written, count - written);
            const usize moved = TRY(write_some(to, rest, advanced(to_offset, done + written)));
            if (moved == 0)
                break;
            written += moved;
        }
        more = written == part.size();
        return written;
    });
}

}  // namespace tenon::syscall
