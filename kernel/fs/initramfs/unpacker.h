#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/fs/initramfs/newc_reader.h"
#include "kernel/fs/path.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>

namespace tenon::initramfs {

// Makes the objects of an archive in the root file system. A later entry replaces an earlier one of its name, whatever
// that is, but a directory that is not empty. An entry that cannot be made is logged and left out.
class Unpacker final : public NewcSink, NoCopy {
public:
    Unpacker() = default;
    ~Unpacker();

    Result<> begin(const NewcEntry& entry) override;
    Result<> data(std::span<const std::byte> bytes) override;
    Result<> end() override;
    void archive_end() override;

private:
    // The first name of a file with several; the others become links to it.
    struct FirstName : boost::intrusive::list_base_hook<> {
        NewcEntry entry;
        Path path;
    };

    Result<> make_room() const;
    Result<> make(const NewcEntry& entry);
    Result<> make_file(const NewcEntry& entry);
    void report(Result<> made) const;
    Result<> set_attributes(const Path& path) const;
    FirstName* find_first_name(const NewcEntry& entry);
    Result<> remember_first_name(const NewcEntry& entry, const Path& path);

    NewcEntry entry_;
    FixedText<NewcReader::longest_name> name_;    // without what leads to the root; empty: the root itself
    FixedText<NewcReader::longest_name> target_;  // of a symbolic link
    Path file_;        // receives data; empty: data is dropped
    u64 offset_ = 0;
    boost::intrusive::list<FirstName> first_names_;
};

}  // namespace tenon::initramfs
