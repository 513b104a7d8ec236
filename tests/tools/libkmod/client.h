#pragma once

#include "tools/libkmod/libkmod.h"

// What the parts of the client share (client.c).

extern int (*new_from_name_lookup)(struct kmod_ctx* ctx, const char* name, struct kmod_module** mod);

// The text, or what stands for NULL.
const char* shown(const char* text);

// Prints what each function answers to NULL; `context` serves those that take something else besides.
void call_without_objects(struct kmod_ctx* context);
