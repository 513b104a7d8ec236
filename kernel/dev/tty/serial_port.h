#pragma once

#include <span>

#include "kernel/lib/types.h"
#include <tenon/sync.h>

namespace tenon {

// Takes what a serial port receives; called by the port's interrupt handler.
class SerialReceiver {
public:
    virtual void receive(std::span<const char> characters) = 0;

protected:
    ~SerialReceiver() = default;
};

// A serial line as its driver offers it to a terminal. Built in, lives for ever.
class SerialPort {
public:
    // Queues what fits and returns how many characters that was. Every context; never blocks.
    virtual usize transmit(std::span<const char> characters) = 0;
    // Wakes the sleepers when there is room again or when everything has left the line.
    virtual WaitQueue& transmit_events() = 0;
    virtual bool has_room() const = 0;
    virtual bool is_idle() const = 0;  // nothing queued any more
    // From now on `receiver` gets the input.
    virtual void set_receiver(SerialReceiver& receiver) = 0;

protected:
    ~SerialPort() = default;
};

}  // namespace tenon
