#include "kernel/proc/credentials.h"

#include <new>

#include "kernel/arch.h"
#include "kernel/thread/thread.h"

namespace tenon {

Result<Ref<const Credentials>> Credentials::create(const CredentialValues& values)
{
    auto made = adopt_ref<const Credentials>(new (std::nothrow) Credentials(values));
    if (!made)
        return fail(Errno::nomem);
    return made;
}

constinit const Credentials Credentials::root_;

const Credentials& current_credentials()
{
    return arch::current_thread().credentials();
}

void set_current_credentials(Ref<const Credentials> credentials)
{
    arch::current_thread().set_credentials(std::move(credentials));
}

bool capable(Capability capability)
{
    return current_credentials().has(capability);
}

Result<> require(Capability capability)
{
    return capable(capability) ? Result<>() : fail(Errno::perm);
}

ActingAs::ActingAs(const Credentials& credentials) : former_(arch::current_thread().act_as(&credentials)) {}

ActingAs::~ActingAs()
{
    arch::current_thread().act_as(former_);
}

}  // namespace tenon
