#include "arch/arm64/interrupt/lines.h"

#include <array>
#include <atomic>
#include <utility>

#include "arch/arm64/interrupt/statistics.h"
#include <tenon/interrupt.h>
#include <tenon/sync.h>

namespace tenon {
namespace arch::interrupt_lines {
namespace {

// A handler may run while the line changes its owner. `running` and `handler` are ordered by seq_cst in both directions: handle()
// counts itself and then looks for the handler, release() takes the handler away and then looks at the count; so either handle()
// finds no handler, or release() waits for it.
struct Line {
    Spinlock lock;  // the line is switched and changes its owner in one step; never held while a handler runs
    std::atomic<InterruptHandler*> handler{nullptr};
    std::atomic<u32> running{0};
    InterruptCount count;
};

constinit std::array<Line, interrupt_limit> lines;
constinit InterruptController* controller = nullptr;

// Nobody would ever silence it. Unless it has found an owner meanwhile, who has switched it on.
void switch_off_unowned(Line& line, u32 number)
{
    LockGuard guard(line.lock);
    if (line.handler.load(std::memory_order_relaxed) == nullptr)
        controller->disable(number);
}

}  // namespace

void initialise(InterruptController& target)
{
    controller = &target;
}

void handle(u32 number)
{
    Line& line = lines[number];
    line.count.add();
    line.running.fetch_add(1, std::memory_order_seq_cst);
    if (InterruptHandler* handler = line.handler.load(std::memory_order_seq_cst))
        handler->handle_interrupt();
    else
        switch_off_unowned(line, number);
    line.running.fetch_sub(1, std::memory_order_release);
}

// While a line counts as running its handler is not released. Preemption would only make release() wait longer.
void describe(TextSink& out)
{
    for (u32 number = first_shared_interrupt; number < interrupt_limit; ++number) {
        Line& line = lines[number];
        line.running.fetch_add(1, std::memory_order_seq_cst);
        const InterruptHandler* const handler = line.handler.load(std::memory_order_seq_cst);
        const FixedText<31> name("{}", handler != nullptr ? handler->interrupt_name() : std::string_view());
        line.running.fetch_sub(1, std::memory_order_release);
        if (handler == nullptr && line.count.total() == 0)
            continue;
        format_to(out, "{:>4}:", number);
        line.count.describe(out);
        format_to(out, "  GIC {:>4}  {}\n", number, name.view());
    }
}

bool claim(u32 number, InterruptHandler& handler)
{
    Line& line = lines[number];
    LockGuard guard(line.lock);
    if (line.handler.load(std::memory_order_relaxed) != nullptr)
        return false;
    line.handler.store(&handler, std::memory_order_seq_cst);
    controller->enable(number);
    return true;
}

void release(u32 number)
{
    Line& line = lines[number];
    {
        LockGuard guard(line.lock);
        controller->disable(number);
        line.handler.store(nullptr, std::memory_order_seq_cst);
    }
    while (line.running.load(std::memory_order_seq_cst) != 0)
        relax();
}

}  // namespace arch::interrupt_lines

Result<InterruptLine> InterruptLine::claim(u32 number, InterruptHandler& handler)
{
    if (number < arch::first_shared_interrupt || number >= arch::interrupt_limit)
        return fail(Errno::inval);
    if (!arch::interrupt_lines::claim(number, handler))
        return fail(Errno::busy);
    InterruptLine line;
    line.number_ = number;
    line.claimed_ = true;
    return line;
}

InterruptLine::InterruptLine(InterruptLine&& other) noexcept
    : number_(other.number_), claimed_(std::exchange(other.claimed_, false))
{
}

InterruptLine& InterruptLine::operator=(InterruptLine&& other) noexcept
{
    std::swap(number_, other.number_);
    std::swap(claimed_, other.claimed_);
    return *this;
}

InterruptLine::~InterruptLine()
{
    if (claimed_)
        arch::interrupt_lines::release(number_);
}

}  // namespace tenon
