#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "tests/core/planted.h"

using namespace tenon::test;

namespace {

struct Ended {
    int status;
    std::string errors;
};

// This program with the mistake.
Ended run(const char* name)
{
    FILE* const output = std::tmpfile();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(output), STDERR_FILENO);
    const char* const arguments[] = {"core", "--plant", name, nullptr};
    pid_t child = -1;
    const int failed = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, const_cast<char* const*>(arguments), environ);
    posix_spawn_file_actions_destroy(&actions);
    Ended ended{-1, ""};
    if (failed == 0 && waitpid(child, &ended.status, 0) == child) {
        std::rewind(output);
        for (int character = std::fgetc(output); character != EOF; character = std::fgetc(output))
            ended.errors.push_back(static_cast<char>(character));
    }
    std::fclose(output);
    return ended;
}

TEST(Planted, EveryMistakeIsReported)
{
    for (const Planted& mistake : planted()) {
        SCOPED_TRACE(mistake.name);
        const Ended ended = run(mistake.name);
        EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 66) << ended.status << '\n' << ended.errors;
        EXPECT_NE(ended.errors.find("WARNING: ThreadSanitizer: "), std::string::npos) << ended.errors;
        EXPECT_NE(ended.errors.find("tests/core/planted.cpp"), std::string::npos) << ended.errors;
    }
}

TEST(Planted, NothingIsReportedOfNothing)
{
    const Ended ended = run("nothing");
    EXPECT_TRUE(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) << ended.status;
    EXPECT_EQ(ended.errors, "");
}

}  // namespace
