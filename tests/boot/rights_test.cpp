#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Who may do what, checked from inside by tests/boot/programs/rights.cpp, permissions.cpp and busy_files.cpp.
class Rights : public BootedSystem<Rights>, public testing::WithParamInterface<const char*> {};

TEST_P(Rights, Hold)
{
    const auto result = machine().run(std::string("/tests/") + GetParam(), Seconds(300));
    EXPECT_EQ(result.status, 0) << result.output;
}

INSTANTIATE_TEST_SUITE_P(Calls, Rights,
                         testing::Values("rights_table capabilities",
                                         "rights_table examples",
                                         "rights reach-of-a-user",
                                         "rights signals",
                                         "rights capabilities",
                                         "rights capabilities-and-ids",
                                         "rights ids",
                                         "rights set-id-programs",
                                         "rights limits-of-others",
                                         "rights stolen-terminal",
                                         "process_files ended-processes",
                                         "process_files looked-into-at-any-time",
                                         "process_files addresses-in-stat"));
INSTANTIATE_TEST_SUITE_P(Files, Rights,
                         testing::Values("permissions classes",
                                         "permissions directories",
                                         "permissions sticky-directories",
                                         "permissions creation",
                                         "permissions ownership",
                                         "permissions lost-bits",
                                         "permissions real-and-effective"));
INSTANTIATE_TEST_SUITE_P(Busy, Rights,
                         testing::Values("busy_files running-programs",
                                         "busy_files written-programs",
                                         "busy_files read-only-mappings",
                                         "busy_files mounts-without-programs",
                                         "busy_files attributes",
                                         "busy_files mounts-and-removals"));

// Stock busybox, which is set-user-id root below /users, with the users of tests/boot/users.
class Users : public BootedSystem<Users> {
protected:
    std::string as_user(const std::string& command) { return "/users/su user -c '" + command + "'"; }
};

TEST_F(Users, SuGivesUpRoot)
{
    EXPECT_EQ(output_of(as_user("id -u; id -g; id -G; whoami")), "1000\n1000\n1000 50\nuser");
    EXPECT_EQ(output_of(as_user("grep -E \"^(Uid|Groups|CapEff)\" /proc/self/status")),
              "Uid:\t1000\t1000\t1000\t1000\nGroups:\t50 1000 \nCapEff:\t0000000000000000");
}

TEST_F(Users, SuNeedsThePassword)
{
    EXPECT_NE(run(as_user("echo wrong | /users/su other -c id")).status, 0);
    output_of("printf \"secret\\nsecret\\n\" | /users/passwd other");
    EXPECT_EQ(output_of(as_user("echo secret | /users/su other -c \"id -u\"") + " | tail -n 1"), "1001");
    EXPECT_NE(run(as_user("echo wrong | /users/su other -c id")).status, 0);
    EXPECT_NE(run(as_user("cat /etc/shadow")).status, 0);
}

TEST_F(Users, PasswdChangesOnlyOnesOwn)
{
    output_of("printf \"first-one\\nfirst-one\\n\" | /users/passwd user");
    EXPECT_NE(run(as_user("printf \"a-new-1\\na-new-1\\n\" | /users/passwd other")).status, 0);
    output_of(as_user("printf \"first-one\\nanother-2\\nanother-2\\n\" | /users/passwd"));
    EXPECT_EQ(output_of("stat -c %a:%u /etc/shadow"), "600:0");
}

TEST_F(Users, NoNewPrivilegesHoldsSuBack)
{
    const auto held = run(as_user("/users/setpriv --nnp /users/su other -c id"));
    EXPECT_NE(held.status, 0);
    EXPECT_NE(held.output.find("suid"), std::string::npos) << held.output;
    EXPECT_EQ(output_of(as_user("/users/setpriv --nnp grep NoNewPrivs /proc/self/status")), "NoNewPrivs:\t1");
}

TEST_F(Users, LoginStartsTheShellOfTheUser)
{
    machine().send("/users/login -f user\n");
    machine().expect("Welcome");
    EXPECT_EQ(output_of("id -un; pwd"), "user\n/home/user");
    EXPECT_NE(run("cat /root/x").status, 0);
    machine().send("exit\n");
    machine().expect("# ");
    EXPECT_EQ(output_of("id -un"), "root");
}

TEST_F(Users, ParametersBelongToRoot)
{
    output_of("insmod /tests/modules/hello.ko who=nobody");
    EXPECT_NE(run(as_user("echo me > /sys/module/hello/parameters/who")).status, 0);
    EXPECT_EQ(output_of("cat /sys/module/hello/parameters/who"), "nobody");
    EXPECT_NE(run(as_user("rmmod hello")).status, 0);
    output_of("rmmod hello");
}

// A device's name is the device's, whoever was there first.
TEST_F(Users, DevicesTakeTheirNames)
{
    EXPECT_NE(run(as_user("touch /dev/counter")).status, 0);
    for (const char* const first : {"touch /dev/counter", "mkdir -p /dev/counter", "mkdir -p /dev/counter/x", "ln -s /etc /dev/counter"}) {
        output_of(first);
        output_of("insmod /tests/modules/counter.ko start=5");
        EXPECT_EQ(output_of("head -c 2 /dev/counter"), "5") << first;
        EXPECT_NE(run(as_user("head -c 2 /dev/counter")).status, 0);
        output_of("rmmod counter");
        EXPECT_NE(run("ls /dev/counter").status, 0) << first;
        output_of("rm -rf /dev/counter~");
    }
    output_of("insmod /tests/modules/counter.ko; rm /dev/counter; echo mine > /dev/counter; rmmod counter");
    EXPECT_EQ(output_of("cat /dev/counter; rm /dev/counter"), "mine");
}

TEST_F(Users, DevicesBelongToRoot)
{
    EXPECT_EQ(output_of("stat -c %a:%u /dev/kmsg /dev/null /dev"), "644:0\n666:0\n755:0");
    output_of("insmod /tests/modules/waiting.ko");
    EXPECT_EQ(output_of("stat -c %a:%u:%g:%F /dev/waitingdisk"), "660:0:0:block special file");
    output_of("head -c 1 /dev/waitingdisk");
    for (const char* const use : {"head -c 1 /dev/waitingdisk", "sh -c \"echo x > /dev/waitingdisk\"", "mount -t ext2 /dev/waitingdisk /mnt"})
        EXPECT_NE(run(as_user(use)).status, 0) << use;
    output_of("rmmod waiting");
}

}  // namespace
}  // namespace tenon::boot
