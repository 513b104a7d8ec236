#pragma once

namespace tenon::modload {

// What __cxa_atexit does (Itanium C++ ABI 3.3.6.3): `dso_handle` is the address of the __dso_handle of whose object it is. In a module that
// variable holds the module's handle, and the destructor runs at unload; the kernel's is null, and its objects are never
// destroyed. Not 0 when memory is short: then the load fails too.
int register_destructor(void (*destructor)(void*), void* object, void* dso_handle);

}  // namespace tenon::modload
