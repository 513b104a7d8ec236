#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/fs/initramfs/newc_reader.h"
#include "kernel/fs/path.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>

namespace tenon::initramfs {

// Makes the objects of an archive in the root file system. An entry that cannot be made (its directory is missing) is
// logged and left out.
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

    Result<> make(const NewcEntry& entry, std::string_view name);
    Result<> make_file(const NewcEntry& entry, std::string_view name);
    Result<> set_attributes(const Path& path) const;
    FirstName* find_first_name(const NewcEntry& entry);
    Result<> remember_first_name(const NewcEntry& entry, const Path& path);

    NewcEntry entry_;
    FixedText<NewcReader::longest_name> name_;    // of a symbolic link, whose target is still coming
    FixedText<NewcReader::longest_name> target_;
    Path file_;        // receives data; empty: data is dropped
    u64 offset_ = 0;
    boost::intrusive::list<FirstName> first_names_;
};

}  // namespace tenon::initramfs
