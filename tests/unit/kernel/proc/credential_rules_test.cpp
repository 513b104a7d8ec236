#include "kernel/proc/credential_rules.h"

#include <vector>

#include <gtest/gtest.h>

namespace tenon::credential_rules {
namespace {

CredentialValues root()
{
    CredentialValues who;
    who.effective = who.permitted = CapabilitySet::all();
    return who;
}

CredentialValues user(u32 id = 1000)
{
    CredentialValues who;
    who.user = {id, id, id, id};
    who.group = {id, id, id, id};
    return who;
}

TEST(CredentialRules, SetuidByRootSetsAllAndGivesAllUp)
{
    const auto next = set_user(root(), 1000);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->user, (Ids{1000, 1000, 1000, 1000}));
    EXPECT_TRUE(next->effective.is_empty());
    EXPECT_TRUE(next->permitted.is_empty());
    EXPECT_EQ(set_user(*next, 0).error(), Errno::perm);
}

TEST(CredentialRules, SetuidByAUserChoosesRealOrSaved)
{
    CredentialValues who = user();
    who.user = {1, 2, 3, 2};
    EXPECT_EQ(set_user(who, 3)->user, (Ids{1, 3, 3, 3}));
    EXPECT_EQ(set_user(who, 1)->user, (Ids{1, 1, 3, 1}));
    EXPECT_EQ(set_user(who, 2).error(), Errno::perm);
    EXPECT_EQ(set_user(who, keep).error(), Errno::inval);
}

TEST(CredentialRules, SetreuidMovesTheSavedOne)
{
    CredentialValues who = user();
    who.user = {1, 2, 3, 2};
    EXPECT_EQ(set_users(who, 2, 1)->user, (Ids{2, 1, 1, 1}));
    EXPECT_EQ(set_users(who, keep, 3)->user, (Ids{1, 3, 3, 3}));
    EXPECT_EQ(set_users(who, keep, 1)->user, (Ids{1, 1, 3, 1})) << "not when the effective one becomes the real one";
    EXPECT_EQ(set_users(who, 3, keep).error(), Errno::perm) << "the real one does not become the saved one";
}

TEST(CredentialRules, CapabilitiesFollowTheUid)
{
    const auto down = set_users(root(), keep, 1000, keep);
    ASSERT_TRUE(down);
    EXPECT_TRUE(down->effective.is_empty());
    EXPECT_EQ(down->permitted, CapabilitySet::all());
    EXPECT_EQ(set_users(*down, keep, 0, keep)->effective, CapabilitySet::all());

    auto kept = keep_capabilities(root(), true);
    ASSERT_TRUE(kept);
    const auto left = set_user(*kept, 1000);
    EXPECT_TRUE(left->effective.is_empty());
    EXPECT_EQ(left->permitted, CapabilitySet::all());

    CredentialValues fixed = root();
    fixed.secure_bits = secure_bit::no_setuid_fixup;
    EXPECT_EQ(set_user(fixed, 1000)->effective, CapabilitySet::all());
}

TEST(CredentialRules, SetfsuidMovesOnlyWhatConcernsFiles)
{
    const auto away = set_file_user(root(), 1000);
    EXPECT_EQ(away.user, (Ids{0, 0, 0, 1000}));
    EXPECT_FALSE(away.has(Capability::dac_override));
    EXPECT_TRUE(away.has(Capability::setuid));
    EXPECT_TRUE(set_file_user(away, 0).has(Capability::dac_override));
    EXPECT_EQ(set_file_user(user(), 0).user, user().user);
}

TEST(CredentialRules, CapsetNeverGains)
{
    CredentialValues who = root();
    who.permitted = {Capability::kill, Capability::chown};
    who.effective = {Capability::kill};
    EXPECT_TRUE(set_capabilities(who, {{Capability::chown}, {Capability::chown}, {Capability::kill}}));
    EXPECT_EQ(set_capabilities(who, {{Capability::chown}, {Capability::kill}, {}}).error(), Errno::perm);
    EXPECT_EQ(set_capabilities(who, {{}, {Capability::setuid}, {}}).error(), Errno::perm);
    EXPECT_EQ(set_capabilities(who, {{}, {}, {Capability::setuid}}).error(), Errno::perm);
    who.effective = {Capability::setpcap};
    EXPECT_TRUE(set_capabilities(who, {{}, {}, {Capability::setuid}}));
    who.bounding = {};
    EXPECT_EQ(set_capabilities(who, {{}, {}, {Capability::setuid}}).error(), Errno::perm);
}

TEST(CredentialRules, ProgramsOfAUserHaveNothing)
{
    const auto start = start_program(user(), {}, {});
    EXPECT_TRUE(start.credentials.permitted.is_empty());
    EXPECT_FALSE(start.is_secure);
}

TEST(CredentialRules, ProgramsOfRootHaveWhatIsInBounds)
{
    CredentialValues who = root();
    who.effective = who.permitted = {};
    who.bounding = CapabilitySet::all().without({Capability::sys_boot});
    const auto start = start_program(who, {}, {});
    EXPECT_EQ(start.credentials.effective, who.bounding);
    EXPECT_FALSE(start.is_secure);

    who.secure_bits = secure_bit::no_root;
    EXPECT_TRUE(start_program(who, {}, {}).credentials.permitted.is_empty());
}

TEST(CredentialRules, SetUserIdPrograms)
{
    const auto start = start_program(user(), 0, {});
    EXPECT_EQ(start.credentials.user, (Ids{1000, 0, 0, 0}));
    EXPECT_EQ(start.credentials.effective, CapabilitySet::all());
    EXPECT_TRUE(start.is_secure);
    EXPECT_TRUE(protects_memory(user(), start.credentials));

    const auto other = start_program(user(), 1001, 50);
    EXPECT_EQ(other.credentials.user, (Ids{1000, 1001, 1001, 1001}));
    EXPECT_EQ(other.credentials.group, (Ids{1000, 50, 50, 50}));
    EXPECT_TRUE(other.credentials.permitted.is_empty());
    EXPECT_TRUE(other.is_secure);

    EXPECT_FALSE(start_program(user(), 1000, 1000).is_secure);

    CredentialValues limited = user();
    limited.no_new_privileges = true;
    const auto refused = start_program(limited, 0, 0);
    EXPECT_EQ(refused.credentials.user, limited.user);
    EXPECT_TRUE(refused.credentials.permitted.is_empty());
    EXPECT_FALSE(refused.is_secure);
}

TEST(CredentialRules, AmbientCapabilities)
{
    CredentialValues who = user();
    EXPECT_EQ(raise_ambient(who, Capability::mknod).error(), Errno::perm);
    who.permitted = who.inheritable = {Capability::mknod};
    const auto raised = raise_ambient(who, Capability::mknod);
    ASSERT_TRUE(raised);
    EXPECT_TRUE(start_program(*raised, {}, {}).credentials.has(Capability::mknod));
    EXPECT_FALSE(start_program(*raised, 1001, {}).credentials.has(Capability::mknod));
    EXPECT_TRUE(set_capabilities(*raised, {{}, {Capability::mknod}, {}})->ambient.is_empty());
}

TEST(CredentialRules, LockedSecureBitsStay)
{
    const auto locked = set_secure_bits(root(), secure_bit::no_root | (secure_bit::no_root << 1));
    ASSERT_TRUE(locked);
    EXPECT_EQ(set_secure_bits(*locked, 0).error(), Errno::perm);
    EXPECT_EQ(set_secure_bits(*locked, secure_bit::no_root).error(), Errno::perm);
    EXPECT_TRUE(set_secure_bits(*locked, locked->secure_bits | secure_bit::no_setuid_fixup));
    EXPECT_EQ(set_secure_bits(user(), 0).error(), Errno::perm);
}

TEST(CredentialRules, AccessAsksWithTheRealIds)
{
    CredentialValues who = root();
    who.user = {1000, 0, 0, 0};
    const auto real = with_real_ids(who);
    EXPECT_EQ(real.user.file, 1000u);
    EXPECT_TRUE(real.effective.is_empty());
    who.user = {0, 1000, 1000, 1000};
    who.effective = {};
    EXPECT_EQ(with_real_ids(who).effective, CapabilitySet::all());
}

TEST(GroupList, IsSortedAndSearched)
{
    const u32 groups[] = {50, 3, 4'000'000'000, 7};
    const auto list = GroupList::create(groups);
    ASSERT_TRUE(list);
    EXPECT_EQ(std::vector<u32>((*list)->view().begin(), (*list)->view().end()), (std::vector<u32>{3, 7, 50, 4'000'000'000}));
    EXPECT_TRUE((*list)->contains(50));
    EXPECT_FALSE((*list)->contains(51));
    EXPECT_EQ(GroupList::create(std::vector<u32>(GroupList::max_size + 1)).error(), Errno::inval);
    EXPECT_TRUE(GroupList::create({}));
}

}  // namespace
}  // namespace tenon::credential_rules
