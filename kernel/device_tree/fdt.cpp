#include "kernel/device_tree/fdt.h"

#include <libfdt.h>

#include <tenon/cpu.h>

namespace tenon::fdt {
namespace {

template <typename Call>
auto with_library(Call&& call)
{
    const KernelFpScope fp;
    return call();
}

}  // namespace

int check_header(const void* tree)
{
    return with_library([&] { return fdt_check_header(tree); });
}

u32 total_size(const void* tree)
{
    return fdt_totalsize(tree);
}

int reservations(const void* tree)
{
    return with_library([&] { return fdt_num_mem_rsv(tree); });
}

int get_reservation(const void* tree, int index, u64& start, u64& size)
{
    return with_library([&] { return fdt_get_mem_rsv(tree, index, &start, &size); });
}

int path_offset(const void* tree, const char* path)
{
    return with_library([&] { return fdt_path_offset(tree, path); });
}

int path_offset(const void* tree, const char* path, int length)
{
    return with_library([&] { return fdt_path_offset_namelen(tree, path, length); });
}

int parent_offset(const void* tree, int node)
{
    return with_library([&] { return fdt_parent_offset(tree, node); });
}

int first_subnode(const void* tree, int parent)
{
    return with_library([&] { return fdt_first_subnode(tree, parent); });
}

int next_subnode(const void* tree, int node)
{
    return with_library([&] { return fdt_next_subnode(tree, node); });
}

int node_offset_by_compatible(const void* tree, int start, const char* compatible)
{
    return with_library([&] { return fdt_node_offset_by_compatible(tree, start, compatible); });
}

int node_offset_by_phandle(const void* tree, u32 handle)
{
    return with_library([&] { return fdt_node_offset_by_phandle(tree, handle); });
}

int node_check_compatible(const void* tree, int node, const char* compatible)
{
    return with_library([&] { return fdt_node_check_compatible(tree, node, compatible); });
}

int address_cells(const void* tree, int node)
{
    return with_library([&] { return fdt_address_cells(tree, node); });
}

int size_cells(const void* tree, int node)
{
    return with_library([&] { return fdt_size_cells(tree, node); });
}

const char* get_name(const void* tree, int node, int* length)
{
    return with_library([&] { return fdt_get_name(tree, node, length); });
}

const void* getprop(const void* tree, int node, const char* name, int* length)
{
    return with_library([&] { return fdt_getprop(tree, node, name, length); });
}

}  // namespace tenon::fdt
