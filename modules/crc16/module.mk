install := kernel/lib
