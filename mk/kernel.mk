# build/kernel/tenon.elf and build/kernel/Image; with DEBUG=1 those of the debug kernel, in build/debug/kernel.

KERNEL_FLAGS := $(CXX_COMMON) $(INCLUDES) -isystem $(SYSROOT)/usr/include -O2 \
    -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-pic -fno-pie -fvisibility=hidden -fno-omit-frame-pointer \
    -fstack-protector-strong -fno-asynchronous-unwind-tables -fno-unwind-tables \
    -mgeneral-regs-only -mno-outline-atomics -mbranch-protection=bti
KERNEL_LIBS  := $(addprefix $(SYSROOT)/usr/lib/aarch64-linux-gnu/,libzstd.a libfdt.a)
KERNEL_LINK  := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id --no-warn-rwx-segments --exclude-libs ALL --fix-cortex-a53-843419

# The debug kernel checks each access to memory (kernel/runtime/shadow.h) and what the language leaves undefined. What does the checking, or
# works before it can be done, is not checked itself. Most of its time in `make test` is the compiler's.
ifneq ($(DEBUG),)
CONFIGURATION_FLAGS := -DTENON_DEBUG
KERNEL_FLAGS += $(CONFIGURATION_FLAGS) -O1 -foptimize-sibling-calls -g1 -gdwarf-4
CHECKED   := -fsanitize=kernel-address -fasan-shadow-offset=0xdfff600000000000 --param asan-stack=1 --param asan-globals=1 \
    -fsanitize=alignment,shift,integer-divide-by-zero,unreachable,vla-bound,return,signed-integer-overflow,bounds,bool,enum -Wno-maybe-uninitialized
UNCHECKED := arch/arm64/boot arch/arm64/lib arch/arm64/mm/boot_tables arch/arm64/thread/call_chain kernel/log/early_console kernel/mm/heap
checked    = $(if $(strip $(foreach name,sanitizer $(UNCHECKED),$(findstring /$(name).o,$@))),,$(CHECKED))
APART += $(addsuffix .cpp,$(UNCHECKED))
endif

# Folders named so are of the debug kernel alone.
kernel_sources = $(call sources,kernel arch/arm64 module,$(1))
ifeq ($(DEBUG),)
kernel_sources = $(foreach source,$(call sources,kernel arch/arm64 module,$(1)),$(if $(filter sanitizer faults,$(subst /, ,$(source))),,$(source)))
endif
KERNEL_SOURCES := $(call kernel_sources,cpp)
# Loading is measured in instructions: what it runs is compiled source by source, where the compiler inlines most.
LOADER_SOURCES := $(if $(DEBUG),,$(filter module/% arch/arm64/reloc/% kernel/module/%,$(KERNEL_SOURCES)))
KERNEL_OBJECTS := $(patsubst %.cpp,$(K)/kernel/%.o,$(LOADER_SOURCES)) \
    $(patsubst %,$(K)/kernel/batches/%.o,$(call batches,$(CONFIGURATION)kernel,$(filter-out $(LOADER_SOURCES),$(KERNEL_SOURCES)))) \
    $(patsubst %.S,$(K)/kernel/%.o,$(call kernel_sources,S))
KERNEL_SCRIPT  := arch/arm64/boot/kernel.ld

.PHONY: kernel objects
kernel: $(K)/kernel/Image  ## the kernel: build/kernel/Image and tenon.elf
objects: $(KERNEL_OBJECTS)  ## compile the kernel's sources without linking

KERNEL_FLAGS_FILE   := $(call flags_file,$(CONFIGURATION)kernel,$(TARGET_CXX) $(KERNEL_FLAGS) $(CHECKED))
KERNEL_OBJECTS_FILE := $(call flags_file,$(CONFIGURATION)kernel-objects,$(KERNEL_OBJECTS) $(KERNEL_LIBS) $(KERNEL_LINK))

define compile_kernel
$(call say,CXX,$(patsubst $(B)/batches/$(CONFIGURATION)kernel/%.cpp,%,$<))
@mkdir -p $(@D)
$(Q)$(TARGET_CXX) $(KERNEL_FLAGS) $(checked) $(DEPFLAGS) -c $< -o $@
endef
$(K)/kernel/%.o: %.cpp $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(compile_kernel)
$(K)/kernel/batches/%.o: $(B)/batches/%.cpp $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(compile_kernel)

