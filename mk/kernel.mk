# build/kernel/tenon.elf and build/kernel/Image.

KERNEL_FLAGS := $(CXX_COMMON) $(INCLUDES) -isystem $(SYSROOT)/usr/include -O2 \
    -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-pic -fno-pie -fvisibility=hidden -fno-omit-frame-pointer \
    -fstack-protector-strong -fno-asynchronous-unwind-tables -fno-unwind-tables \
    -mgeneral-regs-only -mno-outline-atomics -mbranch-protection=bti
KERNEL_LIBS  := $(addprefix $(SYSROOT)/usr/lib/aarch64-linux-gnu/,libzstd.a libfdt.a)
KERNEL_LINK  := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id --no-warn-rwx-segments --exclude-libs ALL --fix-cortex-a53-843419

KERNEL_SOURCES := $(call sources,kernel arch/arm64 module,cpp)
# Loading is measured in instructions: what it runs is compiled source by source, where the compiler inlines most.
LOADER_SOURCES := $(filter module/% arch/arm64/reloc/% kernel/module/%,$(KERNEL_SOURCES))
KERNEL_OBJECTS := $(patsubst %.cpp,$(B)/kernel/%.o,$(LOADER_SOURCES)) \
    $(patsubst %,$(B)/kernel/batches/%.o,$(call batches,kernel,$(filter-out $(LOADER_SOURCES),$(KERNEL_SOURCES)))) \
    $(patsubst %.S,$(B)/kernel/%.o,$(call sources,kernel arch/arm64 module,S))
KERNEL_SCRIPT  := arch/arm64/boot/kernel.ld

.PHONY: kernel objects
kernel: $(B)/kernel/Image  ## the kernel: build/kernel/Image and tenon.elf
objects: $(KERNEL_OBJECTS)  ## compile the kernel's sources without linking

KERNEL_FLAGS_FILE   := $(call flags_file,kernel,$(TARGET_CXX) $(KERNEL_FLAGS))
KERNEL_OBJECTS_FILE := $(call flags_file,kernel-objects,$(KERNEL_OBJECTS) $(KERNEL_LIBS) $(KERNEL_LINK))

define compile_kernel
$(call say,CXX,$(patsubst $(B)/batches/kernel/%.cpp,%,$<))
@mkdir -p $(@D)
$(Q)$(TARGET_CXX) $(KERNEL_FLAGS) $(DEPFLAGS) -c $< -o $@
endef
$(B)/kernel/%.o: %.cpp $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(compile_kernel)
$(B)/kernel/batches/%.o: $(B)/batches/%.cpp $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(compile_kernel)

# Here only functions with arrays of characters keep a guard word.
$(LOADER_SOURCES:%.cpp=$(B)/kernel/%.o): KERNEL_FLAGS += -fstack-protector
$(patsubst %.cpp,$(B)/kernel/%.o,$(filter-out kernel/%,$(LOADER_SOURCES))): KERNEL_FLAGS += -O3

$(B)/kernel/%.o: %.S $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(INCLUDES) $(DEBUG_INFO) -D__ASSEMBLER__ $(DEPFLAGS) -c $< -o $@

$(B)/kernel/kernel.ld: $(KERNEL_SCRIPT) $(KERNEL_FLAGS_FILE)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -E -P -x assembler-with-cpp $(INCLUDES) -MMD -MP -MF $@.d -MT $@ $< -o $@

# The symbol table (.kallsyms) and the table of exports (.kernel_exports) are data of the kernel that they describe. Pass 1
# links without them, pass 2 with tables of the final size, pass 3 with the final addresses; the tables taken from the last pass must
# equal those that are linked in. Where the linker works round the erratum, the size of the text depends on the addresses: then it takes
# a pass or two more.
$(call host_program,kallsyms)
$(call host_program,exports)
$(call host_program,skip_pads)
PASS      := $(B)/kernel/pass
tables    = { $(TARGET_NM) -n $(1) | $(CROSS)c++filt -p | $(B)/mk/kallsyms; \
              $(CROSS)readelf -sW $(1) | $(B)/mk/exports; } > $(PASS)/$(2).S
link_pass = $(TARGET_CXX) -c $(PASS)/$(1).S -o $(PASS)/$(1).o; \
            $(TARGET_LD) $(KERNEL_LINK) -T $(B)/kernel/kernel.ld $(KERNEL_OBJECTS) $(PASS)/$(1).o --start-group \
            $(KERNEL_LIBS) $$($(TARGET_CXX) -print-libgcc-file-name) --end-group -o $(PASS)/$(1).elf

# The libraries were built for user space and use FP registers, which are the running program's: each is called from one folder of one file,
# which puts them aside. Fails and names whoever else refers to a symbol of theirs.
LIBRARY_CALLERS := $(addprefix $(B)/kernel/batches/kernel/kernel/,compression.o device_tree.o)
check_libraries = { $(TARGET_NM) -g --defined-only $(KERNEL_LIBS) 2>/dev/null | sed -n 's/^[0-9a-f]* [A-Z] //p'; echo; \
    $(TARGET_NM) -A -u $(filter-out $(LIBRARY_CALLERS),$(KERNEL_OBJECTS)); } | \
    awk 'NF == 0 { objects = 1 } !objects { library[$$1] = 1 } objects && $$NF in library { print $$1, $$NF " is called outside its one folder"; bad = 1 } \
         END { exit bad }'

$(B)/kernel/tenon.elf: $(KERNEL_OBJECTS) $(B)/kernel/kernel.ld $(B)/mk/kallsyms $(B)/mk/exports $(B)/mk/skip_pads \
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

$(B)/kernel/Image: $(B)/kernel/tenon.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(CROSS)objcopy -O binary $< $@

-include $(KERNEL_OBJECTS:.o=.d) $(wildcard $(B)/kernel/kernel.ld.d)
