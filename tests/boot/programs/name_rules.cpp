// How names lead to files when the caller says by what rules (openat2, execveat), and what keeps others from laying traps (proc(5),
// protected_symlinks and its like).

#include <cstring>
#include <initializer_list>
#include <string>

#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

const std::string top = "/tmp/rules";
constexpr const char* self = "/tests/name_rules";

void make_tree()
{
    for (const char* folder : {"", "/inner", "/inner/sub", "/inner/tmp"})
        mkdir((top + folder).c_str(), 0755);
    write_text((top + "/outside").c_str(), "outside", 0644);
    write_text((top + "/inner/file").c_str(), "file", 0644);
    static_cast<void>(symlink("file", (top + "/inner/rel").c_str()));
    static_cast<void>(symlink("../outside", (top + "/inner/up").c_str()));
    static_cast<void>(symlink("/file", (top + "/inner/abs").c_str()));
    static_cast<void>(symlink("sub", (top + "/inner/folder").c_str()));
}

int open_inner()
{
    make_tree();
    return open((top + "/inner").c_str(), O_PATH | O_DIRECTORY);
}

using How = open_how;

long open_by(const How& how, int directory, const char* name, std::size_t size = sizeof(How))
{
    return syscall(SYS_openat2, directory, name, &how, size);
}

long resolved(int directory, const char* name, std::uint64_t rules, std::uint64_t flags = O_RDONLY)
{
    const long file = open_by({.flags = flags, .mode = 0, .resolve = rules}, directory, name);
    if (file >= 0)
        close(static_cast<int>(file));
    return file < 0 ? -1 : 0;
}

// The first byte of what the name leads to: "f" for the file, "o" for what is outside.
char letter_of(int directory, const char* name, std::uint64_t rules)
{
    char letter = '-';
    const int file = static_cast<int>(open_by({.flags = O_RDONLY, .mode = 0, .resolve = rules}, directory, name));
    if (file >= 0)
        check(read(file, &letter, 1) == 1, "read");
    close(file);
    return letter;
}

void wrong_requests()
{
    const int inner = open_inner();
    const auto bad = [&](const How& how, const char* what) { refused(open_by(how, inner, "file"), EINVAL, what); };
    bad({.flags = 1ull << 40, .mode = 0, .resolve = 0}, "a flag that is none");
    bad({.flags = O_RDONLY, .mode = 0600, .resolve = 0}, "a mode for a file that is not made");
    bad({.flags = O_CREAT, .mode = 010600, .resolve = 0}, "a mode with more than permissions");
    bad({.flags = O_PATH | O_RDWR, .mode = 0, .resolve = 0}, "O_PATH for writing");
    bad({.flags = 0, .mode = 0, .resolve = 0x40}, "a rule that is none");
    bad({.flags = 0, .mode = 0, .resolve = RESOLVE_CACHED}, "RESOLVE_CACHED");
    bad({.flags = 0, .mode = 0, .resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT}, "two roots");
    struct {
        How how{};
        std::uint64_t more = 0;
    } larger;
    refused(open_by(larger.how, inner, "file", 16), EINVAL, "less than the first version");
    refused(open_by(larger.how, inner, "file", 5000), E2BIG, "more than a page");
    check(open_by(larger.how, inner, "file", sizeof larger) >= 0, "a later version that asks for nothing more");
    larger.more = 1;
    refused(open_by(larger.how, inner, "file", sizeof larger), E2BIG, "a later version that does");
    umask(0);
    unlink((top + "/inner/made").c_str());
    check(open_by({.flags = O_CREAT | O_EXCL | O_WRONLY, .mode = 0640, .resolve = RESOLVE_BENEATH}, inner, "made") >= 0 &&
              mode_of((top + "/inner/made").c_str()) == 0640,
          "a file is made");
}

void beneath()
{
    const int inner = open_inner();
    check(letter_of(inner, "file", RESOLVE_BENEATH) == 'f' && letter_of(inner, "sub/../rel", RESOLVE_BENEATH) == 'f', "what lies beneath");
    for (const char* name : {"..", "../outside", "sub/../../outside", "up", "abs", "/tmp/rules/inner/file", "folder/../../inner/file"})
        refused(resolved(inner, name, RESOLVE_BENEATH), EXDEV, name);
    refused(resolved(AT_FDCWD, "/proc/self/exe", RESOLVE_BENEATH), EXDEV, "an absolute name");
    check(chdir("/proc") == 0, "chdir");
    refused(resolved(AT_FDCWD, "self/exe", RESOLVE_BENEATH), EXDEV, "a link of /proc to somewhere else");
}

