// Checks how the threads of a process wait for each other, and that memory and descriptors hold when several change them at once.
#include "tests/boot/programs/thread_deeds.h"

#include <cstdint>

namespace {

using namespace deeds;

// Mutual exclusion and waiting under load: nothing may be lost, and what is protected counts right.
void locks()
{
    constexpr int rounds = 4000;
    constexpr int count = 8;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    long sum = 0;
    int turn = 0;
    const Body adder = [&] {
        for (int i = 0; i < rounds; ++i) {
            pthread_mutex_lock(&mutex);
            ++sum;
            pthread_mutex_unlock(&mutex);
        }
    };
    std::vector<Body> passers;
    for (int index = 0; index < count; ++index)
        passers.push_back([&, index] {
            for (int i = 0; i < 50; ++i) {
                pthread_mutex_lock(&mutex);
                while (turn % count != index)
                    pthread_cond_wait(&changed, &mutex);
                ++turn;
                pthread_cond_broadcast(&changed);
                pthread_mutex_unlock(&mutex);
            }
        });
    {
        std::vector<std::unique_ptr<Joined>> threads;
        for (const Body& passer : passers) {
            threads.push_back(std::make_unique<Joined>(adder));
            threads.push_back(std::make_unique<Joined>(passer));
        }
    }
    check(sum == long{rounds} * count, "every addition counts");
    check(turn == 50 * count, "every turn was taken");
}

void robust_locks()
{
    auto* mutex = map_memory<pthread_mutex_t>(page, MAP_SHARED);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &attributes);
    const Body dies = [&] { pthread_mutex_lock(mutex); };
    {
        const Joined thread(dies);
    }
    check(pthread_mutex_lock(mutex) == EOWNERDEAD, "the owner, a thread, has died");
    pthread_mutex_consistent(mutex);
    pthread_mutex_unlock(mutex);
    // A waiter in another process is woken.
    const pid_t waiter = start_child([&] {
        usleep(50000);
        check(pthread_mutex_lock(mutex) == EOWNERDEAD, "the owner, a process, has died");
        pthread_mutex_consistent(mutex);
        pthread_mutex_unlock(mutex);
    });
    status_of_child([&] {
        pthread_mutex_lock(mutex);
        usleep(200000);
        kill(getpid(), SIGKILL);
    });
    check(status_of(waiter) == 0, "the waiter was woken");
    void* head = nullptr;
    std::size_t size = 0;
    check(syscall(SYS_get_robust_list, 0, &head, &size) == 0 && head != nullptr && size == 24, "get_robust_list");
}

void cancellation()
{
    std::atomic<int> started{0};
    std::atomic<int> cleaned{0};
    const Body body = [&] {
        pthread_cleanup_push([](void* counter) { ++*static_cast<std::atomic<int>*>(counter); }, &cleaned);
        ++started;
        for (;;)
            pause();
        pthread_cleanup_pop(0);
    };
    for (int i = 0; i < 10; ++i) {
        pthread_t thread;
        pthread_create(&thread, nullptr, run_body, const_cast<Body*>(&body));
        wait_until([&] { return started == i + 1; });
        pthread_cancel(thread);
        void* result = nullptr;
        pthread_join(thread, &result);
        check(result == PTHREAD_CANCELED, "cancelled");
    }
    check(cleaned == 10, "cleaned up");
}

void futex_operations()
{
    static std::atomic<unsigned> first{0};
    static std::atomic<unsigned> second{0};
    static std::atomic<int> woken{0};
    timespec short_time{.tv_sec = 0, .tv_nsec = 5'000'000};
    check(futex(first, FUTEX_WAIT_PRIVATE, 1) == -1 && errno == EAGAIN, "another value");
    check(futex(first, FUTEX_WAIT_PRIVATE, 0, &short_time) == -1 && errno == ETIMEDOUT, "timeout");
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    check(futex(first, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &now, nullptr, 1) == -1 && errno == ETIMEDOUT, "absolute time");
    check(futex(first, FUTEX_WAIT_BITSET_PRIVATE, 0, nullptr, nullptr, 0) == -1 && errno == EINVAL, "no bits");
    check(futex(first, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &now) == -1 && errno == ENOSYS, "a clock where there is no choice");
    check(futex(first, FUTEX_LOCK_PI, 0) == -1 && errno == ENOSYS, "priority inheritance is not known");
    check(syscall(SYS_futex, reinterpret_cast<char*>(&first) + 1, FUTEX_WAKE, 1) == -1 && errno == EINVAL, "misaligned");
    const Body sleeper = [] { woken += futex(first, FUTEX_WAIT_BITSET_PRIVATE, 0, nullptr, nullptr, 2) == 0 ? 1 : 0; };
    const auto requeue_limit = reinterpret_cast<const timespec*>(std::uintptr_t{10});
    {
        const Joined a(sleeper), b(sleeper), c(sleeper);
        usleep(50000);
        check(futex(first, FUTEX_WAKE_BITSET_PRIVATE, 10, nullptr, nullptr, 1) == 0, "other bits wake nobody");
        check(futex(first, FUTEX_CMP_REQUEUE_PRIVATE, 1, requeue_limit, &second, 5) == -1 && errno == EAGAIN, "compared");
        check(futex(first, FUTEX_CMP_REQUEUE_PRIVATE, 1, requeue_limit, &second, 0) == 3, "one woken, two moved");
        check(futex(first, FUTEX_WAKE_PRIVATE, 10) == 0, "nobody is left");
        wait_until([] { return woken == 1; });
        const unsigned add_one_if_zero = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);
        const auto one = reinterpret_cast<const timespec*>(std::uintptr_t{1});
        check(futex(first, FUTEX_WAKE_OP_PRIVATE, 1, one, &second, add_one_if_zero) == 1 && second == 1, "FUTEX_WAKE_OP wakes one");
        check(futex(first, FUTEX_WAKE_OP_PRIVATE, 1, one, &second, add_one_if_zero) == 0 && second == 2, "but not when it differs");
        check(futex(second, FUTEX_WAKE_PRIVATE, 10) == 1, "the last");
    }
    check(woken == 3, "all were woken");
}

