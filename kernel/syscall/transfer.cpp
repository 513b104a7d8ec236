#include "kernel/syscall/transfer.h"

#include <algorithm>
#include <array>
#include <new>

#include "kernel/lib/checked.h"
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
        for (usize size = std::min<u64>(wanted, largest); size > small_.size(); size /= 2) {
            large_.reset(new (std::nothrow) std::byte[size]);
            if (large_) {
                bytes_ = {large_.get(), size};
                return {};
            }
        }
        return fail(Errno::nomem);
    }

    std::span<std::byte> first(u64 size) const { return bytes_.first(std::min<u64>(size, bytes_.size())); }

private:
    std::array<std::byte, 512> small_;
    std::unique_ptr<std::byte[]> large_;
    std::span<std::byte> bytes_;
};

// Runs step(done) until `size` bytes are moved or a step comes back short. A stream gives what it has in one step: another
// one could block.
template <typename Step>
Result<u64> move_in_steps(u64 size, Step&& step)
{
    u64 done = 0;
    do {
        const Result<u64> wanted_and_moved = step(done);
        if (!wanted_and_moved)
            return done != 0 ? Result<u64>(done) : wanted_and_moved;
        if (*wanted_and_moved == 0)
            break;
        done += *wanted_and_moved;
    } while (done < size);
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

Result<> check_range(UserAddr start, u64 size)
{
    return user::range_valid(start, size) ? Result<>() : fail(Errno::fault);
}

}  // namespace

Result<u64> read_to_user(OpenFile& file, UserAddr destination, u64 size, std::optional<u64> offset)
{
    size = std::min(size, largest_transfer);
    TRY(check_range(destination, size));
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(size, [&](u64 done) -> Result<u64> {
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
    TRY(check_range(source, size));
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(size, [&](u64 done) -> Result<u64> {
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

template <typename Transfer>
Result<u64> for_each_part(UserPtr<IoVector> vector, u64 count, std::optional<u64> offset, Transfer&& transfer)
{
    if (count > largest_vector)
        return fail(Errno::inval);
    u64 done = 0;
    for (u64 i = 0; i < count; ++i) {
        const auto part = user::load(vector + i);
        if (!part)
            return done != 0 ? Result<u64>(done) : fail(part.error());
        if (part->size == 0)
            continue;
        const Result<u64> moved = transfer(UserAddr(part->start), part->size, advanced(offset, done));
        if (!moved)
            return done != 0 ? Result<u64>(done) : moved;
        done += *moved;
        if (*moved < part->size)
            break;
    }
    return done;
}

}  // namespace

Result<u64> read_vector(OpenFile& file, UserPtr<IoVector> vector, u64 count, std::optional<u64> offset)
{
    bool first = true;
    return for_each_part(vector, count, offset, [&](UserAddr start, u64 size, std::optional<u64> at) -> Result<u64> {
        if (!first && !file.is_seekable())
            return 0;
        first = false;
        return read_to_user(file, start, size, at);
    });
}

// A short vector is gathered first, so that one writev is one write: a line on a terminal, an atomic piece of a pipe.
Result<u64> write_vector(OpenFile& file, UserPtr<IoVector> vector, u64 count, std::optional<u64> offset)
{
    std::array<std::byte, 1024> gathered;
    usize used = 0;
    bool fits = count <= largest_vector;
    for (u64 i = 0; fits && i < count; ++i) {
        const IoVector part = TRY(user::load(vector + i));
        fits = part.size <= gathered.size() - used;
        if (fits)
            TRY(user::copy_from(std::span(gathered).subspan(used, part.size), UserAddr(part.start)));
        used += fits ? part.size : 0;
    }
    if (fits && used != 0)
        return write_some(file, std::span(gathered).first(used), offset);
    return for_each_part(vector, count, offset, [&](UserAddr start, u64 size, std::optional<u64> at) {
        return write_from_user(file, start, size, at);
    });
}

Result<u64> copy_between(OpenFile& from, OpenFile& to, u64 size, std::optional<u64> from_offset, std::optional<u64> to_offset)
{
    size = std::min(size, largest_transfer);
    Buffer buffer;
    TRY(buffer.reserve(size));
    bool more = true;
    return move_in_steps(size, [&](u64 done) -> Result<u64> {
        if (!more)
            return 0;
        const auto part = buffer.first(size - done);
        const usize count = TRY(read_some(from, part, advanced(from_offset, done)));
        usize written = 0;
        while (written < count) {
            const auto rest = std::span<const std::byte>(part).subspan(written, count - written);
            written += TRY(write_some(to, rest, advanced(to_offset, done + written)));
        }
        more = count == part.size();
        return count;
    });
}

}  // namespace tenon::syscall
