#include "tools/libkmod/list.h"

namespace tenon::tools::libkmod {

void free_list(kmod_list* first)
{
    if (first == nullptr)
        return;
    for (kmod_list* entry = first->next; entry != first;)
        delete std::exchange(entry, entry->next);
    delete first;
}

void List::append(std::unique_ptr<kmod_list> entry)
{
    kmod_list* added = entry.release();
    if (first_ == nullptr) {
        first_ = added;
        return;
    }
    added->next = first_;
    added->previous = first_->previous;
    first_->previous->next = added;
    first_->previous = added;
}

}  // namespace tenon::tools::libkmod

extern "C" {

kmod_list* kmod_list_next(const kmod_list* list, const kmod_list* curr)
{
    return list == nullptr || curr == nullptr || curr->next == list ? nullptr : curr->next;
}

kmod_list* kmod_list_prev(const kmod_list* list, const kmod_list* curr)
{
    return list == nullptr || curr == nullptr || curr == list ? nullptr : curr->previous;
}

kmod_list* kmod_list_last(const kmod_list* list)
{
    return list == nullptr ? nullptr : list->previous;
}

void kmod_module_section_free_list(kmod_list* list) { tenon::tools::libkmod::free_list(list); }
void kmod_module_info_free_list(kmod_list* list) { tenon::tools::libkmod::free_list(list); }
void kmod_module_versions_free_list(kmod_list* list) { tenon::tools::libkmod::free_list(list); }
void kmod_module_symbols_free_list(kmod_list* list) { tenon::tools::libkmod::free_list(list); }
void kmod_module_dependency_symbols_free_list(kmod_list* list) { tenon::tools::libkmod::free_list(list); }

int kmod_module_unref_list(kmod_list* list)
{
    tenon::tools::libkmod::free_list(list);
    return 0;
}

}  // extern "C"
