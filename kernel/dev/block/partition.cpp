#include "kernel/dev/block/partition.h"

namespace tenon::block {

// "vda" has "vda1"; a name that ends in a digit gets a 'p' in between: "nvme0n1p1".
Partition::Partition(BlockDevice& disk, const partition_table::Entry& entry)
    : disk_(disk), first_(entry.first), count_(entry.count)
{
    const char last = disk.name().back();
    const std::string_view separator = last >= '0' && last <= '9' ? "p" : "";
    name_.format("{}{}{}", disk.name(), separator, entry.number);
    number = {disk.number.major, disk.number.minor + entry.number};
    owner = disk.owner;
}

}  // namespace tenon::block
