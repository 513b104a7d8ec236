#pragma once

// The word that compiled code (-fstack-protector-strong) keeps between a function's arrays and its return address. When a function finds it
// changed, an array was overrun: the kernel panics and names the function.

namespace tenon::stack_guard {

// Chooses the word, at random. Once, at start-up, on the only CPU: the functions that have not returned yet never do so.
void choose();

}  // namespace tenon::stack_guard
