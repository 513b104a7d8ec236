# build/kernel/tenon.elf and build/kernel/Image.

KERNEL_FLAGS := $(CXX_COMMON) $(INCLUDES) -isystem $(SYSROOT)/usr/include -O2 \
    -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-pic -fno-pie -fno-omit-frame-pointer \
    -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables \
    -mgeneral-regs-only -mstrict-align -mno-outline-atomics
KERNEL_LIBS  := $(addprefix $(SYSROOT)/usr/lib/aarch64-linux-gnu/,libzstd.a libfdt.a)
KERNEL_LINK  := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id --no-warn-rwx-segments

KERNEL_SOURCES := $(call sources,kernel arch/arm64 module,cpp) $(call sources,kernel arch/arm64 module,S)
KERNEL_OBJECTS := $(patsubst %,$(B)/kernel/%.o,$(basename $(KERNEL_SOURCES)))
KERNEL_SCRIPT  := arch/arm64/boot/kernel.ld

.PHONY: kernel objects
kernel: $(B)/kernel/Image  ## the kernel: build/kernel/Image and tenon.elf
objects: $(KERNEL_OBJECTS)  ## compile the kernel's sources without linking

KERNEL_FLAGS_FILE   := $(call flags_file,kernel,$(TARGET_CXX) $(KERNEL_FLAGS))
KERNEL_OBJECTS_FILE := $(call flags_file,kernel-objects,$(KERNEL_OBJECTS) $(KERNEL_LIBS) $(KERNEL_LINK))

$(B)/kernel/%.o: %.cpp $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(KERNEL_FLAGS) $(DEPFLAGS) -c $< -o $@

$(B)/kernel/%.o: %.S $(KERNEL_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(INCLUDES) -g -D__ASSEMBLER__ $(DEPFLAGS) -c $< -o $@

$(B)/kernel/kernel.ld: $(KERNEL_SCRIPT) $(KERNEL_FLAGS_FILE)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -E -P -x assembler-with-cpp $(INCLUDES) -MMD -MP -MF $@.d -MT $@ $< -o $@

# The symbol table is data of the kernel that it describes. Pass 1 links without it, pass 2 with a table of the final
# size, pass 3 with the final addresses; the table taken from pass 3 must equal the one that is linked in.
KALLSYMS := $(B)/mk/kallsyms
symbols   = $(TARGET_NM) -n $(1) | $(CROSS)c++filt -p | $(KALLSYMS) > $(2)
assemble  = $(TARGET_CXX) -c $(1) -o $(1:.S=.o)
link_with = $(TARGET_LD) $(KERNEL_LINK) -T $(B)/kernel/kernel.ld $(KERNEL_OBJECTS) $(1:.S=.o) \
            --start-group $(KERNEL_LIBS) $$($(TARGET_CXX) -print-libgcc-file-name) --end-group -o $(2)

$(call host_program,kallsyms)

$(B)/kernel/tenon.elf: $(KERNEL_OBJECTS) $(B)/kernel/kernel.ld $(KALLSYMS) $(KERNEL_OBJECTS_FILE)
	$(call say,LD,$@)
	@mkdir -p $(B)/kernel/pass
	$(Q)p=$(B)/kernel/pass; $(KALLSYMS) < /dev/null > $$p/0.S; $(call assemble,$$p/0.S); \
	$(call link_with,$$p/0.S,$$p/1.elf); $(call symbols,$$p/1.elf,$$p/1.S); $(call assemble,$$p/1.S); \
	$(call link_with,$$p/1.S,$$p/2.elf); $(call symbols,$$p/2.elf,$$p/2.S); $(call assemble,$$p/2.S); \
	$(call link_with,$$p/2.S,$$p/3.elf); $(call symbols,$$p/3.elf,$$p/3.S); \
	cmp $$p/2.S $$p/3.S || { echo 'the symbol table does not settle'; exit 1; }; \
	mv $$p/3.elf $@

$(B)/kernel/Image: $(B)/kernel/tenon.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(CROSS)objcopy -O binary $< $@

-include $(KERNEL_OBJECTS:.o=.d) $(wildcard $(B)/kernel/kernel.ld.d)
