#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/lib/bits.h"
#include "kernel/log/ring.h"

namespace tenon::log {

// Records stand one behind the other; positions count bytes ever written, so a position names one record for ever. A record
// never wraps: the rest of the buffer before it is skipped.
class Ring {
public:
    void append(Severity severity, std::string_view component, std::string_view text, u64 time)
    {
        const usize prefix = component.empty() ? 0 : component.size() + 2;
        const usize prefix_cut = std::min(prefix, line_max);
        const usize text_size = std::min(text.size(), line_max - prefix_cut);
        const Header header{.sequence = next_sequence_,
                            .time = time,
                            .size = static_cast<u16>(prefix_cut + text_size),
                            .severity = severity};
        const u64 start = make_room(record_size(header));
        std::byte* to = buffer_.data() + start % ring_size;
        std::memcpy(to, &header, sizeof header);
        to += sizeof header;
        if (prefix != 0) {
            std::memcpy(to, component.data(), std::min(component.size(), prefix_cut));
            if (prefix == prefix_cut)
                std::memcpy(to + component.size(), ": ", 2);
        }
        std::memcpy(to + prefix_cut, text.data(), text_size);
        end_ = start + record_size(header);
        ++next_sequence_;
    }

    bool read(Cursor& cursor, Record& record) const
    {
        u64 position = std::max(cursor.position_, oldest_);
        if (position >= end_)
            return false;
        position = skip_gap(position);
        const Header header = header_at(position);
        record.sequence = header.sequence;
        record.time = header.time;
        record.severity = header.severity;
        record.text.clear();
        const auto* text = reinterpret_cast<const char*>(buffer_.data() + position % ring_size + sizeof header);
        record.text.write({text, header.size});
        cursor.position_ = position + record_size(header);
        return true;
    }

    void move_to_end(Cursor& cursor) const { cursor.position_ = end_; }
    u64 end() const { return end_; }

private:
    struct Header {
        u64 sequence;
        u64 time;
        u16 size;
        Severity severity;
    };
    static constexpr u16 gap = 0xffff;  // Header::size: nothing up to the end of the buffer

    static u64 record_size(const Header& header) { return align_up(sizeof header + header.size, alignof(Header)); }

    Header header_at(u64 position) const
    {
        Header header;
        std::memcpy(&header, buffer_.data() + position % ring_size, sizeof header);
        return header;
    }

    u64 skip_gap(u64 position) const
    {
        const u64 left = ring_size - position % ring_size;
        if (left < sizeof(Header) || header_at(position).size == gap)
            return position + left;
        return position;
    }

    void drop_oldest_before(u64 limit)
    {
        while (oldest_ < limit && oldest_ < end_) {
            const u64 position = skip_gap(oldest_);
            oldest_ = position < end_ ? position + record_size(header_at(position)) : end_;
        }
    }

    // Where a record of `size` bytes goes, after dropping what stands there.
    u64 make_room(u64 size)
    {
        u64 start = end_;
        const u64 left = ring_size - start % ring_size;
        if (left < size) {
            if (start + left > ring_size)
                drop_oldest_before(start + left - ring_size);
            if (left >= sizeof(Header)) {
                const Header marker{.sequence = 0, .time = 0, .size = gap, .severity = Severity::debug};
                std::memcpy(buffer_.data() + start % ring_size, &marker, sizeof marker);
            }
            start += left;
        }
        if (start + size > ring_size)
            drop_oldest_before(start + size - ring_size);
        return start;
    }

    alignas(8) std::array<std::byte, ring_size> buffer_{};
    u64 oldest_ = 0;
    u64 end_ = 0;
    u64 next_sequence_ = 0;
};

}  // namespace tenon::log
