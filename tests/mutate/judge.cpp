// judge [JOBS]: the tests that are linked with it judge mutants. Without an argument they run once, to the first failure, on what is compiled in.
// With one, standard input names mutants, one per line; each runs in a process of its own against the tests that reach its place, and
// standard output says of each what has become of it: `17 killed Suite.Name`, `17 timeout -`, `17 survived -`, `17 senseless -`, `17 unreached -`.

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/mutate/selectors.h"

// Reports are read by nobody; what they say of the stack takes longer than the tests.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "symbolize=0:detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1024:detect_stack_use_after_return=0";
}
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options()
{
    return "symbolize=0:print_stacktrace=0";
}

namespace tenon::mutant {
namespace {

constexpr unsigned test_limit = 4096;
constexpr int failed_status = 1;

// Tests that take longer, in microseconds of processor time, judge only what the others let live.
constexpr long slow_test = 100'000;
enum class Round : unsigned char { quick, slow };

// What the coverage run and the judging processes tell the first process.
struct Shared {
    unsigned char reached_by[test_limit][limit];
    Reach reached[limit];
    bool is_slow[test_limit];
    unsigned test_count;
    long microseconds;  // of processor time that all tests take
    int coverage_failed;
    char killer[64][128];  // by job: the test that failed, or the one that was running
};

Shared* shared;
std::vector<std::string> test_names;

[[noreturn]] void die(const char* what)
{
    std::perror(what);
    std::exit(2);
}

void silence()
{
    const int nothing = open("/dev/null", O_RDWR);
    for (int stream = 0; stream <= 2; ++stream)
        dup2(nothing, stream);
}

// That this process has used, in microseconds.
long processor_time()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

class CoverageListener : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override
    {
        std::memset(static_cast<void*>(reached), 0, sizeof(reached));
        start_ = processor_time();
    }

    void OnTestEnd(const testing::TestInfo& info) override
    {
        shared->is_slow[shared->test_count] = processor_time() - start_ > slow_test;
        unsigned char* const row = shared->reached_by[shared->test_count++];
        for (unsigned index = 0; index < limit; ++index) {
            row[index] = reached[index] != Reach::never;
            if (reached[index] != Reach::never)
                shared->reached[index] = shared->reached[index] == Reach::passed ? Reach::passed : reached[index];
        }
        shared->coverage_failed |= info.result()->Failed();
    }

    long start_ = 0;
};

// Ends the process at the first failure.
class JudgingListener : public testing::EmptyTestEventListener {
public:
    explicit JudgingListener(unsigned job) : killer_(shared->killer[job]) {}

    void OnTestStart(const testing::TestInfo& info) override
    {
        std::snprintf(killer_, sizeof(shared->killer[0]), "%s.%s", info.test_suite_name(), info.name());
    }

    void OnTestPartResult(const testing::TestPartResult& result) override
    {
        if (result.failed())
            _exit(failed_status);
    }

private:
    char* killer_;
};

void use(testing::TestEventListener* listener)
{
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(listener);
}

void cover()
{
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        silence();
        use(new CoverageListener);
        const long start = processor_time();
        const int failed = RUN_ALL_TESTS();
        shared->microseconds = processor_time() - start;
        _exit(failed);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0 || shared->coverage_failed != 0) {
        std::fprintf(stderr, "the tests fail without a mutant, too\n");
        std::exit(2);
    }
}

// In the order in which they run.
void list_tests()
{
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int suite = 0; suite < all.total_test_suite_count(); ++suite)
        for (int test = 0; test < all.GetTestSuite(suite)->total_test_count(); ++test) {
            const testing::TestInfo& info = *all.GetTestSuite(suite)->GetTestInfo(test);
            test_names.push_back(std::string(info.test_suite_name()) + "." + info.name());
        }
    if (test_names.size() > test_limit)
        std::exit(2);
}

std::string filter_for(unsigned mutant, Round round)
{
    std::string filter;
    for (unsigned test = 0; test < shared->test_count; ++test)
        if (shared->reached_by[test][mutant] != 0 && shared->is_slow[test] == (round == Round::slow))
            filter += test_names[test] + ":";
    return filter;
}

// A mutant that goes round for ever ends by the time that it takes of the processor, one that waits for ever by the clock.
void limit_time()
{
    const long allowed = shared->microseconds * 2 + 500'000;
    const itimerval timer{{0, 0}, {allowed / 1'000'000, allowed % 1'000'000}};
    setitimer(ITIMER_PROF, &timer, nullptr);
    alarm(static_cast<unsigned>(allowed / 100'000) + 30);
}

pid_t start(unsigned mutant, const std::string& filter, unsigned job)
{
    std::strcpy(shared->killer[job], "-");
    const pid_t child = fork();
    if (child != 0)
        return child;
    silence();
    limit_time();
    testing::GTEST_FLAG(filter) = filter.empty() ? "-*" : filter;
    use(new JudgingListener(job));
    active = mutant;
    _exit(RUN_ALL_TESTS());
}

void report(unsigned mutant, int status, unsigned job)
{
    const bool slow = WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM);
    std::printf("%u %s %s\n", mutant, status == 0 ? "survived" : slow ? "timeout" : "killed", shared->killer[job]);
    std::fflush(stdout);
}

struct Running {
    unsigned mutant;
    unsigned job;
    Round round;
};

class Pool {
public:
    explicit Pool(unsigned jobs)
    {
        for (unsigned job = 0; job < jobs; ++job)
            free_.push_back(job);
    }

    void add(unsigned mutant)
    {
        const Reach reach = shared->reached[mutant];
        if (reach != Reach::passed) {
            std::printf("%u %s -\n", mutant, reach == Reach::senseless ? "senseless" : "unreached");
            std::fflush(stdout);
            return;
        }
        while (free_.empty())
            finish_one();
        const unsigned job = free_.back();
        free_.pop_back();
        run({mutant, job, Round::quick});
    }

    void finish()
    {
        while (!running_.empty())
            finish_one();
    }

private:
    void run(const Running& running) { running_[start(running.mutant, filter_for(running.mutant, running.round), running.job)] = running; }

    void finish_one()
    {
        int status;
        const auto found = running_.find(wait(&status));
        if (found == running_.end())
            die("wait");
        const Running ended = found->second;
        running_.erase(found);
        if (status == 0 && ended.round == Round::quick && !filter_for(ended.mutant, Round::slow).empty()) {
            run({ended.mutant, ended.job, Round::slow});
        } else {
            report(ended.mutant, status, ended.job);
            free_.push_back(ended.job);
        }
    }

    std::vector<unsigned> free_;
    std::map<pid_t, Running> running_;
};

void judge(unsigned jobs)
{
    list_tests();
    cover();
    Pool pool(jobs);
    unsigned mutant;
    while (std::scanf("%u", &mutant) == 1 && mutant < limit)
        pool.add(mutant);
    pool.finish();
}

}  // namespace
}  // namespace tenon::mutant

int main(int count, char** arguments)
{
    using namespace tenon::mutant;
    testing::InitGoogleTest(&count, arguments);
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    shared = static_cast<Shared*>(memory);
    if (count > 1) {
        judge(static_cast<unsigned>(std::atoi(arguments[1])));
        return 0;
    }
    use(new JudgingListener(0));
    return RUN_ALL_TESTS();
}
