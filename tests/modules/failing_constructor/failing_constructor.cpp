// Three global objects; the second one refuses the load.

#include <tenon/log.h>
#include <tenon/module.h>

namespace {

class Witness {
public:
    explicit Witness(const char* name) : name_(name) { tenon::log::info("failing_constructor", "made {}", name_); }
    ~Witness() { tenon::log::info("failing_constructor", "unmade {}", name_); }

private:
    const char* name_;
};

class Refusal {
public:
    Refusal() { tenon::current_module()->refuse_load(tenon::Errno::nodev); }
};

const Witness first("first");
const Refusal second;
const Witness third("third");

}  // namespace

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: a constructor refuses the load");
