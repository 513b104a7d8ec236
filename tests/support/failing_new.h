#pragma once

namespace tenon::test {

// While it lives, the `count`-th `new (std::nothrow)` of this thread from now on gives null (1: the next one).
class FailingNew {
public:
    explicit FailingNew(unsigned count);
    ~FailingNew();
    bool has_failed() const;
};

}  // namespace tenon::test