void in_root()
{
    const int inner = open_inner();
    for (const char* name : {"/file", "../../file", "sub/../../../file", "/../rel", "abs", "folder/../abs"})
        check(letter_of(inner, name, RESOLVE_IN_ROOT) == 'f', name);
    refused(resolved(inner, "up", RESOLVE_IN_ROOT), ENOENT, "there is no outside");
    check(letter_of(inner, "up", 0) == 'o', "without the rule there is");
}

void links()
{
    const int inner = open_inner();
    for (const char* name : {"rel", "folder", "folder/../file", "/proc/self/exe"})
        refused(resolved(inner, name, RESOLVE_NO_SYMLINKS), ELOOP, name);
    check(resolved(inner, "file", RESOLVE_NO_SYMLINKS) == 0, "no link on the way");
    check(resolved(inner, "rel", RESOLVE_NO_SYMLINKS, O_PATH | O_NOFOLLOW) == 0, "the link itself");
    int ends[2];
    check(pipe(ends) == 0, "a pipe");
    const std::string pipe_name = "/proc/self/fd/" + std::to_string(ends[0]);
    for (const char* name : {"/proc/self/exe", "/proc/self/cwd", "/proc/self/root/tmp", pipe_name.c_str()})
        refused(resolved(inner, name, RESOLVE_NO_MAGICLINKS), ELOOP, name);
    check(resolved(inner, pipe_name.c_str(), 0) == 0, "the same with no rule");
    check(letter_of(inner, "rel", RESOLVE_NO_MAGICLINKS) == 'f', "other links are followed");
}

void one_mount()
{
    const int inner = open_inner();
    check(mount("none", (top + "/inner/tmp").c_str(), "tmpfs", 0, nullptr) == 0, "mount");
    refused(resolved(inner, "tmp", RESOLVE_NO_XDEV), EXDEV, "down");
    refused(resolved(inner, "sub/../tmp/.", RESOLVE_NO_XDEV), EXDEV, "down and on");
    const int mounted = open((top + "/inner/tmp").c_str(), O_PATH);
    refused(resolved(mounted, "..", RESOLVE_NO_XDEV), EXDEV, "up");
    check(resolved(mounted, ".", RESOLVE_NO_XDEV) == 0 && resolved(inner, "sub/../file", RESOLVE_NO_XDEV) == 0, "within one");
    check(resolved(inner, "tmp/../file", RESOLVE_BENEATH) == 0, "down and up again without the rule");
    close(mounted);
    check(umount((top + "/inner/tmp").c_str()) == 0, "umount");
}

// The links of /proc/PID lead to the place itself, not to its name.
void places()
{
    make_tree();
    const std::string gone = top + "/gone";
    mkdir(gone.c_str(), 0755);
    struct stat before {}, after {};
    check(stat(gone.c_str(), &before) == 0 && chdir(gone.c_str()) == 0 && rmdir(gone.c_str()) == 0, "a directory that is gone");
    check(stat("/proc/self/cwd", &after) == 0 && after.st_ino == before.st_ino, "is still the working directory");
}

void set_protection(const char* which, const char* level)
{
    const int file = open((std::string("/proc/sys/fs/protected_") + which).c_str(), O_WRONLY);
    check(file >= 0 && write(file, level, std::strlen(level)) == static_cast<ssize_t>(std::strlen(level)), which);
    close(file);
}

std::string make_sticky()
{
    make_tree();
    const std::string sticky = top + "/sticky";
    mkdir(sticky.c_str(), 01777);
    check(chmod(sticky.c_str(), 01777) == 0, "a sticky directory");
    for (const char* name : {"/trap", "/way", "/mine", "/plain", "/fifo"})
        unlink((sticky + name).c_str());
    return sticky;
}

