# The parts that know no kernel header: they build for the kernel, for the tools and for the host tests from the same
# sources. Each build gathers them in one archive, so that a program takes only what it refers to.

PURE_FOLDERS := kernel/lib module arch/arm64/reloc arch/x86/reloc modules/ext2/volume
# Single files of the kernel proper and of drivers that need nothing but kernel/lib.
PURE_FILES   := kernel/boot_info.cpp kernel/command_line.cpp kernel/mm/buddy.cpp kernel/mm/page_index.cpp \
    kernel/mm/page_ref.cpp kernel/mm/region_set.cpp kernel/proc/elf_program.cpp kernel/proc/pending_signals.cpp \
    kernel/proc/script_line.cpp \
    kernel/dev/block/partition_table.cpp modules/virtio_blk/ring.cpp kernel/dev/tty/line_discipline.cpp \
    kernel/fs/initramfs/newc_reader.cpp kernel/fs/pipe/pipe_buffer.cpp kernel/fs/permission_rules.cpp \
    kernel/proc/credential_rules.cpp kernel/proc/group_list.cpp \
    kernel/fs/lock/lock_list.cpp kernel/fs/lock/lock_waits.cpp
PURE_SOURCES := $(call sources,$(PURE_FOLDERS),cpp) $(PURE_FILES)
TOOL_LIBRARY_SOURCES := $(call sources,tools/lib,cpp)
HOSTED_BATCHES       := $(call batches,hosted,$(PURE_SOURCES) $(TOOL_LIBRARY_SOURCES))

# $(call hosted_objects,variant,sources): the objects of the sources, one per folder.
hosted_objects = $(patsubst %,$(B)/$(1)/batches/%.o,$(call batches,hosted,$(2)))

# $(call hosted_build,variant,compiler,flags[,this machine only]): rules for build/<variant>/**.o and build/<variant>/libtenon.a, the
# archive of the pure parts and tools/lib. What is for this machine only asks for no sysroot.
define hosted_build_rules
$(B)/$(1)/%.o: %.cpp $(4) | $(if $(5),,$(SYSROOT_READY)) $(VERSION_H)
	$(call compile_hosted,$(1),$(2),$(3))
$(B)/$(1)/batches/%.o: $(B)/batches/%.cpp $(4) | $(if $(5),,$(SYSROOT_READY)) $(VERSION_H)
	$(call compile_hosted,$(1),$(2),$(3))
$(B)/$(1)/libtenon.a: $(HOSTED_BATCHES:%=$(B)/$(1)/batches/%.o)
	$$(call say,AR,'$$@')
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
endef
define compile_hosted
$$(call say,CXX,'[$(1)] $$(patsubst $(B)/batches/%.cpp,%,$$<)')
	@mkdir -p $$(@D)
	$(Q)$(2) $(3) $$(MORE_FLAGS) $$(DEPFLAGS) -c $$< -o $$@
endef
hosted_build = $(eval $(call hosted_build_rules,$(1),$(2),$(3),$(call flags_file,$(1),$(2) $(3)),$(4)))

# Lines are enough for the sanitizers' reports, and most of what debugging information costs the compiler is the rest.
HOSTED_FLAGS := $(CXX_COMMON) -g1 $(INCLUDES) -O2 -pthread
SANITIZE     := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

$(call hosted_build,host,$(HOST_CXX),$(HOSTED_FLAGS))
# Nothing is optimised away before the sanitizers see it, and it compiles in half the time.
$(call hosted_build,sanitized,$(HOST_CXX),$(HOSTED_FLAGS) -O0 $(SANITIZE))
$(call hosted_build,user-arm64,$(TARGET_CXX),$(HOSTED_FLAGS) -ffunction-sections -fdata-sections -isystem $(SYSROOT)/usr/include)

-include $(foreach variant,host sanitized user-arm64,$(HOSTED_BATCHES:%=$(B)/$(variant)/batches/%.d))
