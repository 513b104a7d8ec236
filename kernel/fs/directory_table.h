#pragma once

#include <memory>
#include <string_view>

#include <boost/intrusive/set.hpp>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include <tenon/fs.h>

namespace tenon {

// The entries of a directory that lives in memory: found by name, listed in the order of their making. The cookie of an
// entry never changes, so that a listing continues correctly while others come and go. Not synchronised.
class DirectoryTable : NoCopy {
    struct Entry;

public:
    DirectoryTable() = default;
    ~DirectoryTable();

    Inode* find(std::string_view name) const;  // null when absent
    bool is_empty() const { return by_name_.empty(); }
    // Errno::exist, nomem.
    Result<> add(std::string_view name, Ref<Inode> inode);
    // The same in two steps, for who changes something else in between: only the first can lack memory.
    class NewEntry {
    public:
        static Result<NewEntry> create(std::string_view name, Ref<Inode> inode);

    private:
        friend class DirectoryTable;
        struct Destroy {
            void operator()(Entry* entry) const { destroy(entry); }
        };
        std::unique_ptr<Entry, Destroy> entry_;
    };
    Result<> add(NewEntry entry);  // Errno::exist
    // Empty when absent.
    Ref<Inode> take(std::string_view name);
    // `name`, which exists, stands for another object from now on; the former one is returned.
    Ref<Inode> replace(std::string_view name, Ref<Inode> inode);
    // Any one; empty when there is none.
    Ref<Inode> take_any();
    // Moves all entries of `other` here, for take_any alone: names may then be there twice.
    void take_over(DirectoryTable& other);
    void list(u64 cookie, DirectorySink& sink) const;

private:
    struct ByName;
    struct ByCookie;
    struct NameOf;
    struct CookieOf;

    struct NameHook : boost::intrusive::set_base_hook<boost::intrusive::tag<ByName>, boost::intrusive::optimize_size<true>> {};
    struct CookieHook : boost::intrusive::set_base_hook<boost::intrusive::tag<ByCookie>, boost::intrusive::optimize_size<true>> {};

    struct Entry : NameHook, CookieHook {
        u64 cookie = 0;
        Ref<Inode> inode;
        ledger::Charge charge;  // to who made the name
        u8 name_size = 0;
        char name[];

        std::string_view name_view() const { return {name, name_size}; }
    };
    struct NameOf {
        using type = std::string_view;
        type operator()(const Entry& entry) const { return entry.name_view(); }
    };
    struct CookieOf {
        using type = u64;
        type operator()(const Entry& entry) const { return entry.cookie; }
    };

    static void destroy(Entry* entry);

    boost::intrusive::set<Entry, boost::intrusive::base_hook<NameHook>, boost::intrusive::key_of_value<NameOf>> by_name_;
    boost::intrusive::set<Entry, boost::intrusive::base_hook<CookieHook>, boost::intrusive::key_of_value<CookieOf>> by_cookie_;
    u64 next_cookie_ = 1;
};

}  // namespace tenon