void soft_links()
{
    const std::string sticky = make_sticky();
    const std::string target = top + "/outside";
    const std::string trap = sticky + "/trap", way = sticky + "/way", mine = sticky + "/mine";
    as_user([&] {
        check(symlink(target.c_str(), trap.c_str()) == 0 && symlink(top.c_str(), way.c_str()) == 0, "a user's links");
        check(open_and_close(trap.c_str(), O_RDONLY) == 0, "the user follows them");
    });
    check(symlink(target.c_str(), mine.c_str()) == 0, "the directory's owner's link");
    as_user([&] { check(open_and_close(mine.c_str(), O_RDONLY) == 0, "is followed by all"); });
    refused(open_and_close(trap.c_str(), O_RDONLY), EACCES, "nobody else follows a user's link, root neither");
    struct stat status {};
    refused(stat(trap.c_str(), &status), EACCES, "whatever the call");
    check(lstat(trap.c_str(), &status) == 0, "but may look at it");
    check(open_and_close((way + "/outside").c_str(), O_RDONLY) == 0, "one that is not the last is followed");
    set_protection("symlinks", "0");
    check(open_and_close(trap.c_str(), O_RDONLY) == 0, "switched off");
    set_protection("symlinks", "1");
    check(chmod(sticky.c_str(), 0777) == 0 && open_and_close(trap.c_str(), O_RDONLY) == 0, "only in sticky directories");
}

void hard_links()
{
    make_tree();
    const std::string common = top + "/open";
    const std::string link_name = common + "/link";
    mkdir(common.c_str(), 0777);
    chmod(common.c_str(), 0777);
    const auto linked = [&](const char* name) {
        const int result = link((top + name).c_str(), link_name.c_str());
        if (result == 0)
            unlink(link_name.c_str());
        return result;
    };
    write_text((top + "/secret").c_str(), "x", 0600);
    write_text((top + "/common").c_str(), "x", 0666);
    write_text((top + "/suid").c_str(), "x", 04666);
    check(mkfifo((top + "/pipe").c_str(), 0666) == 0 || errno == EEXIST, "a fifo");
    chmod((top + "/pipe").c_str(), 0666);
    as_user([&] {
        refused(linked("/secret"), EPERM, "what the user may not read");
        refused(linked("/outside"), EPERM, "what the user may not write");
        refused(linked("/suid"), EPERM, "what runs as its owner");
        refused(linked("/pipe"), EPERM, "what is no file");
        check(linked("/common") == 0, "what the user may read and write");
        write_text((common + "/mine").c_str(), "x", 0400);
        check(linked("/open/mine") == 0, "what is the user's own");
    });
    check(linked("/secret") == 0 && linked("/suid") == 0, "root may");
    set_protection("hardlinks", "0");
    as_user([&] { check(linked("/secret") == 0, "switched off"); });
    set_protection("hardlinks", "1");
}

void opened_for_making()
{
    const std::string sticky = make_sticky();
    const std::string plain = sticky + "/plain", fifo = sticky + "/fifo";
    as_user([&] {
        write_text(plain.c_str(), "x", 0666);
        check(mkfifo(fifo.c_str(), 0666) == 0, "a user's fifo");
    });
    const int to_make = O_CREAT | O_RDWR | O_NONBLOCK;
    check(open_and_close(plain.c_str(), to_make) == 0 && open_and_close(fifo.c_str(), to_make) == 0, "off at first");
    set_protection("regular", "1");
    set_protection("fifos", "1");
    refused(open_and_close(plain.c_str(), to_make), EACCES, "a user's file in place of one's own");
    refused(open_and_close(fifo.c_str(), to_make), EACCES, "a user's fifo");
    check(open_and_close(plain.c_str(), O_RDWR) == 0, "who does not ask to make it gets it");
    as_user([&] { check(open_and_close(plain.c_str(), to_make) == 0, "its owner does"); });
    check(chmod(sticky.c_str(), 01775) == 0 && open_and_close(plain.c_str(), to_make) == 0, "one that only the group may write");
    set_protection("regular", "2");
    refused(open_and_close(plain.c_str(), to_make), EACCES, "at the second level");
    set_protection("regular", "0");
    set_protection("fifos", "0");
}

