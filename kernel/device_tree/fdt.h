#pragma once

#include "kernel/lib/types.h"

// The functions of libfdt that the kernel uses, with the library's names and contracts (libfdt.h: nodes are offsets, negative values are
// errors). The library is built for user space and may use FP registers: it is called from fdt.cpp alone, which puts those of the
// running program aside meanwhile. The build checks that nothing else refers to it. In every context that may not block, too.

namespace tenon::fdt {

int check_header(const void* tree);
u32 total_size(const void* tree);
int reservations(const void* tree);  // fdt_num_mem_rsv
int get_reservation(const void* tree, int index, u64& start, u64& size);

int path_offset(const void* tree, const char* path);
int path_offset(const void* tree, const char* path, int length);
int parent_offset(const void* tree, int node);
int first_subnode(const void* tree, int parent);
int next_subnode(const void* tree, int node);
int node_offset_by_compatible(const void* tree, int start, const char* compatible);
int node_offset_by_phandle(const void* tree, u32 handle);

int node_check_compatible(const void* tree, int node, const char* compatible);
int address_cells(const void* tree, int node);
int size_cells(const void* tree, int node);
const char* get_name(const void* tree, int node, int* length);
const void* getprop(const void* tree, int node, const char* name, int* length);

}  // namespace tenon::fdt
