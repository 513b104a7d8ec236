// Preloaded into a newer kmod, which calls libc by the names for large files: leads them to those that fake_root.cpp wraps.

#include <cstdio>
#include <dirent.h>
#include <sys/stat.h>

extern "C" {

std::FILE* fopen64(const char* path, const char* mode)
{
    return fopen(path, mode);
}

int stat64(const char* path, struct stat64* status)
{
    static_assert(sizeof(struct stat64) == sizeof(struct stat));
    return stat(path, reinterpret_cast<struct stat*>(status));
}

dirent64* readdir64(DIR* folder)
{
    static_assert(sizeof(dirent64) == sizeof(dirent));
    return reinterpret_cast<dirent64*>(readdir(folder));
}

}  // extern "C"
