#include "kernel/mm/trampoline_page.h"

#include <cstring>

#include "kernel/arch.h"
#include <tenon/sync.h>

namespace tenon {

namespace {

class TrampolinePage final : public PageSource {
public:
    explicit TrampolinePage(PageRef page) : page_(std::move(page)) {}

    Result<PageRef> page(u64 index) override
    {
        if (index != 0)
            return fail(Errno::nxio);
        return page_;
    }
    void print_name(TextSink& out) const override { out.write("[sigpage]"); }

private:
    PageRef page_;
};

Mutex creation;
constinit TrampolinePage* instance = nullptr;  // protected by `creation`; lives for ever

}  // namespace

Result<Ref<PageSource>> trampoline_page()
{
    LockGuard guard(creation);
    if (instance == nullptr) {
        auto page = TRY(PageRef::allocate_zeroed());
        const auto code = arch::signal_trampoline();
        std::memcpy(page.bytes().data(), code.data(), code.size());
        arch::clean_code(KernelAddr::of(page.bytes().data()), code.size());
        instance = new (std::nothrow) TrampolinePage(std::move(page));
        if (instance == nullptr)
            return fail(Errno::nomem);
    }
    return Ref<PageSource>(instance);
}

}  // namespace tenon
