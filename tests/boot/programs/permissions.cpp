// Checks what the permission bits of files promise (path_resolution(7), open(2), chmod(2), chown(2)), as root and as others.
#include "tests/boot/programs/user.h"

#include <sys/syscall.h>
#include <sys/xattr.h>

namespace {

using namespace deeds;

constexpr const char* folder = "/tmp/permissions";

void make_folder(mode_t permissions, uid_t user = 0, gid_t group = 0)
{
    check(mkdir(folder, 0700) == 0 && chown(folder, user, group) == 0 && chmod(folder, permissions) == 0 && chdir(folder) == 0,
          "a folder");
}

void remove_folder()
{
    for (const char* name : {"file", "mine", "other", "new", "link", "program", "moved", "outside"}) {
        unlink(name);
        rmdir(name);
    }
    check(chdir("/") == 0 && rmdir(folder) == 0, "the folder is empty");
}

void classes()
{
    make_folder(0755);
    write_text("file", "text", 0);
    check(chown("file", 1000, 100) == 0, "chown");
    const struct {
        mode_t mode;
        uid_t user;
        gid_t group;
        bool reads, writes;
    } cases[] = {
        {0600, 1000, 1000, true, true},   {0400, 1000, 1000, true, false}, {0077, 1000, 100, false, false},
        {0640, 1001, 100, true, false},   {0660, 1001, 100, true, true},   {0606, 1001, 100, false, false},
        {0604, 1001, 1001, true, false},  {0602, 1001, 1001, false, true}, {0660, 1001, 1001, false, false},
    };
    for (const auto& now : cases) {
        chmod("file", now.mode);
        as_user(
            [&] {
                check((open_and_close("file", O_RDONLY) == 0) == now.reads, "reading");
                check((open_and_close("file", O_WRONLY) == 0) == now.writes, "writing");
                check((open_and_close("file", O_RDWR) == 0) == (now.reads && now.writes), "both");
                check((open_and_close("file", O_RDONLY | O_TRUNC) == 0) == (now.reads && now.writes), "cutting off");
                check((truncate("file", 4) == 0) == now.writes, "truncate");
                check((access("file", R_OK) == 0) == now.reads && (access("file", W_OK) == 0) == now.writes, "access");
            },
            now.user, now.group);
    }
    chmod("file", 0640);
    const int member = status_of_child([] {
        const gid_t groups[] = {7, 100, 3};
        check(setgroups(3, groups) == 0 && setresgid(5, 5, 5) == 0 && setresuid(1001, 1001, 1001) == 0, "groups");
        check(open_and_close("file", O_RDONLY) == 0, "a supplementary group counts");
    });
    check(member == 0, "member");
    chmod("file", 0);
    check(open_and_close("file", O_RDWR) == 0, "root passes by");
    refused(access("file", X_OK), EACCES, "nobody runs what has no x");
    remove_folder();
}

void directories()
{
    make_folder(0755);
    write_text("file", "text", 0666);
    as_user([] {
        refused(open("new", O_WRONLY | O_CREAT, 0600), EACCES, "no file in a directory of root");
        refused(mkdir("new", 0700), EACCES, "no directory");
        refused(mkdir("file", 0700), EEXIST, "what is there is said first");
        refused(symlink("x", "new"), EACCES, "no link");
        refused(link("file", "new"), EACCES, "no hard link");
        refused(mkfifo("new", 0600), EACCES, "no FIFO");
        refused(unlink("file"), EACCES, "nothing taken away");
        refused(unlink("absent"), ENOENT, "what is not there is said first");
        refused(rename("file", "/tmp/permissions-gone"), EACCES, "nothing moved");
    });
    chmod(".", 0666);
    as_user([] {
        struct stat status;
        refused(open("/tmp/permissions/file", O_RDONLY), EACCES, "no way through without search");
        refused(stat("/tmp/permissions/file", &status), EACCES, "no look either");
        refused(chdir(folder), EACCES, "no way in");
        check(open_and_close(folder, O_RDONLY | O_DIRECTORY) == 0, "names can be listed");
    });
    chmod(".", 0711);
    as_user([] {
        check(open_and_close("/tmp/permissions/file", O_RDONLY) == 0, "search is enough for a known name");
        refused(open(folder, O_RDONLY | O_DIRECTORY), EACCES, "no listing");
    });
    chmod(".", 0777);
    mkdir("other", 0755);
    as_user([] {
        check(rename("file", "moved") == 0 && rename("moved", "file") == 0, "who may write may rename");
        mkdir("mine", 0777);
        refused(rename("other", "mine/other"), EACCES, "a directory that moves changes its ..");
        rmdir("mine");
    });
    remove_folder();
}

void sticky_directories()
{
    make_folder(01777);
    write_text("file", "root's", 0666);
    write_text("other", "1001's", 0666);
    check(chown("other", 1001, 1001) == 0, "chown");
    as_user([] {
        refused(unlink("file"), EPERM, "another's file stays");
        refused(rename("file", "new"), EPERM, "and keeps its name");
        write_text("mine", "", 0600);
        refused(rename("mine", "other"), EPERM, "and is not replaced");
        check(rename("mine", "new") == 0 && unlink("new") == 0, "one's own may go");
    });
    check(chown(".", 1000, 1000) == 0, "chown");
    as_user([] { check(unlink("other") == 0, "the directory's owner may take all away"); });
    remove_folder();
}

void creation()
{
    make_folder(0777);
    as_user([] {
        umask(027);
        struct stat status {};
        close(open("file", O_WRONLY | O_CREAT, 0666));
        check(stat("file", &status) == 0 && status.st_uid == 1000 && status.st_gid == 1000 && mode_of("file") == 0640, "a file");
        check(mkdir("mine", 07777) == 0 && mode_of("mine") == 01750, "a directory");
        check(symlink("x", "link") == 0 && lstat("link", &status) == 0 && status.st_uid == 1000, "a link");
        const int readonly = open("new", O_RDWR | O_CREAT, 0400);
        check(readonly >= 0 && write(readonly, "x", 1) == 1, "who makes a file may write it now");
        refused(mknod("other", S_IFCHR | 0600, 0x103), EPERM, "no device");
        check(mknod("other", S_IFREG | 0600, 0) == 0, "a plain file is no device");
    });
    for (const char* name : {"file", "link", "new", "other"})
        unlink(name);
    rmdir("mine");
    check(chown(".", 0, 50) == 0 && chmod(".", 02777) == 0, "a directory that gives its group");
    as_user([] {
        umask(0);
        struct stat status {};
        close(open("file", O_WRONLY | O_CREAT, 0644));
        check(stat("file", &status) == 0 && status.st_uid == 1000 && status.st_gid == 50, "the group of the directory");
        check(mkdir("mine", 0755) == 0 && stat("mine", &status) == 0 && status.st_gid == 50 && mode_of("mine") == 02755,
              "a directory inherits the bit");
        close(open("new", O_WRONLY | O_CREAT, 02775));
        check(mode_of("new") == 0775, "no program of a foreign group");
    });
    remove_folder();
}

void ownership()
{
    make_folder(0777);
    write_text("file", "root's", 0666);
    write_text("mine", "text", 0600);
    check(chown("mine", 1000, 1000) == 0, "chown");
    const timespec both_now[] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    const timespec chosen[] = {{7, 0}, {8, 0}};
    as_user([&] {
        refused(chmod("file", 0777), EPERM, "chmod of another's");
        refused(chown("file", 1000, 1000), EPERM, "chown of another's");
        check(utimensat(AT_FDCWD, "file", both_now, 0) == 0, "now, by who may write");
        refused(utimensat(AT_FDCWD, "file", chosen, 0), EPERM, "a time, by the owner");
        refused(open("file", O_RDONLY | O_NOATIME), EPERM, "O_NOATIME, by the owner");
        check(chmod("mine", 04755) == 0 && mode_of("mine") == 04755, "one's own");
        check(utimensat(AT_FDCWD, "mine", chosen, 0) == 0 && open_and_close("mine", O_RDONLY | O_NOATIME) == 0, "one's own times");
        refused(chown("mine", 1001, 1000), EPERM, "nothing is given away");
        refused(chown("mine", 1000, 50), EPERM, "not to a foreign group");
        check(chown("mine", 1000, 1000) == 0 && mode_of("mine") == 0755, "chown takes the bits");
    });
    chmod("file", 0644);
    as_user([&] { refused(utimensat(AT_FDCWD, "file", nullptr, 0), EACCES, "now, without the right to write"); });
    check(chown("mine", 1000, 50) == 0, "chown");
    as_user([] { check(chmod("mine", 02775) == 0 && mode_of("mine") == 0775, "no bit of a foreign group"); });
    const int member = status_of_child([] {
        const gid_t groups[] = {50};
        check(setgroups(1, groups) == 0 && setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000) == 0, "groups");
        check(chmod("mine", 02775) == 0 && mode_of("mine") == 02775, "the bit of one's own group");
        check(chown("mine", 1000, 1000) == 0 && chown("mine", 1000, 50) == 0, "among one's groups");
    });
    check(member == 0, "member");
    remove_folder();
}

