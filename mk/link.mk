# The proofs of the linker: objects that are executed, comparison with GNU ld and LLVM lld, fuzzing; and libmodlink.a.
# `make test` takes a sample; `make differential` compares everything, `make fuzz SECONDS=600` looks for crashes.

EXEC_SOURCES := $(wildcard tests/exec/*.cpp)
DIFFERENTIAL_SOURCES := $(wildcard tests/differential/*.cpp)
LINK_TEST_SOURCES := $(wildcard tests/link/*.cpp)

RETYPE := $(B)/test/retype
EXEC_OBJECTS := $(B)/exec/arm64.o $(B)/exec/x86.o
COMPARED_OBJECTS := $(B)/exec/arm64-ld.o $(B)/exec/arm64-lld.o

$(B)/exec/arm64-ld.o: EXEC_FLAGS := -DFOR_LD
$(B)/exec/arm64-lld.o: EXEC_FLAGS := -DFOR_LLD
$(B)/exec/arm64.o $(COMPARED_OBJECTS): tests/exec/arm64.S $(RETYPE)
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(EXEC_FLAGS) -c $< -o $@
	$(Q)$(RETYPE) $@
$(RETYPE): $(B)/host/tests/exec/retype/retype.o $(B)/host/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ $(TOOL_LIBS) -o $@
$(B)/exec/x86.o: tests/exec/x86.S
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)gcc -Wa,-mrelax-relocations=yes -c $< -o $@

$(B)/exec/runner-x86: $(EXEC_SOURCES:%.cpp=$(B)/host/%.o) $(B)/host/libtenon.a
	$(call say,LD,$@)
	$(Q)$(HOST_CXX) -pthread $^ $(TOOL_LIBS) -o $@
$(B)/exec/runner-arm64: $(EXEC_SOURCES:%.cpp=$(B)/user-arm64/%.o) $(B)/user-arm64/libtenon.a
	$(call say,LD,$@)
	$(Q)$(TARGET_CXX) -static -pthread $^ -o $@
$(B)/test/differential: $(call hosted_objects,host,$(DIFFERENTIAL_SOURCES)) $(B)/host/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ $(TOOL_LIBS) -o $@
$(B)/test/link: $(LINK_TEST_SOURCES:%.cpp=$(B)/host/%.o) $(B)/host/tests/differential/explain.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ -lgtest_main -lgtest -o $@

-include $(patsubst %.cpp,$(B)/host/%.d,$(EXEC_SOURCES) tests/exec/retype/retype.cpp $(LINK_TEST_SOURCES)) \
    $(patsubst %.o,%.d,$(call hosted_objects,host,$(DIFFERENTIAL_SOURCES))) \
    $(patsubst %.cpp,$(B)/user-arm64/%.d,$(EXEC_SOURCES))

# A ring of `make test`.
EXTRA_RINGS += link
.PHONY: link-build ring-link link-tests
link-build: test-packages $(B)/test/link $(B)/test/differential $(B)/test/random-link $(B)/exec/runner-x86 $(B)/exec/runner-arm64 \
    $(EXEC_OBJECTS) $(COMPARED_OBJECTS) $(MODULES)
ring-link:
	@TENON_BUILD=$(B) TENON_CROSS=$(CROSS) $(call gtest_ring,link,$(B)/test/link)
link-tests: link-build  ## run linked code, compare a sample with GNU ld and lld
	TENON_BUILD=$(B) TENON_CROSS=$(CROSS) $(B)/test/link --gtest_brief=1 --gtest_filter='$(FILTER)'

# Every module of Debian's kernels for both machines, and our own objects, against both linkers.
LINUX_RELEASE ?= 6.1.0-50
$(B)/linux-image-%/lib:
	mk/fetch-packages -a $* "$$TENON_CACHE" $(@D) linux-image-$(LINUX_RELEASE)-$*-unsigned
.PHONY: differential
differential: link-build $(B)/linux-image-arm64/lib $(B)/linux-image-amd64/lib  ## compare the linker with GNU ld and lld on all modules of Debian kernels
	@for machine in arm64 amd64; do find $(B)/linux-image-$$machine -name '*.ko' | sort > $(B)/test/linux-$$machine; done
	@find $(B)/user-arm64 $(B)/modules -name '*.o' ! -path '*/relocations*' ! -path '*/far_reference*' | sort > $(B)/test/arm64-objects
	@find $(B)/host -name '*.o' | sort > $(B)/test/x86-objects
	@TENON_BUILD=$(B) TENON_CROSS=$(CROSS) $(B)/test/link --gtest_brief=1 --gtest_filter='Differential.*'
	@result=0; compare() { $(B)/test/differential --folder $(B)/differential "$$1" - < $(B)/test/$$2 || result=1; }; \
	for linker in $(CROSS)ld 'ld.lld -m aarch64linux --no-relax'; do \
	    compare "$$linker" linux-arm64; compare "$$linker" arm64-objects; done; \
	for linker in ld ld.lld; do compare "$$linker" linux-amd64; compare "$$linker" x86-objects; done; exit $$result

# Objects that nobody wrote, made from seeds: `make random-link SECONDS=600 FROM=1`.
RANDOM_SOURCES := $(wildcard tests/differential/random/*.cpp) tests/support/object_builder.cpp \
    $(patsubst %,tests/differential/%.cpp,compare explain neutral_object other_linker)
RANDOM_OBJECTS := $(patsubst %,$(B)/sanitized/batches/%.o,$(call batches,random-link,$(RANDOM_SOURCES)))
$(B)/test/random-link: $(RANDOM_OBJECTS) $(B)/sanitized/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(SANITIZE) -pthread $^ $(TOOL_LIBS) -o $@
-include $(RANDOM_OBJECTS:.o=.d)
.PHONY: random-link
random-link: test-packages $(B)/test/random-link  ## compare the linker with GNU ld and lld on random objects (SECONDS=600)
	TENON_CROSS=$(CROSS) $(B)/test/random-link --folder $(B)/random-link --seconds $(call seconds,60) --from $(or $(FROM),1)

.PHONY: libmodlink
libmodlink: $(B)/libmodlink.a  ## the linker as a library for other programs (include/modlink/modlink.h)
LIBMODLINK_SOURCES := $(call sources,kernel/lib module/elf module/link arch/arm64/reloc arch/x86/reloc tools/lib/modlink,cpp) \
    tools/lib/panic.cpp
$(B)/libmodlink.a: $(call hosted_objects,host,$(LIBMODLINK_SOURCES))
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar rcs $@ $^

# The tests build the example of docs/linker.md as its user would.
link-build: $(B)/libmodlink.a modlink-build $(TEST_MODULES)

# `make fuzz SECONDS=600`: libFuzzer with ASan and UBSan, half of the time on the linker, half on the way from the file to a published
# module; seeded with real modules. GCC compiles, with a report for every basic block and comparison; clang's package brings libFuzzer.

FUZZ_FLAGS   := $(CXX_COMMON) $(INCLUDES) -O1 $(SANITIZE)
FUZZ_COVER   := -fsanitize-coverage=trace-pc,trace-cmp
FUZZ_COMMON  := tests/fuzz/gcc_coverage.cpp
LINK_FUZZER  := $(patsubst %.cpp,$(B)/fuzz/%.o,tests/fuzz/link_fuzzer.cpp $(FUZZ_COMMON) $(LIBMODLINK_SOURCES))
PUBLICATION_FUZZER := $(patsubst %.cpp,$(B)/fuzz/%.o,tests/fuzz/publication_fuzzer.cpp $(FUZZ_COMMON) \
    $(call sources,kernel/lib module arch/x86/reloc,cpp) $(addprefix tests/support/,host_modules.cpp panic.cpp publication.cpp sync.cpp))
FUZZ_SEEDS   := $(B)/fuzz/seeds

$(B)/fuzz/tests/fuzz/gcc_coverage.o: FUZZ_COVER :=
$(B)/fuzz/%.o: %.cpp | $(VERSION_H)
	$(call say,CXX,'[fuzz] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(FUZZ_FLAGS) $(FUZZ_COVER) $(DEPFLAGS) -c $< -o $@
$(B)/test/link-fuzzer: $(LINK_FUZZER)
$(B)/test/publication-fuzzer: $(PUBLICATION_FUZZER)
$(B)/test/link-fuzzer $(B)/test/publication-fuzzer:
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(SANITIZE) -Wl,--wrap=__sanitizer_cov_trace_pc $^ $$(clang --print-file-name=libclang_rt.fuzzer-x86_64.a) -lgtest -pthread -o $@
-include $(sort $(LINK_FUZZER:.o=.d) $(PUBLICATION_FUZZER:.o=.d))

# $(call run_fuzzer,name): what it finds is kept in build/fuzz.
run_fuzzer = mkdir -p $(B)/fuzz/corpus.$(1) $(B)/fuzz/crashes; \
    $(B)/test/$(1)-fuzzer -max_total_time=$$(($(call seconds,60) / 2)) -max_len=65536 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix=$(B)/fuzz/crashes/ $(B)/fuzz/corpus.$(1) $(FUZZ_SEEDS).$(1) > $(B)/fuzz/$(1).log 2>&1; status=$$?; \
    tail -n 30 $(B)/fuzz/$(1).log; exit $$status

.PHONY: fuzz fuzz-packages
fuzz-packages:
	@mk/host-packages clang libclang-rt-14-dev
fuzz: fuzz-packages $(B)/test/link-fuzzer $(B)/test/publication-fuzzer $(MODULES) $(EXEC_OBJECTS) $(FIXTURES)  ## look for crashes of the linker and loader (SECONDS=600)
	@mkdir -p $(FUZZ_SEEDS).link $(FUZZ_SEEDS).publication; \
	for file in $(MODULES) $(EXEC_OBJECTS); do \
	    for choice in 00 05 0a 35; do { cat $$file; printf "\\x$$choice"; } > $(FUZZ_SEEDS).link/$$(basename $$file).$$choice; done; done; \
	cp $(FIXTURES) $(FUZZ_SEEDS).publication/
	@$(call run_fuzzer,link)
	@$(call run_fuzzer,publication)
