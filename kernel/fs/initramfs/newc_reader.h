#pragma once

#include <array>
#include <span>
#include <string_view>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// Reads a cpio archive in the "newc" format (magic 070701, and 070702 with a checksum), in pieces as they come. Pure.

namespace tenon {

struct NewcEntry {
    std::string_view name;  // as written, without the NUL; valid during the call
    u32 inode = 0;
    u32 mode = 0;
    u32 uid = 0;
    u32 gid = 0;
    u32 links = 0;
    u32 modified = 0;
    u32 size = 0;
    u32 device_major = 0;
    u32 device_minor = 0;
    u32 node_major = 0;
    u32 node_minor = 0;
};

// Takes what the archive holds. An error ends the reading.
class NewcSink {
public:
    virtual Result<> begin(const NewcEntry& entry) = 0;
    virtual Result<> data(std::span<const std::byte> bytes) = 0;  // any number of times, entry.size bytes in all
    virtual Result<> end() = 0;
    virtual void archive_end() = 0;  // inode numbers of what follows have nothing to do with those before

protected:
    ~NewcSink() = default;
};

class NewcReader : NoCopy {
public:
    static constexpr usize header_size = 110;
    static constexpr usize longest_name = 4096;  // with the NUL

    explicit NewcReader(NewcSink& sink) : sink_(sink) {}

    // Takes bytes up to the end of the archive and returns how many that were: fewer than given only at the trailer.
    // Errno::inval for bytes that are no archive.
    Result<usize> feed(std::span<const std::byte> bytes);
    bool is_between_archives() const { return state_ == State::header && have_ == 0; }
    // How many bytes of archives were taken, for messages.
    u64 position() const { return position_; }
    // What is wrong with the archive, after feed has failed with Errno::inval.
    std::string_view problem() const { return problem_; }

private:
    enum class State : u8 { header, name, body };

    usize collect(std::span<const std::byte> bytes, usize wanted);
    Result<> parse_header();
    Result<> parse_name();
    Result<> finish_entry();
    std::unexpected<Errno> refuse(std::string_view problem);

    NewcSink& sink_;
    State state_ = State::header;
    NewcEntry entry_;
    usize name_size_ = 0;
    usize have_ = 0;       // collected bytes of the header or name
    u64 body_left_ = 0;
    usize padding_ = 0;    // bytes to skip before the next part
    bool trailer_ = false;
    u64 position_ = 0;
    std::string_view problem_;
    std::array<char, longest_name> text_;
};

}  // namespace tenon