# Here only functions with arrays of characters keep a guard word.
$(LOADER_SOURCES:%.cpp=$(K)/kernel/%.o): KERNEL_FLAGS += -fstack-protector
$(patsubst %.cpp,$(K)/kernel/%.o,$(filter-out kernel/%,$(LOADER_SOURCES))): KERNEL_FLAGS += -O3

$(K)/kernel/%.o: %.S $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(INCLUDES) $(DEBUG_INFO) -D__ASSEMBLER__ $(CONFIGURATION_FLAGS) $(DEPFLAGS) -c $< -o $@

$(K)/kernel/kernel.ld: $(KERNEL_SCRIPT) $(KERNEL_FLAGS_FILE)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(CONFIGURATION_FLAGS) -E -P -x assembler-with-cpp $(INCLUDES) -MMD -MP -MF $@.d -MT $@ $< -o $@

# The symbol table (.kallsyms) and the table of exports (.kernel_exports) are data of the kernel that they describe. Pass 1
# links without them, pass 2 with tables of the final size, pass 3 with the final addresses; the tables taken from the last pass must
# equal those that are linked in. Where the linker works round the erratum, the size of the text depends on the addresses: then it takes
# a pass or two more.
$(call host_program,kallsyms)
$(call host_program,exports)
$(call host_program,skip_pads)
PASS      := $(K)/kernel/pass
tables    = { $(TARGET_NM) -n $(1) | $(CROSS)c++filt -p | $(B)/mk/kallsyms; \
              $(CROSS)readelf -sW $(1) | $(B)/mk/exports; } > $(PASS)/$(2).S
link_pass = $(TARGET_CXX) -c $(PASS)/$(1).S -o $(PASS)/$(1).o; \
            $(TARGET_LD) $(KERNEL_LINK) -T $(K)/kernel/kernel.ld $(KERNEL_OBJECTS) $(PASS)/$(1).o --start-group \
            $(KERNEL_LIBS) $$($(TARGET_CXX) -print-libgcc-file-name) --end-group -o $(PASS)/$(1).elf

# The libraries were built for user space and use FP registers, which are the running program's: each is called from one folder of one file,
# which puts them aside. Fails and names whoever else refers to a symbol of theirs.
LIBRARY_CALLERS := $(addprefix $(K)/kernel/batches/$(CONFIGURATION)kernel/kernel/,compression.o device_tree.o)
check_libraries = { $(TARGET_NM) -g --defined-only $(KERNEL_LIBS) 2>/dev/null | sed -n 's/^[0-9a-f]* [A-Z] //p'; echo; \
    $(TARGET_NM) -A -u $(filter-out $(LIBRARY_CALLERS),$(KERNEL_OBJECTS)); } | \
    awk 'NF == 0 { objects = 1 } !objects { library[$$1] = 1 } objects && $$NF in library { print $$1, $$NF " is called outside its one folder"; bad = 1 } \
         END { exit bad }'

$(K)/kernel/tenon.elf: $(KERNEL_OBJECTS) $(K)/kernel/kernel.ld $(B)/mk/kallsyms $(B)/mk/exports $(B)/mk/skip_pads \
    $(KERNEL_OBJECTS_FILE)
	$(call say,LD,$@)
	@mkdir -p $(PASS)
	$(Q)$(check_libraries); { $(B)/mk/kallsyms; $(B)/mk/exports; } < /dev/null > $(PASS)/1.S; \
	for pass in 1 2 3 4 5 6 7 8; do \
	    $(call link_pass,$$pass); $(call tables,$(PASS)/$$pass.elf,$$((pass + 1))); \
	    if cmp -s $(PASS)/$$pass.S $(PASS)/$$((pass + 1)).S; then \
	        $(CROSS)readelf -sW $(PASS)/$$pass.elf | $(B)/mk/skip_pads $(PASS)/$$pass.elf; mv $(PASS)/$$pass.elf $@; exit; \
	    fi; \
	done; echo 'the symbol table does not settle'; exit 1

$(K)/kernel/Image: $(K)/kernel/tenon.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(CROSS)objcopy -O binary $< $@

-include $(KERNEL_OBJECTS:.o=.d) $(wildcard $(K)/kernel/kernel.ld.d)
