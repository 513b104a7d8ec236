#pragma once

#include <atomic>

#include <boost/intrusive/set.hpp>

#include "modules/ext2/node.h"
#include "modules/ext2/volume/volume.h"
#include <tenon/block.h>
#include <tenon/fs.h>

namespace tenon::ext2 {

// One mounted volume and its inodes in use. Never writes.
class MountedVolume final : public SuperBlock, public Medium {
public:
    // The device outlives the mount.
    static Result<std::unique_ptr<SuperBlock>> mount(BlockDevice& device);

    Result<Ref<Inode>> root() override { return node(root_inode); }
    FileSystemStatistics statistics() const override;
    bool is_read_only() const override { return true; }

    const Volume& volume() const { return *volume_; }
    const Geometry& geometry() const { return volume_->geometry(); }

    // The node of that inode: the one in use, or a new one.
    Result<Ref<Inode>> node(u32 number);
    // A node is going away; its destructor says so.
    void forget(Node& node);

    u64 size() const override { return device_.size(); }
    // Every loop over what the medium says comes by here: an image may make it long.
    Result<> read_metadata(u64 offset, std::span<std::byte> out) override
    {
        TRY(resched_point());
        return device_.read_bytes(offset, out);
    }
    Result<> read_data(u64 offset, std::span<const std::span<std::byte>> parts) override;
    void complain(std::string_view text) override;

private:
    struct NumberOf {
        using type = u32;
        u32 operator()(const Node& node) const { return node.number(); }
    };

    explicit MountedVolume(BlockDevice& device) : device_(device) {}
    Ref<Node> find(u32 number);

    BlockDevice& device_;
    std::unique_ptr<Volume> volume_;
    std::atomic<u32> complaints_{0};
    Spinlock lock_;  // protects nodes_
    // Holds no references; a node that is being deleted stands beside its successor for a moment.
    boost::intrusive::multiset<Node, boost::intrusive::key_of_value<NumberOf>, boost::intrusive::constant_time_size<false>>
        nodes_;
};

}  // namespace tenon::ext2
