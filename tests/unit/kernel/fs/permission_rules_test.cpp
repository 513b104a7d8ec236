#include "kernel/fs/permission_rules.h"

#include <gtest/gtest.h>

namespace tenon::permission {
namespace {

CredentialValues user(u32 uid, u32 gid)
{
    CredentialValues who;
    who.user = {uid, uid, uid, uid};
    who.group = {gid, gid, gid, gid};
    return who;
}

InodeAttributes object(u32 mode, u32 uid = 1, u32 gid = 1)
{
    InodeAttributes attributes;
    attributes.mode = mode;
    attributes.uid = uid;
    attributes.gid = gid;
    return attributes;
}

// The first class that fits decides, for every mode and every wish.
TEST(PermissionRules, OneClassDecides)
{
    for (u32 bits = 0; bits < 01000; ++bits)
        for (u32 wanted = 0; wanted < 8; ++wanted) {
            const auto file = object(mode::regular | bits);
            EXPECT_EQ(allows(user(1, 9), file, wanted), (wanted & ~(bits >> 6)) == 0);
            EXPECT_EQ(allows(user(9, 1), file, wanted), (wanted & ~(bits >> 3 & 7)) == 0);
            EXPECT_EQ(allows(user(9, 9), file, wanted), (wanted & ~(bits & 7)) == 0);
        }
}

TEST(PermissionRules, SupplementaryGroups)
{
    CredentialValues who = user(9, 9);
    const u32 groups[] = {1, 4};
    who.supplementary_groups = *GroupList::create(groups);
    EXPECT_TRUE(allows(who, object(mode::regular | 0040), read));
    EXPECT_FALSE(allows(who, object(mode::regular | 0004), read));
}

TEST(PermissionRules, CapabilitiesStandAboveTheBits)
{
    CredentialValues who = user(9, 9);
    who.effective = {Capability::dac_override};
    EXPECT_TRUE(allows(who, object(mode::regular), read | write));
    EXPECT_FALSE(allows(who, object(mode::regular), execute));
    EXPECT_TRUE(allows(who, object(mode::regular | 0100), execute));
    EXPECT_TRUE(allows(who, object(mode::directory), read | write | execute));
    who.effective = {Capability::dac_read_search};
    EXPECT_TRUE(allows(who, object(mode::regular), read));
    EXPECT_FALSE(allows(who, object(mode::regular), read | write));
    EXPECT_FALSE(allows(who, object(mode::regular | 0100), execute));
    EXPECT_TRUE(allows(who, object(mode::directory), read | execute));
    EXPECT_FALSE(allows(who, object(mode::directory), write | execute));
}

TEST(PermissionRules, StickyDirectories)
{
    const auto folder = object(mode::directory | 01777, 5);
    EXPECT_TRUE(is_kept_by_sticky_bit(user(9, 9), folder, object(mode::regular)));
    EXPECT_FALSE(is_kept_by_sticky_bit(user(1, 9), folder, object(mode::regular)));
    EXPECT_FALSE(is_kept_by_sticky_bit(user(5, 9), folder, object(mode::regular)));
    EXPECT_FALSE(is_kept_by_sticky_bit(user(9, 9), object(mode::directory | 0777, 5), object(mode::regular)));
    CredentialValues owner = user(9, 9);
    owner.effective = {Capability::fowner};
    EXPECT_FALSE(is_kept_by_sticky_bit(owner, folder, object(mode::regular)));
}

TEST(PermissionRules, GroupsOfNewObjects)
{
    const auto plain = object(mode::directory | 0777, 5, 5);
    const auto giving = object(mode::directory | 02777, 5, 5);
    EXPECT_EQ(make_object(user(9, 8), plain, mode::regular | 02755).gid, 8u);
    EXPECT_EQ(make_object(user(9, 8), plain, mode::regular | 02755).mode, mode::regular | 02755u);
    EXPECT_EQ(make_object(user(9, 8), giving, mode::regular | 0755).gid, 5u);
    EXPECT_EQ(make_object(user(9, 8), giving, mode::regular | 02755).mode, mode::regular | 0755u);
    EXPECT_EQ(make_object(user(9, 8), giving, mode::regular | 02745).mode, mode::regular | 02745u);
    EXPECT_EQ(make_object(user(9, 5), giving, mode::regular | 02755).mode, mode::regular | 02755u);
    EXPECT_EQ(make_object(user(9, 8), giving, mode::directory | 0755).mode, mode::directory | 02755u);
}

TEST(PermissionRules, ChangesOfOwnerAndMode)
{
    const auto file = object(mode::regular | 0755);
    EXPECT_FALSE(may_change_owner(user(9, 9), file, 1, 1));
    EXPECT_TRUE(may_change_owner(user(1, 2), file, 1, 1));
    EXPECT_TRUE(may_change_owner(user(1, 2), file, 1, 2));
    EXPECT_FALSE(may_change_owner(user(1, 2), file, 1, 3));
    EXPECT_FALSE(may_change_owner(user(1, 2), file, 2, 1));
    EXPECT_EQ(changed_mode(user(1, 2), file, 06755), 04755u);
    EXPECT_EQ(changed_mode(user(1, 1), file, 0106755), 06755u);
    EXPECT_EQ(without_set_ids(mode::regular | 06755), 0755u);
    EXPECT_EQ(without_set_ids(mode::regular | 06745), 02745u);
}

TEST(PermissionRules, TrapsInStickyDirectories)
{
    const auto sticky = object(mode::directory | mode::sticky | 0777, 5);
    const auto link = object(mode::symlink | 0777, 1);
    EXPECT_TRUE(may_follow(user(1, 1), sticky, link));
    EXPECT_FALSE(may_follow(user(9, 9), sticky, link));
    CredentialValues root = user(0, 0);
    root.effective = CapabilitySet::all();
    EXPECT_FALSE(may_follow(root, sticky, link));
    EXPECT_TRUE(may_follow(user(9, 9), sticky, object(mode::symlink | 0777, 5)));
    EXPECT_TRUE(may_follow(user(9, 9), object(mode::directory | 0777, 5), link));
    EXPECT_TRUE(may_follow(user(9, 9), object(mode::directory | mode::sticky | 0775, 5), link));

    EXPECT_TRUE(may_trust(user(1, 1), sticky, object(mode::regular, 1)));
    EXPECT_TRUE(may_trust(user(9, 9), sticky, object(mode::regular, 5)));
    EXPECT_FALSE(may_trust(user(9, 9), sticky, object(mode::regular, 1)));
}

TEST(PermissionRules, NamesForWhatOthersOwn)
{
    EXPECT_TRUE(may_link(user(1, 1), object(mode::regular | 04000)));
    EXPECT_TRUE(may_link(user(9, 9), object(mode::regular | 0666)));
    EXPECT_FALSE(may_link(user(9, 9), object(mode::regular | 0664)));
    EXPECT_FALSE(may_link(user(9, 9), object(mode::regular | 04666)));
    EXPECT_FALSE(may_link(user(9, 9), object(mode::regular | 02676)));
    EXPECT_TRUE(may_link(user(9, 9), object(mode::regular | 02666)));
    EXPECT_FALSE(may_link(user(9, 9), object(mode::fifo | 0666)));
    CredentialValues owner_of_all = user(9, 9);
    owner_of_all.effective = {Capability::fowner};
    EXPECT_TRUE(may_link(owner_of_all, object(mode::regular | 04000)));
}

}  // namespace
}  // namespace tenon::permission
