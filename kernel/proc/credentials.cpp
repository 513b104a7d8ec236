#include "kernel/proc/credentials.h"

#include <new>

#include "kernel/arch.h"
#include "kernel/proc/user_thread.h"

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
    const UserThread* const thread = current_user_thread_if_any();
    return thread == nullptr ? Credentials::root() : thread->credentials();
}

void set_current_credentials(Ref<const Credentials> credentials)
{
    current_user_thread().set_credentials(std::move(credentials));
}

bool capable(Capability capability)
{
    return current_credentials().has(capability);
}

Result<> require(Capability capability)
{
    return capable(capability) ? Result<>() : fail(Errno::perm);
}

ActingAs::ActingAs(const Credentials& credentials)
{
    if (UserThread* const thread = current_user_thread_if_any())
        former_ = thread->act_as(&credentials);
}

ActingAs::~ActingAs()
{
    if (former_ != nullptr)
        current_user_thread().act_as(former_);
}

}  // namespace tenon
