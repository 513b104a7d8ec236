# `make fuzz SECONDS=600`: libFuzzer with ASan and UBSan on the linker, seeded with real modules.

FUZZ_CXX     ?= clang++
FUZZ_SECONDS := $(or $(SECONDS_TO_FUZZ),$(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60))
# clang 14 does not say that it has the concepts that libstdc++ 12 asks for before it defines std::expected, but it has them.
FUZZ_FLAGS   := -std=c++2b -D__cpp_concepts=202002L -Wno-builtin-macro-redefined -Wno-macro-redefined -g -O1 \
    -D_GLIBCXX_ASSERTIONS -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_SOURCES := tests/fuzz/link_fuzzer.cpp $(LIBMODLINK_SOURCES)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.cpp=$(B)/fuzz/%.o)
FUZZ_SEEDS   := $(B)/fuzz/seeds

$(B)/fuzz/%.o: %.cpp | $(VERSION_H)
	$(call say,CXX,'[fuzz] $<')
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) $(FUZZ_FLAGS) -I. -Iinclude $(DEPFLAGS) -c $< -o $@
$(B)/test/link-fuzzer: $(FUZZ_OBJECTS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) -fsanitize=fuzzer,address,undefined $^ -o $@
-include $(FUZZ_OBJECTS:.o=.d)

.PHONY: fuzz fuzz-packages
fuzz-packages:
	@mk/host-packages clang libclang-rt-14-dev
fuzz: fuzz-packages $(B)/test/link-fuzzer $(MODULES) $(EXEC_OBJECTS)  ## look for crashes of the linker (SECONDS=600)
	@mkdir -p $(FUZZ_SEEDS) $(B)/fuzz/corpus $(B)/fuzz/crashes; \
	for file in $(MODULES) $(EXEC_OBJECTS); do \
	    for choice in 00 05 0a 35; do { cat $$file; printf "\\x$$choice"; } > $(FUZZ_SEEDS)/$$(basename $$file).$$choice; done; done
	$(B)/test/link-fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -rss_limit_mb=4096 -print_final_stats=1 \
	    -artifact_prefix=$(B)/fuzz/crashes/ $(B)/fuzz/corpus $(FUZZ_SEEDS) 2>&1 | tail -n 30