// A user's file that appears between the look for the name and its making is asked like one that was there before.
void made_meanwhile()
{
    constexpr int rounds = 20'000;
    const std::string plain = make_sticky() + "/appears";
    set_protection("regular", "1");
    const pid_t user = start_child([&] {
        become(ordinary_user, ordinary_group);
        for (;;) {
            close(open(plain.c_str(), O_CREAT | O_RDWR, 0666));
            unlink(plain.c_str());
        }
    });
    int own = 0, refusals = 0;
    for (int round = 0; round < rounds; ++round) {
        const int file = open(plain.c_str(), O_CREAT | O_RDWR, 0600);
        struct stat status {};
        if (file < 0) {
            check(errno == EACCES, "refused because of whose it is");
            ++refusals;
            continue;
        }
        check(fstat(file, &status) == 0 && status.st_uid == 0, "what was opened for making is one's own");
        ++own;
        close(file);
        unlink(plain.c_str());
    }
    kill(user, SIGKILL);
    status_of(user);
    check(own != 0 && refusals != 0, "both came first");
    set_protection("regular", "0");
}

constexpr int told = 42;
constexpr int told_as_interpreter = 43;

// The exit status of a program started so; minus errno when it is not.
int started(int directory, const char* name, int flags)
{
    const int status = status_of_child([&] {
        const char* const words[] = {"name_rules", "tell", nullptr};
        const char* const environment[] = {nullptr};
        syscall(SYS_execveat, directory, name, words, environment, flags);
        _exit(100 + errno);
    });
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return code > 100 ? 100 - code : code;
}

void execute_at()
{
    make_tree();
    const int program = open(self, O_PATH | O_CLOEXEC);
    const int tests = open("/tests", O_PATH | O_DIRECTORY);
    check(started(program, "", AT_EMPTY_PATH) == told, "the descriptor's own file");
    check(started(program, "", 0) == -ENOENT && started(program, "", 0x2000 | AT_EMPTY_PATH) == -EINVAL, "only when asked for");
    check(started(tests, "name_rules", 0) == told && started(tests, self, 0) == told && started(AT_FDCWD, self, 0) == told, "names");
    check(started(-1, "name_rules", 0) == -EBADF && started(-1, self, 0) == told, "an absolute name needs no descriptor");
    const std::string link_name = top + "/program";
    unlink(link_name.c_str());
    check(symlink(self, link_name.c_str()) == 0, "a link");
    check(started(AT_FDCWD, link_name.c_str(), 0) == told && started(AT_FDCWD, link_name.c_str(), AT_SYMLINK_NOFOLLOW) == -ELOOP &&
              started(AT_FDCWD, self, AT_SYMLINK_NOFOLLOW) == told,
          "AT_SYMLINK_NOFOLLOW");
    check(started(tests, "", AT_EMPTY_PATH) == -EACCES, "a directory");
}

void scripts_at()
{
    make_tree();
    write_text((top + "/script").c_str(), "#!/tests/name_rules interpret\n", 0755);
    const int folder = open(top.c_str(), O_PATH | O_DIRECTORY);
    const int script = open((top + "/script").c_str(), O_RDONLY);
    const int hidden = open((top + "/script").c_str(), O_RDONLY | O_CLOEXEC);
    check(started(script, "", AT_EMPTY_PATH) == told_as_interpreter, "the interpreter finds it as /dev/fd/N");
    check(started(folder, "script", 0) == told_as_interpreter, "or as /dev/fd/N/name");
    check(started(hidden, "", AT_EMPTY_PATH) == -ENOENT, "which must not be closed by then");
}

// What started() runs: this program, as itself or as the interpreter of a script, which is given the script's name.
int tell(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "tell")
        return told;
    if (argc < 3 || std::string_view(argv[1]) != "interpret" || !std::string_view(argv[2]).starts_with("/dev/fd/"))
        return 0;
    return open(argv[2], O_RDONLY) >= 0 ? told_as_interpreter : 1;
}

constexpr deeds::Deed all[] = {
    {"wrong-requests", wrong_requests}, {"beneath", beneath},       {"in-root", in_root},       {"links", links},
    {"one-mount", one_mount},           {"places", places},         {"soft-links", soft_links}, {"hard-links", hard_links},
    {"opened-for-making", opened_for_making}, {"made-meanwhile", made_meanwhile}, {"execute-at", execute_at}, {"scripts-at", scripts_at},
};

}  // namespace

int main(int argc, char** argv)
{
    if (const int status = tell(argc, argv); status != 0)
        return status;
    return deeds::run(all, argc == 2 ? argv[1] : "all");
}
