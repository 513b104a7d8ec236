#include "kernel/fs/initramfs/newc_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "kernel/lib/bits.h"

namespace tenon {
namespace {

constexpr std::string_view trailer_name = "TRAILER!!!";

constexpr usize padding_behind(u64 size)
{
    return align_up(size, 4) - size;
}

}  // namespace

std::unexpected<Errno> NewcReader::refuse(std::string_view problem)
{
    problem_ = problem;
    return fail(Errno::inval);
}

// Gathers a header or a name, which may come in several pieces.
usize NewcReader::collect(std::span<const std::byte> bytes, usize wanted)
{
    const usize count = std::min(bytes.size(), wanted - have_);
    std::memcpy(text_.data() + have_, bytes.data(), count);
    have_ += count;
    return count;
}

Result<usize> NewcReader::feed(std::span<const std::byte> bytes)
{
    usize used = 0;
    while (used < bytes.size()) {
        const auto rest = bytes.subspan(used);
        usize count = std::min(padding_, rest.size());
        if (count != 0) {
            padding_ -= count;
        } else if (state_ == State::header) {
            count = collect(rest, header_size);
            if (have_ == header_size)
                TRY(parse_header());
        } else if (state_ == State::name) {
            count = collect(rest, name_size_);
            if (have_ == name_size_)
                TRY(parse_name());
        } else {
            count = static_cast<usize>(std::min<u64>(body_left_, rest.size()));
            TRY(sink_.data(rest.first(count)));
            body_left_ -= count;
            if (body_left_ == 0)
                TRY(finish_entry());
        }
        used += count;
        position_ += count;
        if (trailer_ && padding_ == 0) {
            trailer_ = false;
            return used;
        }
    }
    return used;
}

// Thirteen numbers of eight hexadecimal digits behind the magic.
Result<> NewcReader::parse_header()
{
    constexpr usize magic_size = 6;
    constexpr usize digits = 8;
    constexpr usize field_count = 13;

    const std::string_view magic(text_.data(), magic_size);
    if (magic != "070701" && magic != "070702")
        return refuse("no header of a newc archive where one must be");
    std::array<u32, field_count> fields{};
    for (usize i = 0; i < field_count; ++i) {
        const char* const start = text_.data() + magic_size + i * digits;
        const auto parsed = std::from_chars(start, start + digits, fields[i], 16);
        if (parsed.ec != std::errc{} || parsed.ptr != start + digits)
            return refuse("a number in a header is not hexadecimal");
    }
    entry_ = {.name = {},
              .inode = fields[0],
              .mode = fields[1],
              .uid = fields[2],
              .gid = fields[3],
              .links = fields[4],
              .modified = fields[5],
              .size = fields[6],
              .device_major = fields[7],
              .device_minor = fields[8],
              .node_major = fields[9],
              .node_minor = fields[10]};
    name_size_ = fields[11];
    if (name_size_ == 0 || name_size_ > longest_name)
        return refuse("a name is empty or longer than 4095 bytes");
    state_ = State::name;
    have_ = 0;
    return {};
}

Result<> NewcReader::parse_name()
{
    if (text_[name_size_ - 1] != '\0' || std::memchr(text_.data(), '\0', name_size_ - 1) != nullptr)
        return refuse("a name does not end where its header says");
    entry_.name = {text_.data(), name_size_ - 1};
    padding_ = padding_behind(header_size + name_size_);
    have_ = 0;
    if (entry_.name == trailer_name) {
        state_ = State::header;
        trailer_ = true;
        sink_.archive_end();
        return {};
    }
    TRY(sink_.begin(entry_));
    body_left_ = entry_.size;
    state_ = State::body;
    if (body_left_ == 0)
        return finish_entry();
    return {};
}

Result<> NewcReader::finish_entry()
{
    // Without a body the padding behind the name is still to come.
    padding_ += padding_behind(entry_.size);
    state_ = State::header;
    return sink_.end();
}

}  // namespace tenon