void lost_bits()
{
    make_folder(0777);
    write_text("program", "x", 06777);
    const int held = open("program", O_RDWR);
    check(write(held, "y", 1) == 1 && mode_of("program") == 06777, "root's writing leaves the bits");
    as_user([&] { check(pwrite(held, "z", 1, 0) == 1 && mode_of("program") == 0777, "another's takes them"); });
    chmod("program", 06777);
    as_user([] { check(truncate("program", 0) == 0 && mode_of("program") == 0777, "so does truncate"); });
    chmod("program", 06767);
    as_user([] {
        const int file = open("program", O_WRONLY | O_APPEND);
        check(write(file, "z", 1) == 1 && mode_of("program") == 02767, "without x for the group the bit means something else");
    });
    chmod("program", 06755);
    check(chown("program", 0, 0) == 0 && mode_of("program") == 0755, "chown takes them from root, too");
    close(held);
    remove_folder();
}

void real_and_effective()
{
    make_folder(0755);
    write_text("file", "root's", 0600);
    const int status = status_of_child([] {
        check(setresuid(1000, 0, 0) == 0, "effective root");
        check(open_and_close("file", O_RDONLY) == 0, "open asks the effective user");
        refused(access("file", R_OK), EACCES, "access the real one");
        check(syscall(SYS_faccessat2, AT_FDCWD, "file", R_OK, AT_EACCESS) == 0, "unless told otherwise");
        refused(syscall(SYS_faccessat2, AT_FDCWD, "file", R_OK, 0x8000), EINVAL, "unknown flags");
    });
    check(status == 0, "effective");
    const int files_only = status_of_child([] {
        check(syscall(SYS_setfsuid, 1000) == 0 && syscall(SYS_setfsuid, -1) == 1000, "setfsuid tells the former one");
        refused(open("file", O_RDONLY), EACCES, "files belong to the file user");
        check(kill(1, 0) == 0, "all else to the effective one");
    });
    check(files_only == 0, "setfsuid");
    remove_folder();
}

constexpr Deed all[] = {
    {"classes", classes},
    {"directories", directories},
    {"sticky-directories", sticky_directories},
    {"creation", creation},
    {"ownership", ownership},
    {"lost-bits", lost_bits},
    {"real-and-effective", real_and_effective},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
