install := kernel/test
also := kernel/debug/faults/faults.cpp arch/arm64/faults/use_fp_register.S
debug := yes