// Private words belong to the address space, shared ones to the object, wherever their pages are.
void futex_keys()
{
    static std::atomic<unsigned> word{0};
    std::atomic<int> woken{0};
    const Body sleeper = [&] { woken += futex(word, FUTEX_WAIT, 0) == 0 ? 1 : 0; };
    {
        const Joined thread(sleeper);
        usleep(30000);
        // The page is shared with the child now and copied by the next write: the sleeper must be found all the same.
        const pid_t child = start_child([] { check(futex(word, FUTEX_WAKE, 1) == 0, "another process's private word"); });
        word.fetch_add(1);
        check(status_of(child) == 0, "child");
        check(futex(word, FUTEX_WAKE, 1) == 1, "the sleeper is found over fork");
    }
    check(woken == 1, "woken");
    char name[] = "/tmp/futex-XXXXXX";
    const int file = mkstemp(name);
    check(ftruncate(file, page) == 0, "file");
    auto* here = map_memory<std::atomic<unsigned>>(page, MAP_SHARED, file);
    auto* there = map_memory<std::atomic<unsigned>>(page, MAP_SHARED, file);
    const Body on_file = [&] { woken += futex(*here, FUTEX_WAIT, 0) == 0 ? 1 : 0; };
    {
        const Joined thread(on_file);
        usleep(30000);
        check(futex(*there, FUTEX_WAKE_PRIVATE, 1) == 0, "by address it is another word");
        check(futex(*there, FUTEX_WAKE, 1) == 1, "by object it is the same");
    }
    check(woken == 2, "woken through the other mapping");
    unlink(name);
}

// One thread maps and unmaps, or moves the break, while others use memory: what they see is right or a fault.
void memory_changes()
{
    std::atomic<bool> stop{false};
    std::atomic<long> rounds{0};
    const Body mapper = [&] {
        for (int i = 0; i < 300; ++i) {
            auto* memory = map_memory(16 * page, MAP_PRIVATE);
            std::memset(memory, i, 16 * page);
            mprotect(memory, page, PROT_READ);
            check(memory[0] == static_cast<char>(i) && memory[15 * page] == static_cast<char>(i), "own memory");
            munmap(memory, 16 * page);
            ++rounds;
        }
    };
    const Body breaker = [&] {
        while (!stop) {
            sbrk(static_cast<std::intptr_t>(page));
            sbrk(-static_cast<std::intptr_t>(page));
        }
    };
    auto* shared = map_memory<std::atomic<unsigned>>(page, MAP_PRIVATE);
    const Body counter = [&] {
        for (int i = 0; i < 20000; ++i)
            shared->fetch_add(1);
    };
    {
        const Joined d(breaker);
        {
            const Joined a(mapper), b(mapper), c(counter), e(counter);
            for (int i = 0; i < 10; ++i)
                status_of_child([] {});  // makes every page copy-on-write while they are written
        }
        stop = true;
    }
    check(shared->load() == 40000, "no write was lost to a copy");
    check(rounds == 600, "all rounds");
}

void descriptor_races()
{
    std::atomic<bool> stop{false};
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    const Body duplicates = [&] {
        while (!stop) {
            dup2(ends[1], 200);
            fcntl(ends[1], F_DUPFD, 600);
            close(200);
        }
    };
    const Body closes = [&] {
        for (int i = 0; i < 2000; ++i)
            close(600 + i % 50);
        stop = true;
    };
    const Body reads = [&] { char byte; check(read(ends[0], &byte, 1) == 1, "a read goes on when its descriptor is closed"); };
    {
        const Joined reader(reads);
        usleep(20000);
        const int writer = dup(ends[1]);
        close(ends[0]);
        {
            const Joined a(duplicates), b(closes);
        }
        check(write(writer, "x", 1) == 1 || errno == EPIPE, "write");
    }
}

constexpr std::array<Deed, 7> all{{
    {"locks", locks},
    {"robust-locks", robust_locks},
    {"cancellation", cancellation},
    {"futex-operations", futex_operations},
    {"futex-keys", futex_keys},
    {"memory-changes", memory_changes},
    {"descriptor-races", descriptor_races},
}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc > 1 ? argv[1] : "all");
}
